"""The last door: what is decided and what is recorded stays, whatever SQL is typed by hand.

The attacks are those of the engine that the tests run on; an attack that only the other engine
knows is not a skipped test but no test.
"""

from dataclasses import replace
from unittest import mock
from uuid import uuid4

from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Q

from recommendations import guards
from recommendations.actions import dates
from recommendations.apps import make_way
from recommendations.guards import triggers
from recommendations.models import (
    AuditEvent,
    AuditRow,
    AuditText,
    ChainHead,
    Comment,
    Evidence,
    EvidenceChange,
    EvidenceCheck,
    EvidenceLink,
    EvidenceRevision,
    ImportRun,
    Observation,
    ObservationConfirmation,
    OpeningBatch,
    OpeningRow,
    PartCompletion,
    Redaction,
    ReportedStatus,
    ReportingRound,
    Request,
    Response,
    RoundExtension,
    RoundReminder,
    SignOff,
    StatusUpdate,
    StoredFile,
    Target,
    TargetDateChange,
)
from tests.base import GuardedTransactionTestCase
from tests.guards import BY_TABLE, IS_SQLITE, GuardTestCase, Row, columns, run


class GuardTests(GuardTestCase):
    @property
    def closed_rows(self) -> list[Row]:
        """One row of each table whose rows never change once they are closed."""
        event = AuditEvent.objects.earliest("sequence")
        editors = StatusUpdate.editors.through.objects.filter(statusupdate=self.approved.pk)
        confirmation = ObservationConfirmation.objects.get()
        through, covered = RoundReminder.requests.through, SignOff.recommendations.through
        return [
            self.row(StatusUpdate, self.approved.pk, "public_text"),
            self.row(StatusUpdate.editors.through, editors.get().pk, "user_id"),
            self.row(TargetDateChange, self.decided_date.pk, "reason"),
            self.row(PartCompletion, PartCompletion.objects.get().pk, "added_by_id"),
            self.row(Comment, Comment.objects.get().pk, "text"),
            self.row(Response, Response.objects.get().pk, "reason"),
            self.row(Observation, Observation.objects.get().pk, "comment"),
            self.row(ImportRun, ImportRun.objects.get().pk, "file_name", "'x'"),
            self.row(ObservationConfirmation, confirmation.pk, "confirmed_by_id"),
            self.row(Evidence, Evidence.objects.get().pk, "url", "'https://example.org/b'"),
            self.row(EvidenceRevision, EvidenceRevision.objects.get().pk, "original_name"),
            self.row(EvidenceCheck, EvidenceCheck.objects.get().pk, "note", "'x'"),
            self.row(EvidenceChange, EvidenceChange.objects.get().pk, "new_values", "'{}'"),
            self.row(EvidenceLink, self.link.pk, "why", "'x'"),
            self.row(Target, Target.objects.get().pk, "comment"),
            self.row(Redaction, Redaction.objects.get().pk, "reason"),
            self.row(ReportedStatus, ReportedStatus.objects.get().pk, "words", "'x'"),
            self.row(OpeningBatch, OpeningBatch.objects.get().pk, "file_name", "'x'"),
            self.row(OpeningRow, OpeningRow.objects.get().pk, "words", "'x'"),
            self.row(ReportingRound, self.asked.round_id, "name", "'x'"),
            self.row(Request, self.asked.pk, "not_asked", "'closed'"),
            self.row(RoundExtension, RoundExtension.objects.get().pk, "reason"),
            self.row(RoundReminder, RoundReminder.objects.get().pk, "day", "'2030-01-01'"),
            self.row(through, through.objects.get().pk, "request_id"),
            self.row(SignOff, SignOff.objects.get().pk, "remark", "'x'"),
            self.row(covered, covered.objects.get().pk, "recommendation_id"),
            self.row(AuditEvent, event.pk, "payload"),
            self.row(AuditRow, AuditRow.objects.latest("pk").pk, "changes"),
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

    def test_an_import_is_undone_once_and_stays_so(self):
        row = self.row(ImportRun, ImportRun.objects.get().pk, "file_name", "'x'")
        undone = "undone_at = '2030-01-01 12:00:00+00', undone_by_id = {}, undo_reason = {}"
        first = undone.format(self.manager.pk, "'So.'")
        run(f"UPDATE {row.table} SET {first} WHERE {row.where}")
        for change in (
            "undone_at = NULL, undone_by_id = NULL, undo_reason = ''",
            undone.format(self.other_manager.pk, "'So.'"),
            undone.format(self.manager.pk, "'Other words.'"),
            "undone_at = '2031-01-01 12:00:00+00'",
        ):
            with self.subTest(change), self.refused(row.table):
                run(f"UPDATE {row.table} SET {change} WHERE {row.where}")
        for sql in row.ways_to_take_it_away:
            with self.subTest(sql), self.refused(row.table):
                run(sql)

    def test_the_head_of_the_chain_moves_on_but_is_never_taken_away(self):
        row = self.row(ChainHead, 1, "last_sequence")
        run(row.update)
        for sql in row.ways_to_take_it_away:
            with self.subTest(sql), self.refused(row.table):
                run(sql)

    def test_an_event_only_continues_the_last_one_by_number_and_hash(self):
        events = AuditEvent._meta.db_table
        last = AuditEvent.objects.latest("sequence")
        names = columns(events)

        def added(sequence: int, previous: str) -> str:
            taken = names.replace('"sequence"', f"{sequence} AS sequence")
            taken = taken.replace('"previous_hash"', f"'{previous}' AS previous_hash")
            return f"INSERT INTO {events} ({names}) SELECT {taken} FROM {events} WHERE sequence = 1"

        following = last.sequence + 1
        refused = ((following, "f" * 64), (following + 1, last.hash), (0, last.hash))
        for sequence, previous in refused:
            with self.subTest(sequence), self.refused(events):
                run(added(sequence, previous))
        run(added(following, last.hash))

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
            with mock.patch.object(triggers, "GUARDS", (open_guard,)):
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
