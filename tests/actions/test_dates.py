"""The target date: set once by a manager, then moved only by what somebody else approves."""

from datetime import date, datetime
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from recommendations import audit
from recommendations.actions import dates
from recommendations.actions.errors import ActionRefused, NotAllowed
from recommendations.models import AuditEvent, TargetDateChange
from tests.actions.acts import Acts, ActTestCase, fresh, told
from tests.base import days_ago
from tests.views.deciding import undone

FIRST = date(2027, 6, 30)
LATER = date(2027, 12, 31)
EARLIER = date(2027, 3, 31)
LATE = "The permit is late."


class Dates(Acts):
    """Moves on the date of one recommendation, with what is not said filled in."""

    def set_first(self, **values: Any) -> TargetDateChange:
        said = {"by": self.manager, "new_date": FIRST, "reason": "Agreed.", **values}
        return dates.set_first(recommendation=self.recommendation, **said)

    def ask(self, **values: Any) -> TargetDateChange:
        said = {"by": self.staff, "new_date": LATER, "reason": LATE, **values}
        return dates.request(recommendation=self.recommendation, **said)

    def allow(self, row: TargetDateChange, by: Any = None, **said: str) -> TargetDateChange:
        return dates.approve_date_change(date_change=row, by=by or self.manager, **said)

    def reject(self, row: TargetDateChange, by: Any = None, note: str = "No.") -> TargetDateChange:
        return dates.reject_date_change(date_change=row, by=by or self.manager, note=note)

    def take_back(self, row: TargetDateChange, by: Any = None) -> TargetDateChange:
        return dates.withdraw_date_change(date_change=row, by=by or row.requested_by)

    def target(self) -> date | None:
        found: date | None = fresh(self.recommendation).target_date
        return found


class FirstDateTests(Dates, ActTestCase):
    def test_a_manager_or_an_administrator_sets_it_once_with_a_reason(self):
        self.each_refused(
            "reason", self.set_first, *({"reason": text} for text in ("", " \n", "x" * 200_000))
        )
        for by in (self.manager, self.administrator):
            with self.subTest(by.username), undone():
                row = self.set_first(by=by)
                kept = (row.number, row.old_date, row.new_date, row.requested_by, row.decided_by)
                self.assertEqual(kept, (0, None, FIRST, by, by))
                self.assertEqual(self.target(), FIRST)
                self.assertEqual(self.verbs(), ["set_date", "move_date"])
                self.assertEqual(audit.verify_chain().fault, "")
        self.set_first()
        words = "already has a target date. Request a date change"
        self.refused(ActionRefused, self.set_first, by=self.other_manager, words=words)

    def test_the_first_is_not_asked_for(self):
        words = "No target date is set. A manager or an administrator must set one first."
        self.refused(ActionRefused, self.ask, words=words)

    def test_what_is_archived_has_none_set(self):
        self.archive()
        self.refused(ActionRefused, self.set_first, words="archived")


class RequestTests(Dates, ActTestCase):
    def setUp(self) -> None:
        self.set_first()
        super().setUp()

    def test_nothing_moves_until_somebody_approves_and_one_waits_at_a_time(self):
        row = self.ask()
        kept = (row.number, row.old_date, row.new_date, row.state)
        self.assertEqual(kept, (1, FIRST, LATER, "requested"))
        self.assertEqual(self.target(), FIRST)
        words = "A date change requested by Staff already awaits a decision."
        self.refused(ActionRefused, partial(self.ask, by=self.manager), words=words)

    def test_it_changes_something_and_says_why_also_to_none_and_back(self):
        self.refused("new_date", partial(self.ask, new_date=FIRST))
        self.refused("reason", partial(self.ask, reason=" "))
        self.allow(self.ask(new_date=None))
        self.assertIsNone(self.target())
        self.refused("new_date", partial(self.ask, new_date=None))
        self.allow(self.ask())
        self.assertEqual(self.target(), LATER)

    def test_an_older_page_does_not_ask_from_a_date_that_it_did_not_show(self):
        self.allow(self.ask(expected_version=1))
        again = partial(self.ask, new_date=EARLIER)
        words = "The target date changed after you opened the page"
        self.refused(ActionRefused, partial(again, expected_version=1), words=words)
        again(expected_version=2)


