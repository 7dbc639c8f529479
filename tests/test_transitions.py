"""The table of transitions is whole, and asks of nobody what cannot be answered."""

from typing import Any

from django.test import SimpleTestCase

from recommendations import permissions
from recommendations.choices import (
    CLAIMS_OF_EFFECT,
    CLOSED_STATUSES,
    FINISHED_STATUSES,
    Confidence,
    ImplementationStatus,
    UpdateState,
)
from recommendations.models import Recommendation, StatusUpdate
from recommendations.transitions import CONDITIONS, TRANSITIONS, ApprovalCase, applying_to, unmet


class TransitionTests(SimpleTestCase):
    def test_from_which_states(self):
        table = {
            "save": {"draft", "returned"},
            "hand_over": {"draft", "returned"},
            "submit": {"draft", "returned"},
            "withdraw": {"draft", "returned", "submitted"},
            "approve": {"submitted"},
            "return": {"submitted"},
        }
        found = {transition.verb: set(transition.sources) for transition in TRANSITIONS}
        self.assertEqual(found, table)

    def test_nothing_leaves_approved_or_withdrawn(self):
        for transition in TRANSITIONS:
            self.assertFalse({UpdateState.APPROVED, UpdateState.WITHDRAWN} & transition.sources)

    def test_each_permission_exists(self):
        for transition in TRANSITIONS:
            self.assertTrue(callable(getattr(permissions, transition.permission)))


class ConditionTests(SimpleTestCase):
    def codes(self, *, nature: str = "", previous_status: str = "", **values: Any) -> list[str]:
        values["implementation_status"] = values.pop("status", "")
        update = StatusUpdate(recommendation=Recommendation(nature=nature), **values)
        return [condition.code for condition in unmet(ApprovalCase(update, previous_status))]

    def test_each_has_a_code_of_its_own_and_advice(self):
        codes = [condition.code for condition in CONDITIONS]
        self.assertEqual(len(codes), len(set(codes)))
        self.assertTrue(all(str(condition.advice) for condition in CONDITIONS))

    def test_what_each_status_needs_when_nothing_is_said(self):
        table = {
            "not_started": [],
            "in_progress": ["what_happened"],
            "partly_implemented": ["supporting", "remaining"],
            "implemented": ["supporting", "checked", "completed_on"],
            "not_implemented": ["closing_reason"],
            "no_longer_applicable": ["closing_reason"],
            "superseded": ["successor"],
        }
        self.assertEqual(set(table), set(ImplementationStatus.values))
        for status, codes in table.items():
            with self.subTest(status):
                self.assertEqual(self.codes(status=status, confidence="not_rated"), codes)
                applying = [each.code for each in applying_to("implementation_status", status)]
                # A recommendation without parts misses none.
                self.assertEqual([code for code in applying if code != "parts_complete"], codes)
                self.assertIs("parts_complete" in applying, status == "implemented")

    def test_what_each_confidence_needs_when_nothing_is_said(self):
        table = {"green": [], "amber": ["amber"], "red": ["red"], "not_rated": []}
        self.assertEqual(set(table), set(Confidence.values))
        for confidence, codes in table.items():
            with self.subTest(confidence):
                self.assertEqual(self.codes(status="not_started", confidence=confidence), codes)

    def test_a_closed_status_is_not_rated(self):
        for status in CLOSED_STATUSES:
            for confidence in ("green", "amber", "red"):
                with self.subTest(status, confidence=confidence):
                    self.assertIn("not_rated", self.codes(status=status, confidence=confidence))

    def test_only_a_continuous_recommendation_in_effect_names_a_review(self):
        for nature, status, is_needed in (
            ("continuous", "implemented", True),
            ("time_bound", "implemented", False),
            ("continuous", "in_progress", False),
        ):
            with self.subTest(nature, status=status):
                found = self.codes(nature=nature, status=status)
                self.assertEqual("review_on" in found, is_needed)

    def test_a_finished_status_is_left_with_a_reason_alone(self):
        for before in ImplementationStatus.values:
            for after in ImplementationStatus.values:
                with self.subTest(before=before, after=after):
                    leaves = before in FINISHED_STATUSES and before != after
                    found = self.codes(previous_status=before, status=after)
                    self.assertEqual("reopening_reason" in found, leaves)
                    found = self.codes(previous_status=before, status=after, reopening_reason="x")
                    self.assertNotIn("reopening_reason", found)

    def test_the_sets_of_statuses_fit_together(self):
        self.assertLess(CLOSED_STATUSES, FINISHED_STATUSES)
        self.assertFalse(CLAIMS_OF_EFFECT & CLOSED_STATUSES)
