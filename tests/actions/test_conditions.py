"""What approval needs: each condition unmet, met, and told in words. The table is the rule."""

from datetime import timedelta
from functools import partial
from itertools import product
from typing import Any

from django.utils import timezone

from recommendations.actions.errors import ConditionsNotMet
from recommendations.actions.evidence import items
from recommendations.choices import ImplementationStatus, UpdateState
from recommendations.models import EvidenceLink, Recommendation, StatusUpdate
from recommendations.queries.updates.conditions import unmet_conditions
from recommendations.transitions import CONDITIONS
from tests.actions.acts import ActTestCase, fresh
from tests.base import days_ago
from tests.depth import times
from tests.views.deciding import undone

IMPLEMENTED: dict[str, Any] = {
    "implementation_status": "implemented",
    "confidence": "not_rated",
    "completed_on": days_ago(10),
}
PARTLY: dict[str, Any] = {
    "implementation_status": "partly_implemented",
    "remaining": "The second part.",
}
AMBER: dict[str, Any] = {
    "confidence": "amber",
    "issue": "No money.",
    "response_action": "Ask for more.",
    "response_owner": "The office",
}
CLOSED: dict[str, Any] = {
    "implementation_status": "not_implemented",
    "confidence": "not_rated",
    "closing_reason": "No money.",
}
NO_REASON = {**CLOSED, "what_happened": "", "closing_reason": ""}

WORDS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("what_happened", {"what_happened": ""}, {"what_happened": "We met on 2 May."}),
    ("closing_reason", NO_REASON, {"closing_reason": "No money."}),
    (
        "closing_reason",
        {**NO_REASON, "implementation_status": "no_longer_applicable"},
        {"closing_reason": "The body was dissolved."},
    ),
    ("successor", {**NO_REASON, "implementation_status": "superseded"}, {"successor": None}),
    ("not_rated", {**CLOSED, "confidence": "green"}, {"confidence": "not_rated"}),
    ("red", {"confidence": "red"}, {"asked_for": "A decision."}),
    *(("amber", {**AMBER, missing: ""}, {missing: "x"}) for missing in list(AMBER)[1:]),
]
"""A condition, an update to which it alone is wanting, and what meets it."""


class ConditionTestCase(ActTestCase):
    def claim(self, about: Recommendation | None = None, **values: Any) -> StatusUpdate:
        return self.make_submitted(about or self.recommendation, **values)

    def support(
        self, update: StatusUpdate, is_checked: bool = False, **values: Any
    ) -> EvidenceLink:
        item = self.make_evidence(**values)
        if is_checked:
            self.check(item, self.other_manager)
        return self.attach(update, item, by=update.author)

    def assert_unmet(self, update: StatusUpdate, *codes: str) -> None:
        """These conditions stand in the way, and approval is refused with their advice."""
        refusal = self.refused(ConditionsNotMet, self.approve, update)
        self.assertEqual([condition.code for condition in refusal.conditions], list(codes))
        now = {"today": timezone.localdate(), "known": timezone.now()}
        found = unmet_conditions(fresh(update), **now)
        self.assertEqual([condition.code for condition in found], list(codes))
        for condition in refusal.conditions:
            self.assertIn(str(condition.advice), str(refusal))
        self.assertEqual(fresh(update).state, UpdateState.SUBMITTED)

    def assert_met(self, update: StatusUpdate) -> None:
        self.assertEqual(self.approve(update).state, UpdateState.APPROVED)


class WordConditionTests(ConditionTestCase):
    def test_not_started_needs_nothing(self):
        self.assert_met(self.claim(implementation_status="not_started", what_happened=""))

    def test_each_status_and_confidence_needs_its_words(self):
        successor = self.make_recommendation("Its successor")
        for code, values, remedy in WORDS:
            remedy = {"successor": successor} if code == "successor" else remedy
            with self.subTest(code, **values), undone():
                self.assert_unmet(self.claim(**values), code)
                self.assert_met(self.claim(**{**values, **remedy}))

    def test_all_that_is_missing_is_told_at_once(self):
        update = self.claim(implementation_status="implemented", confidence="red")
        self.assert_unmet(update, "supporting", "checked", "completed_on", "red")

    def test_a_continuous_recommendation_in_effect_names_its_next_review(self):
        about = self.make_recommendation("Keep doing it", nature="continuous")
        without = self.claim(about, **IMPLEMENTED)
        link = self.support(without, is_checked=True)
        self.assert_unmet(without, "review_on")
        named = self.claim(
            about, **IMPLEMENTED, review_on=timezone.localdate() + timedelta(days=90)
        )
        self.attach(named, link.evidence)
        self.assert_met(named)


