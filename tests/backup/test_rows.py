"""Rows as lines: every table, every kind of column, and back without a difference."""

from io import BytesIO

from django.db import connection, transaction

from recommendations import guards, state
from recommendations.actions.oversight import verification
from recommendations.actions.oversight.backups import LEFT_OUT, replace_rows, write_rows
from recommendations.models import Evidence
from recommendations.models.search import index_name
from tests.audit.filled import write_filled
from tests.backup.base import quiet
from tests.base import GuardedTransactionTestCase

SEQUENCE = "pg_get_serial_sequence('recommendations_evidence', 'id')"


def lines() -> tuple[bytes, int]:
    """All rows as they are now, and how many."""
    written = BytesIO()
    digests = write_rows(written, quiet())
    return written.getvalue(), sum(table["rows"] for table in digests.values())


class EveryKindOfRowTests(GuardedTransactionTestCase):
    def setUp(self) -> None:
        write_filled()

    def test_rows_come_back_as_they_were(self) -> None:
        before, total = lines()
        with transaction.atomic(), guards.lifted(connection, [g.table for g in guards.GUARDS]):
            replace_rows(BytesIO(before), total, quiet())
        self.assertEqual(lines(), (before, total))
        state.rebuild()
        report = verification.verify()
        self.assertEqual([*report.sentences()], [])


class RowsTests(GuardedTransactionTestCase):
    def test_new_rows_get_numbers_that_no_row_has(self) -> None:
        if connection.vendor == "sqlite":
            return  # It takes the next number from the rows themselves.
        self.make_evidence("One paper.")
        before, total = lines()
        with transaction.atomic(), guards.lifted(connection, [g.table for g in guards.GUARDS]):
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT setval({SEQUENCE}, 1)")
            replace_rows(BytesIO(before), total, quiet())
        # As a restore does: what says which release's states these are went with the rows.
        state.rebuild()
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT nextval({SEQUENCE})")
            self.assertEqual(cursor.fetchone()[0], Evidence.objects.latest("pk").pk + 1)

    def test_every_table_is_copied_or_named_with_a_reason(self) -> None:
        copied = write_rows(BytesIO(), quiet())
        tables = connection.introspection.table_names()
        # Indexes of search are tables on SQLite.
        there = {name for name in tables if not name.startswith(index_name(""))}
        self.assertEqual(there, {*copied, *LEFT_OUT} & there)
        self.assertFalse(copied.keys() & LEFT_OUT.keys())
