"""The ledger of dates, its forms, the queue, the report, and what other pages say of a date."""

from datetime import date, timedelta
from typing import Any

from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from recommendations.actions import dates
from recommendations.actions import recommendations as recommendation_actions
from recommendations.models import Recommendation, TargetDateChange, User
from recommendations.templatetags.dates import day, short_day
from tests.base import LONG_AGO, days_ago
from tests.views.pages import PageTestCase, counting, shown_fields, words_of

FIRST, LATER = date(2027, 6, 30), date(2027, 12, 31)
PAGE = "/recommendations/REP-1/dates/"
AGREED, LATE, NO = "Agreed by the group.", "The permit is late.", "Ask the ministry again."


class DatePageTestCase(PageTestCase):
    def set_first(self, recommendation: Recommendation | None = None) -> TargetDateChange:
        return dates.set_first(
            recommendation=recommendation or self.recommendation,
            by=self.manager,
            new_date=FIRST,
            reason=AGREED,
        )

    def ask(self, new_date: date | None = LATER, by: User | None = None) -> TargetDateChange:
        return dates.request(
            recommendation=self.recommendation,
            by=by or self.staff,
            new_date=new_date,
            reason=LATE,
        )

    def moved(self) -> None:
        """184 days in one change, as a reader would say."""
        self.set_first()
        dates.approve_date_change(date_change=self.ask(), by=self.manager)

    def send(self, name: str, *args: Any, by: User, status: int, **data: Any) -> str:
        response = self.post(reverse(name, args=args), by, **data)
        self.assertEqual(response.status_code, status, response.content[-3000:])
        return "" if status == 302 else words_of(response)

    def count(self) -> int:
        return TargetDateChange.objects.count()


class WithdrawTests(DatePageTestCase):
    BUTTON = "Withdraw request"

    def test_whoever_asked_is_offered_it_on_every_page_that_shows_it(self) -> None:
        self.set_first()
        row = self.ask(by=self.manager)
        for path in (PAGE, "/recommendations/REP-1/", f"/review/dates/{row.pk}/"):
            self.assert_words(self.read(path, self.manager), self.BUTTON)
            self.assert_no_words(self.read(path, self.other_manager), self.BUTTON)
        self.assert_no_words(self.read(PAGE, self.staff), self.BUTTON)

    def test_taken_back_it_waits_nowhere_and_stays_on_record(self) -> None:
        self.set_first()
        row = self.ask()
        self.assert_words(self.read("/review/", self.manager), "date change, 30 Jun 2027")
        self.send("date-withdraw", row.pk, by=self.staff, status=302)
        self.assert_no_words(self.read("/review/", self.manager), "date change, 30 Jun 2027")
        self.assert_no_words(self.read("/my-work/", self.staff), "Date change, 30 Jun 2027")
        text = self.read(PAGE, self.staff)
        self.assert_words(text, LATE, "Withdrawn Staff", "Request date change")
        self.assert_no_words(text, self.BUTTON)
        for path in ("/", "/recommendations/", "/recommendations/REP-1/"):
            self.assert_no_words(self.read(path, self.viewer), "Staff requests", "postponed")
        told = self.read("/recommendations/REP-1/history/", self.staff)
        self.assert_words(told, "Date change withdrawn: 30 Jun 2027 to 31 Dec 2027 by Staff")
        self.assert_words(
            self.read(f"/review/dates/{row.pk}/", self.manager), "Staff withdrew this request on"
        )

    def test_refused_to_others_and_once_decided(self) -> None:
        self.set_first()
        row = self.ask()
        for person in (self.other_staff, self.manager, self.viewer, self.auditor):
            self.send("date-withdraw", row.pk, by=person, status=403)
        dates.approve_date_change(date_change=row, by=self.manager)
        text = self.send("date-withdraw", row.pk, by=self.staff, status=409)
        self.assert_words(text, "Action not completed.", "approved by Manager")
        self.send("date-withdraw", row.pk + 99, by=self.staff, status=404)


