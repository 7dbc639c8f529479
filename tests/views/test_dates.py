"""The ledger of dates, its forms, the queue, the report, and what other pages say of a date."""

from datetime import date, timedelta
from typing import Any

from django.core.cache import cache
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from recommendations.actions import dates
from recommendations.actions import recommendations as recommendation_actions
from recommendations.models import Recommendation, TargetDateChange, User
from recommendations.templatetags.texts import day, short_day
from tests.base import LONG_AGO, days_ago
from tests.views.pages import counting, shown_fields, words_of
from tests.views.writing import ProgressTestCase

FIRST, LATER = date(2027, 6, 30), date(2027, 12, 31)
REP, PAGE, REPORT = (
    "/recommendations/REP-1/",
    "/recommendations/REP-1/dates/",
    "/sources/report/dates/",
)
PAGES = ("/", "/recommendations/", REP)
AGREED, LATE, NO = "Agreed by the group.", "The permit is late.", "Ask the ministry again."
MOVE = "30 Jun 2027 to 31 Dec 2027"
OFFERED = "Set target date | Request a new target date"


class DatePageTestCase(ProgressTestCase):
    def set_first(self, recommendation: Recommendation | None = None) -> None:
        about = recommendation or self.recommendation
        dates.set_first(recommendation=about, by=self.manager, new_date=FIRST, reason=AGREED)

    def ask(self, new_date: date | None = LATER, by: User | None = None) -> TargetDateChange:
        about: dict[str, Any] = {"recommendation": self.recommendation, "by": by or self.staff}
        return dates.request(**about, new_date=new_date, reason=LATE)

    def move(self, new_date: date | None = LATER) -> None:
        dates.approve_date_change(date_change=self.ask(new_date), by=self.manager)

    def reject(self, row: TargetDateChange) -> None:
        dates.reject_date_change(date_change=row, by=self.manager, note=NO)

    def send(self, name: str, of: Any, by: User, status: int, **data: Any) -> str:
        response = self.post(reverse(name, args=[of]), by, **data)
        self.assertEqual(response.status_code, status, response.content[-3000:])
        return "" if status == 302 else words_of(response)


