"""The target date: set once by a manager, then moved only by what somebody else approves."""

import json
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from recommendations import audit
from recommendations.actions import dates
from recommendations.actions import recommendations as recommendation_actions
from recommendations.actions.errors import ActionRefused, NotAllowed
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.updates import decisions
from recommendations.models import AuditEvent, Recommendation, TargetDateChange
from tests.base import TrackerTestCase, World, days_ago, link_evidence, make_person

FIRST = date(2027, 6, 30)
LATER = date(2027, 12, 31)
EARLIER = date(2027, 3, 31)
AGREED = "Agreed by the steering group."
LATE = "The permit is late."


class Dates(World):
    """Moves on the date of one recommendation, with what is not said filled in."""

    recommendation: Recommendation

    def set_first(self, **values: Any) -> TargetDateChange:
        return dates.set_first(
            **{
                "recommendation": self.recommendation,
                "by": self.manager,
                "new_date": FIRST,
                "reason": AGREED,
                **values,
            }
        )

    def ask(self, **values: Any) -> TargetDateChange:
        return dates.request(
            **{
                "recommendation": self.recommendation,
                "by": self.staff,
                "new_date": LATER,
                "reason": LATE,
                **values,
            }
        )

    def target(self) -> date | None:
        self.recommendation.refresh_from_db()
        return self.recommendation.target_date

    def archive(self) -> None:
        self.recommendation.refresh_from_db()
        recommendation_actions.archive(
            recommendation=self.recommendation, by=self.manager, reason="duplicate", note="Twice."
        )


class DatesTestCase(Dates, TrackerTestCase):
    def verbs(self) -> list[str]:
        events = AuditEvent.objects.filter(recommendation=self.recommendation.pk)
        return list(events.order_by("sequence").values_list("verb", flat=True))

    def assert_form_error(self, name: str, call: Any, **values: Any) -> None:
        before = AuditEvent.objects.count()
        with self.assertRaises(ValidationError) as refusal:
            call(**values)
        self.assertEqual(list(refusal.exception.message_dict), [name])
        self.assertEqual(AuditEvent.objects.count(), before)


class FirstDateTests(DatesTestCase):
    def test_a_manager_sets_row_0_and_the_date_follows(self):
        row = self.set_first()
        self.assertEqual((row.number, row.old_date, row.new_date), (0, None, FIRST))
        self.assertEqual((row.requested_by, row.decided_by), (self.manager, self.manager))
        self.assertEqual(self.target(), FIRST)
        self.assertEqual(self.verbs()[-2:], ["set_date", "move_date"])
        self.assertEqual(audit.verify_chain().fault, "")

    def test_an_administrator_sets_it_too_and_decides_on_none_after_it(self):
        row = self.set_first(by=self.administrator)
        self.assertEqual((row.requested_by, self.target()), (self.administrator, FIRST))
        self.assertEqual(self.verbs()[-2:], ["set_date", "move_date"])
        asked = self.ask()
        with self.assertRaises(NotAllowed):
            dates.approve_date_change(date_change=asked, by=self.administrator)
        self.assertEqual(self.target(), FIRST)

    def test_nobody_else_does(self):
        root = make_person("root", is_superuser=True, is_staff=True)
        for person in (self.staff, self.viewer, self.auditor, root, self.stranger):
            with self.subTest(person=person), self.assertRaises(NotAllowed):
                self.set_first(by=person)
        self.assertIsNone(self.target())

    def test_it_needs_a_reason(self):
        for reason in ("", " \n"):
            self.assert_form_error("reason", self.set_first, reason=reason)
        self.assert_form_error("reason", self.set_first, reason="x" * 200_000)

    def test_it_is_set_once(self):
        self.set_first()
        with self.assertRaisesMessage(
            ActionRefused, "already has a target date. Request a date change"
        ):
            self.set_first(by=self.other_manager, new_date=LATER)

    def test_what_is_archived_has_no_date_set(self):
        self.archive()
        with self.assertRaisesMessage(ActionRefused, "archived"):
            self.set_first()


class RequestTests(DatesTestCase):
    def test_nothing_moves_until_somebody_approves(self):
        self.set_first()
        row = self.ask()
        self.assertEqual((row.number, row.old_date, row.new_date), (1, FIRST, LATER))
        self.assertEqual(row.state, "requested")
        self.assertEqual(self.target(), FIRST)

    def test_whoever_may_log_may_ask_and_nobody_else(self):
        self.set_first()
        for person in (self.other_staff, self.viewer, self.auditor, self.administrator):
            with self.subTest(person=person), self.assertRaises(NotAllowed):
                self.ask(by=person)
        self.ask(by=self.other_manager)

    def test_the_first_is_not_asked_for(self):
        with self.assertRaisesMessage(
            ActionRefused,
            "No target date is set. A manager or an administrator must set one first.",
        ):
            self.ask()

    def test_one_at_a_time(self):
        self.set_first()
        self.ask()
        with self.assertRaisesMessage(
            ActionRefused, "A date change requested by Staff already awaits a decision."
        ):
            self.ask(by=self.manager, new_date=EARLIER)

    def test_it_changes_something_and_says_why(self):
        self.set_first()
        self.assert_form_error("new_date", self.ask, new_date=FIRST)
        self.assert_form_error("reason", self.ask, reason=" ")

    def test_none_any_more_and_then_a_date_again(self):
        self.set_first()
        dates.approve_date_change(date_change=self.ask(new_date=None), by=self.manager)
        self.assertIsNone(self.target())
        self.assert_form_error("new_date", self.ask, new_date=None)
        dates.approve_date_change(date_change=self.ask(), by=self.manager)
        self.assertEqual(self.target(), LATER)

    def test_an_older_page_does_not_ask_from_a_date_that_it_did_not_show(self):
        self.set_first()
        dates.approve_date_change(date_change=self.ask(expected_version=1), by=self.manager)
        with self.assertRaisesMessage(
            ActionRefused, "The target date changed after you opened the page"
        ):
            self.ask(new_date=EARLIER, expected_version=1)
        self.ask(new_date=EARLIER, expected_version=2)


