"""What approval needs: each condition unmet, met, and told in words. The table is the rule."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from recommendations.actions.errors import ConditionsNotMet
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.updates import decisions, replacements
from recommendations.choices import UpdateState
from recommendations.models import EvidenceLink, Recommendation, StatusUpdate
from recommendations.queries.updates.conditions import unmet_conditions
from recommendations.transitions import CONDITIONS
from tests.base import TrackerTestCase, days_ago, link_evidence

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


class ConditionTestCase(TrackerTestCase):
    def claim(self, **values: Any) -> StatusUpdate:
        return self.make_submitted(
            values.pop("recommendation", self.recommendation), by=values.pop("by", None), **values
        )

    def support(
        self, update: StatusUpdate, is_checked: bool = False, **values: Any
    ) -> EvidenceLink:
        item = self.make_evidence(**values)
        if is_checked:
            evidence_items.check_evidence(evidence=item, by=self.other_manager)
        return link_evidence(to=update, by=update.author, stance="supports", evidence=item)

    def codes(self, update: StatusUpdate) -> list[str]:
        found = unmet_conditions(update, today=timezone.localdate(), known=timezone.now())
        return [condition.code for condition in found]

    def assert_unmet(self, update: StatusUpdate, *codes: str) -> None:
        """These conditions stand in the way, and approval is refused with their advice."""
        self.assertEqual(self.codes(update), list(codes))
        with self.assertRaises(ConditionsNotMet) as refusal:
            decisions.approve_update(update=update, by=self.manager)
        told = [condition.code for condition in refusal.exception.conditions]
        self.assertEqual(told, list(codes))
        for condition in refusal.exception.conditions:
            self.assertIn(str(condition.advice), str(refusal.exception))
        self.assertEqual(StatusUpdate.objects.get(pk=update.pk).state, UpdateState.SUBMITTED)

    def assert_met(self, update: StatusUpdate) -> None:
        self.assertEqual(self.codes(update), [])
        approved = decisions.approve_update(update=update, by=self.manager)
        self.assertEqual(approved.state, UpdateState.APPROVED)


class WordConditionTests(ConditionTestCase):
    def test_not_started_needs_nothing(self):
        self.assert_met(self.claim(implementation_status="not_started", what_happened=""))

    def test_each_status_and_confidence_needs_its_words(self):
        successor = self.make_recommendation("Its successor")
        closed = {"confidence": "not_rated", "what_happened": ""}
        table: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
            ("what_happened", {"what_happened": ""}, {"what_happened": "We met on 2 May."}),
            (
                "closing_reason",
                {**closed, "implementation_status": "not_implemented"},
                {"closing_reason": "No money."},
            ),
            (
                "closing_reason",
                {**closed, "implementation_status": "no_longer_applicable"},
                {"closing_reason": "The body was dissolved."},
            ),
            (
                "successor",
                {**closed, "implementation_status": "superseded"},
                {"successor": successor},
            ),
            (
                "not_rated",
                {
                    "implementation_status": "not_implemented",
                    "closing_reason": "No money.",
                    "confidence": "green",
                },
                {"confidence": "not_rated"},
            ),
            ("red", {"confidence": "red"}, {"asked_for": "A decision."}),
            *(("amber", {**AMBER, missing: ""}, {missing: "x"}) for missing in list(AMBER)[1:]),
        ]
        for number, (code, values, remedy) in enumerate(table):
            recommendation = self.make_recommendation(f"Thing {number}")
            with self.subTest(code, **values):
                self.assert_unmet(self.claim(recommendation=recommendation, **values), code)
                self.assert_met(self.claim(recommendation=recommendation, **{**values, **remedy}))

    def test_all_that_is_missing_is_told_at_once(self):
        self.assert_unmet(
            self.claim(implementation_status="implemented", confidence="red"),
            "supporting",
            "checked",
            "completed_on",
            "red",
        )

    def test_a_continuous_recommendation_in_effect_names_its_next_review(self):
        recommendation = self.make_recommendation("Keep doing it", nature="continuous")
        without = self.claim(recommendation=recommendation, **IMPLEMENTED)
        self.support(without, is_checked=True)
        self.assert_unmet(without, "review_on")
        named = self.claim(
            recommendation=recommendation,
            **IMPLEMENTED,
            review_on=timezone.localdate() + timedelta(days=90),
        )
        self.support(named, is_checked=True, title="Another paper")
        self.assert_met(named)


class EvidenceConditionTests(ConditionTestCase):
    def test_partly_implemented_needs_support_and_the_rest_in_words(self):
        self.assert_unmet(self.claim(**{**PARTLY, "remaining": ""}), "supporting", "remaining")
        update = self.claim(**PARTLY)
        self.assert_unmet(update, "supporting")
        self.support(update)
        self.assert_met(update)

    def test_only_support_is_support(self):
        update = self.claim(**PARTLY)
        for stance in ("undermines", "background"):
            link_evidence(
                to=update, by=self.staff, stance=stance, evidence=self.make_evidence(stance)
            )
        link_evidence(
            to=self.recommendation,
            by=self.staff,
            stance="need",
            evidence=self.make_evidence("need"),
        )
        other = self.claim()
        self.support(other, title="Under another update")
        self.assert_unmet(update, "supporting")

    def test_support_that_was_taken_away_is_none(self):
        update = self.claim(**PARTLY)
        evidence_items.detach(link=self.support(update), by=self.staff)
        self.assert_unmet(update, "supporting")

    def test_implemented_needs_support_that_somebody_checked(self):
        update = self.claim(**IMPLEMENTED)
        self.assert_unmet(update, "supporting", "checked")
        link = self.support(update)
        self.assert_unmet(update, "checked")
        evidence_items.check_evidence(evidence=link.evidence, by=self.manager)
        self.assert_met(update)

    def test_a_check_that_was_taken_back_is_none(self):
        update = self.claim(**IMPLEMENTED)
        link = self.support(update)
        made = evidence_items.check_evidence(evidence=link.evidence, by=self.manager)
        evidence_items.withdraw_check(check=made, by=self.manager)
        self.assert_unmet(update, "checked")

    def test_a_check_by_the_author_of_the_update_is_none(self):
        update = self.claim(by=self.other_manager, **IMPLEMENTED)
        link = self.support(update, by=self.staff)
        evidence_items.check_evidence(evidence=link.evidence, by=self.other_manager)
        self.assert_unmet(update, "checked")
        evidence_items.check_evidence(evidence=link.evidence, by=self.manager)
        self.assert_met(update)

    def test_evidence_that_expired_holds_nothing_up_on_its_last_day_it_does(self):
        for days, is_met in ((1, False), (0, True), (-1, True)):
            update = self.claim(
                recommendation=self.make_recommendation(f"Thing {days}"), **IMPLEMENTED
            )
            self.support(update, is_checked=True, title=f"Paper {days}", expires_on=days_ago(days))
            with self.subTest(days=days):
                if is_met:
                    self.assert_met(update)
                else:
                    self.assert_unmet(update, "checked")


class ReopeningTests(ConditionTestCase):
    CLOSED: dict[str, Any] = {
        "implementation_status": "not_implemented",
        "confidence": "not_rated",
        "closing_reason": "No money.",
    }

    def test_leaving_a_finished_status_says_why(self):
        self.make_approved(self.recommendation, **self.CLOSED)
        self.assert_unmet(self.claim(), "reopening_reason")
        self.assert_met(self.claim(reopening_reason="There is money again."))

    def test_leaving_implemented_says_why(self):
        update = self.claim(**IMPLEMENTED)
        self.support(update, is_checked=True)
        self.assert_met(update)
        self.assert_unmet(self.claim(), "reopening_reason")

    def test_saying_the_same_again_leaves_nothing(self):
        self.make_approved(self.recommendation, **self.CLOSED)
        self.assert_met(self.claim(**self.CLOSED))
        confirmed = replacements.no_change(recommendation=self.recommendation, by=self.staff)
        self.assert_met(confirmed)

    def test_an_older_day_that_comes_in_late_leaves_nothing(self):
        self.make_approved(self.recommendation, **self.CLOSED)
        self.assert_met(self.claim(as_of=days_ago(30)))

    def test_what_was_closed_by_a_retracted_update_is_not_left(self):
        closed = self.make_approved(self.recommendation, **self.CLOSED)
        wrong = replacements.retract(update=closed, by=self.staff, reason="Another one.")
        decisions.approve_update(update=wrong, by=self.manager)
        self.assert_met(self.claim())


class TableTests(ConditionTestCase):
    def test_every_condition_is_tried_above(self):
        tried = {
            "what_happened", "supporting", "remaining", "checked", "completed_on", "review_on",
            "closing_reason", "successor", "not_rated", "amber", "red", "reopening_reason",
        }  # fmt: skip
        in_test_parts = {"parts_supported", "parts_complete"}
        self.assertEqual({condition.code for condition in CONDITIONS}, tried | in_test_parts)

    def test_whatever_meets_the_table_meets_the_constraints_of_the_database(self):
        """Approval either tells what is missing or succeeds: the database never has to refuse."""
        statuses = ["not_started", "in_progress", "partly_implemented", "implemented"]
        statuses += ["not_implemented", "no_longer_applicable", "superseded"]
        words = {"remaining": "x", "closing_reason": "x", "asked_for": "x", "reopening_reason": "x"}
        full = {**words, **AMBER, "completed_on": days_ago(1)}
        for status in statuses:
            for confidence in ("green", "amber", "red", "not_rated"):
                for given in ({}, words, full):
                    values = {**given, "implementation_status": status, "confidence": confidence}
                    update = self.claim(**values)
                    update_in_force = Recommendation.objects.get(
                        pk=self.recommendation.pk
                    ).current_update
                    with self.subTest(status, confidence=confidence, given=len(given)):
                        self.assertEqual(update.based_on, update_in_force)
                        try:
                            decisions.approve_update(update=update, by=self.manager)
                        except ConditionsNotMet as refusal:
                            self.assertTrue(refusal.conditions)