class LedgerTests(DatePageTestCase):
    def test_for_people_inside_only(self) -> None:
        self.assert_turned_away(PAGE)
        with override_settings(PUBLIC_PAGES=True):
            self.assert_turned_away(PAGE)
        self.assertEqual(self.get("/recommendations/REP-9/dates/", self.viewer).status_code, 404)

    def test_before_the_first_date(self) -> None:
        text = self.read(PAGE, self.staff)
        self.assert_words(
            text,
            "No target date",
            "A manager or an administrator sets the target date.",
            "The original date stays on record.",
        )
        self.assert_no_words(text, "Set target date", "Request date change")
        self.assert_words(self.read(PAGE, self.manager), "Set target date")

    def test_every_row_with_who_and_why(self) -> None:
        self.moved()
        dates.reject_date_change(date_change=self.ask(None), by=self.manager, note=NO)
        text = self.read(PAGE, self.staff)
        self.assert_words(
            text,
            "Original target date 30 June 2027; postponed 184 days (1 change).",
            "30 Jun 2027 to 31 Dec 2027 postponed 184 days",
            "31 Dec 2027 to No target date",
            AGREED,
            "Set by Manager",
            f"{LATE} Requested by Staff",
            "Rejected Manager",
            NO,
            "Request date change",
        )

    def test_the_history_says_when_it_was_decided_not_when_it_was_requested(self) -> None:
        asked = {"recommendation": self.recommendation, "reason": LATE}
        days = [LONG_AGO + timedelta(days=number) for number in range(1, 7)]
        dates.set_first(**asked, by=self.manager, new_date=FIRST, at=days[0])
        moved = dates.request(**asked, by=self.staff, new_date=LATER, at=days[1])
        dates.approve_date_change(date_change=moved, by=self.manager, at=days[2])
        gone = dates.request(**asked, by=self.staff, new_date=None, at=days[3])
        dates.reject_date_change(date_change=gone, by=self.manager, note=NO, at=days[4])
        dates.request(**asked, by=self.staff, new_date=None, at=days[5])
        told = [day(timezone.localdate(each)) for each in days]
        self.assert_words(
            self.read("/recommendations/REP-1/history/", self.viewer),
            f"Set {told[0]}",
            f"Approved {told[2]}",
            f"Rejected {told[4]}",
            f"Awaiting decision Requested {told[5]}",
        )

    def test_a_viewer_reads_reasons_but_not_notes_and_is_offered_nothing(self) -> None:
        self.set_first()
        dates.reject_date_change(date_change=self.ask(), by=self.manager, note=NO)
        text = self.read(PAGE, self.viewer)
        self.assert_words(text, AGREED, LATE)
        self.assert_no_words(text, NO, "Request date change", "Set target date")

    def test_what_waits_is_decided_in_place_by_a_manager_who_did_not_ask(self) -> None:
        self.set_first()
        self.ask(by=self.manager)
        self.assert_words(self.read(PAGE, self.other_manager), "Approve", "Reject", LATE)
        for person in (self.staff, self.viewer):
            self.assert_words(self.read(PAGE, person), "Another manager decides on this request.")
        text = self.read(PAGE, self.manager)
        self.assert_words(text, "You cannot decide on your own requests. Another manager decides.")
        self.assert_no_words(text, "Approve", "Request date change")

    def test_archived(self) -> None:
        self.set_first()
        self.ask()
        self.recommendation.refresh_from_db()
        recommendation_actions.archive(
            recommendation=self.recommendation, by=self.manager, reason="duplicate", note="Twice."
        )
        text = self.read(PAGE, self.manager)
        self.assert_words(text, "The recommendation is archived. No more decisions are made on it.")
        self.assert_no_words(text, "Approve", "Request date change")

    def test_the_page_asks_the_same_of_a_long_ledger(self) -> None:
        self.set_first()
        self.client_for(self.manager)
        with counting() as few:
            self.get(PAGE, self.manager)
        self.assertEqual(len(few), 7)  # session, person, frame (2), row, contributors, ledger
        for n in range(10):
            dates.approve_date_change(
                date_change=self.ask(LATER + timedelta(days=n)), by=self.manager
            )
        with counting() as many:
            self.get(PAGE, self.manager)
        self.assertEqual(len(many), len(few))