class DecisionTests(DatesTestCase):
    def setUp(self) -> None:
        self.set_first()
        self.row = self.ask()

    def test_approved_it_moves_and_the_first_date_stays_on_record(self):
        dates.approve_date_change(date_change=self.row, by=self.manager, note="Fine.")
        self.assertEqual(self.target(), LATER)
        self.assertEqual(
            list(self.recommendation.date_changes.values_list("number", "old_date", "new_date")),
            [(0, None, FIRST), (1, FIRST, LATER)],
        )
        self.assertEqual(self.verbs()[-3:], ["request_date", "approve_date", "move_date"])

    def test_rejected_it_stays_and_so_does_the_reason(self):
        dates.reject_date_change(date_change=self.row, by=self.manager, note="Too late.")
        self.row.refresh_from_db()
        self.assertEqual(self.target(), FIRST)
        self.assertEqual((self.row.reason, self.row.decision_note), (LATE, "Too late."))
        self.assertEqual(self.verbs()[-1], "reject_date")
        self.assertEqual(self.ask().number, 2)

    def test_a_rejection_says_why(self):
        for note in ("", "\n "):
            self.assert_form_error(
                "note", dates.reject_date_change, date_change=self.row, by=self.manager, note=note
            )

    def test_never_by_whoever_asked(self):
        dates.reject_date_change(date_change=self.row, by=self.manager, note="No.")
        own = self.ask(by=self.manager)
        for move in (dates.approve_date_change, dates.reject_date_change):
            with self.assertRaisesMessage(
                NotAllowed, "You cannot decide on your own updates or requests."
            ):
                move(date_change=own, by=self.manager, note="Mine.")
        dates.approve_date_change(date_change=own, by=self.other_manager)

    def test_managers_only(self):
        for person in (self.other_staff, self.viewer, self.auditor, self.administrator):
            for move in (dates.approve_date_change, dates.reject_date_change):
                with self.subTest(person=person), self.assertRaises(NotAllowed):
                    move(date_change=self.row, by=person, note="No.")

    def test_the_second_is_told_who_decided(self):
        dates.approve_date_change(date_change=self.row, by=self.manager)
        for move in (dates.approve_date_change, dates.reject_date_change):
            with self.assertRaisesMessage(ActionRefused, "approved by Manager on"):
                move(date_change=self.row, by=self.other_manager, note="No.")
        self.assertEqual(self.target(), LATER)

    def test_what_was_archived_meanwhile_does_not_move(self):
        self.archive()
        with self.assertRaisesMessage(ActionRefused, "archived"):
            dates.approve_date_change(date_change=self.row, by=self.manager)


class FinishedTests(DatesTestCase):
    """What is implemented or closed has no moving date."""

    def setUp(self) -> None:
        self.set_first()

    def finish(self, status: str = "not_implemented") -> None:
        closed: dict[str, Any] = {"closing_reason": "No money.", "confidence": "not_rated"}
        if status == "implemented":
            closed = {"completed_on": days_ago(3), "confidence": "not_rated"}
        update = self.make_submitted(
            self.recommendation, implementation_status=status, as_of=days_ago(2), **closed
        )
        item = self.make_evidence()
        link_evidence(to=update, by=self.staff, stance="supports", evidence=item)
        evidence_items.check_evidence(evidence=item, by=self.manager)
        decisions.approve_update(update=update, by=self.manager)

    def test_another_date_is_not_asked_for(self):
        for status in ("implemented", "not_implemented", "no_longer_applicable"):
            with self.subTest(status), transaction.atomic():
                self.finish(status)
                before = AuditEvent.objects.count()
                for new_date in (LATER, None):
                    with self.assertRaisesMessage(
                        ActionRefused, "The target date can no longer change"
                    ):
                        self.ask(new_date=new_date, by=self.manager)
                self.assertEqual(AuditEvent.objects.count(), before)
                transaction.set_rollback(True)

    def test_nor_is_a_first_one_set_that_would_have_been_met(self):
        self.recommendation = self.make_recommendation("Without a date")
        self.finish("implemented")
        with self.assertRaisesMessage(ActionRefused, "The target date can no longer change"):
            self.set_first()
        self.assertFalse(self.recommendation.date_changes.exists())

    def test_while_the_claim_waits_for_review_the_date_may_still_be_asked_for(self):
        self.make_submitted(
            self.recommendation,
            implementation_status="not_implemented",
            closing_reason="No money.",
            confidence="not_rated",
        )
        self.ask()

    def test_a_request_that_waited_is_only_rejected_or_withdrawn(self):
        row = self.ask()
        self.finish()
        with self.assertRaisesMessage(ActionRefused, "Closed on"):
            dates.approve_date_change(date_change=row, by=self.manager)
        self.assertEqual(self.target(), FIRST)
        with transaction.atomic():
            dates.withdraw_date_change(date_change=row, by=self.staff)
            transaction.set_rollback(True)
        row = dates.reject_date_change(date_change=row, by=self.manager, note="It is closed.")
        self.assertEqual(row.state, "rejected")

    def test_reopened_it_moves_again(self):
        row = self.ask()
        self.finish()
        self.make_approved(
            self.recommendation, as_of=days_ago(1), reopening_reason="The money came."
        )
        dates.approve_date_change(date_change=row, by=self.manager)
        self.assertEqual(self.target(), LATER)


