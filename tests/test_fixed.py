"""Statements that are compiled once, and asked with other values."""

from typing import Any
from unittest import mock

from django.db import connection
from django.db.models import F, Func, IntegerField, QuerySet, TextField

from recommendations.fixed import Among, Given, fixed
from recommendations.models import Recommendation
from tests import factories
from tests.base import TrackerTestCase


@fixed
def _since(is_upwards: bool) -> QuerySet[Any, Any]:
    rows = Recommendation.objects.filter(
        Among("pk"), number__gt=Given("number", IntegerField())
    ).select_related("source")
    return rows.order_by("number" if is_upwards else "-number")


@fixed
def _named(title: str) -> QuerySet[Any, Any]:
    return Recommendation.objects.filter(Among("pk"), title=title)


@fixed
def _nothing() -> QuerySet[Any, Any]:
    return Recommendation.objects.filter(pk__in=[]).values_list("pk")


@fixed
def _with_percent() -> QuerySet[Any, Any]:
    text = Func(F("title"), template="%(expressions)s || ' 5 %%%%s'", output_field=TextField())
    return Recommendation.objects.filter(Among("pk")).annotate(text=text).values_list("text")


class FixedTests(TrackerTestCase):
    def setUp(self) -> None:
        self.rows = factories.recommendations(type(self), 2)
        self.ids = [row.pk for row in self.rows]

    def test_asks_with_the_values_of_each_call(self) -> None:
        early, late = self.rows
        self.assertEqual(_since(True, ids=self.ids, number=0), [early, late])
        self.assertEqual(_since(True, ids=self.ids, number=early.number), [late])
        self.assertEqual(_since(True, ids=[early.pk], number=0), [early])
        self.assertEqual(_since(True, ids=[], number=0), [])
        self.assertEqual(_since(False, ids=self.ids, number=0), [late, early])

    def test_takes_more_ids_than_a_statement_has_parameters(self) -> None:
        many = range(self.ids[0], self.ids[0] + 300_000)
        self.assertEqual(len(_since(True, ids=many, number=0)), 2)

    def test_reads_related_rows_with_one_query(self) -> None:
        with self.assertNumQueries(1):
            rows = _since(True, ids=self.ids, number=0)
            self.assertEqual([row.source for row in rows], [self.source] * 2)

    def test_compiles_each_shape_once(self) -> None:
        _since(True, ids=self.ids, number=0)
        with mock.patch("django.db.models.sql.compiler.SQLCompiler.as_sql") as compiled:
            _since(True, ids=self.ids[:1], number=0)
        compiled.assert_not_called()

    def test_is_planned_once_for_a_connection(self) -> None:
        for _time in range(3):
            self.assertEqual(_named("Planned once", ids=self.ids), [])
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT custom_plans, generic_plans >= 3 FROM pg_prepared_statements "
                    "WHERE statement LIKE '%Planned once%'"
                )
                self.assertEqual(cursor.fetchall(), [(0, True)])

    def test_what_stands_in_it_for_good_may_hold_any_character(self) -> None:
        for text in ("100%", "100%s", "%%s", "it's", "\\", "$1"):
            with self.subTest(text=text):
                Recommendation.objects.filter(pk=self.ids[0]).update(title=text)
                self.assertEqual(_named(text, ids=self.ids), self.rows[:1])

    def test_a_percent_sign_of_its_own_takes_no_value(self) -> None:
        one = self.rows[0]
        self.assertEqual(_with_percent(ids=[one.pk]), [(f"{one.title} 5 %s",)])

    def test_asks_nothing_where_nothing_can_be_found(self) -> None:
        with self.assertNumQueries(0):
            self.assertEqual(_nothing(), [])
            self.assertEqual(_since(True, ids=self.ids, number=10**30), [])
