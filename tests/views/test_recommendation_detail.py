"""The page of one recommendation: where it stands, who stands behind it, and who sees what."""

from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recommendations.actions import recommendations
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
