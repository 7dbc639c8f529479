"""The form of a recommendation: its first date, its rows, and what stands beside its fields."""

import re
from datetime import date
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from recommendations.actions import dates
from recommendations.actions import recommendations as actions
from recommendations.choices import Role
from recommendations.models import (
    Action,
    Addressee,
    Area,
    EvidenceLink,
    Indicator,
    IndicatorLink,
    Part,
    Recommendation,
    RecommendationRelation,
    Source,
    StatusUpdate,
    TargetDateChange,
    User,
)
from tests import kept
from tests.admin.base import AdminTestCase, Window, address, read_form
from tests.admin.tries import keeper
from tests.base import days_ago, make_person
from tests.rows import past_the_guards

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


class FirstDateTests(RecommendationFormTestCase):
    DAY, WHY = days_ago(-300), "As in the plan."

    def test_it_is_set_with_its_reason_by_the_action_of_dates(self) -> None:
        self.assert_saved(self.send(new_date=self.DAY.isoformat(), reason=self.WHY))
        self.assertEqual(self.target(), self.DAY)
        self.assertEqual([verb for verb, _of in self.verbs()], ["set_date", "move_date"])
        [row] = TargetDateChange.objects.all()
        self.assertEqual(
            (row.number, row.reason, row.decided_by), (0, self.WHY, self.administrator)
        )
        self.assert_whole()

    def test_with_other_changes_both_are_written_or_neither(self) -> None:
        sent = {"title": "Do it better", "new_date": self.DAY.isoformat()}
        refused = self.send(**sent)
        self.assertContains(refused, "Enter the reason.")
        self.assertEqual((self.target(), self.events()), (None, []))
        self.assertEqual(self.recommendation.title, "Do the thing")
        self.assert_saved(self.send(**sent, reason=self.WHY))
        self.assertEqual(self.target(), self.DAY)
        self.assertEqual(self.recommendation.title, "Do it better")

    def test_a_reason_without_a_date_is_not_lost(self) -> None:
        self.assertContains(
            self.send(reason=self.WHY), "Enter the target date, or clear its reason."
        )
        self.assertEqual(self.events(), [])

    def test_a_new_recommendation_begins_with_it(self) -> None:
        data = self.window.open(Recommendation)
        sent = {**NEW, "source": self.source.pk}
        sent |= {"new_date": self.DAY.isoformat(), "reason": self.WHY}
        self.assert_saved(self.window.send(Recommendation, None, data, **sent))
        made = Recommendation.objects.latest("pk")
        self.assertEqual(made.target_date, self.DAY)
        self.assertEqual(self.verbs()[0], ("create", "recommendation"))

    def test_once_there_is_one_it_is_no_longer_asked_for_nor_taken(self) -> None:
        dates.set_first(
            recommendation=self.recommendation, by=self.manager, new_date=self.DAY, reason=self.WHY
        )
        self.assertNotContains(self.page(), 'name="new_date"')
        later = {"new_date": days_ago(-400).isoformat(), "reason": "Later."}
        answer = self.send(**later)
        self.assertContains(answer, "already has a target date")
        self.assertContains(answer, "Later.")
        self.assertEqual((self.target(), self.events()), (self.DAY, []))


class FieldTests(RecommendationFormTestCase):
    def test_the_next_one_begins_with_what_is_mostly_alike(self) -> None:
        data = self.window.open(Recommendation)
        given = {**NEW, "source": self.source.pk, "lead": self.ministry.pk, "_addanother": "1"}
        response = self.window.send(Recommendation, None, data, **given)
        form = read_form(self.window.client.get(response["Location"]), "recommendation_form")
        kept = {name: form[name] for name in ("source", "lead", "modality", "nature", "title")}
        self.assertEqual(
            kept,
            {
                "source": str(self.source.pk),
                "lead": str(self.ministry.pk),
                "modality": "must",
                "nature": "time_bound",
                "title": "",
            },
        )

    def test_without_a_summary_the_title_stands_for_it(self) -> None:
        data = self.window.open(Recommendation)
        given = {**NEW, "source": self.source.pk, "summary": ""}
        self.assert_saved(self.window.send(Recommendation, None, data, **given))
        made = Recommendation.objects.latest("pk")
        self.assertEqual((made.summary, made.reference), ("Ask for more", "REP-2"))
        self.assertEqual(self.send(summary="").status_code, 200)
        self.recommendation.refresh_from_db()
        self.assertNotEqual(self.recommendation.summary, "")

    def test_wording_needs_a_reason_once_public(self) -> None:
        self.assert_saved(self.send(quoted_text="First."))
        self.recommendation.refresh_from_db()
        self.assertIsNone(self.recommendation.wording_amended_at)
        actions.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        told = "The wording is or was published. Give a reason; readers will see it."
        self.assertContains(self.send(quoted_text="Second."), told)
        self.recommendation.refresh_from_db()
        self.assertEqual(self.recommendation.quoted_text, "First.")
        self.assert_saved(self.send(quoted_text="Second.", wording_reason="A misprint."))
        self.recommendation.refresh_from_db()
        self.assertIsNotNone(self.recommendation.wording_amended_at)
        self.assertEqual(self.recommendation.quoted_sha256, actions.wording_digest("Second."))

    def test_archiving_and_publishing_go_by_the_role_not_by_being_a_superuser(self) -> None:
        self.assertContains(self.page(), "View on site")
        root = Window(make_person("root", is_staff=True, is_superuser=True))
        for act in ("archive", "publish"):
            root.act(Recommendation, act, self.recommendation)
        archive = (
            "/admin/recommendations/recommendation/bulk/?change=archive&scope=all&value=closed"
        )
        for path in (archive, reverse("recommendation-publish", args=["REP-1"])):
            self.assertEqual(root.client.post(path).status_code, 403)
        self.recommendation.refresh_from_db()
        self.assertIsNone(self.recommendation.archived_at)
        self.assertIsNone(self.recommendation.published_at)

    def test_status_and_dates_are_not_typed_in(self) -> None:
        sent = {"target_date": "2030-01-01", "reference": "X-1", "source": "", "number": "9"}
        self.assert_saved(self.send(**sent))
        self.recommendation.refresh_from_db()
        self.assertEqual(self.recommendation.reference, "REP-1")
        self.assertIsNone(self.recommendation.target_date)
        self.assertEqual(self.events(), [])

    def test_the_days_that_follow_from_the_interval_move_with_it(self) -> None:
        before = self.recommendation.next_due_on
        self.assert_saved(self.send(interval_months="12"))
        self.recommendation.refresh_from_db()
        self.assertNotEqual(self.recommendation.next_due_on, before)

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

    def test_a_prefix_is_fixed_once_a_reference_was_given(self) -> None:
        data = self.window.open(Source, self.source.pk)
        self.assertNotIn("reference_prefix", data)
        self.assert_saved(
            self.window.send(Source, self.source.pk, data, reference_prefix="NEW", publisher="P")
        )
        self.source.refresh_from_db()
        self.assertEqual((self.source.reference_prefix, self.source.publisher), ("REP", "P"))


