"""``verify_audit`` on a damaged database: it ends, names each damage, and compares all else.

What keys, constraints and kinds of columns refuse is out of the way here, as it is for whoever owns
the database: rows lead nowhere, keys are other ones, and columns hold what they cannot.
"""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from django.db import DatabaseError, connection, models, transaction

from recommendations.actions.oversight import verification
from recommendations.audit import findings
from recommendations.audit.verify import Report
from recommendations.models import (
    Area,
    Evidence,
    Indicator,
    Observation,
    Organisation,
    Recommendation,
    SignOff,
    Source,
    StatusUpdate,
    User,
)
from tests.audit.cells import run, tables
from tests.audit.chains import IS_SQLITE
from tests.audit.test_verify_tables import FilledTestCase
from tests.depth import IS_DEEP, times


class DamageTestCase(FilledTestCase):
    @contextmanager
    def tampering(self) -> Iterator[None]:
        """Guards, keys and constraints are away inside, and all that is done there is undone."""
        with super().tampering():
            if IS_SQLITE:
                run("PRAGMA defer_foreign_keys = ON")
                run("PRAGMA ignore_check_constraints = ON")
            else:
                run("SET LOCAL session_replication_role = replica")
            try:
                yield
            finally:
                if IS_SQLITE:
                    run("PRAGMA ignore_check_constraints = OFF")

    def told(self, report: Report) -> set[tuple[str, str]]:
        """Table and row of every fault in the tables."""
        return {(fault.table, fault.row) for fault in report.faults}


class RenumberedAndGoneTests(DamageTestCase):
    """A row is deleted, or gets another key, and all that refers to it leads nowhere."""

    MODELS: tuple[type[models.Model], ...] = (
        Area,
        Evidence,
        Indicator,
        Observation,
        Organisation,
        Recommendation,
        SignOff,
        Source,
        StatusUpdate,
        User,
    )

    def test_what_is_gone_or_has_another_key_is_named_and_what_comes_after_is_compared(
        self,
    ) -> None:
        """All of them together in the usual run; one by one in a deep one."""
        found = [(model, model._base_manager.earliest("pk").pk) for model in self.MODELS]
        for some in [[one] for one in found] if IS_DEEP else [found[::2], found[1::2]]:
            places = {(model._meta.db_table, str(key)) for model, key in some}
            new = {(table, "900000") for table, _key in places}
            for sql, expected in (
                ("DELETE FROM {} WHERE id = {}", places),
                ("UPDATE {} SET id = 900000 WHERE id = {}", places | new),
            ):
                with self.subTest(sql, some=some), self.tampering():
                    User.objects.filter(username="viewer").update(first_name="Another")
                    for table, key in sorted(places):
                        run(sql.format(table, key))
                    report = verification.verify()
                    self.assertLessEqual(expected, self.told(report))
                    self.assertIn("first_name", {fault.field for fault in report.faults})


@dataclass(frozen=True)
class Damage:
    """One row of a tracked table, or of a table of links, is deleted, renumbered or altered."""

    model: type[models.Model]
    pk: Any
    sql: str
    places: frozenset[tuple[str, str]]
    """Tables and rows of which one has to be named."""

    owner: frozenset[tuple[str, str]] = frozenset()
    """Of a link: the row that has it."""

    @property
    def touches(self) -> frozenset[tuple[str, str]]:
        return self.places | self.owner | {(f"{self.model._meta.db_table}, id", str(self.pk))}

    def is_done(self) -> bool:
        """Do it by one statement; not where a column cannot hold it, or holds it already."""
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(self.sql)
                return cursor.rowcount > 0
        except DatabaseError:
            return False


ODD_ON_SQLITE = (
    *("NULL", "X'FF'", "CAST(X'FF41' AS TEXT)", "'words'", "-1", "1.5", "9e999"),
    *("'2024-13-45'", "'9999-12-31 23:59:59.999999'", "'[' || hex(zeroblob(20000))"),
)


