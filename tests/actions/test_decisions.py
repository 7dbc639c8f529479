"""Approving and returning: in which state, by whom not, on what basis, and what follows."""

from datetime import UTC, date, datetime

from django.utils import timezone

from recommendations.actions.errors import (
    BasisChanged,
    NotAllowed,
    NotAsSeen,
    TransitionConflict,
)
from recommendations.choices import Role, UpdateState
from recommendations.models import StatusUpdate
from recommendations.queries.updates.shown import shown_update
from tests.actions.acts import UNREADABLE, ActTestCase, fresh
from tests.base import make_person

MARCH = datetime(2024, 3, 1, 9, 0, tzinfo=UTC)
FEBRUARY = date(2024, 2, 1)
CLOSED = {
    "implementation_status": "not_implemented",
    "confidence": "not_rated",
    "closing_reason": "No money.",
}


class DecisionTestCase(ActTestCase):
    update: StatusUpdate

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.update = cls.make_submitted(cls.recommendation)

    def current(self) -> StatusUpdate | None:
        return fresh(self.recommendation).current_update

    def another(self, **values: object) -> StatusUpdate:
        return self.make_submitted(self.recommendation, **values)

    def decisions(self) -> tuple:
        return self.approve, self.give_back


class DecidedTests(DecisionTestCase):
    def test_approved_by_another_manager_it_is_in_force_in_the_same_moment(self):
        for by in (self.manager, self.other_manager):
            about = self.make_recommendation(f"Of {by}")
            update = self.make_submitted(about)
            approved = self.approve(update, by, note="Well done.")
            self.assertEqual((approved.state, approved.decided_by), (UpdateState.APPROVED, by))
            self.assertEqual(approved.version, update.version + 1)
            self.assertEqual(fresh(about).current_update, approved)
            [*_others, event] = self.events()
            self.assertEqual((event.verb, event.actor), ("approve", by))
            reason = (approved.decision_note, event.reason.text)
            self.assertEqual(reason, ("Well done.", "Well done."))
        self.assertEqual(self.verbs().count("approve"), 2)

    def test_returned_whatever_it_lacks_with_a_note(self):
        for update in (self.update, self.another(implementation_status="implemented")):
            returned = self.give_back(update)
            kept = (returned.state, returned.decision_note, returned.decided_by)
            self.assertEqual(kept, (UpdateState.RETURNED, "Name the day.", self.manager))
        self.assertIsNone(self.current())

    def test_a_note_that_is_none_or_cannot_be_shown_is_refused(self):
        for note in ("", " \n ", *UNREADABLE):
            self.refused("note", self.give_back, self.update, note=note)
        for note in UNREADABLE:
            self.refused("note", self.approve, self.update, note=note)

    def test_the_days_that_follow_from_it_are_set(self):
        about = self.make_recommendation("Do another thing", at=MARCH, interval_months=3)
        self.make_approved(about, as_of=date(2024, 3, 31))
        days = ("next_due_on", "rating_valid_until")
        self.assertEqual(self.held(about, *days), (date(2024, 6, 30), date(2024, 7, 30)))
        self.make_approved(about, **CLOSED)
        self.assertEqual(self.held(about, *days), (None, None), "what is closed is due no more")

    def test_an_older_day_approved_later_is_history(self):
        about = self.make_recommendation("Keep doing it", nature="continuous")
        newer = self.make_approved(about, review_on=date(2027, 1, 1))
        older = self.make_approved(about, review_on=date(2025, 1, 1), as_of=FEBRUARY)
        self.assertEqual(older.state, UpdateState.APPROVED)
        kept = self.held(about, "current_update", "review_on")
        self.assertEqual(kept, (newer, date(2027, 1, 1)))

    def test_the_state_of_one_addressee_is_not_the_state_overall(self):
        body = self.address()
        approved = self.make_approved(self.recommendation, addressee=body)
        self.assertIsNone(self.current())
        overall = self.approve(self.update)
        self.assertEqual(self.current(), overall)
        scope = StatusUpdate.objects.of_scope(self.recommendation.pk, body.pk)
        self.assertEqual(scope.in_force(timezone.localdate(), timezone.now()).first(), approved)


