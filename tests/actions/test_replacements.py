"""Updates about updates: corrections and retractions."""

from datetime import date
from uuid import uuid4

from django.core.exceptions import ValidationError

from recommendations.actions.errors import (
    ActionRefused,
    AlreadyBegun,
    BasisChanged,
    NotAllowed,
    TransitionConflict,
)
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.updates import replacements
from recommendations.choices import UpdateKind, UpdateState
from recommendations.models import (
    Recommendation,
    StatusUpdate,
)
from tests.actions.replacements import JULY, JUNE, ReplacementTestCase
from tests.base import link_evidence


class CorrectionTests(ReplacementTestCase):
    def test_it_begins_with_the_words_of_the_update_and_the_new_ones(self):
        correction = self.correct()
        self.assertEqual(correction.kind, UpdateKind.CORRECTION)
        self.assertEqual(correction.state, UpdateState.DRAFT)
        self.assertEqual(correction.corrects, self.approved)
        self.assertEqual(correction.what_happened, "A meeting took place.")
        self.assertEqual(correction.public_text, "We met.")

    def test_once_approved_it_is_in_force_with_the_same_day_status_and_rating(self):
        correction = self.approve(self.submit(self.correct()))
        for name in ("as_of", "implementation_status", "confidence", "rated_on"):
            self.assertEqual(getattr(correction, name), getattr(self.approved, name), name)
        self.assertEqual(self.current(), correction)

    def test_the_corrected_update_stays_as_it_was(self):
        self.approve(self.submit(self.correct()))
        stored = StatusUpdate.objects.get(pk=self.approved.pk)
        self.assertEqual(stored.what_happened, "A meetting took place.")
        self.assertEqual(stored.version, self.approved.version)

    def test_it_keeps_the_day_and_what_was_stated(self):
        correction = self.correct()
        other = self.make_recommendation("Do another thing")
        self.assert_refused(correction, "as_of", date(2024, 2, 1))
        self.assert_refused(correction, "implementation_status", "implemented")
        self.assert_refused(correction, "confidence", "not_rated")
        self.assert_refused(correction, "completed_on", date(2024, 2, 1))
        self.assert_refused(correction, "review_on", date(2024, 2, 1))
        self.assert_refused(correction, "successor", other)

    def test_other_statuses_cannot_be_slipped_in_at_the_start(self):
        correction = self.correct(
            implementation_status="implemented", what_happened="A meeting took place."
        )
        self.assertEqual(correction.implementation_status, "in_progress")

    def test_a_correction_is_corrected_in_turn(self):
        first = self.approve(self.submit(self.correct()))
        second = self.approve(self.submit(self.correct(first, what_happened="Two met.")))
        self.assertEqual(self.current(), second)
        with self.assertRaises(ActionRefused):
            self.correct(self.approved)

    def test_an_older_update_is_corrected_without_touching_what_is_in_force(self):
        newer = self.make_approved(self.recommendation, at=JUNE)
        self.approve(self.submit(self.correct()))
        self.assertEqual(self.current(), newer)

    def test_an_older_update_is_corrected_whatever_status_came_later(self):
        """It leaves no status, so nobody asks it why the matter was reopened."""
        self.make_approved(
            self.recommendation,
            at=JUNE,
            implementation_status="not_implemented",
            confidence="not_rated",
            closing_reason="No money.",
        )
        correction = self.approve(self.submit(self.correct()))
        self.assertEqual(correction.state, UpdateState.APPROVED)

    def test_of_two_corrections_of_one_update_the_second_is_told_of_the_first(self):
        first, second = self.submit(self.correct()), self.submit(self.correct())
        self.approve(first)
        with self.assertRaises(BasisChanged) as refusal:
            self.approve(second)
        shown = {each.field: (each.before, each.after) for each in refusal.exception.differences}
        self.assertEqual(
            shown, {"what_happened": ("A meetting took place.", "A meeting took place.")}
        )

    def test_of_two_corrections_of_an_older_update_the_second_is_told_who_was_first(self):
        self.make_approved(self.recommendation, at=JUNE)
        first, second = self.submit(self.correct()), self.submit(self.correct())
        self.approve(first)
        with self.assertRaises(ActionRefused) as refusal:
            self.approve(second)
        self.assertIn(
            "already replaced by the correction approved by Manager", str(refusal.exception)
        )

    def test_only_an_approved_update_is_corrected(self):
        submitted = self.make_submitted(self.recommendation)
        for update in (submitted, self.approve(self.retract())):
            with self.subTest(update.kind), self.assertRaises(ActionRefused):
                self.correct(update)

    def test_only_who_may_log_there_corrects(self):
        for person in (self.other_staff, self.viewer, self.auditor, self.administrator):
            with self.subTest(person.username), self.assertRaises(NotAllowed):
                self.correct(by=person)

    def test_a_form_that_is_sent_twice_begins_one(self):
        key = uuid4()
        first = replacements.correct(update=self.approved, by=self.staff, key=key)
        with self.assertRaises(TransitionConflict):
            replacements.correct(update=self.approved, by=self.staff, key=key)
        with self.assertRaises(AlreadyBegun) as begun:
            self.correct()
        self.assertEqual(begun.exception.update, first)
        self.assertNotEqual(self.correct(by=self.manager), first)

    def test_it_does_not_move_the_day_of_the_next_review(self):
        Recommendation.objects.filter(pk=self.recommendation.pk).update(nature="continuous")
        first = self.make_approved(self.recommendation, at=JUNE, review_on=date(2025, 1, 1))
        self.make_approved(self.recommendation, at=JULY, review_on=date(2026, 1, 1))
        self.approve(self.submit(self.correct(first)))
        self.recommendation.refresh_from_db()
        self.assertEqual(self.recommendation.review_on, date(2026, 1, 1))


