"""Cases about dates that tools in use got wrong."""

from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from recommendations.choices import UNDATED_DAYS, Flag
from recommendations.models import Recommendation, TargetDateChange, User
from recommendations.queries.recommendations.rows import rows_for
from tests.base import days_ago
from tests.views.pages import PageTestCase, shown_fields

LATE, NO = "The permit is late.", "Ask the ministry again."


class DateCaseTests(PageTestCase):
    def flags_of(self, recommendation: Recommendation) -> frozenset[str]:
        today = timezone.localdate()
        [row] = rows_for(self.manager, [recommendation.pk], today)
        return row.flags

    def opened(self, nature: str, days: int, **values: Any) -> Recommendation:
        found = self.make_recommendation(f"{nature} {days}", nature=nature)
        Recommendation.objects.filter(pk=found.pk).update(opened_on=days_ago(days), **values)
        return found

    def test_reject_a_date_change_the_requesters_reason_is_still_there(self) -> None:
        """Asked for, rejected and read again on the pages; nor can it be taken out by SQL."""
        self.send(self.manager, "date-set", "REP-1", new_date=date(2027, 6, 30), reason="Agreed.")
        self.send(self.staff, "date-request", "REP-1", new_date=date(2028, 6, 30), reason=LATE)
        row = TargetDateChange.objects.get(number=1)
        shown = shown_fields(self.get("/recommendations/REP-1/dates/", self.manager))
        self.send(self.manager, "date-reject", row.pk, note=NO, **shown)
        for person in (self.staff, self.manager, self.auditor):
            text = self.read("/recommendations/REP-1/dates/", person)
            self.assert_words(text, f"{LATE} Requested by Staff", NO, "Rejected")
        self.assert_words(self.read("/recommendations/REP-1/dates/", self.viewer), LATE)
        self.recommendation.refresh_from_db()
        self.assertEqual(self.recommendation.target_date, date(2027, 6, 30))
        with self.assertRaises(IntegrityError), transaction.atomic():
            TargetDateChange.objects.filter(pk=row.pk).update(reason=NO)

    def test_no_target_date_flagged_after_180_days_if_time_bound_not_if_continuous(self) -> None:
        """On the list, its filter and the overview; until a manager sets a date."""
        self.assertEqual(UNDATED_DAYS, 180)
        # Oldest first, since the record only goes forward; REP-1 is older than all of them.
        for title, days, nature in (
            ("Dated", 500, "time_bound"),
            ("Goes on", 400, "continuous"),
            ("Goes on, too", 181, "continuous"),
            ("Late", 181, "time_bound"),
            ("In time", 180, "time_bound"),
        ):
            at = timezone.now() - timedelta(days=days)
            found = self.make_recommendation(title, nature=nature, at=at)
            self.assertEqual(found.opened_on, days_ago(days))
        self.send(self.manager, "date-set", "REP-2", new_date=days_ago(-9), reason="So.")
        self.assertEqual(self.flagged(), ["REP-1", "REP-5"])
        self.assertEqual(self.read("/", self.viewer).count("No target date after"), 2)
        self.assert_words(self.read("/", self.viewer), "No target date after 181 days")
        self.send(self.manager, "date-set", "REP-5", new_date=days_ago(-9), reason="So.")
        self.assertEqual(self.flagged(), ["REP-1"])

    def flagged(self) -> list[str]:
        """References that the list finds when it is asked for what has no date."""
        page = self.get("/recommendations/", self.viewer, flag="no_date")
        return sorted(row.reference for row in page.context["rows"])

    def send(self, person: User, name: str, *args: Any, **data: Any) -> None:
        self.assertEqual(self.post(reverse(name, args=args), person, **data).status_code, 302)

    def test_a_date_that_passed_is_flagged_from_the_day_after(self) -> None:
        for days, is_flagged in ((1, True), (0, False), (-1, False)):
            found = self.opened("time_bound", 10, target_date=days_ago(days))
            self.assertEqual(Flag.DATE_OVERDUE in self.flags_of(found), is_flagged, days)

    def test_a_review_day_that_passed_is_flagged_until_an_update_speaks_of_it(self) -> None:
        for days, is_flagged in ((1, True), (0, False), (-1, False)):
            found = self.opened("continuous", 10, review_on=days_ago(days))
            self.assertEqual(Flag.REVIEW_PAST in self.flags_of(found), is_flagged, days)
        found = self.opened("continuous", 10, review_on=days_ago(5))
        self.make_approved(found, as_of=days_ago(6))
        self.assertIn(Flag.REVIEW_PAST, self.flags_of(found))
        self.make_approved(found, as_of=days_ago(5))
        self.assertNotIn(Flag.REVIEW_PAST, self.flags_of(found))
        bound = self.opened("time_bound", 10, review_on=days_ago(5))
        self.assertNotIn(Flag.REVIEW_PAST, self.flags_of(bound))