class WithdrawTests(DatesTestCase):
    """Whoever asked may take it back while it waits, so that nobody is stuck with it."""

    def setUp(self) -> None:
        self.set_first()
        self.row = self.ask(by=self.manager)

    def withdraw(self, by: Any) -> TargetDateChange:
        return dates.withdraw_date_change(date_change=self.row, by=by)

    def test_the_date_stays_and_so_does_the_reason(self):
        self.withdraw(self.manager)
        self.row.refresh_from_db()
        self.assertEqual((self.row.state, self.row.decided_by), ("withdrawn", self.manager))
        self.assertEqual((self.row.reason, self.row.decision_note), (LATE, ""))
        self.assertEqual(self.target(), FIRST)
        self.assertEqual(self.verbs()[-1], "withdraw_date")
        self.assertEqual(audit.verify_chain().fault, "")

    def test_the_only_manager_of_an_office_is_not_stuck(self):
        """They may not approve their own; they take it back, and staff asks instead."""
        self.other_manager.is_active = False
        self.other_manager.save()
        with self.assertRaises(NotAllowed):
            dates.approve_date_change(date_change=self.row, by=self.manager)
        self.withdraw(self.manager)
        again = self.ask(by=self.staff)
        self.assertEqual(again.number, 2)
        dates.approve_date_change(date_change=again, by=self.manager)
        self.assertEqual(self.target(), LATER)

    def test_nobody_else_does(self):
        for person in (self.staff, self.other_manager, self.viewer, self.auditor):
            with self.subTest(person=person), self.assertRaises(NotAllowed):
                self.withdraw(person)
        self.manager.groups.clear()
        with self.assertRaises(NotAllowed):
            self.withdraw(type(self.manager).objects.get(pk=self.manager.pk))

    def test_not_twice_and_not_once_decided(self):
        self.withdraw(self.manager)
        with self.assertRaisesMessage(ActionRefused, "already decided: withdrawn by Manager"):
            self.withdraw(self.manager)
        with self.assertRaisesMessage(ActionRefused, "already decided: withdrawn by Manager"):
            dates.approve_date_change(date_change=self.row, by=self.other_manager)
        self.row = self.ask(by=self.staff)
        dates.approve_date_change(date_change=self.row, by=self.manager)
        with self.assertRaisesMessage(ActionRefused, "approved by Manager"):
            self.withdraw(self.staff)
        self.assertEqual(self.target(), LATER)

    def test_sql_does_not_wake_it_again(self):
        self.withdraw(self.manager)
        with self.assertRaises(IntegrityError), transaction.atomic():
            TargetDateChange.objects.filter(pk=self.row.pk).update(
                state="requested", decided_by=None, decided_at=None
            )

    def test_on_what_was_archived_too(self):
        self.archive()
        self.assertEqual(self.withdraw(self.manager).state, "withdrawn")


class RewindTests(DatesTestCase):
    """The record alone tells which date held when, since each event keeps the one before."""

    def date_at(self, when: datetime) -> date | None:
        """The ``before`` of the earliest later event that touched the date, else the date now."""
        later = AuditEvent.objects.filter(
            object_type="recommendations.recommendation",
            object_id=str(self.recommendation.pk),
            at__gt=when,
        )
        for event in later.order_by("sequence"):
            changes = json.loads(event.payload)["changes"]
            if "target_date" in changes:
                before = changes["target_date"][0]
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
            dates.approve_date_change(date_change=row, by=self.manager)
            note()
        dates.withdraw_date_change(date_change=self.ask(new_date=FIRST), by=self.staff)
        note()
        wanted = [None, FIRST, FIRST, LATER, LATER, None, None, EARLIER, EARLIER]
        self.assertEqual([day for _when, day in held], wanted)
        self.assertEqual([self.date_at(when) for when, _day in held], wanted)
