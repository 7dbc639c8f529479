"""Every order of the list of recommendations is that of an index: nothing sorts all rows."""

from typing import Any

from django.db import connection
from django.test import RequestFactory
from django.utils import timezone

from recommendations.filters.recommendations import RecommendationFilter
from recommendations.views import lists
from tests import factories
from tests.base import TrackerTestCase

SORTS = (
    *("number", "title", "date", "reported", "assurance", "contradicted"),
    *("-number", "-title", "-date", "-reported", "-assurance", "-contradicted"),
)
BY_INDEX_ON_POSTGRESQL = {"-number", "title", "-title"}
"""SQLite prefers to sort these."""


class OrderTests(TrackerTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        factories.fill(cls, 40)

    def setUp(self) -> None:
        if connection.vendor == "postgresql":
            # As with many rows; with few it would sort them.
            with connection.cursor() as cursor:
                for way in ("seqscan", "bitmapscan", "sort"):
                    cursor.execute(f"SET LOCAL enable_{way} = off")

    def plan(self, **asked: str) -> str:
        """What the database does for the ids of a page."""
        request = RequestFactory().get("/recommendations/", asked)
        request.user = self.manager
        listed = lists.recommendations(self.manager, timezone.localdate())
        filters: Any = RecommendationFilter(request.GET, queryset=listed.found, request=request)
        return lists.ids_of(filters.qs)[50:101].explain()

    def assert_in_order(self, plan: str) -> None:
        """Rows that are alike in what was asked for first may be put in order afterwards."""
        sorts = [
            line
            for line in plan.splitlines()
            if ("Sort " in line and "Incremental Sort" not in line and "Sort Key" not in line)
            or "TEMP B-TREE FOR ORDER BY" in line
        ]
        self.assertEqual(sorts, [], plan)

    def test_a_sort(self):
        for sort in SORTS:
            if connection.vendor == "sqlite" and sort in BY_INDEX_ON_POSTGRESQL:
                continue
            with self.subTest(sort):
                self.assert_in_order(self.plan(sort=sort))

    def test_the_order_of_the_list_visits_no_rows_before_those_of_a_late_page(self):
        for archived in ("", "with"):
            with self.subTest(archived):
                plan = self.plan(archived=archived)
                self.assert_in_order(plan)
                self.assertRegex(plan, "(?i)(covering index|index only scan using) state_in_order")