class RefusedTests(DecisionTestCase):
    """The same for both decisions: who may not, and when nobody may."""

    def test_nobody_decides_who_wrote_any_version_of_it(self):
        both = make_person("both", Role.MANAGER, self.ministry, is_superuser=True)
        begun = self.draft(self.manager, implementation_status="not_started")
        self.hand(begun, self.staff)
        edited = self.draft(implementation_status="not_started")
        self.hand(edited, self.manager, self.manager)
        self.save(edited, values={"issue": "None."})
        self.hand(edited, self.staff)
        for by, update in (
            (both, self.another(by=both)),
            (self.manager, self.submit(begun)),
            (self.manager, self.submit(edited)),
        ):
            for decide in self.decisions():
                self.refused(NotAllowed, decide, update, by)
        self.assertEqual((update.author, update.last_editor), (self.staff, self.staff))
        self.approve(update, self.other_manager)

    def test_only_what_is_submitted_is_decided_and_once(self):
        decided = self.make_approved(self.recommendation)
        for update, words in (
            (self.draft(), "draft"),
            (self.give_back(self.another()), "returned by Manager"),
            (decided, "approved by Manager"),
            (decided, f"{decided.decided_at:%H:%M:%S}"),
            (self.withdraw(self.another()), "withdrawn since"),
        ):
            for decide in self.decisions():
                conflict = self.refused(
                    TransitionConflict, decide, update, self.other_manager, words=words
                )
                self.assertEqual(conflict.update, update)
        self.assertEqual(fresh(decided).decided_by, self.manager)

    def test_a_window_that_shows_an_earlier_version_decides_nothing(self):
        seen = shown_update(self.update, None, [])
        self.give_back(self.update)
        again = self.submit(self.update, values={"remaining": "More"})
        for decide in self.decisions():
            refusal = self.refused(NotAsSeen, decide, self.update, self.other_manager, seen=seen)
            self.assertIn("More", [change.after for change in refusal.changes])
        self.approve(again, self.other_manager, seen=shown_update(again, None, []))


class BasisTests(DecisionTestCase):
    """Nothing is approved over something that its author did not know."""

    def test_what_came_into_force_since_is_shown_as_far_as_it_differs(self):
        first = self.approve(self.update)
        waiting = self.another()
        self.assertEqual(waiting.based_on, first)
        red = {"confidence": "red", "asked_for": "A decision.", "as_of": first.as_of}
        newer = self.make_approved(self.recommendation, **red)
        error = self.refused(BasisChanged, self.approve, waiting)
        self.assertEqual((error.update, error.in_force), (waiting, newer))
        self.assertEqual(
            self.shown(error.differences),
            {"confidence": ("On track", "Off track"), "asked_for": ("", "A decision.")},
        )
        self.give_back(waiting)
        again = self.submit(waiting, basis=newer.pk)
        self.assertEqual(again.based_on, newer)
        self.assertEqual(self.approve(again).state, UpdateState.APPROVED)

    def test_what_was_the_first_and_what_was_retracted_since_is_shown(self):
        newer = self.approve(self.another(what_happened="A treaty."))
        error = self.refused(BasisChanged, self.approve, self.update)
        self.assertEqual(self.shown(error.differences)["what_happened"], ("", "A treaty."))
        waiting = self.another()
        self.approve(self.retract(newer))
        error = self.refused(BasisChanged, self.approve, waiting)
        self.assertIsNone(error.in_force)
        shown = self.shown(error.differences)["implementation_status"]
        self.assertEqual(shown, ("In progress", ""))

    def test_history_that_came_in_late_and_addressees_do_not_stand_in_the_way(self):
        self.make_approved(self.recommendation, addressee=self.address())
        first = self.approve(self.update)
        waiting = self.another()
        self.make_approved(self.recommendation, as_of=FEBRUARY)
        self.assertEqual(waiting.based_on, first)
        self.assertEqual(self.approve(waiting).state, UpdateState.APPROVED)
