"""The last door: what is decided and what is recorded stays, whatever SQL is typed by hand.

The attacks are those of the engine that the tests run on; an attack that only the other engine
knows is not a skipped test but no test.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from unittest import mock
from uuid import uuid4

from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Q
from django.utils import timezone

from recommendations import audit, guards
from recommendations.actions import comments, confirmations, dates, indicators, responses
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.evidence.changes import VERIFIED_FIELDS
from recommendations.actions.updates import decisions
from recommendations.apps import make_way
from recommendations.models import (
    Addressee,
    AuditEvent,
    AuditRow,
    AuditText,
    ChainHead,
    Comment,
    Evidence,
    EvidenceCheck,
    EvidenceLink,
    EvidenceRevision,
    Observation,
    ObservationConfirmation,
    Redaction,
    ReportedStatus,
    Response,
    StatusUpdate,
    StoredFile,
    Target,
    TargetDateChange,
    User,
)
from tests.base import GuardedTransactionTestCase, TrackerTestCase, link_evidence
from tests.files import received

IS_SQLITE = connection.vendor == "sqlite"
BY_TABLE = {guard.table: guard for guard in guards.GUARDS}


def run(sql: str) -> None:
    """One statement in a savepoint. What a foreign key still has to check is checked before it:
    PostgreSQL refuses TRUNCATE for that reason alone."""
    with transaction.atomic(), connection.cursor() as cursor:
        if not IS_SQLITE:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(sql)


def columns(table: str) -> str:
    with connection.cursor() as cursor:
        found = connection.introspection.get_table_description(cursor, table)
    return ", ".join(f'"{column.name}"' for column in found)


@dataclass(frozen=True)
class Row:
    """One row of a guarded table, as SQL names it, and a column that an attack may write.

    Without a ``value`` it writes what stands there.
    """

    table: str
    where: str
    column: str
    value: str = ""

    @property
    def update(self) -> str:
        value = self.value or self.column
        return f"UPDATE {self.table} SET {self.column} = {value} WHERE {self.where}"

    @property
    def delete(self) -> str:
        return f"DELETE FROM {self.table} WHERE {self.where}"

    @property
    def upsert(self) -> str:
        names, key = columns(self.table), BY_TABLE[self.table].key
        return (
            f"INSERT INTO {self.table} ({names}) SELECT {names} FROM {self.table} "
            f"WHERE {self.where} "
            f"ON CONFLICT ({key}) DO UPDATE SET {self.column} = "
            f"{self.value or f'excluded.{self.column}'}"
        )

    @property
    def replace(self) -> str:
        names = columns(self.table)
        return (
            f"INSERT OR REPLACE INTO {self.table} ({names}) "
            f"SELECT {names} FROM {self.table} WHERE {self.where}"
        )

    @property
    def truncate(self) -> str:
        return f"TRUNCATE {self.table} CASCADE"

    @property
    def ways_to_take_it_away(self) -> Iterator[str]:
        yield self.delete
        yield self.replace if IS_SQLITE else self.truncate

    @property
    def ways_to_change_it(self) -> Iterator[str]:
        yield self.update
        yield self.upsert


class GuardTestCase(TrackerTestCase):
    approved: StatusUpdate
    draft: StatusUpdate
    link: EvidenceLink
    decided_date: TargetDateChange
    asked_date: TargetDateChange

    @classmethod
    def setUpTestData(cls):
        super().setUpTestData()
        about: Any = {"recommendation": cls.recommendation, "reason": "So."}
        cls.decided_date = dates.set_first(by=cls.manager, new_date=date(2027, 6, 30), **about)
        cls.asked_date = dates.request(by=cls.staff, new_date=date(2027, 12, 31), **about)
        comments.add_comment(recommendation=cls.recommendation, by=cls.staff, text="Between us.")
        addressee = Addressee.objects.create(
            recommendation=cls.recommendation, organisation=cls.ministry
        )
        said = {"position": "accepted", "since": date(2024, 3, 1)}
        responses.record_responses(addressees=[addressee], by=cls.staff, values=said)
        item = cls.make_evidence(file=received())
        evidence_items.check_evidence(evidence=item, by=cls.manager)
        indicator = cls.make_indicator(asks_confirmation=True)
        figure: Any = {"indicator": indicator, "area": cls.make_area()}
        value = indicators.observe(by=cls.manager, period="2020", values={"value": "1"}, **figure)
        confirmations.confirm_value(observation=value, by=cls.other_manager)
        stated: Any = {"kind": "target", "area": figure["area"], "period": "2030", "value": "5"}
        indicators.set_target(indicator=indicator, by=cls.manager, values=stated)
        waiting = cls.make_submitted(cls.recommendation)
        cls.link = link_evidence(
            to=waiting, by=cls.other_manager, stance="undermines", evidence=item
        )
        cls.approved = decisions.approve_update(
            update=waiting,
            by=cls.manager,
            confirm_contradictions=True,
        )
        Redaction.objects.create(
            at=timezone.now(), by=cls.administrator, reason="So.", digest="0" * 64, places=1
        )
        ReportedStatus.objects.create(
            recommendation=cls.recommendation,
            words="Done",
            recorded_at=timezone.now(),
            recorded_by=cls.staff,
        )
        cls.draft = cls.make_submitted(cls.recommendation)
        with audit.entry(by=None) as entry:
            act = audit.BulkAct(entry)
            act.follow_new([cls.ministry])
            act.record("load", "organisations.json", {})

    def row(self, model: type[models.Model], pk: object, column: str, value: str = "") -> Row:
        key = connection.ops.quote_name(str(model._meta.pk.column))
        return Row(model._meta.db_table, f"{key} = '{pk}'", column, value)

    @contextmanager
    def refused(self, table: str) -> Iterator[None]:
        """Refused by the guard of this table and by nothing else."""
        with self.assertRaises(IntegrityError) as refusal, transaction.atomic():
            yield
        self.assertIn(BY_TABLE[table].message, str(refusal.exception))


class GuardTests(GuardTestCase):
    @property
    def closed_rows(self) -> list[Row]:
        """One row of each table whose rows never change once they are closed."""
        event = AuditEvent.objects.earliest("sequence")
        editors = StatusUpdate.editors.through.objects.filter(statusupdate=self.approved.pk)
        confirmation = ObservationConfirmation.objects.get()
        return [
            self.row(StatusUpdate, self.approved.pk, "public_text"),
            self.row(StatusUpdate.editors.through, editors.get().pk, "user_id"),
            self.row(TargetDateChange, self.decided_date.pk, "reason"),
            self.row(Comment, Comment.objects.get().pk, "text"),
            self.row(Response, Response.objects.get().pk, "reason"),
            self.row(Observation, Observation.objects.get().pk, "comment"),
            self.row(ObservationConfirmation, confirmation.pk, "confirmed_by_id"),
            self.row(Evidence, Evidence.objects.get().pk, "url", "'https://example.org/b'"),
            self.row(EvidenceRevision, EvidenceRevision.objects.get().pk, "original_name"),
            self.row(EvidenceCheck, EvidenceCheck.objects.get().pk, "note", "'x'"),
            self.row(EvidenceLink, self.link.pk, "why", "'x'"),
            self.row(Target, Target.objects.get().pk, "comment"),
            self.row(Redaction, Redaction.objects.get().pk, "reason"),
            self.row(ReportedStatus, ReportedStatus.objects.get().pk, "words", "'x'"),
            self.row(AuditEvent, event.pk, "payload"),
            self.row(AuditRow, AuditRow.objects.get().pk, "changes"),
            self.row(AuditText, AuditText.objects.all()[0].pk, "salt"),
        ]

    def test_closed_rows_are_neither_changed_nor_taken_away(self):
        for row in self.closed_rows:
            for sql in (*row.ways_to_change_it, *row.ways_to_take_it_away):
                with self.subTest(sql), self.refused(row.table):
                    run(sql)

    def test_every_guarded_table_is_attacked(self):
        apart = {ChainHead._meta.db_table, StoredFile._meta.db_table}
        attacked = {row.table for row in self.closed_rows} | apart
        self.assertEqual(attacked, set(BY_TABLE))

    def test_what_a_stored_file_is_never_changes_nor_goes(self):
        row = self.row(StoredFile, StoredFile.objects.get().pk, "size")
        run(f"UPDATE {row.table} SET fault = 'missing' WHERE {row.where}")
        for change in ("size = size + 1", "media_type = 'text/html'", f"sha256 = '{'0' * 64}'"):
            with self.subTest(change), self.refused(row.table):
                run(f"UPDATE {row.table} SET {change} WHERE {row.where}")
        for sql in row.ways_to_take_it_away:
            with self.subTest(sql), self.refused(row.table):
                run(sql)

    def test_a_file_that_was_taken_out_stays_out(self):
        row = self.row(StoredFile, StoredFile.objects.get().pk, "redacted_at")
        run(
            f"UPDATE {row.table} SET redacted_at = '2024-06-01 12:00:00+00', "
            f"redacted_by_id = {self.administrator.pk} WHERE {row.where}"
        )
        with self.refused(row.table):
            run(
                f"UPDATE {row.table} SET redacted_at = NULL, redacted_by_id = NULL "
                f"WHERE {row.where}"
            )

    def test_what_is_empty_may_be_set_once_where_the_guard_says_so(self):
        now, by = "'2024-06-01 12:00:00+00'", self.manager.pk
        removed = f"removed_at = {now}, removed_by_id = {by}"
        restored = "removed_at = NULL, removed_by_id = NULL"
        answered = f"answer = 'No.', answered_at = {now}, answered_by_id = {by}"
        check = EvidenceCheck.objects.get()
        status = ReportedStatus.objects.get()
        for row, setting, again in (
            (self.row(EvidenceCheck, check.pk, "note"), removed, restored),
            (self.row(EvidenceLink, self.link.pk, "why"), removed, restored),
            (self.row(EvidenceLink, self.link.pk, "why"), answered, "answer = 'Yes.'"),
            (
                self.row(ReportedStatus, status.pk, "words"),
                "implementation_status = 'implemented'",
                "implementation_status = 'in_progress'",
            ),
        ):
            with self.subTest(row.table, setting=setting):
                run(f"UPDATE {row.table} SET {setting} WHERE {row.where}")
                with self.refused(row.table):
                    run(f"UPDATE {row.table} SET {again} WHERE {row.where}")

    def test_evidence_of_an_update_that_is_not_approved_may_change_but_stays(self):
        link = link_evidence(
            to=self.draft, by=self.staff, stance="supports", evidence=self.make_evidence("Another")
        )
        row = self.row(EvidenceLink, link.pk, "why", "'x'")
        run(row.update)
        for sql in row.ways_to_take_it_away:
            with self.subTest(sql), self.refused(row.table):
                run(sql)

    def test_verified_evidence_changes_only_after_its_checks_have_ended(self):
        row = self.row(Evidence, Evidence.objects.get().pk, "url", "'https://example.org/b'")
        self.assertEqual(set(guards.VERIFIED), set(VERIFIED_FIELDS))
        for name in guards.VERIFIED:
            with self.subTest(name), self.refused(row.table):
                run(f"UPDATE {row.table} SET {name} = '2030-01-01'")
        run(f"UPDATE {row.table} SET visibility = 'public', reliability = 'unreliable'")
        evidence_items.withdraw_check(check=EvidenceCheck.objects.get(), by=self.manager)
        run(row.update)
        for sql in row.ways_to_take_it_away:
            with self.subTest(sql), self.refused(row.table):
                run(sql)

    def test_no_link_is_moved_to_an_approved_update(self):
        link = link_evidence(
            to=self.draft, by=self.staff, stance="supports", evidence=self.make_evidence("Another")
        )
        with self.refused(EvidenceLink._meta.db_table):
            EvidenceLink.objects.filter(pk=link.pk).update(update=self.approved)

    def test_no_update_is_born_decided(self):
        decided = {"decided_at": timezone.now(), "decided_by": self.manager}
        for state in ("approved", "returned"):
            row = StatusUpdate(
                recommendation=self.recommendation,
                state=state,
                as_of=date(2024, 5, 1),
                implementation_status="in_progress",
                author=self.staff,
                last_editor=self.staff,
                created_at=timezone.now(),
                submitted_at=timezone.now(),
                decision_note="So.",
                **decided,
            )
            with self.subTest(state), self.refused(StatusUpdate._meta.db_table):
                row.save(force_insert=True)

    def test_no_event_is_added_but_the_one_after_the_head(self):
        last = AuditEvent.objects.latest("sequence")
        names = columns(AuditEvent._meta.db_table)
        for step in (2, 1000):
            others = names.replace('"sequence"', f"sequence + {step}", 1)
            with self.subTest(step), self.refused(AuditEvent._meta.db_table):
                run(
                    f"INSERT INTO {AuditEvent._meta.db_table} ({names}) SELECT {others} "
                    f"FROM {AuditEvent._meta.db_table} WHERE sequence = {last.pk}"
                )

    def test_closed_rows_are_not_changed_through_the_orm(self):
        event = AuditEvent.objects.earliest("sequence")
        texts = AuditText.objects.all()
        attacks = {
            "update": lambda: StatusUpdate.objects.filter(pk=self.approved.pk).update(version=9),
            "save": lambda: self.approved.save(),
            "delete": lambda: StatusUpdate.objects.filter(pk=self.approved.pk).delete(),
            "bulk_update": lambda: StatusUpdate.objects.bulk_update([self.approved], ["as_of"]),
            "event.save": lambda: event.save(),
            "event.delete": lambda: event.delete(),
            "events.update": lambda: AuditEvent.objects.update(verb="draft"),
            "rows.update": lambda: AuditRow.objects.update(changes="{}"),
            "rows.delete": lambda: AuditRow.objects.all().delete(),
            "texts.update": lambda: texts.update(text=""),
            "editors.remove": lambda: self.approved.editors.remove(self.staff),
            "editors.clear": lambda: self.approved.editors.clear(),
        }
        for name, attack in attacks.items():
            with self.subTest(name), self.assertRaises(IntegrityError), transaction.atomic():
                attack()

    def test_an_undecided_update_is_changed_but_never_taken_away(self):
        row = self.row(StatusUpdate, self.draft.pk, "public_text")
        run(f"UPDATE {row.table} SET public_text = 'Other words' WHERE {row.where}")
        self.draft.refresh_from_db()
        self.assertEqual(self.draft.public_text, "Other words")
        for sql in row.ways_to_take_it_away:
            with self.subTest(sql), self.refused(row.table):
                run(sql)

    def test_a_date_change_is_decided_but_never_taken_away_nor_opened_again(self):
        asked = self.row(TargetDateChange, self.asked_date.pk, "reason")
        for sql in asked.ways_to_take_it_away:
            with self.subTest(sql), self.refused(asked.table):
                run(sql)
        dates.reject_date_change(date_change=self.asked_date, by=self.manager, note="No.")
        for sql in (*asked.ways_to_change_it, *asked.ways_to_take_it_away):
            with self.subTest(sql), self.refused(asked.table):
                run(sql)
        with self.refused(asked.table):
            run(
                f"UPDATE {asked.table} SET state = 'requested', decided_at = NULL, "
                f"decided_by_id = NULL, decision_note = '' WHERE {asked.where}"
            )

    def test_an_approved_update_cannot_be_set_back_to_draft(self):
        row = self.row(StatusUpdate, self.approved.pk, "state")
        with self.refused(row.table):
            run(
                f"UPDATE {row.table} SET state = 'draft', decided_at = NULL, "
                f"decided_by_id = NULL, decision_note = '' WHERE {row.where}"
            )

    def test_the_head_of_the_chain_moves_on_but_is_never_taken_away(self):
        row = self.row(ChainHead, 1, "last_sequence")
        run(row.update)
        for sql in row.ways_to_take_it_away:
            with self.subTest(sql), self.refused(row.table):
                run(sql)

    def test_adding_is_open(self):
        before = AuditEvent.objects.count()
        self.make_submitted(self.recommendation)
        self.assertGreater(AuditEvent.objects.count(), before)

    def test_installing_twice_changes_nothing(self):
        guards.install(connection)
        guards.install(connection)
        self.assertEqual(guards.faults(connection), {})
        with self.refused(StatusUpdate._meta.db_table):
            StatusUpdate.objects.filter(pk=self.approved.pk).update(version=9)

    def test_a_missing_guard_is_named_by_the_check(self):
        for guard in guards.GUARDS:
            for name in guards.names(guard, connection.vendor):
                with self.subTest(name), transaction.atomic():
                    run(f"DROP TRIGGER {name}" + ("" if IS_SQLITE else f" ON {guard.table}"))
                    self.assertEqual(guards.faults(connection), {name: "missing"})
                    with self.assertRaises(SystemCheckError) as refusal:
                        call_command("check", databases=["default"])
                    self.assertIn(f"recommendations.E001) The guard {name}", str(refusal.exception))
                    transaction.set_rollback(True)
        call_command("check", databases=["default"], verbosity=0)

    def test_a_guard_with_another_body_is_named_by_the_check(self):
        """Every guard of one table, each with a condition that never holds in place of its own."""
        guard = BY_TABLE[StatusUpdate._meta.db_table]
        conditions = dict.fromkeys(("update", "delete", "insert"), "FALSE")
        open_guard = replace(guard, **conditions)
        with transaction.atomic():
            with mock.patch.object(guards, "GUARDS", (open_guard,)):
                guards.install(connection)
            found = guards.faults(connection)
            self.assertEqual(set(found.values()), {"altered"})
            self.assertLessEqual({f"guard_statusupdate_{name}" for name in conditions}, set(found))
            with self.assertRaisesMessage(SystemCheckError, "guard_statusupdate_update is altered"):
                call_command("check", databases=["default"])
            transaction.set_rollback(True)
        self.assertEqual(guards.faults(connection), {})

    def test_dropping_takes_every_guard_away_and_installing_brings_them_back(self):
        with transaction.atomic():
            if not IS_SQLITE:
                run("SET CONSTRAINTS ALL IMMEDIATE")
            guards.drop(connection)
            names = [n for g in guards.GUARDS for n in guards.names(g, connection.vendor)]
            self.assertEqual(list(guards.faults(connection)), names)
            guards.install(connection)
        self.assertEqual(guards.faults(connection), {})


if IS_SQLITE:

    class SqliteGuardTests(GuardTestCase):
        """Ways past a trigger that only SQLite has."""

        def test_replacing_by_another_unique_column_is_refused(self):
            table = StatusUpdate._meta.db_table
            names = columns(table)
            others = names.replace('"id"', "900000 AS id", 1)
            with self.refused(table):
                run(
                    f"INSERT OR REPLACE INTO {table} ({names}) "
                    f"SELECT {others} FROM {table} WHERE id = {self.approved.pk}"
                )

        def test_updating_another_row_into_its_place_is_refused(self):
            table = StatusUpdate._meta.db_table
            for column in ("id", "key"):
                with self.subTest(column), self.refused(table):
                    run(
                        f"UPDATE OR REPLACE {table} SET {column} = "
                        f"(SELECT {column} FROM {table} WHERE id = {self.approved.pk}) "
                        f"WHERE id = {self.draft.pk}"
                    )

        def test_recursive_triggers_that_are_off_are_reported(self):
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA recursive_triggers = OFF")
                try:
                    self.assertEqual(
                        guards.faults(connection), {"PRAGMA recursive_triggers = ON": "missing"}
                    )
                    with self.assertRaisesMessage(SystemCheckError, "recursive_triggers"):
                        call_command("check", databases=["default"])
                finally:
                    cursor.execute("PRAGMA recursive_triggers = ON")
            self.assertEqual(guards.faults(connection), {})

else:

    class PostgresqlGuardTests(GuardTestCase):
        """Ways past a trigger that only PostgreSQL has."""

        def test_truncating_by_way_of_another_table_is_refused(self):
            with self.assertRaises(IntegrityError):
                run(f"TRUNCATE {User._meta.db_table} CASCADE")

        def test_a_guard_that_is_disabled_is_reported(self):
            for how in ("DISABLE TRIGGER", "ENABLE REPLICA TRIGGER"):
                with self.subTest(how), transaction.atomic():
                    table = AuditEvent._meta.db_table
                    run(f"ALTER TABLE {table} {how} guard_auditevent_update")
                    self.assertEqual(
                        guards.faults(connection), {"guard_auditevent_update": "missing"}
                    )
                    transaction.set_rollback(True)


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
        with connection.schema_editor() as editor:
            editor.add_constraint(model, constraint)
        with connection.schema_editor() as editor:
            editor.remove_constraint(model, constraint)

    def alter_a_field(self) -> None:
        old = StatusUpdate._meta.get_field("response_owner")
        new = type(old)(max_length=250, blank=True)
        new.set_attributes_from_name("response_owner")
        new.model = StatusUpdate
        for before, after in ((old, new), (new, old)):
            with connection.schema_editor() as editor:
                editor.alter_field(StatusUpdate, before, after)

    def test_the_guards_are_back_after_a_migration(self):
        recommendation = self.make_recommendation()
        approved = self.make_approved(recommendation)
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

    def test_a_flush_is_refused_and_the_base_class_knows_the_way(self):
        self.make_recommendation(key_word := uuid4().hex)
        with self.assertRaises(Exception) as refusal:
            call_command("flush", verbosity=0, interactive=False)
        self.assertIn("flush", str(refusal.exception))
        self.assertTrue(AuditText.objects.filter(text__contains=key_word).exists())
