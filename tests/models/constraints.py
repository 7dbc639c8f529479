"""What the tests of constraints share: a rule that one row can show, and the way to try it.

Rows are written straight to their tables, so that it is the database itself that refuses.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from django.db import IntegrityError, connection, models, transaction

from recommendations import guards
from tests.base import TrackerTestCase

NOW = datetime(2024, 6, 1, 12, 0, tzinfo=UTC)
TODAY = date(2024, 6, 1)
BEFORE = date(2024, 5, 1)

Values = dict[str, Any]


@dataclass(frozen=True)
class Rule:
    """A constraint, the row it is tried on, and what that row may and may not be turned into."""

    name: str
    row: models.Model
    holds: Sequence[Values]
    breaks: Sequence[Values]
    base: Values = field(default_factory=dict)


class ConstraintTestCase(TrackerTestCase):
    def setUp(self) -> None:
        """The constraints alone: a guard would refuse first. They are back with the rollback."""
        guards.drop(connection)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """What is written inside is not there afterwards."""
        with transaction.atomic():
            yield
            transaction.set_rollback(True)

    def write(self, row: models.Model, values: Values) -> None:
        """Straight to the table: no ``save()``, no validation."""
        type(row)._base_manager.filter(pk=row.pk).update(**values)

    def assert_rule(self, rule: Rule) -> None:
        for values in rule.holds:
            with self.subTest(rule.name, holds=values), self.undone():
                self.write(rule.row, {**rule.base, **values})
        for values in rule.breaks:
            with (
                self.subTest(rule.name, breaks=values),
                self.assertRaises(IntegrityError) as refusal,
                transaction.atomic(),
            ):
                self.write(rule.row, {**rule.base, **values})
            self.assertIn(rule.name, str(refusal.exception))
