"""Contradictions of what is retracted, and those that an approval confirms."""

import json
from functools import partial

from django.db import IntegrityError, transaction
from django.utils import timezone

from recommendations.actions.errors import ConditionsNotMet, NotAsSeen
from recommendations.actions.updates import replacements
from recommendations.models import AuditEvent, EvidenceLink, StatusUpdate
from recommendations.queries.evidence.decision import decision_evidence
from recommendations.queries.updates.shown import shown_update
from tests.actions.test_contradictions import MORE, ContradictionTestCase


class RetractedContradictionTests(ContradictionTestCase):
    def newer(self) -> StatusUpdate:
        return self.approve(self.submitted())

    def retracted(self, update: StatusUpdate) -> None:
        self.approve(self.retract(update))

    def test_what_was_carried_still_stands_against_the_earlier_update(self):
        self.retracted(self.newer())
        self.assertEqual(self.current(), self.approved)
        self.assertEqual(self.open_on(self.approved), ["A count"])

    def test_what_was_raised_against_the_retracted_one_alone_stands_against_the_earlier(self):
        newer = self.newer()
        raised = self.contradict(newer, "A survey")
        self.retracted(newer)
        self.assertEqual(self.open_on(self.approved), ["A count", "A survey"])
        self.assertEqual(self.link_on(self.approved, "A survey").added_at, raised.added_at)
        self.assertEqual(self.open_on(newer), ["A count", "A survey"])

    def test_what_was_answered_or_ended_on_either_comes_back_on_neither(self):
        newer = self.newer()
        self.answered(self.contradict(newer, "A survey"))
        self.ended(self.link_on(newer), reason="It is of another bridge.")
        self.retracted(newer)
        self.assertEqual(self.open_on(self.approved), [])

    def test_retracting_the_only_update_and_claiming_the_same_again_does_not_lose_it(self):
        self.retracted(self.approved)
        self.assertIsNone(self.current())
        self.assertEqual(self.open_on(self.draft()), ["A count"])

    def test_what_is_raised_against_a_retracted_one_while_the_next_is_reviewed_is_told(self):
        """Approval takes it over, so the page shows it, and nothing is decided on it unseen."""
        self.retracted(self.approved)
        update = self.submitted()
        today = timezone.localdate()
        evidence = decision_evidence([update], self.manager, today)[update.pk]
        seen = shown_update(update, None, evidence.shown)
        self.contradict(self.approved, "A survey")
        with self.assertRaises(NotAsSeen) as refusal:
            self.approve(update, seen=seen)
        self.assertEqual(
            [change.label for change in refusal.exception.changes], ["Evidence “A survey”"]
        )
        evidence = decision_evidence([update], self.manager, today)[update.pk]
        self.approve(update, seen=shown_update(update, None, evidence.shown))
        self.assertEqual(self.open_on(update), ["A count", "A survey"])

    def test_retracting_an_older_update_brings_nothing_of_its_own_to_the_current_one(self):
        newer = self.newer()
        self.ended(self.link_on(newer), reason="It is of another bridge.")
        # As an earlier version took it, which did not send it to the current one.
        EvidenceLink.objects.create(
            update=self.approved,
            evidence=self.make_evidence("About the old one"),
            stance="undermines",
            added_by=self.other_manager,
            added_at=timezone.now(),
        )
        self.retracted(self.approved)
        self.assertEqual(self.open_on(newer), [])


class ConfirmedApprovalTests(ContradictionTestCase):
    def unconfirmed(self, update: StatusUpdate) -> StatusUpdate:
        return self.approve(update, confirm_contradictions=False)

    def test_approval_with_an_open_contradiction_needs_a_confirmation(self):
        update = self.submitted()
        before = AuditEvent.objects.count()
        call = partial(self.unconfirmed, update)
        self.assertEqual(self.errors_of(call), ["confirm_contradictions"])
        self.assertEqual(AuditEvent.objects.count(), before)
        self.assertEqual(self.approve(update).state, "approved")

    def test_the_confirmed_number_stays_with_the_update_and_in_its_event(self):
        self.contradict(self.approved, "A survey")
        update = self.approve(self.submitted())
        self.assertEqual(update.contradictions_confirmed, 2)
        event = AuditEvent.objects.get(verb="approve", object_id=str(update.pk))
        self.assertEqual(json.loads(event.payload)["changes"]["contradictions_confirmed"], [0, 2])

    def test_one_that_came_after_submission_needs_it_too(self):
        self.ended(self.against, by=self.other_manager)
        update = self.submitted()
        self.contradict(self.approved, "A late count")
        self.assertEqual(
            self.errors_of(partial(self.unconfirmed, update)), ["confirm_contradictions"]
        )
        self.assertEqual(self.approve(update).contradictions_confirmed, 1)

    def test_nothing_is_confirmed_where_nothing_is_open(self):
        self.answered(self.against)
        self.assertEqual(self.approve(self.submitted()).contradictions_confirmed, 0)

    def test_what_else_is_missing_is_told_first(self):
        update = self.submit(self.draft(), values={**MORE, "what_happened": ""})
        with self.assertRaises(ConditionsNotMet):
            self.unconfirmed(update)

    def test_correcting_a_slip_and_no_change_need_it_alike(self):
        confirmation = replacements.no_change(recommendation=self.recommendation, by=self.staff)
        correction = self.submit(self.correct(what_happened="One meeting took place."))
        for update in (confirmation, correction):
            with self.subTest(update.kind):
                call = partial(self.unconfirmed, update)
                self.assertEqual(self.errors_of(call), ["confirm_contradictions"])

    def test_returning_needs_none(self):
        self.assertEqual(self.returned(self.submitted()).contradictions_confirmed, 0)

    def test_no_draft_holds_a_confirmation(self):
        draft = self.draft()
        with self.assertRaises(IntegrityError), transaction.atomic():
            StatusUpdate.objects.filter(pk=draft.pk).update(contradictions_confirmed=1)
