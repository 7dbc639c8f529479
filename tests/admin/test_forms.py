"""Forms of the administration: of a recommendation, and what they refuse."""

import re
from datetime import date
from typing import Any
from unittest import mock

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recommendations.actions import structure
from recommendations.choices import Role
from recommendations.models import (
    Addressee,
    Area,
    AuditEvent,
    Evidence,
    EvidenceLink,
    Indicator,
    Organisation,
    Part,
    Recommendation,
    RecommendationRelation,
    Source,
    User,
)
from tests import factories
from tests.admin.base import AdminTestCase, Data, Window, address, read_form
from tests.admin.tries import keeper
from tests.base import days_ago, make_person
from tests.depth import IS_DEEP

UNREADABLE = {
    "NUL": "A\x00B",
    "direction override": "A\u202eB",
    "bell": "A\x07B",
    "C1 control": "A\x85B",
    "no character": "A\ufffeB",
}
HUGE = "9" * 25
"""A key that no column holds."""
LONG = "a" * 200_000


class RefusedTestCase(AdminTestCase):
    def assert_refused(self, model: Any, pk: Any, words: str = "", **sent: Any) -> Any:
        """A form comes back with these words."""
        response = self.window.send(model, pk, self.window.open(model, pk), **sent)
        self.assertEqual(response.status_code, 200)
        self.assertTrue(response.context["errors"])
        if words:
            self.assertContains(response, words)
        self.assertEqual(self.events(), [])
        return response


