"""Updates about updates: corrections, retractions, and that nothing changed."""

from datetime import UTC, date, datetime
from functools import partial
from typing import Any
from uuid import uuid4

from django.utils import timezone

from recommendations import periods
from recommendations.actions.errors import (
    ActionRefused,
    AlreadyBegun,
    BasisChanged,
    NotAllowed,
    TransitionConflict,
)
from recommendations.actions.evidence import items
from recommendations.choices import UpdateKind, UpdateState
from recommendations.models import Recommendation, StatusUpdate
from tests.actions.acts import ActTestCase, fresh

MARCH = datetime(2024, 3, 1, 9, 0, tzinfo=UTC)
JUNE = datetime(2024, 6, 1, 9, 0, tzinfo=UTC)
JULY = datetime(2024, 7, 1, 9, 0, tzinfo=UTC)
FEBRUARY = date(2024, 2, 1)
IMPLEMENTED: dict[str, Any] = {
    "implementation_status": "implemented",
    "confidence": "not_rated",
    "completed_on": MARCH.date(),
}


class ReplacementTestCase(ActTestCase):
    """An update that was approved in March."""

    approved: StatusUpdate

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.approved = cls.report(what_happened="A meeting took place.", public_text="We met.")

    @classmethod
    def report(cls, at: datetime = MARCH, **values: Any) -> StatusUpdate:
        return cls.make_approved(cls.recommendation, at=at, **values)

    def current(self) -> StatusUpdate | None:
        return fresh(self.recommendation).current_update

    def again(self, update: StatusUpdate | None = None, **values: Any) -> StatusUpdate:
        """A correction."""
        return self.correct(update or self.approved, **values)

    def corrected(self, update: StatusUpdate | None = None, **values: Any) -> StatusUpdate:
        return self.approve(self.submit(self.again(update, **values)))

    def assert_fixed(self, update: StatusUpdate, **values: Any) -> None:
        """The author may not make the update say any of this."""
        for name, value in values.items():
            self.refused(name, partial(self.save, update, values={name: value}))


class CorrectionTests(ReplacementTestCase):
    def test_it_begins_with_the_words_of_the_update_and_says_nothing_else_of_the_day(self):
        correction = self.again(implementation_status="implemented", issue="None.")
        kept = (correction.kind, correction.state, correction.corrects, correction.issue)
        self.assertEqual(kept, (UpdateKind.CORRECTION, UpdateState.DRAFT, self.approved, "None."))
        same = ("as_of", "implementation_status", "confidence", "rated_on")
        for name in (*same, "what_happened", "public_text"):
            self.assertEqual(getattr(correction, name), getattr(self.approved, name), name)
        self.assert_fixed(
            correction,
            as_of=FEBRUARY,
            implementation_status="implemented",
            confidence="not_rated",
            completed_on=FEBRUARY,
            review_on=FEBRUARY,
            successor=self.make_recommendation("Do another thing"),
        )

    def test_once_approved_it_is_in_force_and_the_corrected_update_stays_as_it_was(self):
        correction = self.corrected(what_happened="One met.")
        self.assertEqual(self.current(), correction)
        self.assertEqual(correction.rated_on, self.approved.rated_on)
        stored = self.held(self.approved, "what_happened", "version")
        self.assertEqual(stored, ("A meeting took place.", self.approved.version))
        second = self.corrected(correction, what_happened="Two met.")
        self.assertEqual(self.current(), second)

    def test_of_an_older_update_it_touches_nothing_in_force_whatever_status_came_later(self):
        """It leaves no status, so nobody asks it why the matter was reopened."""
        closed = {"implementation_status": "not_implemented", "closing_reason": "No money."}
        newer = self.report(JUNE, confidence="not_rated", **closed)
        self.assertEqual(self.corrected().state, UpdateState.APPROVED)
        self.assertEqual(self.current(), newer)

    def test_of_two_corrections_the_second_is_told_of_the_first(self):
        first = self.submit(self.again(what_happened="One met."))
        second = self.submit(self.again(by=self.manager))
        self.approve(first)
        error = self.refused(BasisChanged, self.approve, second, self.other_manager)
        shown = {"what_happened": ("A meeting took place.", "One met.")}
        self.assertEqual(self.shown(error.differences), shown)
        newer = self.report(JUNE)
        older = [self.submit(self.again(first, by=by)) for by in (self.staff, self.manager)]
        self.approve(older[0])
        words = "already replaced by the correction approved by Manager"
        self.refused(ActionRefused, self.approve, older[1], self.other_manager, words=words)
        self.assertEqual(self.current(), newer)

    def test_only_an_approved_update_is_corrected_that_nothing_replaced(self):
        replaced = self.approved
        self.corrected()
        retraction = self.approve(self.retract(self.report(JUNE)))
        for update in (replaced, retraction, self.make_submitted(self.recommendation)):
            self.refused(ActionRefused, self.again, update)

    def test_a_form_that_is_sent_twice_begins_one(self):
        first = partial(self.again, key=uuid4())
        begun = first()
        self.refused(TransitionConflict, first)
        self.assertEqual(self.refused(AlreadyBegun, self.again).update, begun)
        self.assertNotEqual(self.again(by=self.manager), begun)


