"""The last door: what is decided and what is recorded stays, whatever SQL is typed by hand.

The attacks are those of the engine that the tests run on; an attack that only the other engine
knows is not a skipped test but no test.
"""

from dataclasses import replace
from unittest import mock

from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Q

from recommendations import guards
from recommendations.apps import make_way
from recommendations.guards import triggers
from recommendations.guards.rules import GUARDS
from recommendations.models import AuditEvent, AuditText, ChainHead, StatusUpdate
from tests.base import GuardedTransactionTestCase
from tests.guards import BY_TABLE, CLOSED, IS_SQLITE, GuardTestCase, columns, row_of, run

PARTLY = {"chainhead", "storedfile"}
"""Tables of which no row is ever closed whole: see test_guard_conditions.py."""


class GuardTests(GuardTestCase):
    def test_closed_rows_are_neither_changed_nor_taken_away(self) -> None:
        for name in CLOSED:
            row = row_of(name)
            self.assert_refused(row.table, *row.ways_to_change_it, *row.ways_to_take_it_away)
        attacked = {f"recommendations_{name}" for name in {*CLOSED, *PARTLY}}
        self.assertEqual(attacked, set(BY_TABLE))

    def test_closed_rows_are_not_changed_through_the_orm(self) -> None:
        for attack in (
            lambda: self.approved.save(),
            lambda: StatusUpdate.objects.bulk_update([self.approved], ["as_of"]),
            lambda: self.approved.editors.remove(self.staff),
            lambda: AuditEvent.objects.all().delete(),
        ):
            with self.assertRaises(IntegrityError), transaction.atomic():
                attack()

    def test_an_event_only_continues_the_last_one_by_number_and_hash(self) -> None:
        events = AuditEvent._meta.db_table
        last = AuditEvent.objects.latest("sequence")
        names = columns(events)

        def added(sequence: int, previous: str) -> str:
            taken = names.replace('"sequence"', f"{sequence} AS sequence")
            taken = taken.replace('"previous_hash"', f"'{previous}' AS previous_hash")
            return f"INSERT INTO {events} ({names}) SELECT {taken} FROM {events} WHERE sequence = 1"

        following = last.sequence + 1
        others = ((following, "f" * 64), (following + 1, last.hash), (0, last.hash))
        self.assert_refused(events, *(added(*other) for other in others))
        run(added(following, last.hash))


class InstalledTests(GuardTestCase):
    """What the check says of guards that are not there, or are others."""

    def test_each_that_is_missing_is_named_and_installing_brings_it_back(self) -> None:
        every = [n for g in guards.GUARDS for n in guards.names(g, connection.vendor)]
        guard = BY_TABLE["recommendations_comment"]
        for name in guards.names(guard, connection.vendor):
            drop = f"DROP TRIGGER {name}" + ("" if IS_SQLITE else f" ON {guard.table}")
            self.assert_fault(name, "missing", drop)
        with transaction.atomic():
            if not IS_SQLITE:
                run("SET CONSTRAINTS ALL IMMEDIATE")
            guards.drop(connection)
            self.assertEqual(guards.faults(connection), dict.fromkeys(every, "missing"))
            with self.assertRaises(SystemCheckError) as refusal:
                call_command("check", databases=["default"])
            for name in every:
                self.assertIn(f"recommendations.E001) The guard {name}", str(refusal.exception))
            guards.install(connection)
        # Twice is as once.
        guards.install(connection)
        self.assertEqual(guards.faults(connection), {})
        call_command("check", databases=["default"], verbosity=0)
        self.assert_refused(*[(row := row_of("statusupdate")).table, *row.ways_to_change_it])

    def test_one_with_another_body_is_named(self) -> None:
        """Every guard of one table, each with a condition that never holds in place of its own."""
        conditions = dict.fromkeys(("update", "delete", "insert"), "FALSE")
        open_guard = replace(BY_TABLE[StatusUpdate._meta.db_table], **conditions)
        with transaction.atomic():
            with mock.patch.object(triggers, "GUARDS", (open_guard,)):
                guards.install(connection)
            found = guards.faults(connection)
            self.assertEqual(set(found.values()), {"altered"})
            self.assertLessEqual({f"guard_statusupdate_{name}" for name in conditions}, set(found))
            with self.assertRaisesMessage(SystemCheckError, "guard_statusupdate_update is altered"):
                call_command("check", databases=["default"])
            transaction.set_rollback(True)


class PostgreSQLTests(GuardTestCase):
    def test_each_statement_is_refused_there_as_here_and_so_is_truncating(self) -> None:
        server = mock.MagicMock(vendor="postgresql")
        server.cursor().__enter__().fetchone.return_value = ("public", "'public'")
        read = connection.introspection.get_table_description
        with connection.cursor() as cursor:
            server.introspection.get_table_description = lambda _cursor, table: read(cursor, table)
            for guard in GUARDS:
                told = triggers.texts(server, guard)
                self.assertEqual(set(told), set(triggers.names(guard, "postgresql")))
                for name, (create, function) in told.items():
                    self.assertIn(
                        f"BEFORE {name.rpartition('_')[2].upper()} ON {guard.table}", create
                    )
                    self.assertIn(f"RAISE EXCEPTION '{guard.message}'", function)
                    self.assertIn("SET search_path TO 'public', 'pg_temp'", function)


class MigrationTests(GuardedTransactionTestCase):
    """A migration that changes a guarded table; on SQLite it remakes the table without triggers."""

    MODELS: tuple[type[models.Model], ...] = (
        AuditEvent,
        AuditText,
        ChainHead,
        StatusUpdate,
        StatusUpdate.editors.through,
    )

    def change_and_undo(self, model: type[models.Model]) -> None:
        constraint = models.CheckConstraint(name="tried_and_undone", condition=Q(pk__isnull=False))
        for change in ("add_constraint", "remove_constraint"):
            with connection.schema_editor() as editor:
                getattr(editor, change)(model, constraint)

    def alter_a_field(self) -> None:
        old = StatusUpdate._meta.get_field("response_owner")
        new = type(old)(max_length=250, blank=True)
        new.set_attributes_from_name("response_owner")
        new.model = StatusUpdate
        for before, after in ((old, new), (new, old)):
            with connection.schema_editor() as editor:
                editor.alter_field(StatusUpdate, before, after)

    def test_the_guards_are_back_after_a_migration(self) -> None:
        approved = self.make_approved(self.make_recommendation())
        make_way(using="default", plan=["a migration"])
        for model in self.MODELS:
            self.change_and_undo(model)
        self.alter_a_field()
        if IS_SQLITE:
            # Were this ever empty, the test would prove nothing.
            self.assertNotEqual(guards.faults(connection), {})
        call_command("migrate", verbosity=0)
        self.assertEqual(guards.faults(connection), {})
        for attack in (
            lambda: StatusUpdate.objects.filter(pk=approved.pk).update(version=9),
            lambda: StatusUpdate.objects.filter(pk=approved.pk).delete(),
            lambda: AuditEvent.objects.all().delete(),
        ):
            with self.assertRaises(IntegrityError):
                attack()

    def test_a_flush_is_refused_and_the_base_class_knows_the_way(self) -> None:
        self.make_recommendation("Not to be flushed")
        with self.assertRaisesRegex(Exception, "flush"):
            call_command("flush", verbosity=0, interactive=False)
        self.assertTrue(AuditText.objects.filter(text__contains="Not to be flushed").exists())