class LedgerTests(DatePageTestCase):
    def test_before_the_first_date(self) -> None:
        told = "No target date | A manager or an administrator sets the target date."
        self.assert_says(PAGE, "staff", f"{told} | The original date stays on record.", OFFERED)
        for reader in ("manager", "administrator"):
            self.assert_says(PAGE, reader, "Set target date")

    def test_every_row_with_who_and_why(self) -> None:
        self.set_first()
        self.move()
        self.reject(self.ask(None))
        original = "Original target date 30 June 2027; postponed 184 days (1 change)."
        rows = f"{MOVE} postponed 184 days | 31 Dec 2027 to No target date | {AGREED}"
        rows += f" | Set by Manager | {LATE} Requested by Staff | Rejected Manager"
        self.assert_says(PAGE, "staff", f"{original} | {rows} | {NO} | Request a new target date")
        self.assert_says(PAGE, "viewer", f"{AGREED} | {LATE}", f"{NO} | {OFFERED}")
        told = f"Target date set: 30 Jun 2027 by Manager | Target date changed: {MOVE} by Manager"
        asked = f"Date change requested: {MOVE} by Staff | {NO}"
        asked += " | Date change rejected: 31 Dec 2027 to No target date by Manager"
        self.assert_says(f"{REP}history/", "staff", f"{told} | {asked}")
        self.assert_says(f"{REP}history/", "viewer", told, f"{NO} | {LATE} | requested: | rejected")

    def test_the_history_says_when_it_was_decided_not_when_it_was_requested(self) -> None:
        asked: dict[str, Any] = {"recommendation": self.recommendation, "reason": LATE}
        days = [LONG_AGO + timedelta(days=number) for number in range(1, 7)]
        dates.set_first(**asked, by=self.manager, new_date=FIRST, at=days[0])
        moved = dates.request(**asked, by=self.staff, new_date=LATER, at=days[1])
        dates.approve_date_change(date_change=moved, by=self.manager, at=days[2])
        gone = dates.request(**asked, by=self.staff, new_date=None, at=days[3])
        dates.reject_date_change(date_change=gone, by=self.manager, note=NO, at=days[4])
        dates.request(**asked, by=self.staff, new_date=None, at=days[5])
        told = [day(timezone.localdate(each)) for each in days]
        words = f"Set {told[0]} | Approved {told[2]} | Rejected {told[4]}"
        words += f" | Awaiting decision Requested {told[5]}"
        self.assert_says(f"{REP}history/", "viewer", words)

    def test_what_waits_is_decided_by_a_manager_who_did_not_ask(self) -> None:
        self.set_first()
        self.ask(by=self.manager)
        self.assert_says(PAGE, "other_manager", f"Approve | Reject | {LATE}")
        for reader in ("staff", "viewer"):
            self.assert_says(PAGE, reader, "Another manager decides on this request.")
        told = "You cannot decide on your own requests. Another manager decides."
        self.assert_says(PAGE, "manager", told, "Approve | Request a new target date")

    def test_archived(self) -> None:
        self.set_first()
        self.ask()
        self.recommendation.refresh_from_db()
        recommendation_actions.archive(
            recommendation=self.recommendation, by=self.manager, reason="duplicate", note="Twice."
        )
        told = "The recommendation is archived. No more decisions are made on it."
        self.assert_says(PAGE, "manager", told, "Approve | Request a new target date")

    def test_the_page_asks_the_same_of_a_long_ledger(self) -> None:
        self.set_first()
        self.client_for(self.manager)
        asked = []
        for rounds in (0, 10):
            for n in range(rounds):
                self.move(LATER + timedelta(days=n))
            with counting() as captured:
                self.get(PAGE, self.manager)
            asked.append(len(captured))
        self.assertEqual(asked, [7, 7])  # session, person, frame (2), row, contributors, ledger

    def test_the_report_of_a_source(self) -> None:
        self.set_first()
        self.move()
        self.ask(None)
        self.make_recommendation("Bare")
        self.make_recommendation("Keep on", nature="continuous")
        told = "1 of 3 recommendations has a target date. | 1 changed, by 1 decision."
        told += " | 1 requested change awaits a decision. | 30 Jun 2027 31 Dec 2027"
        row = "1 184 Staff requests removal of the target date | No target date (continuous)"
        self.assert_says(REPORT, "viewer", f"{told} | {row}")
        self.assert_says("/", "viewer", "Target date history")
        self.assert_says("/sources/none/dates/", "viewer", status=404)
        type(self.source).objects.create(slug="other", title="O", short_title="Other")
        self.assert_says("/sources/other/dates/", "viewer", "No recommendations yet")
        self.assert_says("/sources/other/dates/?page=2", "viewer", status=404)


