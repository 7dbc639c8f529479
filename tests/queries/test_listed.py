"""Rows of long lists, read by the ids that a narrow query found."""

from collections.abc import Iterable, Iterator
from unittest import skipUnless

from django.core.exceptions import FieldError
from django.db import connection

from recommendations.models import Evidence
from recommendations.queries.listed import ids_of, named_only, read_rows, rows_in_order
from tests.base import TrackerTestCase


class ListedTests(TrackerTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        for title in "CAEBD":
            cls.make_evidence(title)

    def test_rows_are_in_the_order_of_their_ids_without_those_that_are_gone(self) -> None:
        ids = list(ids_of(Evidence.objects.order_by("-title")))
        found = rows_in_order([max(ids) + 1_000, *ids], Evidence.objects.in_bulk)
        self.assertEqual(titles(found), "EDCBA")
        with self.assertNumQueries(0):
            self.assertEqual(rows_in_order([], Evidence.objects.in_bulk), [])

    def test_no_row_is_read_before_it_is_asked_for(self) -> None:
        with self.assertNumQueries(1):
            rows = self.read(2)
        with self.assertNumQueries(2):
            next(rows)
            next(rows)

    def test_what_the_list_does_not_find_any_more_is_left_out(self) -> None:
        rows = self.read(2)
        Evidence.objects.filter(title__in="AD").update(publisher="Withdrawn")
        self.assertEqual(titles(rows), "BCE")

    def test_a_column_that_is_not_named_raises_instead_of_being_read(self) -> None:
        rows = Evidence.objects.select_related("recorded_by").order_by("title")
        named = named_only(rows, "title", "recorded_by__is_demonstration")
        ids = list(ids_of(rows))
        for found in (named[0], named.filter(pk=ids[0]).get(), named.in_bulk(ids)[ids[0]]):
            with self.assertNumQueries(0):
                self.assertEqual(found.title, "A")
                self.assertFalse(found.recorded_by.is_demonstration)
                with self.assertRaisesMessage(FieldError, "Evidence.citation is not for this"):
                    _read = found.citation
                with self.assertRaisesMessage(FieldError, "User.email is not for this reader"):
                    _read = found.recorded_by.email

    @skipUnless(connection.vendor == "postgresql", "SQLite has no cursors on a server")
    def test_a_reader_who_goes_away_leaves_no_cursor_open(self) -> None:
        next(self.read(2))
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_cursors WHERE name LIKE '\\_django%'")
            self.assertEqual(cursor.fetchone(), (0,))

    def read(self, batch: int) -> Iterator[Evidence]:
        found = Evidence.objects.filter(publisher="").order_by("title")
        return read_rows(found, Evidence.objects.in_bulk, batch)


def titles(rows: Iterable[Evidence]) -> str:
    return "".join(item.title for item in rows)
