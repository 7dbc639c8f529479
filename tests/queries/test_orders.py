"""Every order of the list of recommendations is that of an index: nothing sorts all rows.

The first one, by what needs attention, is true on each day, brought up to date or not.
"""

from datetime import timedelta
from typing import Any

from django.db import connection
from django.test import RequestFactory
from django.utils import timezone

from recommendations import state
from recommendations.choices import Confidence
from recommendations.filters.recommendations import RecommendationFilter
from recommendations.models import RecommendationState, known_flags
from recommendations.permissions import Person
from recommendations.queries.recommendations.rows import rows_for
from recommendations.state.urgency import READERS
from recommendations.views import lists
from tests import factories
from tests.base import TrackerTestCase
from tests.histories.history import clock_at

SORTS = (
    *("", "source", "number", "title", "date", "reported", "assurance", "contradicted"),
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
        for name, sort in (("state_by_urgency", ""), ("state_in_order", "source")):
            for archived in ("", "with"):
                with self.subTest(name, archived=archived):
                    plan = self.plan(archived=archived, sort=sort)
                    self.assert_in_order(plan)
                    self.assertRegex(plan, f"(?i)(covering index|index only scan using) {name}")

    def ids(self, person: Person) -> list[int]:
        """The whole list as it is shown to one reader."""
        request = RequestFactory().get("/recommendations/")
        request.user = person  # type: ignore[assignment]
        listed = lists.recommendations(person, timezone.localdate())
        return list(lists.ids_of(listed.filters(request).qs))

    def assert_worst_first(self) -> None:
        today = timezone.localdate()
        for person in READERS.values():
            rows = rows_for(person, self.ids(person), today)
            ranks = [
                min([known_flags(person).index(flag) for flag in row.flags], default=99)
                if row.confidence != Confidence.RED
                else -1
                for row in rows
            ]
            with self.subTest(person, day=today):
                self.assertEqual(ranks, sorted(ranks))
                seen = RecommendationState.objects.status_visible_to(person)
                self.assertEqual(len(ranks), seen.count())

    def test_the_worst_comes_first_on_each_day(self):
        first, *_others = RecommendationState.objects.values_list("pk", flat=True)
        kept = RecommendationState.objects.filter(urgency_until__gte=timezone.localdate())
        self.assertEqual(kept.count(), RecommendationState.objects.count())
        marks = {n for row in kept.values_list("update_due_on", "urgency_until") for n in row if n}
        # The kept state is that of today and of days to come, not of those that are past.
        days = sorted(day for day in marks if timezone.localdate() <= day and day.year < 9999)
        ahead = [day + timedelta(move) for day in days[:: len(days) // 3 + 1] for move in (0, 1)]
        for day in (timezone.localdate(), *ahead):
            moment = timezone.now() + (day - timezone.localdate())
            with clock_at(moment):
                self.assert_worst_first()
                state.refresh([first])
                turned = RecommendationState.objects.filter(urgency_until__lt=day)
                self.assertFalse(turned.exists())
                self.assert_worst_first()
