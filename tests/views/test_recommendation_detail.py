"""The page of one recommendation: where it stands, who stands behind it, and who sees what."""

from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recommendations.actions import indicators, recommendations
from recommendations.actions.evidence import contradictions
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.updates import decisions, replacements
from recommendations.models import Addressee, IndicatorLink, Recommendation, StatusUpdate, User
from tests.base import days_ago, link_evidence
from tests.updates import begin_draft, submit
from tests.views.pages import PageTestCase
from tests.views.test_budgets import table_of

PAGE = "/recommendations/REP-1/"
WHOLE = f"{PAGE}print/"
"""All tabs at once."""


class DetailTestCase(PageTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.make_world()
        cls.recommendation = cls.make_recommendation(
            rationale="Because it helps.",
            quoted_text="States should do the thing.",
            locator="page 12",
        )


class StandingTests(DetailTestCase):
    def test_without_an_update_it_says_no_report_yet(self):
        text = self.read(WHOLE, self.viewer)
        self.assert_words(
            text,
            "Do the thing, in our words. Status: No report yet Confidence: Not rated",
            "No update has been approved. This is not the same as “Not started”.",
            "No updates submitted yet.",
        )
        self.assert_words(text, "Verification No approved update yet")

    def test_status_and_confidence_are_said_in_words(self):
        self.make_approved(self.recommendation)
        text = self.read(WHOLE, self.viewer)
        self.assert_words(
            text,
            "Status: In progress Confidence: On track (no target date) as of",
            "Verification Approved, evidence not verified",
        )

    def test_a_green_forecast_with_a_date_needs_no_remark(self):
        self.make_approved(self.recommendation)
        Recommendation.objects.update(target_date=days_ago(-9))
        self.assert_no_words(self.read(WHOLE, self.viewer), "(no target date)")

    def test_a_rating_out_of_date_keeps_its_word_and_says_its_day(self):
        self.make_approved(self.recommendation, as_of=days_ago(300))
        day = f"{days_ago(300):%-d %b %Y}"
        self.assert_words(
            self.read(WHOLE, self.viewer), f"On track (no target date), rating of {day}"
        )

    def test_both_names_and_times_stand_under_the_update_and_in_the_timeline(self):
        update = self.make_approved(self.recommendation, as_of=days_ago(2))
        text = self.read(WHOLE, self.viewer)
        decided = timezone.localtime(update.decided_at)
        self.assert_words(
            text,
            f"As of {days_ago(2):%-d %B %Y}. Written by Staff, approved by Manager on "
            f"{decided:%-d %B %Y, %H:%M}.",
            f"{decided:%-d %B %Y, %H:%M}, today "
            "Approved: In progress, on track by Manager, written by Staff",
            "Submitted for review by Staff",
        )

    def test_the_update_in_force_is_shown_whole(self):
        self.make_approved(
            self.recommendation,
            confidence="amber",
            what_happened="The law was sent to the house.",
            remaining="The vote.",
            next_steps="Talk to members.",
            issue="The session ends soon.",
            response_action="Ask for an extra sitting.",
            response_owner="The whip",
            public_text="A law is on its way.",
        )
        self.assert_words(
            self.read(WHOLE, self.viewer),
            "The law was sent to the house.",
            "Remaining work The vote.",
            "Next steps Talk to members.",
            "Issue The session ends soon.",
            "Corrective action Ask for an extra sitting.",
            "Owner of the corrective action The whip",
            "Public summary A law is on its way.",
        )

    def test_without_public_wording_the_public_reads_status_confidence_and_day(self):
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        self.make_approved(self.recommendation, as_of=days_ago(9), confidence="not_rated")
        day = f"{days_ago(9):%-d %B %Y}"
        words = f"In progress as of {day}. Delivery confidence: Not rated."
        with override_settings(PUBLIC_PAGES=True):
            self.assert_words(self.read(WHOLE), f"Current update {words}")
        self.assert_words(
            self.read(WHOLE, self.viewer),
            "Public summary No public summary. "
            f"The public page shows the status and delivery confidence. {words}",
        )

    def test_of_a_closed_one_the_public_reads_no_forecast(self):
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        self.make_approved(
            self.recommendation,
            implementation_status="no_longer_applicable",
            confidence="not_rated",
            closing_reason="The law was repealed.",
        )
        with override_settings(PUBLIC_PAGES=True):
            text = self.read(WHOLE)
        self.assert_words(text, f"No longer applicable as of {days_ago(0):%-d %B %Y}.")
        self.assert_no_words(text, "Delivery confidence", "repealed")

    def test_the_public_is_told_what_is_published_and_not_what_there_is(self):
        """The same words whether the office has something unpublished or nothing at all."""
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        update = self.make_approved(self.recommendation)
        told = [
            "Evidence on the current update No evidence published.",
            "No outcome or delivery indicator is published",
            "Rationale and context No evidence published.",
        ]
        with override_settings(PUBLIC_PAGES=True):
            self.assert_words(self.read(WHOLE), *told)
            item = self.make_evidence("A note to file")
            link_evidence(to=update, by=self.staff, stance="supports", evidence=item)
            link_evidence(to=self.recommendation, by=self.manager, stance="need", evidence=item)
            IndicatorLink.objects.create(
                recommendation=self.recommendation,
                indicator=self.make_indicator(),
                relation="outcome",
            )
            self.assert_words(self.read(WHOLE), *told)

    def test_an_older_public_wording_never_stands_under_a_newer_status(self):
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        self.make_approved(self.recommendation, as_of=days_ago(9), public_text="Old words.")
        self.make_approved(self.recommendation, implementation_status="not_started")
        with override_settings(PUBLIC_PAGES=True):
            text = self.read(WHOLE)
        self.assert_words(text, "Status: Not started", "Current update Not started as of")
        self.assert_no_words(text, "Old words.")

    def test_what_was_reported_and_waits_is_marked_as_that(self):
        self.make_submitted(self.recommendation, implementation_status="not_started")
        self.assert_words(
            self.read(WHOLE, self.viewer),
            "Status: No report yet Confidence: Not rated",
            f"Reported as “Not started” by Staff on {days_ago(0):%-d %B %Y}, awaiting review.",
            "Awaiting decision Update status: Awaiting review",
        )

    def test_a_draft_or_a_returned_one_was_not_reported(self):
        update = self.make_submitted(self.recommendation)
        decisions.return_update(update=update, by=self.manager, note="Say when.")
        begin_draft(
            recommendation=self.recommendation,
            by=self.staff,
            values={"implementation_status": "not_started"},
        )
        text = self.read(WHOLE, self.manager)
        self.assert_words(
            text,
            "Update status: Returned Status: In progress",
            "Update status: Draft Status: Not started",
        )
        self.assert_no_words(text, "Reported as")

    def test_correction_retraction_and_no_change_are_told_in_the_timeline(self):
        first = self.make_approved(self.recommendation, as_of=days_ago(20))
        correction = replacements.correct(
            update=first, by=self.staff, values={"what_happened": "Two meetings."}
        )
        correction = submit(update=correction, by=self.staff, expected_version=correction.version)
        decisions.approve_update(update=correction, by=self.manager)
        confirmed = replacements.no_change(recommendation=self.recommendation, by=self.staff)
        decisions.approve_update(update=confirmed, by=self.manager)
        wrong = replacements.retract(update=confirmed, by=self.staff, reason="It was another day.")
        decisions.approve_update(update=wrong, by=self.other_manager)
        text = self.read(WHOLE, self.viewer)
        self.assert_words(
            text,
            "Wording corrected: In progress, on track by Manager, written by Staff",
            "No change, approved: In progress, on track by Manager, written by Staff",
            "Update retracted: In progress, on track by Other Manager, written by Staff",
        )
        self.assertLess(text.index("Update retracted"), text.index("Wording corrected"))
        self.assert_words(text, "Two meetings.")

    def test_an_addressee_has_a_state_of_its_own(self):
        area = self.make_area()
        addressee = Addressee.objects.create(recommendation=self.recommendation, area=area)
        self.make_approved(
            self.recommendation, implementation_status="not_started", addressee=addressee
        )
        text = self.read(WHOLE, self.viewer)
        self.assert_words(
            text,
            "Status: No report yet",
            "Status by addressee 1 addressee. Not started: 1 All areas",
        )
        self.assert_words(text, "Approved: All areas: Not started, on track")

    def test_what_needs_attention_is_said_with_its_days(self):
        Recommendation.objects.update(target_date=days_ago(30), lead=None, lead_officer=None)
        self.assert_words(
            self.read(WHOLE, self.viewer),
            "Needs attention Overdue by 30 days.",
            "No lead organisation. No active lead officer.",
        )

    def test_an_archived_one_says_when_by_whom_and_why(self):
        recommendations.archive(
            recommendation=self.recommendation, by=self.manager, reason="duplicate"
        )
        text = self.read(WHOLE, self.viewer)
        self.assert_words(text, f"Archived on {days_ago(0):%-d %B %Y} by Manager: Duplicate")
        self.assert_no_words(self.read(WHOLE, self.manager), "Log an update", "Publish …")


class EvidenceTests(DetailTestCase):
    def test_need_and_background_never_count_as_progress(self):
        item = self.make_evidence("The report itself", visibility="public")
        link_evidence(to=self.recommendation, by=self.staff, evidence=item, stance="need")
        text = self.read(WHOLE, self.viewer)
        self.assert_words(text, "Rationale and context", "This evidence does not count as progress")
        self.assert_words(text, "Evidence: Rationale The report itself Document")
        self.assert_no_words(text, "Evidence on the current update")

    def test_evidence_for_and_against_with_answer_and_check(self):
        update = self.make_approved(self.recommendation)
        for title, stance in (("A law", "supports"), ("A count", "undermines")):
            link_evidence(
                to=update,
                by=self.staff,
                stance=stance,
                evidence=self.make_evidence(title, visibility="public"),
                why=f"{title} says so.",
            )
        law, count = update.evidence_links.order_by("pk")
        text = self.read(WHOLE, self.viewer)
        self.assert_words(text, "but contradicted Unanswered since", "A law says so.")
        self.assert_words(text, "A law, page 1 Not verified")
        evidence_items.check_evidence(evidence=law.evidence, by=self.other_manager)
        contradictions.answer(link=count, by=self.manager, text="It is of another year.")
        text = self.read(WHOLE, self.viewer)
        self.assert_words(
            text,
            "Verification Independently verified",
            "A law, page 1 Verified",
            f"Answered by Manager on {days_ago(0):%-d %B %Y}: It is of another year.",
        )
        self.assert_no_words(text, "contradicted", "Unanswered")

    def test_internal_evidence_is_for_those_who_may_read_it(self):
        update = self.make_approved(self.recommendation)
        item = self.make_evidence("A note to file")
        link_evidence(to=update, by=self.staff, stance="supports", evidence=item)
        evidence_items.check_evidence(evidence=item, by=self.other_manager)
        for name in ("staff", "other_staff", "manager", "auditor", "administrator"):
            with self.subTest(reader=name):
                text = self.read(WHOLE, getattr(self, name))
                self.assert_words(text, "A note to file", "Internal", "Independently verified")
        text = self.read(WHOLE, self.viewer)
        self.assert_no_words(text, "A note to file", "Independently verified")
        self.assert_words(text, "Verification Approved, evidence not verified")


class MeasureTests(DetailTestCase):
    def link(self, relation: str, code: str = "USE") -> None:
        self.indicator = self.make_indicator(code)
        IndicatorLink.objects.create(
            recommendation=self.recommendation, indicator=self.indicator, relation=relation
        )

    def test_without_an_indicator_it_says_that_none_measures_it(self):
        self.assert_words(self.read(WHOLE, self.viewer), "No outcome or delivery indicator linked")

    def test_context_measures_nothing_and_is_listed_all_the_same(self):
        self.link("context")
        text = self.read(WHOLE, self.viewer)
        self.assert_words(
            text,
            "No outcome or delivery indicator linked",
            "Context indicators USE Use of the thing",
        )

    def test_an_outcome_measures_it_with_unit_area_and_period(self):
        self.link("outcome")
        area = self.make_area()
        indicators.observe(
            indicator=self.indicator,
            area=area,
            period="2024",
            by=self.manager,
            dimensions="SEX=F",
            values={"value": "1234", "is_lower_bound": True, "obs_status": "P"},
        )
        indicators.set_target(
            indicator=self.indicator,
            by=self.staff,
            values={
                "kind": "target",
                "area": area,
                "period": "2030",
                "value": "5000",
                "mark": "assumed",
            },
        )
        text = self.read(WHOLE, self.viewer)
        self.assert_no_words(text, "No outcome or delivery indicator linked")
        self.assert_words(
            text,
            "Outcome indicator Target 2030 All areas 5,000 persons assumed",
            "Observed 2024 All areas SEX=F more than 1,234 persons provisional",
        )

    def test_an_indicator_without_a_figure_says_so(self):
        self.link("delivery")
        self.assert_words(self.read(WHOLE, self.viewer), "Output or process indicator No data yet")


class FactsTests(DetailTestCase):
    def test_lead_officer_contributors_dates_and_rhythm(self):
        recommendations.revise_recommendation(
            recommendation=self.recommendation,
            by=self.manager,
            expected_version=self.recommendation.version,
            values={"contributors": [self.agency]},
        )
        Recommendation.objects.update(target_date=days_ago(-1), review_on=days_ago(-5))
        text = self.read(WHOLE, self.viewer)
        self.assert_words(
            text,
            "Lead organisation Ministry A Lead officer: Staff",
            "Reviewer Any manager other than the author Contributors Agency B",
            "Priority Not set Themes No theme Nature Time-bound",
            f"Target date {days_ago(-1):%-d %B %Y} tomorrow",
            f"Next periodic review {days_ago(-5):%-d %B %Y}",
            "Reporting frequency: every 6 months",
            "Published Not published",
        )

    def test_the_source_is_quoted_with_how_firmly_it_asks_of_whom_and_where(self):
        Addressee.objects.create(recommendation=self.recommendation, area=self.make_area())
        Addressee.objects.create(recommendation=self.recommendation, organisation=self.agency)
        removed = {"removed_at": timezone.now(), "removed_by": self.manager}
        Addressee.objects.create(
            recommendation=self.recommendation, organisation=self.ministry, **removed
        )
        text = self.read(WHOLE, self.viewer)
        self.assert_words(
            text,
            "Source A report page 12 Level of obligation Should Addressees All areas Agency B",
            "States should do the thing. Because it helps.",
        )

    def test_an_amended_wording_says_so(self):
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        current = Recommendation.objects.get()
        recommendations.revise_recommendation(
            recommendation=current,
            by=self.manager,
            expected_version=current.version,
            values={"quoted_text": "States must do it.", "wording_reason": "A misprint."},
        )
        day = f"{days_ago(0):%-d %B %Y}"
        self.assert_words(self.read(WHOLE, self.viewer), f"Wording amended on {day}: A misprint.")


class ButtonTests(DetailTestCase):
    def test_each_reader_has_buttons_for_exactly_what_they_may_do(self):
        expected = {
            "staff": {"Log an update"},
            "other_staff": set(),
            "manager": {"Log an update", "Publish"},
            "viewer": set(),
            "auditor": set(),
            "administrator": {"Edit", "Publish"},
        }
        buttons = {"Log an update", "Publish", "Edit", "No change", "Continue my draft"}
        for name, wanted in expected.items():
            with self.subTest(reader=name):
                text = self.read(PAGE, getattr(self, name))
                head = text.split("Current update")[0]
                self.assertEqual({button for button in buttons if button in head}, wanted)

    def test_no_change_needs_something_to_confirm(self):
        self.make_approved(self.recommendation)
        self.assert_words(self.read(PAGE, self.staff), "Log an update Confirm no change …")

    def test_ones_own_draft_is_gone_on_with(self):
        begin_draft(recommendation=self.recommendation, by=self.staff)
        text = self.read(PAGE, self.staff)
        self.assert_words(text, "Continue my draft")
        self.assert_no_words(text, "Log an update")
        self.assert_words(self.read(PAGE, self.manager), "Log an update")


class VisibilityTests(DetailTestCase):
    """What each reader sees of one row that has something of everything."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.make_approved(
            cls.recommendation, public_text="In public words.", internal_note="A secret worry."
        )
        cls.draft = begin_draft(
            recommendation=cls.recommendation,
            by=cls.staff,
            values={"what_happened": "Half a thought."},
        )
        update = cls.make_submitted(cls.recommendation, by=cls.manager)
        decisions.return_update(
            update=update,
            by=cls.other_manager,
            note="Not good enough.",
        )

    def test_drafts_and_returned_ones_are_for_those_who_may_read_them(self):
        for name in ("staff", "other_staff", "manager", "auditor", "administrator"):
            with self.subTest(reader=name):
                text = self.read(WHOLE, getattr(self, name))
                self.assert_words(text, "Update status: Draft", "Update status: Returned")
                self.assert_words(text, "Returned to the author", "Not good enough.")
                self.assert_words(text, "Internal note A secret worry.")

    def test_a_viewer_reads_all_but_drafts_notes_and_internal_evidence(self):
        text = self.read(WHOLE, self.viewer)
        self.assert_words(text, "A first meeting took place.", "Written by Staff")
        self.assert_no_words(
            text,
            "Update status: Draft",
            "Update status: Returned",
            "Returned to the author",
            "Not good enough.",
        )
        self.assert_no_words(text, "A secret worry.", "Internal note")

    def test_the_public_reads_what_is_published_and_no_more(self):
        with override_settings(PUBLIC_PAGES=True):
            for reader in (None, self.stranger):
                self.read(WHOLE, reader, status=404)
        recommendations.publish_recommendation(recommendation=self.recommendation, by=self.manager)
        with override_settings(PUBLIC_PAGES=True):
            for reader in (None, self.stranger):
                with self.subTest(reader=reader):
                    text = self.read(WHOLE, reader)
                    self.assert_words(
                        text,
                        "Status: In progress Confidence: On track (no target date)",
                        "Do the thing, in our words.",
                        "Source: A report",
                        "In public words.",
                    )
                    self.assert_no_words(
                        text, "A first meeting", "Staff", "Manager on", "Ministry", "Timeline"
                    )
                    self.assert_no_words(text, "Because it helps", "page 12", "States should")

    def test_without_public_pages_one_must_be_signed_in_with_a_role(self):
        self.assert_turned_away(PAGE)

    def test_nobody_learns_what_is_there_by_signing_in_first(self):
        for path in (PAGE, "/recommendations/REP-99/"):
            response = self.get(path)
            self.assertRedirects(
                response, f"/accounts/login/?next={path}", fetch_redirect_response=False
            )


class WrongAddressTests(DetailTestCase):
    def test_what_is_not_there(self):
        for reference in ("REP-99", "rep-1", "REP-1.0", "x" * 40, "x" * 41, "-", "REP 1", "%00"):
            with self.subTest(reference=reference):
                self.read(f"/recommendations/{reference}/", self.viewer, status=404)

    def test_head_answers_without_a_body(self):
        response = self.client_for(self.viewer).head(PAGE)
        self.assertEqual((response.status_code, response.content), (200, b""))


class NothingIsWrittenTests(DetailTestCase):
    def test_reading_writes_nothing(self):
        before = StatusUpdate.objects.count(), Recommendation.objects.get().version
        for reader in (self.viewer, self.staff, self.manager):
            self.read(WHOLE, reader)
        self.assertEqual(
            (StatusUpdate.objects.count(), Recommendation.objects.get().version), before
        )


class KeptBesideTests(DetailTestCase):
    def asks_for_indicators(self, person: User) -> bool:
        with CaptureQueriesContext(connection) as captured:
            self.get(f"{PAGE}indicators/", person)
        asked = [table_of(query["sql"]) for query in captured.captured_queries]
        return IndicatorLink._meta.db_table in asked

    def test_indicators_are_read_once_for_each_audience_until_something_is_recorded(self):
        self.assertTrue(self.asks_for_indicators(self.manager))
        self.assertFalse(self.asks_for_indicators(self.other_manager))
        self.assertTrue(self.asks_for_indicators(self.auditor))
        self.make_submitted(self.recommendation)
        self.assertTrue(self.asks_for_indicators(self.other_manager))
