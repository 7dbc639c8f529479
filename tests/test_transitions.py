"""The table of transitions is whole, and asks of nobody what cannot be answered."""

from datetime import date
from itertools import product
from typing import Any

from django.test import SimpleTestCase
from django.utils import timezone

from recommendations import permissions
from recommendations.choices import (
    CLAIMS_OF_EFFECT,
    CLOSED_STATUSES,
    FINISHED_STATUSES,
    Confidence,
    ImplementationStatus,
)
from recommendations.models import Recommendation, StatusUpdate
from recommendations.transitions import CONDITIONS, TRANSITIONS, ApprovalCase, applying_to, unmet


class TransitionTests(SimpleTestCase):
    def test_from_which_states(self):
        """Nothing leaves approved or withdrawn."""
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
        for transition in TRANSITIONS:
            self.assertTrue(callable(getattr(permissions, transition.permission)))


NEEDED = {
    # What a status or a confidence needs where nothing is said.
    "not_started": [],
    "in_progress": ["what_happened"],
    "partly_implemented": ["supporting", "remaining"],
    "implemented": ["supporting", "checked", "completed_on"],
    "not_implemented": ["closing_reason"],
    "no_longer_applicable": ["closing_reason"],
    "superseded": ["successor"],
}
NEEDED_FOR_RATING = {
    "green": [],
    "amber": ["issue", "response_action", "response_owner"],
    "red": ["red"],
    "not_rated": [],
}
MET: dict[str, Any] = {
    # What meets a condition that asks for words.
    **dict.fromkeys(("what_happened", "remaining", "closing_reason"), "Words."),
    **dict.fromkeys(("issue", "response_action", "response_owner"), "Words."),
    "completed_on": date(2024, 5, 1),
    "successor": Recommendation(pk=1),
    "asked_for": "A decision.",
}
OF_EVIDENCE = {"supporting", "checked", "parts_supported", "parts_complete"}
"""Tried with rows, in tests/actions."""


class ConditionTests(SimpleTestCase):
    def codes(
        self, status: str, *, nature: str = "", previous_status: str = "", **values: Any
    ) -> list[str]:
        recommendation = Recommendation(nature=nature)
        update = StatusUpdate(recommendation=recommendation, implementation_status=status, **values)
        return [condition.code for condition in unmet(ApprovalCase(update, previous_status))]

    def test_a_public_reason_is_owed_where_readers_outside_see_a_rating_that_needs_one(self):
        """Not by what was taken over, nor by what repeats an update that was approved."""
        published = Recommendation(published_at=timezone.now())

        def owes(about: Recommendation, **values: Any) -> bool:
            update = StatusUpdate(recommendation=about, **values)
            return "public_reason" in {each.code for each in unmet(ApprovalCase(update))}

        for confidence in Confidence.values:
            owed = confidence in ("amber", "red")
            self.assertEqual(owes(published, confidence=confidence), owed, confidence)
            helped = [each.code for each in applying_to("confidence", confidence)]
            self.assertEqual("public_reason" in helped, owed, confidence)
            self.assertFalse(owes(published, confidence=confidence, public_reason="Late."))
            self.assertFalse(owes(Recommendation(), confidence=confidence))
            self.assertFalse(owes(published, confidence=confidence, addressee_id=1))
            for kind in ("opening", "no_change", "correction"):
                self.assertFalse(owes(published, confidence=confidence, kind=kind), kind)

    def test_each_has_a_code_of_its_own_and_advice(self):
        codes = [condition.code for condition in CONDITIONS]
        self.assertEqual(len(codes), len(set(codes)))
        self.assertTrue(all(str(condition.advice) for condition in CONDITIONS))
        needed = {
            code
            for table in (NEEDED, NEEDED_FOR_RATING)
            for each in table.values()
            for code in each
        }
        others = {"not_rated", "review_on", "reopening_reason", "public_reason"}
        self.assertEqual(set(codes), needed | others | OF_EVIDENCE)

    def test_what_each_status_and_each_confidence_needs_when_nothing_is_said(self):
        self.assertEqual(set(NEEDED), set(ImplementationStatus.values))
        self.assertEqual(set(NEEDED_FOR_RATING), set(Confidence.values))
        for status, codes in NEEDED.items():
            with self.subTest(status):
                self.assertEqual(self.codes(status, confidence="not_rated"), codes)
                left = self.codes(status, confidence="not_rated", **MET)
                self.assertLessEqual(set(left), OF_EVIDENCE)
                applying = [each.code for each in applying_to("implementation_status", status)]
                # A recommendation without parts misses none.
                self.assertEqual([code for code in applying if code != "parts_complete"], codes)
                self.assertIs("parts_complete" in applying, status == "implemented")
        for confidence, codes in NEEDED_FOR_RATING.items():
            with self.subTest(confidence):
                self.assertEqual(self.codes("not_started", confidence=confidence), codes)
                self.assertEqual(self.codes("not_started", confidence=confidence, **MET), [])
                for name in set(codes) & MET.keys():
                    some = {**MET, name: ""}
                    self.assertEqual(
                        self.codes("not_started", confidence=confidence, **some), [name]
                    )
            for status in CLOSED_STATUSES:
                with self.subTest(status, confidence=confidence):
                    found = self.codes(status, confidence=confidence)
                    self.assertIs("not_rated" in found, confidence != "not_rated")

    def test_only_a_continuous_recommendation_in_effect_names_a_review(self):
        for nature, status, is_needed in (
            ("continuous", "implemented", True),
            ("time_bound", "implemented", False),
            ("continuous", "in_progress", False),
        ):
            with self.subTest(nature, status=status):
                self.assertIs("review_on" in self.codes(status, nature=nature), is_needed)

    def test_a_finished_status_is_left_with_a_reason_alone(self):
        for before, after in product(ImplementationStatus.values, repeat=2):
            with self.subTest(before=before, after=after):
                leaves = before in FINISHED_STATUSES and before != after
                found = self.codes(after, previous_status=before)
                self.assertEqual("reopening_reason" in found, leaves)
                found = self.codes(after, previous_status=before, reopening_reason="x")
                self.assertNotIn("reopening_reason", found)

    def test_the_sets_of_statuses_fit_together(self):
        self.assertLess(CLOSED_STATUSES, FINISHED_STATUSES)
        self.assertFalse(CLAIMS_OF_EFFECT & CLOSED_STATUSES)