class RetractionTests(ReplacementTestCase):
    def test_it_is_submitted_at_once_with_its_reason_and_changes_nothing_till_approved(self):
        retraction = self.retract(self.approved)
        self.assertEqual(retraction.state, UpdateState.SUBMITTED)
        said = (retraction.what_happened, retraction.public_text, retraction.as_of)
        self.assertEqual(said, ("It was another meeting.", "", self.approved.as_of))
        self.assertEqual(self.current(), self.approved)
        conflict = self.refused(TransitionConflict, self.retract, self.approved, self.manager)
        self.assertEqual(conflict.update, retraction)
        self.approve(retraction)
        self.assertIsNone(self.current(), "there is no report")
        self.assertIsNone(self.held(self.recommendation, "rating_valid_until"))
        for update in (self.approved, retraction):
            self.refused(ActionRefused, self.retract, update)

    def test_the_update_before_is_in_force_again_but_not_what_a_correction_replaced(self):
        correction = self.corrected()
        newer = self.report(JUNE)
        for retracted, left in ((newer, correction), (correction, None)):
            self.approve(self.retract(retracted))
            self.assertEqual(self.current(), left)

    def test_it_asks_no_condition_of_what_it_takes_back(self):
        update = self.make_submitted(self.recommendation, **IMPLEMENTED)
        made = self.check(self.attach(update).evidence)
        self.approve(update)
        items.withdraw_check(check=made, by=self.manager)
        retraction = self.approve(self.retract(update))
        self.assertEqual(retraction.state, UpdateState.APPROVED)

    def test_it_says_why(self):
        for reason in ("", "  ", "a\x00b"):
            self.refused("reason", self.retract, self.approved, reason=reason)

    def test_returned_it_may_change_its_reason_and_nothing_that_it_takes_back(self):
        retraction = self.give_back(self.retract(self.approved))
        fixed = {"implementation_status": "implemented", "as_of": FEBRUARY, "remaining": "Much"}
        self.assert_fixed(retraction, **fixed, what_happened=" ")
        better = self.submit(retraction, values={"what_happened": "It was in Lima."})
        self.assertEqual(self.approve(better).state, UpdateState.APPROVED)

    def test_another_decides(self):
        retraction = self.retract(self.approved, self.manager)
        self.refused(NotAllowed, self.approve, retraction)
        self.approve(retraction, self.other_manager)

    def test_neither_it_nor_a_correction_moves_the_day_of_the_next_review(self):
        Recommendation.objects.update(nature="continuous")
        first = self.report(JUNE, review_on=date(2025, 1, 1))
        self.report(JULY, review_on=date(2026, 1, 1))
        corrected = self.corrected(first)
        self.assertEqual(self.held(self.recommendation, "review_on"), date(2026, 1, 1))
        self.approve(self.retract(corrected))
        self.assertEqual(self.held(self.recommendation, "review_on"), date(2026, 1, 1))