class FormTests(DatePageTestCase):
    def test_the_first_date_is_set_once(self) -> None:
        data: dict[str, Any] = {"new_date": FIRST, "reason": AGREED}
        self.send("date-set", "REP-1", self.administrator, 302, **data)
        self.recommendation.refresh_from_db()
        self.assertEqual(self.recommendation.target_date, FIRST)
        text = self.send("date-set", "REP-1", self.manager, 409, new_date=LATER, reason="Typed.")
        told = "already has a target date. Request a date change"
        self.assert_words(text, "Action not completed.", told, "Typed.")

    def test_another_is_asked_for_from_the_page_as_it_is(self) -> None:
        self.set_first()
        data: dict[str, Any] = {"new_date": LATER, "reason": LATE, "seen": 1}
        self.send("date-request", "REP-1", self.staff, 302, **data)
        row = TargetDateChange.objects.get(number=1)
        self.assertEqual((row.new_date, row.reason, row.requested_by), (LATER, LATE, self.staff))
        data |= {"new_date": FIRST, "reason": "Typed."}
        text = self.send("date-request", "REP-1", self.manager, 409, **data)
        self.assert_words(text, "Requested by Staff", "Typed.")
        dates.approve_date_change(date_change=row, by=self.manager)
        text = self.send("date-request", "REP-1", self.staff, 409, **data)
        self.assert_words(text, "changed after you opened the page", "Typed.")
        none = {"is_taken_away": "on", "reason": LATE}
        self.send("date-request", "REP-1", self.staff, 302, **none)
        self.assertIsNone(TargetDateChange.objects.get(number=2).new_date)

    def test_it_is_decided_in_place_once(self) -> None:
        self.set_first()
        row = self.ask()
        text = self.send("date-reject", row.pk, self.manager, 400, note=" ")
        self.assert_words(text, "Give the reason for rejecting the change.")
        shown = shown_fields(self.get(PAGE, self.manager))
        self.send("date-reject", row.pk, self.manager, 302, note=NO, **shown)
        text = self.send("date-approve", row.pk, self.other_manager, 409, note="Typed.")
        self.assert_words(text, "already decided: rejected by Manager")

    def test_withdrawn_it_waits_nowhere_and_stays_on_record(self) -> None:
        self.set_first()
        row = self.ask()
        waits, own = f"date change, {MOVE}", f"/review/dates/{row.pk}/"
        self.assert_says("/review/", "manager", waits)
        self.assert_says("/my-work/", "staff", f"Date change, {MOVE}")
        self.send("date-withdraw", row.pk, self.staff, 302)
        self.assert_says("/review/", "manager", "", waits)
        self.assert_says("/my-work/", "staff", "", f"Date change, {MOVE}")
        told = f"{LATE} | Withdrawn Staff | Request a new target date"
        self.assert_says(PAGE, "staff", told, "Withdraw request")
        for path in PAGES:
            self.assert_says(path, "viewer", "", "Staff requests | postponed")
        self.assert_says(f"{REP}history/", "staff", f"Date change withdrawn: {MOVE} by Staff")
        self.assert_says(own, "manager", "Staff withdrew this request on")
        decided = self.ask()
        dates.approve_date_change(date_change=decided, by=self.manager)
        text = self.send("date-withdraw", decided.pk, self.staff, 409)
        self.assert_words(text, "Action not completed.", "approved by Manager")


class FinishedTests(DatePageTestCase):
    """Of what is closed, pages say since when; its date neither moves nor is overdue."""

    REFUSAL = "is closed (Closed on"

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.recommendation = cls.make_recommendation("Close it")
        cls.path = cls.recommendation.get_absolute_url()
        about: dict[str, Any] = {"recommendation": cls.recommendation}
        recommendation_actions.publish_recommendation(**about, by=cls.manager)
        dates.set_first(**about, by=cls.manager, new_date=days_ago(9), reason=AGREED)
        cls.row = dates.request(**about, by=cls.staff, new_date=LATER, reason=LATE)
        closed = {"implementation_status": "not_implemented", "closing_reason": "No money."}
        cls.make_approved(cls.recommendation, as_of=days_ago(2), confidence="not_rated", **closed)

    @override_settings(PUBLIC_PAGES=True)
    def test_every_page_says_the_day(self) -> None:
        closed, hidden = f"Closed on {day(days_ago(2))}", f"{day(days_ago(9))} 9 days ago"
        for path, reader, told in (
            (self.path, "", closed),
            (self.path, "viewer", closed),
            ("/recommendations/", "viewer", f"Closed {short_day(days_ago(2))}"),
            (f"{self.path}dates/", "viewer", closed),
            (REPORT, "viewer", closed),
        ):
            self.assert_says(path, reader, told, f"Overdue by | {hidden}")

    def test_another_date_is_not_offered_and_refused_where_an_older_page_asks(self) -> None:
        dates.withdraw_date_change(date_change=self.row, by=self.staff)
        self.assert_says(f"{self.path}dates/", "staff", "", "Request a new target date")
        data: dict[str, Any] = {"new_date": FIRST, "reason": "Typed."}
        text = self.send("date-request", self.recommendation.reference, self.staff, 409, **data)
        self.assert_words(text, self.REFUSAL, "Typed.")

    def test_a_request_that_waits_shows_approve_disabled_with_the_reason(self) -> None:
        for page in (f"{self.path}dates/", f"/review/dates/{self.row.pk}/"):
            response = self.get(page, self.manager)
            off = 'aria-disabled="true" aria-describedby="why-not"'
            self.assertContains(response, off, count=1)
            self.assert_words(words_of(response), "Cannot be approved.", self.REFUSAL, "Reject")
        shown = shown_fields(response)
        text = self.send("date-approve", self.row.pk, self.manager, 409, **shown)
        self.assert_words(text, self.REFUSAL)
        self.send("date-reject", self.row.pk, self.manager, 302, note=NO, **shown)


