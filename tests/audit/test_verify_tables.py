"""``verify_audit`` on the tables: any cell that SQL changed is named, with row and field."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from unittest import mock

from django.apps import apps
from django.contrib.auth.models import Group
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.test import SimpleTestCase, TestCase

from recommendations import audit, guards
from recommendations.actions.oversight import verification
from recommendations.audit import findings
from recommendations.audit.chain import Verdict
from recommendations.audit.findings import MOST, FaultKind, TableFault
from recommendations.audit.snapshots import (
    DERIVED,
    EXEMPT,
    recorded_fields,
    tracked_models,
)
from recommendations.audit.verify import Report
from recommendations.models import (
    Area,
    AreaAlias,
    AuditEvent,
    Comment,
    Evidence,
    Indicator,
    Observation,
    Organisation,
    Recommendation,
    RecommendationState,
    SignOff,
    Source,
    StatusUpdate,
    User,
)
from tests.audit.cells import Cell, any_cell, places, run, tables
from tests.audit.chains import IS_SQLITE
from tests.audit.filled import write_filled
from tests.depth import IS_DEEP, times

VERIFY = import_module("recommendations.audit.verify")
"""The module: its package has a function of that name."""


class SentenceTests(SimpleTestCase):
    def test_each_fault_that_hinders_a_comparison_is_told_as_far_as_it_is_known(self) -> None:
        broken = {"table": "t", "found": "disk I/O error"}
        for kind, place, told in (
            (FaultKind.NOT_COMPARED, {}, "t could not be compared: disk I/O error"),
            (
                FaultKind.NOT_COMPARED,
                {"row": "7"},
                "t, row 7 could not be compared: disk I/O error",
            ),
            (
                FaultKind.NOT_COMPARED,
                {"row": "7", "field": "title"},
                "t, row 7, title could not be compared: disk I/O error",
            ),
            (
                FaultKind.UNREADABLE,
                {"row": "7", "field": "title", "expected": "A"},
                "t, row 7, title: unreadable in the table, “A” in the audit log.",
            ),
        ):
            with self.subTest(**place):
                self.assertEqual(str(TableFault(kind, **broken, **place)), told)

    def test_a_report_counts_what_it_does_not_tell_one_by_one(self) -> None:
        one = TableFault(FaultKind.GONE, "t", "7")
        found = Report(Verdict(0, ""), False, faults=(one,), fault_count=3, not_compared=2)
        first, *counts = found.sentences()
        self.assertEqual(first, str(one))
        self.assertEqual(counts, ["And 2 more.", "Places that could not be compared: 2."])


class FilledTestCase(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        write_filled()

    @contextmanager
    def tampering(self) -> Iterator[None]:
        """The guards are away inside, and all that is done there is undone."""
        with transaction.atomic():
            if not IS_SQLITE:
                run("SET CONSTRAINTS ALL IMMEDIATE")
            guards.drop(connection)
            yield
            transaction.set_rollback(True)

    def faults(self) -> list[TableFault]:
        return list(verification.verify().faults)

    def assert_named(self, *expected: tuple[Any, ...]) -> None:
        """Kind, table, row and field of every fault in a table, and no other."""
        found = [
            (fault.kind, fault.table, fault.row, fault.field)
            for fault in self.faults()
            if fault.kind != FaultKind.SIGNED
        ]
        self.assertCountEqual(found, expected)


GONE: tuple[type[models.Model], ...] = (
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


class VerifyTablesTests(FilledTestCase):
    def test_a_database_filled_by_people_and_imports_is_whole(self) -> None:
        report = verification.verify()
        self.assertEqual([*map(str, report.faults)], [])
        self.assertTrue(report.is_whole)
        empty = [m._meta.label for m in tracked_models() if not report.counts[m._meta.db_table]]
        self.assertEqual(empty, [])
        with self.subTest("in small batches"), mock.patch.object(VERIFY, "BATCH", 7):
            self.assertTrue(verification.verify().is_whole)

    def test_each_changed_cell_is_named(self) -> None:
        """Any cell of any tracked table: one after the other in a deep run, else all at once."""
        seed = int(time.time()) if IS_DEEP else 2
        chance = random.Random(seed)
        count, at_once = times(20, 200), times(20, 1)
        for start in range(0, count, at_once):
            with self.subTest(seed=seed, start=start), self.tampering():
                cells = list(self.tampered(chance, at_once))
                # What was signed off is compared besides.
                faults = [each for each in self.faults() if each.kind != FaultKind.SIGNED]
                found = {(fault.table, fault.row, fault.field) for fault in faults}
                expected = {place for cell in cells for place in places(cell)}
                self.assertLessEqual(expected, found, cells)
                follows = {name for names in DERIVED.values() for name in names}
                # What is kept of a recommendation follows its rows.
                kept = RecommendationState._meta.db_table
                others = {field for table, _row, field in found - expected if table != kept}
                self.assertLessEqual(others, follows, (found - expected, cells))

    def tampered(self, chance: random.Random, count: int) -> Iterator[Cell]:
        """Change so many cells, each in a row of its own."""
        touched: set[tuple[str, str]] = set()
        while count:
            cell = any_cell(chance)
            rows = {(table, row) for table, row, _field in places(cell)}
            if cell.value is None or touched & rows:
                continue
            try:
                cell.write()
            except IntegrityError:
                continue
            touched |= rows
            count -= 1
            yield cell

    def test_each_change_is_named_and_nothing_else(self) -> None:
        """Rows and links put in and taken away, roles and permissions: by halves, or one by one."""
        alias = AreaAlias.objects.latest("pk")
        update = StatusUpdate.objects.filter(editors__isnull=False).latest("pk")
        viewer, group = User.objects.get(username="viewer"), Group.objects.get(name="Viewer")
        right = Group.objects.get(name="Administrator").permissions.earliest("pk")
        aliases, gone = AreaAlias._meta.db_table, AreaAlias.objects.filter(pk=alias.pk)
        edited = (StatusUpdate.editors.through._meta.db_table, update.pk, "editors")
        changes: list[tuple[Callable[[], object], FaultKind, str, int, str]] = [
            (
                lambda: AreaAlias.objects.create(pk=9999, area=alias.area, alias="Elsewhere"),
                *(FaultKind.UNRECORDED, aliases, 9999, ""),
            ),
            (gone.delete, FaultKind.GONE, aliases, alias.pk, ""),
            (lambda: update.editors.add(viewer), FaultKind.DIFFERS, *edited),
            (update.editors.clear, FaultKind.DIFFERS, *edited),
            (
                lambda: group.permissions.add(right),
                *(FaultKind.DIFFERS, "auth_group_permissions", group.pk, "permissions"),
            ),
            (
                lambda: viewer.user_permissions.add(right),
                FaultKind.DIFFERS,
                *("recommendations_user_user_permissions", viewer.pk, "user_permissions"),
            ),
            (
                lambda: Group.objects.create(pk=9999, name="Friends"),
                *(FaultKind.UNRECORDED, "auth_group", 9999, ""),
            ),
        ]
        for some in [[each] for each in changes] if IS_DEEP else [changes[::2], changes[1::2]]:
            expected = [(kind, table, str(key), field) for _do, kind, table, key, field in some]
            with self.subTest(expected), self.tampering():
                for do, *_told in some:
                    do()
                self.assert_named(*expected)

    def test_roles_are_compared_by_their_names(self) -> None:
        person = User.objects.get(username="viewer")
        with self.subTest("a person put among the managers"), self.tampering():
            person.groups.add(Group.objects.get(name="Manager"))
            [fault] = self.faults()
            self.assertEqual((fault.table, fault.name), ("recommendations_user_groups", "viewer"))
            self.assertEqual((fault.found, fault.expected), (["Manager", "Viewer"], ["Viewer"]))
        with self.subTest("two that exchange their names, with equal rights"), self.tampering():
            for old, new in (("Manager", "-"), ("Auditor", "Manager"), ("-", "Auditor")):
                Group.objects.filter(name=old).update(name=new)
            named = {fault.name for fault in self.faults()}
            self.assertEqual(named, {"manager", "other_manager", "auditor"})

    def test_what_follows_from_other_rows(self) -> None:
        changes: dict[type[Any], dict[str, Any]] = {
            Evidence: {"last_revision": 7},
            Indicator: {"movement": "still"},
            Recommendation: {
                "current_update": None,
                "next_due_on": "2001-01-01",
                "rating_valid_until": "2001-01-01",
            },
            Source: {"last_number": 99},
        }
        told = {m._meta.label_lower: frozenset(columns) for m, columns in changes.items()}
        self.assertEqual(told, DERIVED)
        self.assertEqual(set(verification.DERIVE), set(DERIVED))
        expected: list[tuple[Any, ...]] = []
        with self.tampering():
            for model, columns in changes.items():
                for name, value in columns.items():
                    rows = model.objects.exclude(**{name: value}).exclude(
                        pk__in=[
                            row
                            for _kind, table, row, _name in expected
                            if table == model._meta.db_table
                        ]
                    )
                    if model is Recommendation:
                        rows = rows.exclude(current_update=None)
                    key = rows.earliest("pk").pk
                    model.objects.filter(pk=key).update(**{name: value})
                    expected.append((FaultKind.DIFFERS, model._meta.db_table, str(key), name))
            self.assert_named(*expected)

    def test_a_sentence_names_what_stands_there_and_what_the_record_says(self) -> None:
        """Of a password not even what is stored."""
        source = Source.objects.get(slug="digital-silk-road")
        person = User.objects.get(username="manager")
        person.set_password("known to the intruder")
        with self.tampering():
            Source.objects.filter(pk=source.pk).update(publisher="Somebody else")
            User.objects.filter(pk=person.pk).update(password=person.password)
            told = {fault.field: fault for fault in self.faults()}
        self.assertEqual(
            str(told.pop("publisher")),
            f"recommendations_source, row {source.pk} ({source.slug}), publisher: "
            f"the table has “Somebody else”, the audit log “{source.publisher}”.",
        )
        [fault] = told.values()
        self.assertEqual((fault.row, fault.field), (str(person.pk), "password"))
        self.assertNotIn(person.password, str(fault))

    def test_more_faults_than_are_told_are_counted(self) -> None:
        """A chain that is broken does not hide what the tables hold."""
        with self.tampering():
            AuditEvent.objects.filter(sequence=1).update(verb="x")
            Area.objects.update(name="Nowhere")
            report = verification.verify()
            self.assertIn("Event 1", report.chain.fault)
            self.assertEqual(len(report.faults), MOST)
            self.assertEqual(report.fault_count, Area.objects.count())

    def test_a_quick_run_compares_numbers_of_rows(self) -> None:
        comment = Comment.objects.get()
        with self.tampering():
            Comment.objects.update(text="Something else")
            self.assertEqual(verification.verify(is_quick=True).faults, ())
            comment.mentions.clear()
            comment.delete()
            [fault] = verification.verify(is_quick=True).faults
            self.assertEqual((fault.kind, fault.table), (FaultKind.COUNT, comment._meta.db_table))
            self.assertEqual((fault.found, fault.expected), (0, 1))

    if IS_SQLITE:

        def test_each_odd_value_is_named(self) -> None:
            """SQLite keeps values of another kind in a column; each is named all the same."""
            row = StatusUpdate.objects.latest("pk")
            values = {
                "created_at": "'yesterday'",
                "as_of": "'x'",
                "public_text": "x'41'",
                "author_id": "1.5",
                "key": "'no key'",
            }
            changes = ", ".join(f"{name} = {value}" for name, value in values.items())
            with self.tampering():
                run("PRAGMA defer_foreign_keys = ON")
                run(f"UPDATE recommendations_statusupdate SET {changes} WHERE id = %s", row.pk)
                fields = {fault.field for fault in self.faults() if fault.row == str(row.pk)}
            self.assertLessEqual({name.removesuffix("_id") for name in values}, fields)

    def unaccounted(self) -> list[str]:
        found = []
        for model in tracked_models():
            known = {"id", model._meta.pk.column, *EXEMPT, *self.columns_of(model)}
            found += self.others(model._meta.db_table, known)
            for many in model._meta.many_to_many:
                through: Any = many.remote_field.through
                ends = {field.column for field in through._meta.fields if field.is_relation}
                found += self.others(through._meta.db_table, {"id", *ends})
        return found

    def columns_of(self, model: type[models.Model]) -> set[str]:
        derived = DERIVED.get(model._meta.label_lower, frozenset())
        recorded = {field.name for field in recorded_fields(model)}
        return {
            field.column
            for field in model._meta.concrete_fields
            if field.name in recorded | derived
        }

    def others(self, table: str, known: set[str]) -> list[str]:
        with connection.cursor() as cursor:
            columns = connection.introspection.get_table_description(cursor, table)
        return [f"{table}.{column.name}" for column in columns if column.name not in known]

    def test_no_column_is_left_out_and_one_that_nobody_knows_is_found(self) -> None:
        """Every column of every tracked table is recorded, or follows from others, or is exempt."""
        self.assertEqual(self.unaccounted(), [])
        with self.tampering():
            run("ALTER TABLE recommendations_response ADD COLUMN invented integer")
            self.assertEqual(self.unaccounted(), ["recommendations_response.invented"])

    def test_what_is_exempt_or_derived_is_there(self) -> None:
        names = {f.name for model in tracked_models() for f in model._meta.concrete_fields}
        self.assertLessEqual(EXEMPT.keys(), names)
        for label, columns in DERIVED.items():
            known = {field.name for field in apps.get_model(label)._meta.concrete_fields}
            self.assertLessEqual(columns, known, label)

    def test_what_the_record_tells_nothing_of_holds_its_default(self) -> None:
        """As a column that a later migration adds."""
        with audit.entry(by=None) as entry:
            body = Organisation.objects.create(slug="council", name="Council")
            told = audit.snapshot(body)
            del told["kind"]
            entry.record("create", body, before={}, after=told)
        self.assertEqual(self.faults(), [])
        with self.tampering():
            Organisation.objects.filter(pk=body.pk).update(kind="ministry")
            self.assert_named((FaultKind.DIFFERS, body._meta.db_table, str(body.pk), "kind"))

    # What keys, constraints and kinds of columns refuse is out of the way: rows lead nowhere, keys
    # are other ones, and columns hold what they cannot. It ends, and compares all else.

    @contextmanager
    def damaging(self) -> Iterator[None]:
        """Guards, keys and constraints are away inside, as they are for whoever owns it all."""
        with self.tampering():
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

    def test_what_is_gone_or_has_another_key_is_named_and_what_comes_after_is_compared(
        self,
    ) -> None:
        """All of them together in the usual run; one by one in a deep one."""
        found = [(model, model._base_manager.earliest("pk").pk) for model in GONE]
        for some in [[one] for one in found] if IS_DEEP else [found[::2], found[1::2]]:
            places = {(model._meta.db_table, str(key)) for model, key in some}
            new = {(table, "900000") for table, _key in places}
            for sql, expected in (
                ("DELETE FROM {} WHERE id = {}", places),
                ("UPDATE {} SET id = 900000 WHERE id = {}", places | new),
            ):
                with self.subTest(sql, some=some), self.damaging():
                    User.objects.filter(username="viewer").update(first_name="Another")
                    for table, key in sorted(places):
                        run(sql.format(table, key))
                    report = verification.verify()
                    self.assertLessEqual(expected, self.told(report))
                    self.assertIn("first_name", {fault.field for fault in report.faults})

    def test_any_damage_is_named(self) -> None:
        seed = int(time.time()) if IS_DEEP else 2
        chance = random.Random(seed)
        for number in range(times(3, 40)):
            with (
                self.subTest(seed=seed, number=number),
                self.damaging(),
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