class FormTests(DatePageTestCase):
    def test_the_first_date(self) -> None:
        self.send("date-set", "REP-1", by=self.manager, status=302, new_date=FIRST, reason=AGREED)
        self.recommendation.refresh_from_db()
        self.assertEqual(self.recommendation.target_date, FIRST)
        text = self.send(
            "date-set", "REP-1", by=self.manager, status=409, new_date=LATER, reason="Typed."
        )
        self.assert_words(
            text,
            "Action not completed.",
            "already has a target date. Request a date change",
            "Typed.",
        )

    def test_an_administrator_sets_the_first_date(self) -> None:
        page = self.get(PAGE, self.administrator).content.decode()
        self.assertIn("Set target date", page)
        self.send(
            "date-set", "REP-1", by=self.administrator, status=302, new_date=FIRST, reason=AGREED
        )
        self.recommendation.refresh_from_db()
        self.assertEqual(self.recommendation.target_date, FIRST)

    def test_the_first_date_with_something_missing(self) -> None:
        for data, said in (
            ({"new_date": "", "reason": AGREED}, "Enter the target date."),
            ({"new_date": "31.12.2027 at noon", "reason": AGREED}, "valid date"),
            ({"new_date": FIRST, "reason": " "}, "Enter the reason."),
            ({"new_date": FIRST, "reason": "a\x00b"}, "Null characters"),
        ):
            with self.subTest(said):
                text = self.send("date-set", "REP-1", by=self.manager, status=400, **data)
                self.assert_words(text, "Correct the errors below", said)
        self.assertEqual(self.count(), 0)

    def test_who_may_not_set_or_ask(self) -> None:
        self.set_first()
        data: dict[str, Any] = {"new_date": LATER, "reason": LATE, "status": 403}
        for person in (self.staff, self.viewer, self.auditor, self.stranger):
            self.send("date-set", "REP-1", by=person, **data)
        for person in (self.other_staff, self.viewer, self.auditor, self.administrator):
            self.send("date-request", "REP-1", by=person, **data)
        self.assertEqual(self.count(), 1)

    def test_get_changes_nothing(self) -> None:
        row = self.set_first()
        for name, arg in (
            ("date-set", "REP-1"),
            ("date-request", "REP-1"),
            ("date-approve", row.pk),
            ("date-reject", row.pk),
            ("date-withdraw", row.pk),
        ):
            self.assertEqual(self.get(reverse(name, args=[arg]), self.manager).status_code, 405)

    def test_asking(self) -> None:
        self.set_first()
        self.send(
            "date-request", "REP-1", by=self.staff, status=302, new_date=LATER, reason=LATE, seen=1
        )
        row = TargetDateChange.objects.get(number=1)
        self.assertEqual((row.new_date, row.reason, row.requested_by), (LATER, LATE, self.staff))
        text = self.send(
            "date-request", "REP-1", by=self.manager, status=409, new_date=FIRST, reason="Typed."
        )
        self.assert_words(text, "Requested by Staff", "Typed.")

    def test_asking_for_none(self) -> None:
        self.set_first()
        self.send(
            "date-request", "REP-1", by=self.staff, status=302, is_taken_away="on", reason=LATE
        )
        self.assertIsNone(TargetDateChange.objects.get(number=1).new_date)

    def test_asking_with_something_wrong(self) -> None:
        self.set_first()
        for data, said in (
            ({"reason": LATE}, "Enter the new date, or request its removal."),
            ({"reason": LATE, "new_date": LATER, "is_taken_away": "on"}, "not both"),
            ({"reason": LATE, "new_date": FIRST}, "This is already the target date."),
            ({"reason": LATE, "new_date": "soon"}, "valid date"),
            ({"new_date": LATER}, "Enter the reason."),
        ):
            with self.subTest(said):
                text = self.send("date-request", "REP-1", by=self.staff, status=400, **data)
                self.assert_words(text, said)
        self.assertEqual(self.count(), 1)

    def test_a_page_that_is_too_old_asks_nothing(self) -> None:
        self.moved()
        text = self.send(
            "date-request", "REP-1", by=self.staff, status=409, new_date=FIRST, reason=LATE, seen=1
        )
        self.assert_words(text, "changed after you opened the page", LATE)

    def test_deciding_in_place(self) -> None:
        self.set_first()
        row = self.ask()
        text = self.send("date-reject", row.pk, by=self.manager, status=400, note=" ")
        self.assert_words(text, "Give the reason for rejecting the change.")
        shown = shown_fields(self.get(PAGE, self.manager))
        self.send("date-reject", row.pk, by=self.manager, status=302, note=NO, **shown)
        text = self.send("date-approve", row.pk, by=self.other_manager, status=409, note="Typed.")
        self.assert_words(text, "already decided: rejected by Manager")

    def test_whoever_asked_does_not_decide(self) -> None:
        self.set_first()
        row = self.ask(by=self.manager)
        for name in ("date-approve", "date-reject"):
            self.send(name, row.pk, by=self.manager, status=403, note=NO)
            self.send(name, row.pk, by=self.staff, status=403, note=NO)
        self.assertEqual(self.get("/review/dates/99999/", self.manager).status_code, 404)