class BadInputTests(RefusedTestCase):
    def test_unreadable_characters(self) -> None:
        """Each field refuses one of them and all of them are refused; in a deep run each by each.

        What a text may hold is a rule of the models.
        """
        things: list[tuple[Any, Any, str]] = [
            (Recommendation, self.recommendation.pk, "title"),
            (Recommendation, self.recommendation.pk, "summary"),
            (Source, self.source.pk, "title"),
            (Organisation, self.agency.pk, "name"),
            (User, self.staff.pk, "first_name"),
            (User, self.staff.pk, "username"),
        ]
        for number, (model, pk, name) in enumerate(things):
            for place, (kind, value) in enumerate(UNREADABLE.items()):
                if IS_DEEP or number % len(UNREADABLE) == place:
                    with self.subTest(model=model.__name__, field=name, kind=kind):
                        self.assert_refused(model, pk, **{name: value})

    def test_values_that_do_not_fit(self) -> None:
        one, area = self.recommendation.pk, self.make_area("KEN", name="K", kind="country")
        Area.objects.filter(pk=area.pk).update(iso2="KE")
        kenya = {"name": "Kenia", "code": "KE2", "kind": "country", "iso2": "KE"}
        order = {"valid_from": "2024-02-02", "valid_to": "2024-01-01"}
        paper = {"title": "T", "slug": "t", "kind": "document"}
        prefix = {"title": "T", "short_title": "T", "slug": "t", "reference_prefix": "_x"}
        cases: tuple[tuple[Any, Any, str, Data], ...] = (
            (Recommendation, one, "20000", {"summary": LONG}),
            (Recommendation, one, "200", {"title": LONG}),
            (Recommendation, one, "20000", {"evidence_links-0-why": LONG}),
            (Recommendation, one, "", {"contributors": [HUGE]}),
            (Recommendation, one, "must not be in the future", {"opened_on": "2999-01-01"}),
            (User, self.staff.pk, "", {"groups": [HUGE]}),
            (User, self.staff.pk, "", {"organisation": HUGE}),
            (User, self.staff.pk, "", {"organisation": "%s %(x)s"}),
            (Organisation, self.agency.pk, "must not be after", order),
            (Organisation, self.agency.pk, "Enter a different value.", {"slug": "ministry"}),
            (Area, None, "Another area has this ISO 3166-1 alpha-2 code.", kenya),
            (Evidence, None, "Enter a web address or a citation, or add a file.", paper),
            (Source, None, "Begin with a letter or a digit.", prefix),
            (Indicator, self.make_indicator().pk, "Ensure this value", {"decimals": "-1"}),
        )
        self.first_event = AuditEvent.objects.count()
        for model, pk, words, sent in cases:
            with self.subTest(model=model.__name__, fields=list(sent)):
                self.assert_refused(model, pk, words, **sent)

    def test_keys_that_no_column_holds(self) -> None:
        """A field that is shown again looks for them, so do lists and acts on ticked rows."""
        client, listed = self.window.client, address(User, "changelist")
        sent = {"email1": "x@example.org", "organisation1": HUGE}
        invited = client.post("/set-up/people/", sent)
        self.assertEqual(invited.status_code, 400)
        page = client.get(address(Recommendation, "add"), {"lead": HUGE, "themes": HUGE})
        self.assertEqual(page.status_code, 200)
        for name, value in (("organisation__id__exact", HUGE), ("id__in", f"1,-{HUGE}")):
            self.assertEqual(client.get(listed, {name: value}).status_code, 400)
        ticked = {"action": "deactivate", "_selected_action": [self.staff.pk, HUGE]}
        self.assertEqual(client.post(listed, ticked).status_code, 400)
        self.assertEqual(client.get(address(Area, "export"), {"id": HUGE}).status_code, 400)
        for key in ("999999", "x", "1_0", "%00"):
            response = client.get(address(Recommendation, "change", key))
            self.assertIn(response.status_code, (302, 404), key)
        self.assertEqual(self.events(), [])

    def test_more_rows_than_were_sent(self) -> None:
        """A number alone made as many rows, and a large one was never done."""
        for name, claimed, words in (
            ("TOTAL_FORMS", "2147483648", "Please submit at most"),
            ("TOTAL_FORMS", "999", "This form is incomplete."),
            ("INITIAL_FORMS", "2147483648", "This form is incomplete."),
        ):
            with self.subTest(name, claimed=claimed):
                sent = {f"evidence_links-{name}": claimed}
                self.assert_refused(Recommendation, self.recommendation.pk, words, **sent)

    def test_unknown_filters_and_pages(self) -> None:
        page = address(Recommendation, "changelist")
        for query, code in (
            ("nature__exact=x", 200),
            ("lead__id__exact=x", 400),
            ("p=1000000000", 200),
            ("page=1000000000", 400),
            ("q=%00", 400),
            ("q=%EF%BF%BE%C2%85%1F", 400),
            ("has_lead=x", 400),
            ("lead=x", 400),
            ("lead=9999999999999999999999", 400),
            ("due=0000", 200),
        ):
            response = self.window.client.get(f"{page}?{query}", follow=True)
            self.assertEqual(response.status_code, code, query)

    def test_what_a_form_showed_cannot_be_made_up(self) -> None:
        pk = self.recommendation.pk
        other = self.window.open(Recommendation, self.make_recommendation("Another").pk)["seen"]
        self.first_event = AuditEvent.objects.count()
        mine = self.window.open(Recommendation, pk)["seen"]
        for seen in ("", "1:9", other, mine[:-1], mine.swapcase(), "é:\x00"):
            with self.subTest(seen):
                words = "This form is incomplete. Open the form again."
                self.assert_refused(Recommendation, pk, words, title="Another title", seen=seen)