class RetractionTests(ReplacementTestCase):
    def test_it_is_handed_in_at_once_with_its_reason(self):
        retraction = self.retract()
        self.assertEqual(retraction.state, UpdateState.SUBMITTED)
        self.assertEqual(retraction.what_happened, "It was another meeting.")
        self.assertEqual(retraction.public_text, "")
        self.assertEqual(retraction.as_of, self.approved.as_of)

    def test_until_it_is_approved_the_update_stays_in_force(self):
        self.retract()
        self.assertEqual(self.current(), self.approved)

    def test_once_approved_the_update_before_is_in_force_again(self):
        newer = self.make_approved(self.recommendation, at=JUNE)
        self.assertEqual(self.current(), newer)
        self.approve(self.retract(newer))
        self.assertEqual(self.current(), self.approved)

    def test_when_the_only_update_is_retracted_there_is_no_report(self):
        self.approve(self.retract())
        self.assertIsNone(self.current())
        self.recommendation.refresh_from_db()
        self.assertIsNone(self.recommendation.rating_valid_until)

    def test_a_retracted_correction_does_not_bring_back_what_it_corrected(self):
        correction = self.approve(self.submit(self.correct()))
        self.approve(self.retract(correction))
        self.assertIsNone(self.current())

    def test_it_asks_no_condition_of_what_it_takes_back(self):
        item = self.make_evidence()
        update = self.make_submitted(
            self.recommendation,
            implementation_status="implemented",
            confidence="not_rated",
            completed_on=date(2024, 5, 1),
        )
        link_evidence(to=update, by=self.staff, stance="supports", evidence=item)
        check = evidence_items.check_evidence(evidence=item, by=self.manager)
        update = self.approve(update)
        evidence_items.withdraw_check(check=check, by=self.manager)
        retraction = self.approve(self.retract(update))
        self.assertEqual(retraction.state, UpdateState.APPROVED)

    def test_it_says_why(self):
        for reason in ("", "  "):
            with self.subTest(reason), self.assertRaises(ValidationError) as refusal:
                self.retract(reason=reason)
            self.assertEqual(list(refusal.exception.message_dict), ["reason"])
        with self.assertRaises(ValidationError) as refusal:
            self.retract(reason="a\x00b")
        self.assertEqual(list(refusal.exception.message_dict), ["reason"])

    def test_returned_it_may_change_its_reason_and_nothing_that_it_takes_back(self):
        retraction = self.returned(self.retract())
        self.assert_refused(retraction, "implementation_status", "implemented")
        self.assert_refused(retraction, "as_of", date(2024, 2, 1))
        self.assert_refused(retraction, "remaining", "Much")
        self.assert_refused(retraction, "what_happened", " ")
        better = self.submit(
            retraction, values={"what_happened": "It was another meeting, in Lima."}
        )
        self.assertEqual(self.approve(better).state, UpdateState.APPROVED)

    def test_what_is_not_in_force_any_more_is_not_retracted_again(self):
        first = self.retract()
        with self.assertRaises(TransitionConflict) as conflict:
            self.retract(by=self.manager)
        self.assertEqual(conflict.exception.update, first)
        self.approve(first)
        with self.assertRaises(ActionRefused):
            self.retract()

    def test_a_retraction_is_not_retracted(self):
        retraction = self.approve(self.retract())
        with self.assertRaises(ActionRefused):
            self.retract(retraction)

    def test_only_who_may_log_there_asks_for_it_and_another_decides(self):
        for person in (self.other_staff, self.viewer, self.administrator):
            with self.subTest(person.username), self.assertRaises(NotAllowed):
                self.retract(by=person)
        retraction = self.retract(by=self.manager)
        with self.assertRaises(NotAllowed):
            self.approve(retraction, by=self.manager)
        self.approve(retraction, by=self.other_manager)

    def test_it_does_not_bring_back_the_day_of_review_of_what_it_takes_back(self):
        Recommendation.objects.filter(pk=self.recommendation.pk).update(nature="continuous")
        first = self.make_approved(self.recommendation, at=JUNE, review_on=date(2025, 1, 1))
        self.make_approved(self.recommendation, at=JULY, review_on=date(2026, 1, 1))
        self.approve(self.retract(first))
        self.recommendation.refresh_from_db()
        self.assertEqual(self.recommendation.review_on, date(2026, 1, 1))
