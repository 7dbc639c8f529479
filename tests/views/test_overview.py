"""The front page: what it says of a source in one sentence, what that rests on, what is worst."""

from datetime import timedelta

from django.core.cache import cache
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recommendations.actions import recommendations
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.updates import decisions
from recommendations.choices import Flag
from recommendations.models import AuditEvent, Recommendation, Source, User
from recommendations.queries.recommendations.portfolio import portfolio_of, with_last_event
from recommendations.templatetags.dates import short_day
from tests import factories
from tests.base import days_ago, link_evidence
from tests.views.pages import PageTestCase


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

    def test_the_sentence_says_the_state_and_names_the_worst(self):
        self.assert_words(
            self.read("/", self.manager),
            "Of five recommendations, three are in progress, one has not started and one has",
            "One is off track, overdue and contradicted; one more is at risk.",
        )

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

    def test_the_line_below_says_what_it_rests_on(self):
        text = self.read("/", self.manager)
        self.assert_words(text, "Based on approved updates as of", "Rating method")
        self.assert_words(
            text,
            "1 confidence rating is out of date 1 without a report 1 update awaits review",
        )

    def test_no_report_yet_is_counted_apart_from_not_started(self):
        text = self.read("/", self.manager)
        self.assert_words(text, "Implementation status 3 In progress 1 Not started 1 No report yet")

    def test_ratings_out_of_date_are_counted_besides(self):
        text = self.read("/", self.manager)
        self.assert_words(
            text,
            "Delivery confidence (open) 1 Off track 1 At risk 1 On track 2 Not rated Warnings",
            f"1 {Flag.RATING_OUT_OF_DATE.label}",
            "Confidence: At risk, rating of",
        )

    def test_each_row_has_status_and_confidence_in_words(self):
        text = self.read("/", self.manager)
        self.assert_words(
            text,
            "REP-1 Keep going Status: In progress Confidence: On track Target date",
            "REP-2 Catch up Status: In progress Confidence: Off track Target date",
            "REP-4 Begin Status: Not started Confidence: Not rated Target date No target date",
            "REP-5 Say something Status: No report yet Confidence: Not rated",
            "Awaiting review Status: Reported as “In progress”, awaiting verification",
        )

    def test_a_row_says_dates_and_behind_more_lead_evidence_and_verification(self):
        text = self.read("/", self.manager)
        self.assert_words(
            text,
            f"Last update {short_day(days_ago(10))} More: REP-2 Lead organisation Ministry A "
            "Evidence 1 contradicting",
            "Verification: Approved, evidence not verified Contradicted (unanswered)",
        )

    def test_what_needs_attention_comes_first_in_the_document_worst_first(self):
        text = self.read("/", self.manager)
        self.assertLess(text.index("Needs attention"), text.index("By lead organisation"))
        self.assert_words(
            text,
            "worst first Recommendation Reason Action REP-2 Catch up Confidence: Off track "
            "Contradicted (unanswered) since today Answer Add evidence Overdue by 30 days",
            "rated 300 days ago",
        )

    def test_decisions_and_contradictions_have_what_the_reader_may_do_beside_them(self):
        self.assert_words(self.read("/", self.manager), "Record decision: REP-2")
        author = self.read("/", self.staff)
        self.assert_words(author, "Record decision: REP-2", "since today Add evidence")
        self.assert_no_words(self.read("/", self.viewer), "Record decision", "Add evidence")

    def test_the_card_of_what_waits_leads_its_decider_there(self):
        """REP-3 needs attention; what was reported of it is decided on by who did not write it."""
        update = self.make_submitted(self.stale)
        url = f'href="/review/{update.pk}/">Review update'
        self.assertContains(self.get("/", self.manager), url)
        self.assertNotContains(self.get("/", self.staff), "Review update")

    def test_a_manager_is_told_who_decides_on_what_they_wrote(self):
        self.make_submitted(self.stale, by=self.manager)
        text = self.read("/", self.manager).split("REP-3 Look again")[1].split("REP-5")[0]
        self.assert_words(text, "You cannot decide on your own update. Reviewer: Other Manager")
        self.assert_no_words(text, "Review update")
        self.assert_no_words(self.read("/", self.other_manager), "You cannot decide on")
        self.other_manager.is_active = False
        self.other_manager.save()
        cache.clear()  # It is no part of the record, so what is kept does not follow.
        text = self.read("/", self.manager)
        self.assert_words(text, "No eligible reviewer: requires a manager who is not an author")

    def test_the_day_that_it_speaks_of_is_written_out(self):
        today = timezone.localdate()
        self.assert_words(self.read("/", self.manager), f"Status on {today:%-d %B %Y}")

    def test_a_manager_with_work_waiting_is_sent_to_it(self):
        self.assert_words(self.read("/", self.manager), "Review 1 item")
        self.assert_no_words(self.read("/", self.staff), "Review 1 item")
        self.assert_no_words(self.read("/", self.viewer), "Review 1 item")

    def test_a_manager_is_not_sent_to_what_they_wrote(self):
        self.make_submitted(self.good, by=self.manager)
        text = self.read("/", self.manager)
        self.assert_words(text, "2 updates await review", "Review 1 item")
        self.assert_words(self.read("/", self.other_manager), "Review 2 items")

    def test_the_public_gets_nothing_computed_from_what_it_may_not_see(self):
        for row in (self.late, self.silent):
            recommendations.publish_recommendation(recommendation=row, by=self.manager)
        with override_settings(PUBLIC_PAGES=True):
            text = self.read("/")
        self.assert_words(text, "Of two recommendations", "one has no report yet.")
        self.assert_words(text, "Contradicted (unanswered)")
        self.assert_no_words(text, "REP-1", "await", "Reported as", "Lead", "Ministry A", "Money")

    def test_internal_evidence_contradicts_for_those_alone_who_may_read_it(self):
        internal = self.make_evidence("A note that says no", by=self.manager)
        update = self.good.updates.get()
        link_evidence(to=update, by=self.manager, stance="undermines", evidence=internal)
        recommendations.publish_recommendation(recommendation=self.good, by=self.manager)
        recommendations.publish_recommendation(recommendation=self.late, by=self.manager)
        self.assert_words(self.read("/", self.staff), "one more is contradicted")
        self.assert_no_words(self.read("/", self.viewer), "one more is contradicted")
        with override_settings(PUBLIC_PAGES=True):
            text = self.read("/")
        self.assert_words(text, "REP-1 Keep going", "One is off track, overdue and contra")
        self.assert_no_words(text, "are contradicted", "is at risk")

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
            "1 Implemented 3 In progress",
            "Status: Implemented (continuing)",
        )
        self.assertNotRegex(text, r"is implemented(?! \(continuing\))")

    def test_archived_ones_are_not_counted(self):
        recommendations.archive(recommendation=self.late, by=self.manager, reason="duplicate")
        text = self.read("/", self.manager)
        self.assert_words(text, "Of four recommendations")
        self.assert_no_words(text, "Catch up", "off track")