class RowTests(RefusedTestCase):
    def test_all_that_is_wrong_stands_first_and_leads_to_its_field(self) -> None:
        response = self.assert_refused(Recommendation, self.recommendation.pk, title="")
        self.assertContains(response, '<a href="#id_title">Title: Enter the value.</a>')
        self.assertNotContains(response, "change_form.js")

    """Rows under a thing, which are refused or written together with it."""

    def test_each_row_that_was_refused_says_why_and_can_be_sent_again_otherwise(self) -> None:
        pk, evidence = self.recommendation.pk, self.make_evidence()
        Addressee.objects.create(recommendation=self.recommendation, organisation=self.agency)
        self.first_event = AuditEvent.objects.count()
        rows: Data = {"title": "Another title", "evidence_links-TOTAL_FORMS": 2}
        rows |= {"addressees-1-organisation": self.agency.pk}
        for number, stance in enumerate(("need", "background")):
            rows[f"evidence_links-{number}-evidence"] = evidence.pk
            rows[f"evidence_links-{number}-stance"] = stance
        words = "This organisation is already an addressee."
        response = self.assert_refused(Recommendation, pk, words, **rows)
        self.assertContains(response, "This evidence is already linked to this recommendation.")
        again = read_form(response, "recommendation_form")
        self.assertEqual(again["title"], "Another title")
        self.assertFalse(EvidenceLink.objects.exists())
        corrected: Data = {"addressees-1-organisation": self.ministry.pk}
        corrected |= {"evidence_links-1-evidence": "", "evidence_links-1-stance": ""}
        self.assert_saved(self.window.send(Recommendation, pk, again, **corrected))
        done = [("revise", "recommendation"), ("create", "addressee"), ("attach", "evidencelink")]
        self.assertEqual(self.verbs(), done)
        self.assert_whole()

    def test_rows_of_another_thing_are_left_alone(self) -> None:
        other, evidence = self.make_recommendation("Another"), self.make_evidence()
        link = other.evidence_links.create(
            evidence=evidence, stance="need", why="Why.", added_at=evidence.recorded_at
        )
        pk = self.recommendation.pk
        stolen = {
            "evidence_links-INITIAL_FORMS": "1",
            "evidence_links-0-id": link.pk,
            "evidence_links-0-evidence": evidence.pk,
            "evidence_links-0-stance": "background",
            "evidence_links-0-why": "Stolen.",
        }
        self.window.send(Recommendation, pk, self.window.open(Recommendation, pk), **stolen)
        link.refresh_from_db()
        self.assertEqual((link.recommendation, link.why), (other, "Why."))


MOST = 60
"""Statements of the form at most."""


NEW = {
    "title": "Ask for more",
    "summary": "It asks for more.",
    "modality": "must",
    "nature": "time_bound",
    "interval_months": "6",
}


class RecommendationFormTestCase(AdminTestCase):
    def page(self, window: Window | None = None) -> Any:
        pk = self.recommendation.pk
        answer = (window or self.window).client.get(address(Recommendation, "change", pk))
        self.assertEqual(answer.status_code, 200)
        return answer

    def send(self, window: Window | None = None, **changed: Any) -> Any:
        window, pk = window or self.window, self.recommendation.pk
        data = window.open(Recommendation, pk)
        self.first_event += len(self.events())
        return window.send(Recommendation, pk, data, **changed)

    def target(self) -> Any:
        self.recommendation.refresh_from_db()
        return self.recommendation.target_date


class RefusedRowTests(RefusedTestCase):
    def test_what_the_action_of_a_row_refuses_is_told_on_the_form(self) -> None:
        row = {"parts-0-label": "a", "parts-0-text": "The first half."}
        with mock.patch.object(structure, "MOST_PARTS", 0):
            told = "A recommendation has at most 0 parts."
            self.assert_refused(Recommendation, self.recommendation.pk, told, **row)


class FirstDateTests(RecommendationFormTestCase):
    DAY, WHY = days_ago(-300), "As in the plan."

    def test_with_other_changes_both_are_written_or_neither(self) -> None:
        sent = {"title": "Do it better", "new_date": self.DAY.isoformat()}
        refused = self.send(**sent)
        self.assertContains(refused, "Enter the reason.")
        self.assertEqual((self.target(), self.events()), (None, []))
        self.assertEqual(self.recommendation.title, "Do the thing")
        self.assert_saved(self.send(**sent, reason=self.WHY))
        self.assertEqual(self.target(), self.DAY)
        self.assertEqual(self.recommendation.title, "Do it better")

    def test_a_new_recommendation_begins_with_it(self) -> None:
        data = self.window.open(Recommendation)
        sent = {**NEW, "source": self.source.pk}
        sent |= {"new_date": self.DAY.isoformat(), "reason": self.WHY}
        self.assert_saved(self.window.send(Recommendation, None, data, **sent))
        made = Recommendation.objects.latest("pk")
        self.assertEqual(made.target_date, self.DAY)
        self.assertEqual(self.verbs()[0], ("create", "recommendation"))

    def test_a_reason_without_a_date_is_not_lost(self) -> None:
        self.assertContains(
            self.send(reason=self.WHY), "Enter the target date, or clear its reason."
        )
        self.assertEqual(self.events(), [])