class FinishedTests(DatePageTestCase):
    """Of what is closed, pages say since when; its date neither moves nor is overdue."""

    REFUSAL = "is closed (Closed on"

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.recommendation = cls.make_recommendation("Close it")
        cls.path = cls.recommendation.get_absolute_url()
        recommendation_actions.publish_recommendation(
            recommendation=cls.recommendation, by=cls.manager
        )
        dates.set_first(
            recommendation=cls.recommendation, by=cls.manager, new_date=days_ago(9), reason=AGREED
        )
        cls.row = dates.request(
            recommendation=cls.recommendation, by=cls.staff, new_date=LATER, reason=LATE
        )
        cls.make_approved(
            cls.recommendation,
            as_of=days_ago(2),
            implementation_status="not_implemented",
            closing_reason="No money.",
            confidence="not_rated",
        )
        cls.closed = f"Closed on {days_ago(2):%-d %B %Y}"

    @override_settings(PUBLIC_PAGES=True)
    def test_every_page_says_the_day(self) -> None:
        ledger = f"{self.path}dates/"
        for path, person in (
            (self.path, None),
            (self.path, self.viewer),
            ("/recommendations/", self.viewer),
            (ledger, self.viewer),
            (SourceTests.PAGE, self.viewer),
        ):
            text = self.read(path, person)
            is_list = path == "/recommendations/"
            self.assert_words(text, f"Closed {short_day(days_ago(2))}" if is_list else self.closed)
            self.assert_no_words(text, "Overdue by", f"{days_ago(9):%-d %B %Y} 9 days ago")

    def test_another_date_is_not_offered_and_refused_where_an_older_page_asks(self) -> None:
        dates.withdraw_date_change(date_change=self.row, by=self.staff)
        self.assert_no_words(self.read(f"{self.path}dates/", self.staff), "Request date change")
        about = self.recommendation.reference
        text = self.send(
            "date-request", about, by=self.staff, status=409, new_date=FIRST, reason="Typed."
        )
        self.assert_words(text, self.REFUSAL, "Typed.")

    def test_a_request_that_waits_shows_approve_disabled_with_the_reason(self) -> None:
        for page in (f"{self.path}dates/", f"/review/dates/{self.row.pk}/"):
            response = self.get(page, self.manager)
            self.assertContains(
                response, 'aria-disabled="true" aria-describedby="why-not"', count=1
            )
            self.assert_words(words_of(response), "Cannot be approved.", self.REFUSAL, "Reject")
            shown = shown_fields(response)
        text = self.send("date-approve", self.row.pk, by=self.manager, status=409, **shown)
        self.assert_words(text, self.REFUSAL)
        self.send("date-reject", self.row.pk, by=self.manager, status=302, note=NO, **shown)


class SourceTests(DatePageTestCase):
    PAGE = "/sources/report/dates/"

    def test_first_date_date_now_changes_days_and_what_waits(self) -> None:
        self.moved()
        self.ask(None)
        self.make_recommendation("Bare")
        self.make_recommendation("Keep on", nature="continuous")
        text = self.read(self.PAGE, self.viewer)
        self.assert_words(
            text,
            "1 of 3 recommendations have a target date.",
            "1 changed, in 1 decision.",
            "1 requested change awaits a decision.",
            "30 Jun 2027 31 Dec 2027",
            "1 184 Staff requests removal of the target date",
            "No target date (continuous)",
        )
        self.assert_words(self.read("/", self.viewer), "Target date changes")

    def test_inside_only(self) -> None:
        self.assert_turned_away(self.PAGE)
        self.assertEqual(self.get("/sources/none/dates/", self.viewer).status_code, 404)

    def test_empty_and_past_the_end(self) -> None:
        Recommendation.objects.all().update(source=self.other_source())
        self.assert_words(self.read(self.PAGE, self.viewer), "No recommendations yet")
        self.assertEqual(self.get(f"{self.PAGE}?page=2", self.viewer).status_code, 404)

    def other_source(self) -> Any:
        source = type(self.source).objects.get(pk=self.source.pk)
        source.pk, source.slug, source.reference_prefix, source._state.adding = (
            None,
            "other",
            "OTH",
            True,
        )
        source.save()
        return source