class NoChangeTests(ReplacementTestCase):
    """Confirming that nothing changed, from one press of a button."""

    def same(self, by: Any = None, **given: Any) -> StatusUpdate:
        return self.confirm(by, **{"at": JUNE, **given})

    def test_it_says_of_today_what_the_update_in_force_says_and_is_submitted(self):
        update = self.same()
        said = (update.kind, update.state, update.as_of, update.based_on, update.rated_on)
        expected = (UpdateKind.NO_CHANGE, UpdateState.SUBMITTED, JUNE.date(), self.approved)
        self.assertEqual(said, (*expected, MARCH.date()))
        for name in ("implementation_status", "confidence", "what_happened", "public_text"):
            self.assertEqual(getattr(update, name), getattr(self.approved, name), name)
        self.withdraw(update)
        self.refused("sentence", self.same, sentence="x" * 200_000)
        again = self.same(sentence="Quiet.", is_rated_again=True)
        self.assertEqual((again.what_happened, again.rated_on), ("Quiet.", again.as_of))

    def test_the_rating_grows_old_although_the_report_is_fresh(self):
        self.approve(self.same(), at=JUNE)
        days = self.held(self.recommendation, "next_due_on", "rating_valid_until")
        self.assertEqual(days, (date(2024, 12, 1), date(2024, 10, 1)))
        self.report(confidence="not_rated", at=JULY)
        again = self.same(is_rated_again=True, at=JULY)
        self.assertIsNone(again.rated_on, "what was not rated is not rated again")

    def test_without_a_report_there_is_nothing_to_confirm(self):
        about = self.make_recommendation("Do another thing")
        self.refused(ActionRefused, self.same, about=about, words="no approved update")

    def test_returned_it_still_says_that_nothing_changed(self):
        update = self.give_back(self.same())
        self.assert_fixed(update, implementation_status="implemented", confidence="red")
        values = {"what_happened": "Quiet.", "as_of": date(2024, 5, 31)}
        newer = self.report(JUNE, confidence="not_rated")
        self.refused("confidence", self.save, update, basis=newer.pk)
        self.approve(self.retract(newer))
        self.assertEqual(self.approve(self.submit(update, values=values)).state, "approved")

    def test_it_rests_on_something(self):
        update = self.give_back(self.same())
        self.approve(self.retract(self.approved))
        self.refused(ActionRefused, self.save, update, basis=0)

    def test_it_confirms_only_what_the_person_was_shown_and_still_is_in_force(self):
        update = self.same()
        newer = self.report(JULY, what_happened="A treaty.")
        self.assertEqual(self.refused(BasisChanged, self.approve, update).in_force, newer)
        self.withdraw(update)
        words = "Another update was approved after you opened this page"
        late = partial(self.same, at=JULY, basis=self.approved.pk)
        self.refused(ActionRefused, late, words=words)
        self.assertEqual(self.same(basis=newer.pk, at=JULY).based_on, newer)

    def test_it_is_refused_beside_any_update_that_awaits_review(self):
        other = self.give_back(self.same())
        for begin in (
            lambda: self.make_submitted(self.recommendation),
            lambda: self.same(self.manager),
            lambda: self.submit(self.again(what_happened="It took place on Monday.")),
            lambda: self.retract(self.approved),
        ):
            update = begin()
            words = f"by {update.author} as of"
            self.refused(ActionRefused, self.same, self.other_manager, words=words)
            self.refused(ActionRefused, self.submit, other, words=words)
            self.withdraw(update)
        first = self.submit(other)
        self.assertEqual(self.refused(TransitionConflict, self.same).update, first)

    def test_a_draft_an_own_state_and_another_recommendation_are_no_obstacle(self):
        self.draft(self.manager)
        self.make_submitted(self.recommendation, addressee=self.address())
        self.make_submitted(self.make_recommendation("Another"))
        self.assertEqual(self.same().state, UpdateState.SUBMITTED)

    def test_what_is_in_effect_for_good_is_looked_at_again_after_the_interval(self):
        """The review day that this update answers is over; it must not stay due for ever."""
        about = self.make_recommendation("Keep doing it", nature="continuous", at=MARCH)
        review = {**IMPLEMENTED, "review_on": date(2024, 5, 1)}
        update = self.make_submitted(about, at=MARCH, **review)
        self.check(self.attach(update).evidence)
        self.approve(update)
        self.assertEqual(self.held(about, "next_due_on"), date(2024, 5, 1))
        self.approve(self.confirm(about=about))
        due = periods.add_months(timezone.localdate(), 6)
        self.assertEqual(self.held(about, "next_due_on"), due)