class FieldTests(RecommendationFormTestCase):
    def test_without_a_summary_the_title_stands_for_it(self) -> None:
        data = self.window.open(Recommendation)
        given = {**NEW, "source": self.source.pk, "summary": ""}
        self.assert_saved(self.window.send(Recommendation, None, data, **given))
        made = Recommendation.objects.latest("pk")
        self.assertEqual((made.summary, made.reference), ("Ask for more", "REP-2"))
        self.assertEqual(self.send(summary="").status_code, 200)
        self.recommendation.refresh_from_db()
        self.assertNotEqual(self.recommendation.summary, "")

    def test_since_when_it_is_open_is_proposed_and_may_be_unknown(self) -> None:
        data = self.window.open(Recommendation)
        self.assertEqual(data["opened_on"], days_ago(0).isoformat())
        sent = {**NEW, "source": self.source.pk, "opened_on": ""}
        self.assert_saved(self.window.send(Recommendation, None, data, **sent))
        made = Recommendation.objects.latest("pk")
        self.assertEqual((made.opened_on, made.next_due_on), (None, None))
        self.assert_saved(self.send(opened_on="2020-01-01"))
        self.recommendation.refresh_from_db()
        self.assertEqual(self.recommendation.next_due_on, date(2020, 7, 1))

    def test_status_and_dates_are_not_typed_in(self) -> None:
        sent = {"target_date": "2030-01-01", "reference": "X-1", "source": "", "number": "9"}
        self.assert_saved(self.send(**sent))
        self.recommendation.refresh_from_db()
        self.assertEqual(self.recommendation.reference, "REP-1")
        self.assertIsNone(self.recommendation.target_date)
        self.assertEqual(self.events(), [])


class SurroundingsTests(RecommendationFormTestCase):
    def test_buttons_are_for_who_may(self) -> None:
        waiting = self.make_submitted(self.recommendation)
        page = self.page()
        self.assertContains(page, 'href="/recommendations/REP-1/"')
        self.assertNotContains(page, "Log an update")
        self.assertNotContains(page, "Review update")
        manager = Window(keeper(Role.MANAGER))
        page = self.page(manager)
        self.assertContains(page, 'href="/recommendations/REP-1/updates/new/"')
        self.assertContains(page, f'href="/review/{waiting.pk}/"')
        self.assertNotContains(page, 'name="new_date"')

    def test_a_day_is_shown_to_readers_no_more_exact_than_it_is_known(self) -> None:
        exact = {"effective_on": date(2019, 1, 1), "effective_precision": "year"}
        item = self.make_evidence("A count", **exact)
        Source.objects.filter(pk=self.source.pk).update(
            published_on=date(2019, 9, 1), date_precision="month"
        )
        reader = Window(make_person("reader", Role.AUDITOR, is_staff=True))
        for row, shown in ((item, "2019"), (self.source, "Sep 2019")):
            page = reader.client.get(address(type(row), "change", row.pk))
            found = re.findall(r'<div class="readonly">([^<]*2019)</div>', page.content.decode())
            self.assertEqual([text.replace("\xa0", " ") for text in found], [shown])
            self.assertNotContains(page, "Jan")


class CostTests(RecommendationFormTestCase):
    def page_of(self, each: int) -> Any:
        """The form of a recommendation with so many rows of each kind."""
        [about] = factories.fill(type(self), 1, each)
        ends = {"recommendation": about, "kind": "depends_on", "added_at": timezone.now()}
        for other in factories.recommendations(type(self), each):
            RecommendationRelation.objects.create(other=other, added_by=self.manager, **ends)
            Part.objects.create(recommendation=about, label=other.reference, text="So.")
        self.recommendation = about
        self.page()
        return self.page

    def test_as_many_statements_for_one_row_of_each_kind_as_for_eight(self) -> None:
        asked = []
        for each in (1, 8):
            page = self.page_of(each)
            with CaptureQueriesContext(connection) as captured:
                self.assertContains(page(), f"A{each - 1}")
            asked.append(len(captured))
            longest = max((query["sql"] for query in captured.captured_queries), key=len)
            self.assertLess(len(longest), 4_000, longest)
        self.assertEqual(asked[0], asked[1])
        self.assertLessEqual(asked[0], MOST)