def odd_values(column: Any) -> tuple[str, ...]:
    """What a column holds never: on SQLite anything, on PostgreSQL what its type allows."""
    if IS_SQLITE:
        return ODD_ON_SQLITE
    match column.get_internal_type():
        case "DateField":
            return ("NULL", "'infinity'", "'4000-01-01 BC'")
        case "DateTimeField":
            return ("NULL", "'-infinity'", "'20000-01-01'")
        case "DecimalField":
            return ("NULL", "'NaN'")
        case "JSONField":
            return ("NULL", "'null'", "'[[1]]'")
        case "BooleanField":
            return (f"NOT {column.column}",)
        case "UUIDField":
            return ("NULL", "'00000000-0000-0000-0000-000000000000'")
        case "CharField" | "TextField":
            return ("NULL", "'\u202e'")
    return ("NULL", "-1")


def any_damage(chance: random.Random) -> Damage:
    """To any row of any tracked table."""
    model, columns = chance.choice(tables())
    table, key = model._meta.db_table, model._meta.pk
    pk = chance.choice([*model._base_manager.order_by("pk").values_list("pk", flat=True)])
    where = f"{connection.ops.quote_name(key.column)} = '{pk}'"
    owner: Any = model._meta.auto_created
    # The first column of a table of links holds the row that has the field.
    row = str(getattr(model._base_manager.get(pk=pk), columns[0].attname)) if owner else str(pk)
    named = frozenset({(table, row)})
    of = frozenset({(owner._meta.db_table, row)} if owner else ())
    kinds = ["delete", "alter", "alter", *([] if owner else ["renumber"])]
    match chance.choice(kinds):
        case "delete":
            return Damage(model, pk, f"DELETE FROM {table} WHERE {where}", named, of)
        case "renumber":
            new = "9" * 9 if isinstance(key, models.IntegerField) else "9" * 64
            change = f"UPDATE {table} SET {key.column} = '{new}' WHERE {where}"
            return Damage(model, pk, change, named | {(table, new)})
    column = chance.choice([each for each in columns if not each.primary_key])
    value = chance.choice(odd_values(column))
    name = connection.ops.quote_name(column.column)
    is_other = "IS NOT" if IS_SQLITE else "IS DISTINCT FROM"
    change = f"UPDATE {table} SET {name} = {value} WHERE {where} AND {name} {is_other} {value}"
    return Damage(model, pk, change, named, of)


class AnyDamageTests(DamageTestCase):
    """Rows anywhere are deleted, renumbered and altered, several together."""

    def test_each_damage_is_named(self) -> None:
        seed = int(time.time()) if IS_DEEP else 1
        chance = random.Random(seed)
        for number in range(times(4, 40)):
            with (
                self.subTest(seed=seed, number=number),
                self.tampering(),
                mock.patch.object(findings, "MOST", 10_000),
            ):
                drop_constraints()
                done = list(self.damaged(chance, 12))
                report = verification.verify()
                told = self.told(report)
                for damage in done:
                    self.assertTrue(damage.places & told, damage)

    def damaged(self, chance: random.Random, count: int) -> Iterator[Damage]:
        """Do so much damage, each to a row of its own."""
        touched: set[tuple[str, str]] = set()
        while count:
            damage = any_damage(chance)
            if touched & damage.touches or not damage.is_done():
                continue
            touched |= damage.touches
            count -= 1
            yield damage


def drop_constraints() -> None:
    """Every constraint that SQL can drop; SQLite ignores its checks already."""
    if IS_SQLITE:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass, conname FROM pg_constraint "
            "WHERE contype = 'c' AND connamespace = current_schema()::regnamespace"
        )
        checks = cursor.fetchall()
        for table, name in checks:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        cursor.execute(
            "SELECT attrelid::regclass, attname FROM pg_attribute JOIN pg_class "
            "ON pg_class.oid = attrelid WHERE attnotnull AND attnum > 0 AND relkind = 'r' "
            "AND relnamespace = current_schema()::regnamespace AND NOT EXISTS (SELECT 1 FROM "
            "pg_index WHERE indrelid = attrelid AND indisprimary AND attnum = ANY (indkey))"
        )
        for table, name in cursor.fetchall():
            cursor.execute(f'ALTER TABLE {table} ALTER COLUMN "{name}" DROP NOT NULL')
