"""Home and the page of a source: what they say, what is worst, and what their numbers lead to."""

import random
import re
from datetime import timedelta
from html import unescape
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recommendations import state
from recommendations.actions import recommendations
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.updates import decisions
from recommendations.choices import ResponseKind
from recommendations.models import AuditEvent, Organisation, Recommendation, Source
from recommendations.queries.recommendations.overview import portfolio_of, with_last_event
from recommendations.queries.recommendations.rows import rows_for
from recommendations.templatetags.texts import short_day
from tests import factories
from tests.base import days_ago, link_evidence
from tests.depth import IS_DEEP
from tests.rows import past_the_guards
from tests.views.pages import PageTestCase

_LINK = re.compile(r'<a [^>]*href="(/recommendations/\?[^"]+)"[^>]*>(.*?)</a>', re.DOTALL)
_NUMBERED = (r"\((\d+) of \d+\)", r"^(\d+) of \d+$", r": (\d+)$", r"(\d+)$", r"^(\d+)")
"""Where a link says its number, the surest first."""


class SentenceTests(PageTestCase):
    """Five rows: on track, off track and late, at risk and out of date, not started, never."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.make_world()
        cls.good = cls.make_recommendation("Keep going")
        cls.late = cls.make_recommendation("Catch up")
        cls.stale = cls.make_recommendation("Look again")
        cls.idle = cls.make_recommendation("Begin")
        cls.silent = cls.make_recommendation("Say something")
        Recommendation.objects.filter(pk=cls.late.pk).update(target_date=days_ago(30))
        Recommendation.objects.filter(pk=cls.good.pk).update(target_date=days_ago(-30))
        cls.make_approved(cls.good, as_of=days_ago(3))
        cls.update = cls.make_approved(
            cls.late, confidence="red", asked_for="Money.", as_of=days_ago(10)
        )
        against = cls.make_evidence("A paper that says no", visibility="public")
        link_evidence(to=cls.update, by=cls.manager, stance="undermines", evidence=against)
        then = timezone.now() - timedelta(days=300)
        Recommendation.objects.filter(pk=cls.stale.pk).update(opened_on=days_ago(400))
        cls.make_approved(
            cls.stale,
            confidence="amber",
            issue="No money.",
            response_action="Ask.",
            response_owner="The ministry",
            as_of=timezone.localdate(then),
        )
        cls.make_approved(cls.idle, implementation_status="not_started", confidence="not_rated")
        cls.waiting = cls.make_submitted(cls.silent)

    def test_what_a_manager_reads_of_a_source(self):
        self.assert_words(
            self.read("/", self.manager),
            f"Status on {timezone.localdate():%-d %B %Y}",
            "Of five recommendations, three are in progress, one has not started and one has",
            "One is off track, overdue and contradicted; one more is at risk.",
            "Based on approved updates as of",
            "1 confidence rating is out of date 1 without a report 1 update awaits review",
            "Recommendations 5 Filter, sort and export Recommendation Implementation status",
            "REP-1 Keep going Ministry A Status: In progress Confidence: On track",
            "REP-2 Catch up Ministry A Contradicted (unanswered) since today "
            f"Decision needed: Money. Needed by {short_day(days_ago(30))} "
            "Decision to be recorded by a manager Status: In progress Confidence: Off track",
            f"Overdue by 30 days {short_day(days_ago(10))} 10 days ago Add evidence "
            "Record decision: REP-2",
            "No target date after 400 days Status: In progress Confidence: At risk Rated",
            "Status: Not started Confidence: Not rated No target date",
            "Reported as “In progress”, awaiting review Status: No report yet",
            "Review update: REP-5 By lead organisation",
            but_not=["Log an update: REP-1", "Warnings"],
        )

    def test_no_recommendation_is_on_a_page_twice(self):
        for person in (self.manager, self.staff, self.viewer):
            text = self.read("/", person)
            for title in ("Keep going", "Catch up", "Look again", "Begin", "Say something"):
                with self.subTest(person=person, title=title):
                    self.assertEqual(text.count(title), 1)

    def test_decisions_and_contradictions_have_what_the_reader_may_do_beside_them(self):
        for person, shown, unshown in (
            (self.manager, ("Record decision: REP-2", "Review 1 item"), ()),
            (
                self.staff,
                ("REP-2 Catch up", "since today Decision needed: Money.", "Add evidence"),
                ("Record decision", "Review 1"),
            ),
            (self.viewer, (), ("Record decision", "Add evidence", "Review 1", "Action")),
        ):
            with self.subTest(person=person):
                self.assert_words(self.read("/", person), *shown, but_not=[*unshown])

    def test_the_sentence_counts_each_recommendation_once(self):
        """The one at risk is past its date as well; a second one off track is past its own."""
        Recommendation.objects.filter(pk=self.stale.pk).update(target_date=days_ago(1))
        text = self.read("/", self.manager)
        self.assert_words(text, "overdue and contradicted; one more is overdue.")
        Recommendation.objects.filter(pk=self.good.pk).update(target_date=days_ago(1))
        self.make_approved(self.good, confidence="red", asked_for="Money.", as_of=days_ago(1))
        self.assert_words(
            self.read("/", self.manager),
            "Two are off track, two of them overdue, one of them contradicted; "
            "one more is overdue.",
        )

    def test_what_waits_leads_to_who_decides_who_is_not_its_author(self):
        """REP-3 needs attention; what was reported of it is decided on by who did not write it."""
        update = self.make_submitted(self.stale, by=self.manager)
        text = self.read("/", self.manager)
        self.assert_words(text, "2 updates await review", "Review 1 item")
        card = text.split("REP-3 Look again")[1].split("REP-5")[0]
        self.assert_words(card, "You cannot decide on your own update. Reviewer: Other Manager")
        self.assert_no_words(card, "Review update")
        page = self.get("/", self.other_manager)
        self.assertContains(page, f'href="/review/{update.pk}/">Review update')
        self.assertNotContains(self.get("/", self.staff), "Review update")

    def test_a_continuous_one_is_in_effect_and_never_simply_implemented(self):
        lasting = self.make_recommendation("Keep at it", nature="continuous")
        update = self.make_submitted(
            lasting,
            implementation_status="implemented",
            confidence="not_rated",
            completed_on=days_ago(5),
            review_on=days_ago(-100),
        )
        item = self.make_evidence("A law")
        link_evidence(to=update, by=self.staff, stance="supports", evidence=item)
        evidence_items.check_evidence(evidence=item, by=self.other_manager)
        decisions.approve_update(update=update, by=self.manager)
        text = self.read("/", self.viewer)
        self.assert_words(
            text,
            "one is implemented (continuing), three are in progress",
            "Status: Implemented (continuing)",
        )
        self.assertNotRegex(text, r"is implemented(?! \(continuing\))")


class DoorTests(PageTestCase):
    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_reads_what_is_published_and_no_lead_age_or_decision(self):
        self.assert_words(self.read("/"), "No sources yet")
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        self.assert_words(self.read("/", self.viewer), "By lead organisation")
        inside = ("By lead organisation", "by age", "Decisions needed")
        for path in ("/", "/sources/report/"):
            self.assert_words(self.read(path), "REP-1 Do the thing", but_not=inside)


class EmptyTests(PageTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.make_world()

    def test_it_says_what_to_do(self):
        text = self.read("/", self.viewer)
        self.assert_words(text, "Report Source: A report", "No recommendations yet")
        self.source.delete()
        cache.clear()
        self.assert_words(self.read("/", self.administrator), "No sources yet", "Open the set-up")
        self.assert_no_words(self.read("/", self.viewer), "Open the set-up")


class SourcesTests(PageTestCase):
    def test_several_sources_are_listed_each_with_its_own_overview(self):
        other = Source.objects.create(
            slug="study",
            title="A study",
            short_title="Study",
            author="Someone",
            published_on=days_ago(0),
            date_precision="year",
            date_mark="inferred",
            date_reason="Printed on the cover.",
            reference_prefix="STU",
        )
        self.make_recommendation("Another", source=other)
        text = self.read("/", self.viewer)
        self.assert_words(text, "Home 2 recommendations in 2 sources: 2 open, 0 implemented")
        self.assert_words(text, f"Study Someone {days_ago(0).year} 1 No report yet: 1")
        self.assert_no_words(text, "Printed on the cover")
        one = self.read("/sources/study/", self.viewer)
        self.assert_words(one, "Home / Source Study Source: Someone A study", "Date inferred")
        self.assert_words(one, "Of one recommendation, one has no report yet", "STU-1 Another")
        self.assert_no_words(one, "REP-1")

    @override_settings(PUBLIC_PAGES=True)
    def test_each_reader_has_what_is_theirs_first(self):
        other = Source.objects.create(
            slug="study", title="A study", short_title="Study", reference_prefix="STU"
        )
        self.make_recommendation("Of others", source=other, lead=self.agency, lead_officer=None)
        asked = {"confidence": "red", "asked_for": "Money.", "as_of": days_ago(300)}
        self.make_approved(self.recommendation, **asked)
        manager = self.read("/", self.manager)
        told = "Decisions needed 1 Recommendation Reason Action REP-1 Do the thing Confidence: Off"
        self.assert_words(manager, told, "Decision needed: Money.", "Needs attention", "STU-1")
        self.assert_words(manager, "Signed off", "Not signed off", "By lead organisation")
        staff = self.read("/", self.staff)
        self.assert_words(staff, "Needs your action 1", "My work", "REP-1 Do the thing")
        self.assert_no_words(staff, "STU-1", "Decisions needed", "By lead organisation")
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        public = self.read("/")
        self.assert_words(public, "Recommendations 1", "In progress Confidence: Off track")
        self.assert_no_words(public, "Money.", "Signed off", "STU-1", "Needs attention")

    def test_a_page_has_twenty_of_them_and_all_are_counted(self):
        for n in range(21):
            source = Source.objects.create(
                slug=f"m{n}", title=f"More {n}", short_title=f"More {n}", reference_prefix=f"M{n}"
            )
            self.make_recommendation("One", source=source)
        page = self.get("/", self.viewer).context["page"]
        self.assertEqual(len(page.object_list), 20)
        self.assert_words(
            self.read("/", self.viewer), "22 recommendations in 22 sources", "Next page"
        )


class RestoredTests(PageTestCase):
    def test_counts_are_not_those_under_the_same_number_before_a_restore(self) -> None:
        self.make_approved(self.recommendation)
        source = with_last_event(Source.objects.all()).get()
        self.assertEqual(source.last_event, AuditEvent.objects.latest("sequence").hash)
        self.asked(source)
        self.assertEqual(self.asked(source), 0)
        source.last_event = "f" * 64
        self.assertGreater(self.asked(source), 0)

    def asked(self, source: Source) -> int:
        with CaptureQueriesContext(connection) as captured:
            portfolio_of([source], self.manager, timezone.localdate())
        return len(captured)


class ManyTests(PageTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        factories.recommendations(cls, 60)

    def test_beyond_fifty_it_is_paged_and_grouped_by_status_and_counts_all(self):
        self.make_approved(Recommendation.objects.get(reference="REP-61"))
        shown = self.get("/", self.viewer).context  # Of a page that is kept there is none.
        first = self.read("/", self.viewer)
        self.assert_words(first, "60 have no report yet", "REP-49 ", "Next page")
        self.assert_no_words(first.split("Recommendations 61")[1], "REP-50 ")
        rows = shown["overview"].rows
        self.assertTrue(shown["is_grouped"])
        self.assertEqual((rows[0].reference, rows[0].status), ("REP-61", "in_progress"))
        self.assertEqual((len(rows), {row.status for row in rows[1:]}), (50, {""}))
        second = self.read("/", self.viewer, page=2)
        self.assert_words(second, "REP-51 ", "REP-60 ", "Previous page")

    def test_attention_is_bounded_and_leads_to_the_rest(self):
        page = self.get("/", self.viewer)
        self.assertContains(page, 'href="/recommendations/?source=report&amp;only=attention"')
        self.assertEqual(len(page.context["overview"].attention), 5)


class CountTests(PageTestCase):
    """Recommendations in any state, of any age, spread over sources and lead organisations."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        found = [*factories.fill(cls, 60), *factories.recommendations(cls, 20)]
        luck = random.Random(2)
        sources = [cls.source, cls.more(1)]
        leads = [
            Organisation.objects.create(slug=f"l{n}", name=f"Lead {chr(65 + n)}") for n in range(8)
        ]
        for row in found:
            [row.source] = luck.choices(sources, weights=(19, 1))  # One has two pages.
            row.lead = luck.choice([*leads, None])
            row.opened_on = days_ago(luck.randint(0, 1100))
            row.target_date = luck.choice([None, days_ago(luck.randint(-200, 200))])
            row.next_due_on = luck.choice([None, days_ago(luck.randint(-200, 200))])
            if luck.random() < 0.3:
                row.published_at = row.published_by = None
        with past_the_guards():
            Recommendation.objects.bulk_update(
                found,
                [
                    *("source", "lead", "opened_on", "target_date", "next_due_on"),
                    *("published_at", "published_by"),
                ],
            )
        state.rebuild()

    @classmethod
    def more(cls, n: int) -> Source:
        return Source.objects.create(
            slug=f"more-{n}", title=f"More {n}", short_title=f"More {n}", reference_prefix=f"M{n}"
        )

    def setUp(self) -> None:
        super().setUp()
        cache.clear()

    def assert_counted(self, path: str, person: Any, least: int, first: int = 14) -> None:
        """In a usual run the first links, and some of those that there are by the dozen."""
        links = list(counted_links(self.get(path, person).content.decode()).items())
        self.assertGreaterEqual(len(links), least, path)
        for address, number in links if IS_DEEP else links[:first] + links[first::5]:
            with self.subTest(page=path, link=address):
                cache.clear()  # Two addresses may ask the same, and of a kept page is no context.
                found = self.get(address, person)
                self.assertEqual(found.status_code, 200)
                self.assertEqual(found.context["listing"].page.paginator.count, number)

    def test_home_and_all_lead_organisations(self):
        self.assert_counted("/", self.viewer, 9)
        self.assert_counted("/lead-organisations/", self.viewer, 30)

    def test_a_source(self):
        self.assert_counted("/sources/report/", self.manager, 10)

    def test_responses_of_a_source_are_those_of_the_lists_beside_them(self):
        tally = self.get("/sources/report/", self.viewer).context["overview"].tally
        numbers = {**tally.responses, ResponseKind.MISSING: tally.addressed - tally.answered}
        fields = ("accepted", "in_part", "neither", "rejected", "not_for_us", "withdrawn")
        kinds = [kind for kind in ResponseKind if kind != ResponseKind.DECLINED]
        for kind, field in zip(kinds, (*fields, "missing"), strict=True):
            with self.subTest(kind):
                query = {"source": "report", "responses": kind}
                shown = self.get("/recommendations/", self.viewer, **query).context["listing"]
                ids = [row.pk for row in shown.page.paginator.object_list]
                rows = rows_for(self.viewer, ids, timezone.localdate())
                found = [getattr(row.responses, field) for row in rows]
                self.assertNotIn(0, found)
                self.assertEqual(sum(found), numbers.get(kind, 0))

    @override_settings(PUBLIC_PAGES=True)
    def test_what_the_public_reads(self):
        self.assert_counted("/sources/report/", None, 4)

    def test_a_past_day(self):
        day = (timezone.localdate() - timedelta(days=1)).isoformat()
        self.assert_counted(f"/sources/report/?as_of={day}", self.manager, 10, first=3)


def counted_links(html: str) -> dict[str, int]:
    """The number that each link to the list says, by its address; a name says none."""
    found = {}
    for address, inside in _LINK.findall(html.split("<main", 1)[1]):
        text = " ".join(re.sub(r"<[^>]+>", " ", inside).split())
        number = next((int(m[1]) for shape in _NUMBERED if (m := re.search(shape, text))), None)
        if number is not None:
            found[unescape(address)] = number
    return found
