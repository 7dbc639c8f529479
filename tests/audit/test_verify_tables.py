"""``verify_audit`` on the tables: any cell that SQL changed is named, with row and field."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any
from unittest import mock

from django.apps import apps
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, models, transaction
from django.test import TestCase

from recommendations import audit, guards
from recommendations.actions.oversight import verification
from recommendations.audit.baseline import record_baselines
from recommendations.audit.findings import MOST, FaultKind, TableFault
from recommendations.audit.snapshots import (
    DERIVED,
    EXEMPT,
    recorded_fields,
    tracked_models,
)
from recommendations.models import (
    Area,
    AreaAlias,
    AuditEvent,
    Comment,
    Evidence,
    Indicator,
    Organisation,
    Recommendation,
    RecommendationState,
    Source,
    StatusUpdate,
    User,
)
from tests.audit.cells import Cell, any_cell, places, run
from tests.audit.chains import IS_SQLITE
from tests.audit.filled import write_filled
from tests.audit.rows import changes_in
from tests.depth import IS_DEEP, times

VERIFY = import_module("recommendations.audit.verify")
"""The module: its package has a function of that name."""


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


class UntouchedTests(FilledTestCase):
    def test_a_database_filled_by_people_and_imports_is_whole(self) -> None:
        report = verification.verify()
        self.assertEqual([*map(str, report.faults)], [])
        self.assertTrue(report.is_whole)
        empty = [m._meta.label for m in tracked_models(apps) if not report.counts[m._meta.db_table]]
        self.assertEqual(empty, [])
        with self.subTest("in small batches"), mock.patch.object(VERIFY, "BATCH", 7):
            self.assertTrue(verification.verify().is_whole)


class RandomTests(FilledTestCase):
    """Any cell of any tracked table: one after the other in a deep run, else all at once."""

    def test_each_changed_cell_is_named(self) -> None:
        seed = int(time.time()) if IS_DEEP else 1
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


class RowTests(FilledTestCase):
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

    class OddValueTests(FilledTestCase):
        """SQLite keeps values of another kind in a column; each is named all the same."""

        def test_each_is_named(self) -> None:
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


class ColumnTests(FilledTestCase):
    """Every column of every tracked table is recorded, or follows from others, or is exempt."""

    def unaccounted(self) -> list[str]:
        found = []
        for model in tracked_models(apps):
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
        self.assertEqual(self.unaccounted(), [])
        with self.tampering():
            run("ALTER TABLE recommendations_response ADD COLUMN invented integer")
            self.assertEqual(self.unaccounted(), ["recommendations_response.invented"])

    def test_what_is_exempt_or_derived_is_there(self) -> None:
        names = {f.name for model in tracked_models(apps) for f in model._meta.concrete_fields}
        self.assertLessEqual(EXEMPT.keys(), names)
        for label, columns in DERIVED.items():
            known = {field.name for field in apps.get_model(label)._meta.concrete_fields}
            self.assertLessEqual(columns, known, label)

    def test_what_earlier_versions_recorded_otherwise_gets_a_baseline_once(self) -> None:
        """Of a password they told that it was changed, and of a role its number."""
        person = User.objects.get(username="viewer")
        group = person.groups.get()
        with audit.entry(by=None) as entry:
            after = {"password": "changed", "groups": [group.pk]}
            entry.record("change", person, before={"password": "set", "groups": []}, after=after)
        self.assertEqual({fault.field for fault in self.faults()}, {"password", "groups"})
        record_baselines(apps)
        event = AuditEvent.objects.latest("sequence")
        told = changes_in(event, person)
        self.assertEqual((event.verb, told.keys()), ("baseline", {"password", "groups"}))
        self.assertEqual(told["groups"], [[group.pk], ["Viewer"]])
        self.assertEqual(self.faults(), [])
        record_baselines(apps)
        self.assertEqual(AuditEvent.objects.latest("sequence"), event)

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