class ElsewhereTests(DatePageTestCase):
    """What other pages, files and the report say of a date; they agree."""

    def assert_told(self, path: str, reader: str, words: str) -> None:
        """A page has these words, at the beginning of a line or within it."""
        self.assertIn(words, self.read(path, getattr(self, reader, None)).lower())

    def test_pages_files_and_the_report_say_the_same(self) -> None:
        """Never dated, not moved, later, earlier, back again, taken away, and dated anew."""
        self.make_recommendation("Never dated")
        self.set_first()
        self.set_first(self.make_recommendation("Not moved"))
        for changes, (new, days, words) in enumerate(
            (
                (LATER, 184, "postponed 184 days (1 change)"),
                (FIRST - timedelta(days=1), -1, "brought forward 1 day (2 changes)"),
                (FIRST, 0, "original target date again, after 3 changes"),
                (None, None, "target date removed, after 4 changes"),
                (LATER, 184, "postponed 184 days (5 changes)"),
            ),
            1,
        ):
            self.move(new)
            for path in (*PAGES, PAGE):
                self.assert_told(path, "staff", words)
            rows = self.get(REPORT, self.staff).context["rows"]
            report = [(row.date_moves, row.days_moved) for row in rows]
            file = self.exported("/recommendations/export/", self.staff)
            expected = [(changes, days), (0, None), (0, 0)]
            self.assertEqual(report, expected)
            self.assertEqual([(row["date_changes"], row["days_moved"]) for row in file], expected)
        self.assert_says(REP, "viewer", "Original: 30 June 2027")

    def test_taken_away_and_given_back_in_words(self) -> None:
        self.set_first()
        row = self.ask(None)
        for path in PAGES:
            self.assert_says(path, "staff", "Staff requests removal of the target date")
        shown = shown_fields(self.get(PAGE, self.manager))
        self.send("date-approve", row.pk, self.manager, 302, **shown)
        told = (
            "REP-1: target date removed. | No target date is set. | 30 Jun 2027 to No target date"
        )
        self.assert_says(PAGE, "manager", f"{told} | Request a new target date", "Set target date")
        self.assert_says(REP, "staff", "No target date Original: 30 June 2027")
        self.move()
        told = "No target date to 31 Dec 2027 | postponed 184 days (2 changes)"
        self.assert_says(PAGE, "staff", told)
        told = "Target date changed: 30 Jun 2027 to No target date"
        self.assert_says(f"{REP}history/", "staff", f"{told} | Target date changed: 31 Dec 2027")

    def test_what_waits_is_shown_with_who_asked_and_once_rejected_nowhere(self) -> None:
        self.set_first()
        row = self.ask()
        for path in PAGES:
            self.assert_says(path, "viewer", "Staff requests 31 Dec 2027")
        self.assert_says(REP, "manager", "Decide on date change")
        self.assert_says(REP, "staff", "", "Decide on date change")
        self.assert_says("/", "manager", "Decide on date change: REP-1")
        self.reject(row)
        for path in PAGES:
            self.assert_says(path, "viewer", "", "postponed | Staff requests")

    @override_settings(PUBLIC_PAGES=True)
    def test_the_public_sees_dates_alone(self) -> None:
        self.set_first()
        self.move()
        self.ask(None)
        self.recommendation.refresh_from_db()
        about: dict[str, Any] = {"recommendation": self.recommendation, "by": self.manager}
        recommendation_actions.publish_recommendation(**about)
        for path in PAGES:
            self.assert_told(path, "", "postponed 184 days (1 change)")
            self.assert_says(
                path, "", "", f"{LATE} | {AGREED} | Staff | asks for | Target date history"
            )
        for path in (REPORT, PAGE):
            self.assertEqual(self.get(path).status_code, 302)

    def test_attention_leads_to_the_date(self) -> None:
        about = Recommendation.objects.filter(pk=self.recommendation.pk)
        about.update(opened_on=date(2024, 1, 1))
        link = f'href="{PAGE}">Set target date'
        self.assertContains(self.get("/", self.manager), link)
        self.assertNotContains(self.get("/", self.staff), "Set target date")
        about.update(lead_officer=None)
        self.set_first()
        row = self.ask(by=self.other_manager)
        link = f'href="/review/dates/{row.pk}/">Decide on date change'
        self.assertContains(self.get("/", self.manager), link)
        self.assertNotContains(self.get("/", self.other_manager), "Decide on date change")

    def test_the_next_review_with_its_age(self) -> None:
        about = Recommendation.objects.filter(pk=self.recommendation.pk)
        about.update(nature="continuous", review_on=days_ago(3))
        told = "Next periodic review | 3 days ago | Periodic review overdue by 3 days."
        self.assert_says(REP, "viewer", told)