class DoorTests(PageTestCase):
    def test_without_public_pages_one_must_be_signed_in_with_a_role(self):
        self.assert_turned_away("/")
        self.assert_turned_away("/sources/report/")

    def test_every_role_reads_it(self):
        for name in ("viewer", "staff", "manager", "auditor", "administrator"):
            with self.subTest(role=name):
                self.assert_words(self.read("/", getattr(self, name)), "REP-1 Do the thing")

    @override_settings(PUBLIC_PAGES=True)
    def test_a_stranger_reads_what_the_public_reads(self):
        self.assert_words(self.read("/", self.stranger), "No sources yet")
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        self.assertEqual(self.read("/", self.stranger), self.read("/"))
        self.assert_words(self.read("/"), "REP-1 Do the thing")

    @override_settings(PUBLIC_PAGES=True)
    def test_a_source_without_anything_public_is_not_there_for_the_public(self):
        self.read("/sources/report/", status=404)
        self.read("/sources/report/", self.stranger, status=404)
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        self.read("/sources/report/")

    def test_an_unknown_source_is_not_there(self):
        self.read("/sources/nothing/", self.manager, status=404)


class EmptyTests(PageTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.make_world()

    def test_an_empty_source_says_what_to_do(self):
        text = self.read("/", self.viewer)
        self.assert_words(text, "Report Source: A report", "No recommendations yet")

    def test_without_any_source_it_says_what_to_do(self):
        self.source.delete()
        text = self.read("/", self.administrator)
        self.assert_words(text, "No sources yet", "Open the set-up")
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


class KeptCountsTests(PageTestCase):
    def asked(self, person: User) -> int:
        """Statements over states and updates that count or pick out."""
        with CaptureQueriesContext(connection) as captured:
            self.get("/", person)
        return sum(
            "GROUP BY" in query["sql"] or "CASE WHEN" in query["sql"]
            for query in captured.captured_queries
        )

    def test_counts_are_made_once_for_each_audience_until_something_is_recorded(self):
        first = self.asked(self.viewer)
        self.assertLess(self.asked(self.viewer), first)
        self.assertEqual(self.asked(self.auditor), first)
        self.make_submitted(self.recommendation)
        self.assertIn("1 update awaits review", self.read("/", self.viewer))


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

    def test_beyond_fifty_it_is_paged_and_counts_all(self):
        first = self.read("/", self.viewer)
        self.assert_words(first, "61 have no report yet", "REP-50 ", "Next page")
        self.assert_no_words(first.split("Recommendations 61")[1], "REP-51 ")
        second = self.read("/", self.viewer, page=2)
        self.assert_words(second, "REP-51 ", "REP-61 ", "Previous page")

    def test_attention_is_bounded_and_leads_to_the_rest(self):
        page = self.get("/", self.viewer)
        self.assertContains(page, 'href="/recommendations/?source=report&amp;only=attention"')
        self.assertEqual(len(page.context["overview"].attention), 5)

    def test_a_page_that_is_not_there(self):
        for page in (3, 10**9, 0, -1, "abc", "", "1.5", "9" * 5000):
            with self.subTest(page=str(page)[:12]):
                self.read("/", self.viewer, status=404, page=page)
                self.read("/sources/report/", self.viewer, status=404, page=page)


class LongOverviewTests(PageTestCase):
    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        for number in range(2, 52):
            cls.make_recommendation(f"Number {number}")
        cls.make_approved(Recommendation.objects.get(reference="REP-51"))

    def test_beyond_fifty_the_rows_are_paged_and_grouped_by_status(self):
        self.client.force_login(self.manager)
        answer = self.client.get("/")
        rows = answer.context["overview"].rows
        self.assertTrue(answer.context["is_grouped"])
        self.assertEqual(len(rows), 50)
        self.assertEqual((rows[0].reference, rows[0].status), ("REP-51", "in_progress"))
        self.assertEqual({row.status for row in rows[1:]}, {""})
        second = self.client.get("/?page=2").context["overview"].rows
        self.assertEqual([row.reference for row in second], ["REP-50"])