class EvidenceConditionTests(ConditionTestCase):
    def test_partly_implemented_needs_support_and_the_rest_in_words(self):
        self.assert_unmet(self.claim(**{**PARTLY, "remaining": ""}), "supporting", "remaining")
        update = self.claim(**PARTLY)
        self.attach(update, "Undermines", "undermines")
        self.attach(update, "Background", "background")
        self.attach(self.recommendation, "Need", "need")
        self.support(self.claim(), title="Under another update")
        self.assert_unmet(update, "supporting")
        link = self.support(update)
        self.detach(link)
        self.assert_unmet(update, "supporting")
        self.attach(update, link.evidence)
        self.approve(update, confirm_contradictions=True)

    def test_implemented_needs_support_that_a_person_checked_who_did_not_write_it(self):
        update = self.claim(by=self.other_manager, **IMPLEMENTED)
        self.assert_unmet(update, "supporting", "checked")
        item = self.support(update, by=self.staff).evidence
        self.assert_unmet(update, "checked")
        self.check(item, self.other_manager)
        self.assert_unmet(update, "checked")
        made = self.check(item)
        items.withdraw_check(check=made, by=self.manager)
        self.assert_unmet(update, "checked")
        self.check(item)
        self.assert_met(update)

    def test_evidence_supports_until_the_day_on_which_it_expires(self):
        for days, is_met in ((1, False), (0, True), (-1, True)):
            with self.subTest(days=days), undone():
                update = self.claim(**IMPLEMENTED)
                self.support(update, is_checked=True, expires_on=days_ago(days))
                self.assert_met(update) if is_met else self.assert_unmet(update, "checked")


class ReopeningTests(ConditionTestCase):
    def test_leaving_a_finished_status_says_why(self):
        update = self.claim(**IMPLEMENTED)
        self.support(update, is_checked=True)
        for finish in (
            lambda: self.make_approved(self.recommendation, **CLOSED),
            lambda: self.assert_met(update),
        ):
            with undone():
                finish()
                self.assert_unmet(self.claim(), "reopening_reason")
                self.assert_met(self.claim(reopening_reason="There is money again."))

    def test_what_leaves_nothing_says_nothing(self):
        closed = self.make_approved(self.recommendation, **CLOSED)
        for another in (
            partial(self.claim, **CLOSED),
            self.confirm,
            partial(self.claim, as_of=days_ago(30)),
        ):
            with undone():
                self.assert_met(another())
        self.approve(self.retract(closed))
        self.assert_met(self.claim())


class TableTests(ConditionTestCase):
    def test_every_condition_is_tried_above(self):
        tried = {code for code, _values, _remedy in WORDS} | {
            *("supporting", "remaining", "checked", "completed_on", "review_on"),
            "reopening_reason",
        }
        in_test_parts = {"parts_supported", "parts_complete"}
        self.assertEqual({condition.code for condition in CONDITIONS}, tried | in_test_parts)

    def test_whatever_meets_the_table_meets_the_constraints_of_the_database(self):
        """Approval either tells what is missing or succeeds: the database never has to refuse."""
        words = {"remaining": "x", "closing_reason": "x", "asked_for": "x", "reopening_reason": "x"}
        full = {**words, **AMBER, "completed_on": days_ago(1)}
        confidences = ("green", "amber", "red", "not_rated")
        statuses = [status for status in ImplementationStatus.values if status]
        self.assertEqual(len(statuses), 7)
        approved = 0
        cases = [*product(({}, words, full), confidences, statuses)]
        for given, confidence, status in cases[:: times(3, 1)]:
            values = {**given, "implementation_status": status, "confidence": confidence}
            with self.subTest(status, confidence=confidence, given=len(given)), undone():
                try:
                    self.approve(self.claim(**values))
                    approved += 1
                except ConditionsNotMet as refusal:
                    self.assertTrue(refusal.conditions)
        self.assertGreater(approved, times(3, 9))