class QueueTests(DatePageTestCase):
    """Date changes in the queue of reviews, and the decision on them there."""

    def queue(self, person: User) -> list[str]:
        return [row.url for row in self.get("/review/", person).context["queue"]]

    def test_updates_and_dates_in_one_queue_the_oldest_first(self) -> None:
        at = timezone.now() - timedelta(days=9)
        old = self.make_submitted(self.make_recommendation("Old"), at=at)
        new = self.make_submitted(self.make_recommendation("New"))
        self.set_first()
        row = self.ask()
        urls = [f"/review/{old.pk}/", f"/review/{new.pk}/", f"/review/dates/{row.pk}/"]
        self.assertEqual(self.queue(self.manager), urls)
        told = "2 updates await your review. | 1 date change awaits your decision."
        self.assert_says("/review/", "manager", f"{told} | date change, {MOVE} today")
        Recommendation.objects.filter(pk=self.recommendation.pk).update(reviewer=self.manager)
        cache.clear()  # what is written past the record is not looked for anew
        self.assertEqual(self.queue(self.manager)[0], urls[2])

    def test_never_what_one_asked_for_and_the_badge_agrees(self) -> None:
        self.set_first()
        self.ask(by=self.manager)
        told = "Your submissions awaiting review | date change, 30"
        self.assert_says("/review/", "manager", told)
        for person, count in ((self.manager, 0), (self.other_manager, 1)):
            self.assertEqual(len(self.queue(person)), count)
            links = self.get("/review/", person).context["shell"].own
            self.assertEqual([link.badge for link in links if link.url == "/review/"], [count])

    def test_its_page_and_on_to_the_next(self) -> None:
        self.set_first()
        row = self.ask()
        update = self.make_submitted(self.make_recommendation("Another"))
        page = f"/review/dates/{row.pk}/"
        told = f"{LATE} | {MOVE} | postponed 184 days | not changed yet"
        self.assert_says(page, "manager", told)
        data: dict[str, Any] = {"from": "queue", **shown_fields(self.get(page, self.manager))}
        response = self.post(reverse("date-approve", args=[row.pk]), self.manager, **data)
        self.assertRedirects(response, f"/review/{update.pk}/")
        self.assert_says(page, "manager", "Manager approved this request on")

    def test_refused_in_the_queue_the_note_is_kept(self) -> None:
        self.set_first()
        row = self.ask()
        text = self.send("date-reject", row.pk, self.manager, 400, **{"from": "queue", "note": ""})
        told = "Give the reason for rejecting the change."
        self.assert_words(text, told, "date change awaits your decision")
        dates.reject_date_change(date_change=row, by=self.other_manager, note=NO)
        data: dict[str, Any] = {"from": "queue", "note": "Typed."}
        text = self.send("date-approve", row.pk, self.manager, 409, **data)
        self.assert_words(text, "Not decided:", "rejected by Other Manager")