class SurroundingsTests(RecommendationFormTestCase):
    def test_updates_and_dates_are_shown_and_lead_to_their_pages(self) -> None:
        page = self.page()
        for words in ("No status updates yet.", "No target date is set.", "No report yet"):
            self.assertContains(page, words)
        update = self.make_approved(self.recommendation)
        day = days_ago(-10)
        dates.set_first(
            recommendation=self.recommendation, by=self.manager, new_date=day, reason="Plan."
        )
        page, ledger = self.page(), 'href="/recommendations/REP-1/dates/"'
        for words in (f'href="/updates/{update.pk}/"', "In progress", "Plan.", ledger):
            self.assertContains(page, words)

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

    def test_drafts_are_for_readers_of_drafts(self) -> None:
        self.make_submitted(self.recommendation, by=self.manager)
        User.objects.filter(pk=self.auditor.pk).update(is_staff=True)
        self.assertContains(self.page(Window(self.auditor)), "Awaiting review")

    def test_who_changed_it_last_is_told(self) -> None:
        actions.revise_recommendation(
            recommendation=self.recommendation,
            by=self.manager,
            expected_version=self.recommendation.version,
            values={"title": "Do it well"},
        )
        self.assertContains(self.page(), "Changed by Manager on")

    def test_sections_fold_without_script_and_open_where_something_is_wrong(self) -> None:
        text = self.page().content.decode()
        self.assertNotRegex(text, r'<details class="fold"\s+open')
        self.assertGreaterEqual(text.count("<details"), 9)
        refused = self.send(**{"parts-0-label": "a"}).content.decode()
        [parts] = re.findall(r'<details class="fold"([^>]*)>\s*<summary><span[^>]*>Parts', refused)
        self.assertIn("open", parts)


class CostTests(RecommendationFormTestCase):
    def add_rows(self, count: int) -> None:
        """So many of each kind of rows in all."""
        about, by, now = self.recommendation, self.administrator, timezone.now()
        evidence, there = self.make_evidence(f"Paper {count}"), Part.objects.count()
        for n in range(there, count):
            area = Area.objects.create(code=f"P{n}", name=f"Place {n}", kind="country")
            Addressee.objects.create(recommendation=about, area=area)
            other = self.make_recommendation(f"Other {n}")
            made = Indicator.objects.create(
                code=f"I{n}", title="Use", definition="D", unit="u", measure=1, direction="increase"
            )
            IndicatorLink.objects.create(recommendation=about, indicator=made, relation="context")
            Part.objects.create(recommendation=about, label=f"p{n}", text="So.", position=n)
            Action.objects.create(recommendation=about, title=f"Act {n}", slug=f"act-{n}")
            RecommendationRelation.objects.create(
                recommendation=about, other=other, kind="depends_on", added_at=now, added_by=by
            )
            EvidenceLink.objects.create(
                recommendation=about, evidence=evidence, stance="need", added_at=now, added_by=by
            ) if n == there else None
        with past_the_guards():
            StatusUpdate.objects.bulk_create(
                StatusUpdate(
                    recommendation=about,
                    as_of=days_ago(n),
                    author=self.staff,
                    last_editor=self.staff,
                    created_at=now,
                    implementation_status="in_progress",
                    confidence="green",
                    what_happened="So.",
                )
                for n in range(there, count)
            )
        kept.renew()

    def test_as_many_statements_for_four_rows_of_each_kind_as_for_forty(self) -> None:
        asked = []
        for count in (4, 40):
            self.add_rows(count)
            self.page()
            with CaptureQueriesContext(connection) as captured:
                page = self.page()
            self.assertContains(page, f"Place {count - 1}")
            asked.append(len(captured))
            longest = max(captured.captured_queries, key=lambda query: len(query["sql"]))["sql"]
            self.assertLess(len(longest), 4_000, longest)
        self.assertEqual(asked[0], asked[1])
        self.assertLessEqual(asked[0], MOST)
