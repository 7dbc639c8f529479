"""The table of moves is whole, and asks of nobody what cannot be answered."""

from __future__ import annotations

from dataclasses import fields

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
from recommendations.transitions import CONDITIONS, MOVES, Claim, applying_to_status, unmet

BLANK = Claim("", "", "", "", "", "", "", "", "", "", "", "", None, False, False, 0, 0)


class MoveTests(SimpleTestCase):
    def test_from_where_to_where(self):
        table = {
            "save": ({"draft", "returned"}, None),
            "hand_over": ({"draft", "returned"}, None),
            "submit": ({"draft", "returned"}, "submitted"),
            "withdraw": ({"draft", "returned", "submitted"}, "withdrawn"),
            "approve": ({"submitted"}, "approved"),
            "return": ({"submitted"}, "returned"),
        }
        found = {verb: (set(move.sources), move.target) for verb, move in MOVES.items()}
        self.assertEqual(found, table)

    def test_nothing_leaves_approved_or_withdrawn(self):
        for move in MOVES.values():
            self.assertFalse({UpdateState.APPROVED, UpdateState.WITHDRAWN} & move.sources)

    def test_every_state_but_the_first_is_reached(self):
        reached = {move.target for move in MOVES.values()} - {None}
        self.assertEqual(reached, set(UpdateState) - {UpdateState.DRAFT})

    def test_each_permission_exists(self):
        for verb, move in MOVES.items():
            self.assertEqual(move.verb, verb)
            self.assertTrue(callable(getattr(permissions, move.permission)), verb)

    def test_only_returning_asks_for_a_note(self):
        asking = [verb for verb, move in MOVES.items() if move.is_note_required]
        self.assertEqual(asking, ["return"])


class ConditionTests(SimpleTestCase):
    def claim(self, **values: object) -> Claim:
        start = {field.name: getattr(BLANK, field.name) for field in fields(Claim)}
        return Claim(**{**start, **values})

    def codes(self, **values: object) -> list[str]:
        return [condition.code for condition in unmet(self.claim(**values))]

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
                self.assertEqual([each.code for each in applying_to_status(status)], codes)

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
