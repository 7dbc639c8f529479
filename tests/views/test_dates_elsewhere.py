"""What other pages, files and the report say of a date; they agree."""

import json
from datetime import date, timedelta

from django.test import override_settings
from django.utils import timezone

from recommendations.actions import dates
from recommendations.actions import recommendations as recommendation_actions
from recommendations.models import Recommendation, TargetDateChange, User
from tests.views.pages import shown_fields
from tests.views.test_dates import AGREED, FIRST, LATE, LATER, NO, PAGE, DatePageTestCase


class ElsewhereTests(DatePageTestCase):
    PAGES = ("/", "/recommendations/", "/recommendations/REP-1/")

    def assert_told(self, path: str, person: User | None, words: str) -> None:
        """A page has these words, at the beginning of a line or within it."""
        self.assertIn(words, self.read(path, person).lower())

    def test_the_overview_the_list_and_the_page_agree(self) -> None:
        self.moved()
        for person in (self.staff, self.manager, self.viewer):
            for path in self.PAGES:
                self.assert_told(path, person, "postponed 184 days (1 change)")
        self.assert_words(self.read(self.PAGES[2], self.viewer), "Original: 30 June 2027")

    def test_forwards_backwards_back_and_away(self) -> None:
        self.moved()
        for new, said in (
            (FIRST, "original target date again, after 2 changes"),
            (FIRST - timedelta(days=1), "brought forward 1 day (3 changes)"),
            (None, "target date removed, after 4 changes"),
        ):
            dates.approve_date_change(date_change=self.ask(new), by=self.manager)
            for path in self.PAGES:
                self.assert_told(path, self.staff, said)

    def test_pages_files_and_the_report_say_the_same(self) -> None:
        """Never dated, not moved, later, earlier, back again, taken away, and dated anew."""
        self.make_recommendation("Never dated")
        self.set_first()
        self.make_recommendation("Not moved")
        self.set_first(Recommendation.objects.get(reference="REP-3"))
        for new, days, words in (
            (LATER, 184, "postponed 184 days (1 change)"),
            (FIRST - timedelta(days=1), -1, "brought forward 1 day (2 changes)"),
            (FIRST, 0, "original target date again, after 3 changes"),
            (None, None, "target date removed, after 4 changes"),
            (LATER, 184, "postponed 184 days (5 changes)"),
        ):
            dates.approve_date_change(date_change=self.ask(new), by=self.manager)
            changes = TargetDateChange.objects.filter(number__gt=0).count()
            for path in (*self.PAGES, PAGE):
                self.assert_told(path, self.staff, words)
            report = self.get("/sources/report/dates/", self.staff).context["rows"]
            self.assertEqual((report[0].date_moves, report[0].days_moved), (changes, days))
            told = self.get("/recommendations/export/", self.staff, format="json")
            lines = json.loads(b"".join(told.streaming_content))
            rows = {line["reference"]: (line["date_changes"], line["days_moved"]) for line in lines}
            self.assertEqual(rows["REP-1"], (changes, days))
            self.assertEqual((rows["REP-2"], rows["REP-3"]), ((0, None), (0, 0)))
            self.assertEqual(
                [(row.date_moves, row.days_moved) for row in report][1:], [(0, None), (0, 0)]
            )

    def test_taken_away_and_given_back_in_words(self) -> None:
        self.set_first()
        row = self.ask(None)
        for path in self.PAGES:
            self.assert_words(
                self.read(path, self.staff), "Staff requests removal of the target date"
            )
        shown = shown_fields(self.get(PAGE, self.manager))
        self.send("date-approve", row.pk, by=self.manager, status=302, **shown)
        text = self.read(PAGE, self.manager)
        self.assert_words(text, "REP-1: target date removed.", "No target date is set.")
        self.assert_words(text, "30 Jun 2027 to No target date", "Request date change")
        self.assert_no_words(text, "There should be no date any more", "Set target date")
        self.assert_words(
            self.read(self.PAGES[2], self.staff), "No date set Original: 30 June 2027"
        )
        dates.approve_date_change(date_change=self.ask(), by=self.manager)
        text = self.read(PAGE, self.staff)
        self.assert_words(text, "No target date to 31 Dec 2027", "postponed 184 days (2 changes)")
        told = self.read(f"{self.PAGES[2]}history/", self.staff)
        self.assert_words(
            told,
            "Target date changed: 30 Jun 2027 to No target date",
            "Target date changed: 31 Dec 2027",
        )

    def test_a_rejected_request_moves_nothing(self) -> None:
        self.set_first()
        dates.reject_date_change(date_change=self.ask(), by=self.manager, note=NO)
        for path in self.PAGES:
            self.assert_no_words(self.read(path, self.viewer), "postponed", "Staff requests")

    def test_what_waits_is_shown_inside_with_who_asked(self) -> None:
        self.set_first()
        self.ask()
        for path in self.PAGES:
            self.assert_words(self.read(path, self.viewer), "Staff requests 31 Dec 2027")
        page = self.PAGES[2]
        self.assert_words(self.read(page, self.manager), "Decide on date change")
        self.assert_no_words(self.read(page, self.staff), "Decide on date change")
        self.assert_words(self.read("/", self.manager), "Decide on date change: REP-1")

    def test_the_public_sees_dates_alone(self) -> None:
        self.moved()
        self.ask(None)
        self.recommendation.refresh_from_db()
        recommendation_actions.publish_recommendation(
            recommendation=self.recommendation, by=self.manager
        )
        with override_settings(PUBLIC_PAGES=True):
            for path in self.PAGES:
                self.assert_told(path, None, "postponed 184 days (1 change)")
                text = self.read(path)
                self.assert_no_words(text, LATE, AGREED, "Staff", "asks for", "Date changes")
            for path in ("/sources/report/dates/", PAGE):
                self.assertEqual(self.get(path).status_code, 302)

    def test_the_timeline_tells_it(self) -> None:
        self.moved()
        dates.reject_date_change(date_change=self.ask(None), by=self.manager, note=NO)
        text = self.read(f"{self.PAGES[2]}history/", self.staff)
        self.assert_words(
            text,
            "Target date set: 30 Jun 2027 by Manager",
            "Date change requested: 30 Jun 2027 to 31 Dec 2027 by Staff",
            "Target date changed: 30 Jun 2027 to 31 Dec 2027 by Manager",
            "Date change rejected: 31 Dec 2027 to No target date by Manager",
            NO,
        )
        text = self.read(f"{self.PAGES[2]}history/", self.viewer)
        self.assert_words(text, "Target date set:", "Target date changed:")
        self.assert_no_words(text, NO, LATE, "requested:", "rejected")

    def test_attention_leads_to_the_date(self) -> None:
        Recommendation.objects.filter(pk=self.recommendation.pk).update(opened_on=date(2024, 1, 1))
        html = self.get("/", self.manager).content.decode()
        self.assertIn(f'href="{PAGE}">Set target date', html)
        self.assertNotIn("Set target date", self.get("/", self.staff).content.decode())
        Recommendation.objects.filter(pk=self.recommendation.pk).update(lead_officer=None)
        self.set_first()
        row = self.ask(by=self.other_manager)
        html = self.get("/", self.manager).content.decode()
        self.assertIn(f'href="/review/dates/{row.pk}/">Decide on date change', html)
        self.assertNotIn(
            "Decide on date change", self.get("/", self.other_manager).content.decode()
        )

    def test_the_next_review_with_its_age(self) -> None:
        Recommendation.objects.filter(pk=self.recommendation.pk).update(
            nature="continuous", review_on=timezone.localdate() - timedelta(days=3)
        )
        text = self.read(self.PAGES[2], self.viewer)
        self.assert_words(
            text, "Next periodic review", "3 days ago", "Periodic review overdue by 3 days."
        )
