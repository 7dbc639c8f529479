"""Rows that tests write only once come back with their ids, below those of rows made after them."""

from django.core.management.color import no_style
from django.db import connection

from recommendations.models import Organisation
from tests.base import GuardedTransactionTestCase
from tests.rows import empty


class KeptRowsTests(GuardedTransactionTestCase):
    def test_new_rows_get_higher_ids_after_a_sequence_was_set_back(self) -> None:
        last = max(self.ministry.pk, self.agency.pk)
        empty("default")
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), [Organisation]):
                cursor.execute(statement)
        self.make_world()
        self.assertGreater(Organisation.objects.create(name="A third one").pk, last)
