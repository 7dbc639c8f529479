"""The statement that works out kept states, where PostgreSQL is wrong about the sizes of tables."""

from unittest import skipUnless

from django.db import connection, transaction

from recommendations.models import EvidenceLink
from recommendations.state.refresh import MANY, seem_empty
from tests import factories
from tests.base import TrackerTestCase


class RolledBack(Exception):
    """What was made is not to stay."""


@skipUnless(connection.vendor == "postgresql", "SQLite keeps no sizes of tables")
class SizesTests(TrackerTestCase):
    def rows_thought_of(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT reltuples FROM pg_class WHERE relname = %s", [EvidenceLink._meta.db_table]
            )
            return int(cursor.fetchone()[0])

    def test_after_many_rows_were_rolled_back_tables_are_counted_again(self) -> None:
        with self.assertRaises(RolledBack), transaction.atomic():
            factories.fill(type(self), 4 * MANY)
            raise RolledBack
        with connection.cursor() as cursor:
            # As PostgreSQL does by itself now and then. The table has pages, and nothing in them.
            cursor.execute("ANALYZE")
            # Without a look it goes through all links for each check of each link, for minutes.
            cursor.execute("SET LOCAL statement_timeout = '60s'")
        self.assertEqual(self.rows_thought_of(), 0)
        factories.fill(type(self), MANY)
        self.assertGreaterEqual(self.rows_thought_of(), MANY)

    def test_a_small_table_that_is_known_to_be_small_is_not_counted_again(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE few (words text)")
            cursor.execute("INSERT INTO few SELECT repeat('x', 1500) FROM generate_series(1, 20)")
            for n_kept, found in ((20, []), (2, ["few"])):
                cursor.execute(
                    "DELETE FROM few WHERE ctid NOT IN (SELECT ctid FROM few LIMIT %s)", [n_kept]
                )
                cursor.execute("ANALYZE few")
                with self.subTest(rows=n_kept):
                    self.assertEqual(seem_empty(cursor, ["few"], MANY), found)