class DecisionTests(Dates, ActTestCase):
    def setUp(self) -> None:
        self.set_first()
        super().setUp()
        self.row = self.ask()

    def test_approved_it_moves_and_the_first_date_stays_on_record(self):
        self.allow(self.row, note="Fine.")
        self.assertEqual(self.target(), LATER)
        rows = self.recommendation.date_changes.values_list("number", "old_date", "new_date")
        self.assertEqual(list(rows), [(0, None, FIRST), (1, FIRST, LATER)])
        self.assertEqual(self.verbs(), ["request_date", "approve_date", "move_date"])

    def test_rejected_with_a_note_or_withdrawn_it_stays_and_so_does_the_reason(self):
        for note in ("", "\n "):
            self.refused("note", self.reject, self.row, note=note)
        for end, by, state, note in (
            (self.reject, self.manager, "rejected", "No."),
            (self.take_back, self.staff, "withdrawn", ""),
        ):
            row = end(self.row)
            kept = (row.state, row.decided_by, row.reason, row.decision_note, self.target())
            self.assertEqual(kept, (state, by, LATE, note, FIRST))
            self.row = self.ask()
        verbs = ["request_date", "reject_date", "request_date", "withdraw_date", "request_date"]
        self.assertEqual(self.verbs(), verbs)
        self.assertEqual((self.row.number, audit.verify_chain().fault), (3, ""))

    def test_never_by_whoever_asked_who_may_take_it_back(self):
        """The only manager of an office is not stuck with it: staff asks instead."""
        self.refused(NotAllowed, self.take_back, self.row, self.manager)
        self.take_back(self.row)
        own, words = self.ask(by=self.manager), "You cannot decide on your own updates or requests."
        for decide in (self.allow, self.reject):
            self.refused(NotAllowed, decide, own, words=words)
        self.refused(NotAllowed, self.allow, own, self.administrator)
        self.refused(NotAllowed, self.take_back, own, self.other_manager)
        self.take_back(own)
        self.allow(self.ask())
        self.assertEqual(self.target(), LATER)

    def test_once_and_the_second_is_told_who_decided(self):
        for end, words in (
            (self.take_back, "already decided: withdrawn by Staff"),
            (self.allow, "approved by Manager on"),
        ):
            row = end(self.row)
            for again in (self.allow, self.reject, self.take_back):
                by = None if again == self.take_back else self.other_manager
                self.refused(ActionRefused, again, row, by, words=words)
            with self.assertRaises(IntegrityError), transaction.atomic():
                TargetDateChange.objects.filter(pk=row.pk).update(
                    state="requested", decided_by=None, decided_at=None
                )
            self.row = self.ask(new_date=EARLIER) if end == self.take_back else row
        self.assertEqual(self.target(), EARLIER)


class FinishedTests(Dates, ActTestCase):
    """What is implemented or closed has no moving date."""

    WORDS = "The target date can no longer change"

    def setUp(self) -> None:
        self.set_first()
        super().setUp()

    def finish(self, status: str = "not_implemented", is_approved: bool = True) -> None:
        closed: dict[str, Any] = {"closing_reason": "No money.", "confidence": "not_rated"}
        if status == "implemented":
            closed = {"completed_on": days_ago(3), "confidence": "not_rated"}
        update = self.make_submitted(
            self.recommendation, implementation_status=status, as_of=days_ago(2), **closed
        )
        self.check(self.attach(update).evidence)
        if is_approved:
            self.approve(update)

    def test_another_date_is_not_asked_for_once_the_claim_is_approved(self):
        for status in ("implemented", "not_implemented", "no_longer_applicable"):
            with self.subTest(status), undone():
                self.finish(status, is_approved=False)
                with undone():
                    self.ask()
            with self.subTest(status), undone():
                self.finish(status)
                for new_date in (LATER, None):
                    ask = partial(self.ask, new_date=new_date, by=self.manager)
                    self.refused(ActionRefused, ask, words=self.WORDS)

    def test_nor_is_a_first_one_set_that_would_have_been_met(self):
        self.recommendation = self.make_recommendation("Without a date")
        self.finish("implemented")
        self.refused(ActionRefused, self.set_first, words=self.WORDS)

    def test_a_request_that_waited_is_only_rejected_or_withdrawn_until_it_is_reopened(self):
        row = self.ask()
        self.finish()
        self.refused(ActionRefused, self.allow, row, words="Closed on")
        for end in (self.reject, self.take_back):
            with undone():
                end(row)
        reopened = {"as_of": days_ago(1), "reopening_reason": "The money came."}
        self.make_approved(self.recommendation, **reopened)
        self.allow(row)
        self.assertEqual(self.target(), LATER)


class RewindTests(Dates, ActTestCase):
    """The record alone tells which date held when, since each event keeps the one before."""

    def date_at(self, when: datetime) -> date | None:
        """The ``before`` of the earliest later event that touched the date, else the date now."""
        later = AuditEvent.objects.filter(object_id=str(self.recommendation.pk), at__gt=when)
        for event in later.filter(object_type="recommendations.recommendation").order_by("pk"):
            if "target_date" in told(event):
                before = told(event)["target_date"][0]
                return date.fromisoformat(before) if before else None
        return self.target()

    def test_set_moved_taken_away_and_set_again(self):
        held: list[tuple[datetime, date | None]] = [(timezone.now(), None)]

        def note() -> None:
            held.append((timezone.now(), self.target()))

        self.set_first()
        note()
        for new in (LATER, None, EARLIER):
            row = self.ask(new_date=new)
            note()
            self.allow(row)
            note()
        self.take_back(self.ask(new_date=FIRST))
        note()
        wanted = [None, FIRST, FIRST, LATER, LATER, None, None, EARLIER, EARLIER]
        self.assertEqual([day for _when, day in held], wanted)
        self.assertEqual([self.date_at(when) for when, _day in held], wanted)
