"""Relations: who may add one, that none leads in a circle, and what follows from others."""

from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from recommendations.actions import recommendations, relations
from recommendations.actions.errors import ActionRefused, NotAllowed
from recommendations.models import (
    AuditEvent,
    Recommendation,
    RecommendationRelation,
    User,
)
from tests.base import RaceTestCase, TrackerTestCase, World
from tests.depth import times
from tests.threads import at_once, failures


def depend(here: Recommendation, other: Recommendation, by: User, **values: Any) -> Any:
    given = {"recommendation": here, "other": other, "kind": "depends_on", **values}
    return relations.add_relation(by=by, values=given)


class RelationTests(TrackerTestCase):
    others: list[Recommendation]

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.others = [cls.make_recommendation(f"Number {n}") for n in range(3)]

    def depend(self, here: int, other: int, **values: Any) -> RecommendationRelation:
        by = values.pop("by", self.manager)
        relation: RecommendationRelation = depend(
            self.others[here], self.others[other], by, **values
        )
        return relation

    def test_managers_and_administrators_may_and_nobody_else(self) -> None:
        relation = self.depend(0, 1)
        self.depend(1, 2, by=self.administrator)
        for person in (self.staff, self.viewer, self.auditor, self.stranger):
            with self.subTest(person=person):
                with self.assertRaises(NotAllowed):
                    self.depend(0, 2, by=person)
                with self.assertRaises(NotAllowed):
                    relations.remove_relation(relation=relation, by=person)
        told = AuditEvent.objects.filter(object_type="recommendations.recommendationrelation")
        self.assertEqual(set(told.values_list("verb", flat=True)), {"relate"})

    def test_a_circle_of_any_length_is_refused(self) -> None:
        with self.assertRaises(ValidationError):
            self.depend(0, 0)
        self.depend(0, 1)
        with self.assertRaises(ValidationError):
            self.depend(1, 0)
        self.depend(1, 2)
        with self.assertRaises(ValidationError) as refusal:
            self.depend(2, 0)
        self.assertIn("already depends on", str(refusal.exception))

    def test_what_was_removed_makes_no_circle(self) -> None:
        relation = self.depend(0, 1)
        relations.remove_relation(relation=relation, by=self.manager)
        self.depend(1, 0)

    def test_related_is_stored_once_whichever_end_it_is_said_of(self) -> None:
        self.depend(2, 1, kind="related")
        row = RecommendationRelation.objects.get()
        self.assertLess(row.recommendation_id, row.other_id)
        for ends in ((1, 2), (2, 1)):
            with self.subTest(ends), self.assertRaises(ValidationError):
                self.depend(*ends, kind="related")

    def test_what_is_archived_gets_no_relation(self) -> None:
        recommendations.archive(recommendation=self.others[1], by=self.manager, reason="duplicate")
        for ends in ((0, 1), (1, 0)):
            with self.subTest(ends), self.assertRaises(ActionRefused):
                self.depend(*ends)


NODES = 5
EDGES = st.lists(
    st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1)), min_size=1, max_size=12
)


class CircleProperty(World, HypothesisTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.make_world()

    @settings(max_examples=times(8, 100), deadline=None)
    @given(EDGES)
    def test_an_edge_is_refused_just_where_it_closes_a_circle(self, edges: Any) -> None:
        nodes = [self.make_recommendation(f"Number {n}") for n in range(NODES)]
        reach = {n: {n} for n in range(NODES)}
        there = set()
        for here, other in edges:
            closes = here in reach[other]
            if (here, other) in there:
                continue
            try:
                depend(nodes[here], nodes[other], self.manager)
            except ValidationError:
                self.assertTrue(closes, (here, other))
                continue
            self.assertFalse(closes, (here, other))
            there.add((here, other))
            for found in reach.values():
                if here in found:
                    found |= reach[other]


class RaceTests(RaceTestCase):
    def test_of_dependencies_that_together_make_a_circle_one_is_refused(self) -> None:
        count = 8 if connection.vendor == "postgresql" else 4
        nodes = [self.make_recommendation(f"Number {n}") for n in range(count)]
        edges = [
            partial(depend, nodes[n], nodes[(n + 1) % count], self.manager) for n in range(count)
        ]
        refused = failures(at_once(edges))
        self.assertEqual([type(each) for each in refused], [ValidationError])
        self.assertEqual(RecommendationRelation.objects.count(), count - 1)
