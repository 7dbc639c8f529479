"""Confirming that nothing changed, from one press of a button."""

from datetime import date

from django.core.exceptions import ValidationError
from django.utils import timezone

from recommendations import periods
from recommendations.actions.errors import (
    ActionRefused,
    BasisChanged,
    TransitionConflict,
)
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.updates import drafts, replacements
from recommendations.choices import UpdateKind, UpdateState
from recommendations.models import Addressee, StatusUpdate
from tests.actions.replacements import JULY, JUNE, MARCH, ReplacementTestCase
from tests.base import link_evidence
from tests.updates import begin_draft, save_draft


class NoChangeTests(ReplacementTestCase):
    def confirm(self, **values) -> StatusUpdate:
        return replacements.no_change(
            **{"recommendation": self.recommendation, "by": self.staff, "at": JUNE, **values}
        )

    def withdraw(self, update: StatusUpdate) -> None:
        drafts.withdraw_update(update=update, by=update.author, expected_version=update.version)

    def test_it_says_of_today_what_the_update_in_force_says_and_is_handed_in(self):
        update = self.confirm()
        self.assertEqual(update.kind, UpdateKind.NO_CHANGE)
        self.assertEqual(update.state, UpdateState.SUBMITTED)
        self.assertEqual(update.as_of, JUNE.date())
        self.assertEqual(update.based_on, self.approved)
        for name in ("implementation_status", "confidence", "what_happened", "public_text"):
            self.assertEqual(getattr(update, name), getattr(self.approved, name), name)

    def test_it_may_say_one_sentence_of_its_own(self):
        self.assertEqual(self.confirm(sentence="Quiet.").what_happened, "Quiet.")
        with self.assertRaises(ValidationError) as refusal:
            self.confirm(sentence="x" * 200_000)
        self.assertEqual(list(refusal.exception.message_dict), ["sentence"])

    def test_the_rating_keeps_its_day_unless_it_is_given_again(self):
        first = self.confirm()
        self.assertEqual(first.rated_on, MARCH.date())
        self.withdraw(first)
        again = self.confirm(is_rated_again=True)
        self.assertEqual(again.rated_on, again.as_of)

    def test_the_rating_grows_old_although_the_report_is_fresh(self):
        self.approve(self.confirm(), at=JUNE)
        self.recommendation.refresh_from_db()
        self.assertEqual(self.recommendation.next_due_on, date(2024, 12, 1))
        self.assertEqual(self.recommendation.rating_valid_until, date(2024, 10, 1))

    def test_what_was_not_rated_is_not_rated_again(self):
        self.make_approved(self.recommendation, at=MARCH, confidence="not_rated")
        self.assertIsNone(self.confirm(is_rated_again=True).rated_on)

    def test_without_a_report_there_is_nothing_to_confirm(self):
        fresh = self.make_recommendation("Do another thing")
        with self.assertRaises(ActionRefused) as refusal:
            self.confirm(recommendation=fresh)
        self.assertIn("no approved update", str(refusal.exception))

    def test_returned_it_still_says_that_nothing_changed(self):
        update = self.returned(self.confirm())
        self.assert_refused(update, "implementation_status", "implemented")
        self.assert_refused(update, "confidence", "red")
        amended = self.submit(
            update, values={"what_happened": "Quiet.", "as_of": date(2024, 5, 31)}
        )
        self.assertEqual(self.approve(amended).state, UpdateState.APPROVED)

    def test_it_cannot_come_to_rest_on_an_update_that_says_something_else(self):
        update = self.returned(self.confirm())
        newer = self.make_approved(self.recommendation, at=JUNE, confidence="not_rated")
        with self.assertRaises(ValidationError) as refusal:
            save_draft(
                update=update,
                by=self.staff,
                expected_version=update.version,
                values={},
                basis=newer.pk,
            )
        self.assertEqual(list(refusal.exception.message_dict), ["confidence"])

    def test_it_cannot_come_to_rest_on_nothing(self):
        update = self.returned(self.confirm())
        self.approve(self.retract())
        with self.assertRaises(ActionRefused):
            save_draft(
                update=update, by=self.staff, expected_version=update.version, values={}, basis=0
            )

    def test_what_came_into_force_meanwhile_is_shown_before_it_is_approved(self):
        update = self.confirm()
        newer = self.make_approved(self.recommendation, at=JULY, what_happened="A treaty.")
        with self.assertRaises(BasisChanged) as refusal:
            self.approve(update)
        self.assertEqual(refusal.exception.in_force, newer)

    def test_a_second_confirmation_by_one_person_is_refused_while_the_first_awaits_review(self):
        first = self.confirm()
        with self.assertRaises(TransitionConflict) as conflict:
            self.confirm()
        self.assertEqual(conflict.exception.update, first)
        self.assertEqual(StatusUpdate.objects.filter(kind="no_change").count(), 1)
        self.withdraw(first)
        self.confirm()
        self.assertEqual(StatusUpdate.objects.filter(kind="no_change").count(), 2)

    def test_it_is_refused_beside_any_update_that_awaits_review(self):
        waiting = (
            lambda: self.make_submitted(self.recommendation),
            lambda: self.confirm(by=self.manager),
            lambda: self.submit(self.correct(what_happened="It took place on Monday.")),
            self.retract,
        )
        for begin in waiting:
            update = begin()
            before = StatusUpdate.objects.count()
            with self.subTest(update.kind):
                with self.assertRaisesMessage(ActionRefused, f"by {update.author} as of"):
                    self.confirm()
                self.assertEqual(StatusUpdate.objects.count(), before)
            self.withdraw(update)
        self.assertEqual(self.confirm().state, UpdateState.SUBMITTED)

    def test_a_returned_one_is_not_submitted_again_beside_an_update_that_awaits_review(self):
        update = self.returned(self.confirm())
        waiting = self.make_submitted(self.recommendation, by=self.manager)
        with self.assertRaisesMessage(ActionRefused, "by Manager as of"):
            self.submit(update)
        self.withdraw(waiting)
        self.assertEqual(self.submit(update).state, UpdateState.SUBMITTED)

    def test_a_draft_an_own_state_and_another_recommendation_are_no_obstacle(self):
        addressee = Addressee.objects.create(
            recommendation=self.recommendation, organisation=self.agency
        )
        begin_draft(recommendation=self.recommendation, by=self.manager)
        self.make_submitted(self.recommendation, addressee=addressee)
        self.make_submitted(self.make_recommendation("Another"))
        self.confirm()

    def test_it_confirms_only_the_update_that_the_person_was_shown(self):
        newer = self.make_approved(self.recommendation, at=JUNE, what_happened="A treaty.")
        with self.assertRaisesMessage(
            ActionRefused, "Another update was approved after you opened this page"
        ):
            self.confirm(basis=self.approved.pk, at=JULY)
        self.assertEqual(self.confirm(basis=newer.pk, at=JULY).based_on, newer)

    def test_what_is_in_effect_for_good_is_looked_at_again_after_the_interval(self):
        """The review day that this update answers is over; it must not stay due for ever."""
        recommendation = self.make_recommendation("Keep doing it", nature="continuous", at=MARCH)
        update = self.make_submitted(
            recommendation,
            at=MARCH,
            implementation_status="implemented",
            confidence="not_rated",
            completed_on=MARCH.date(),
            review_on=date(2024, 5, 1),
        )
        item = self.make_evidence()
        link_evidence(to=update, by=self.staff, stance="supports", evidence=item)
        evidence_items.check_evidence(evidence=item, by=self.manager)
        self.approve(update)
        recommendation.refresh_from_db()
        self.assertEqual(recommendation.next_due_on, date(2024, 5, 1))
        self.approve(self.confirm(recommendation=recommendation, at=None))
        recommendation.refresh_from_db()
        today = timezone.localdate()
        self.assertEqual(recommendation.next_due_on, periods.add_months(today, 6))
