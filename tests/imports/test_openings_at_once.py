"""Two people and one batch of opening statuses, or one import, at the same moment."""

from functools import partial

from recommendations.actions.base import ActionRefused
from recommendations.actions.bulk_changes import NothingChanged
from recommendations.actions.imports.openings import approve_batch
from recommendations.actions.recommendations import revise_recommendation
from recommendations.choices import Role
from recommendations.models import AuditEvent, OpeningBatch, Recommendation, StatusUpdate
from recommendations.queries.bulk_changes import plan_undo
from tests.base import RaceTestCase, make_person
from tests.imports.files import csv_bytes, imported
from tests.imports.openings import brought, list_of, seen
from tests.threads import at_once, failures
from tests.undoing import undo_batch, undo_many


class OpeningRaceTests(RaceTestCase):
    def test_two_approve_and_one_gets_in(self) -> None:
        batch = brought(list_of(), self.source, self.manager)
        approve = partial(approve_batch, batch=batch, seen=seen(batch))
        third = make_person("third", Role.MANAGER, self.agency)
        [refusal] = failures(
            at_once([partial(approve, by=manager) for manager in (self.other_manager, third)])
        )
        self.assertIsInstance(refusal, ActionRefused)
        decided = OpeningBatch.objects.get()
        self.assertIn(f"{decided.decided_by} approved this batch on", str(refusal))
        self.assertEqual(StatusUpdate.objects.filter(kind="opening").count(), 3)
        self.assertEqual(AuditEvent.objects.filter(verb="approve_batch").count(), 1)

    def test_one_approves_while_the_importer_undoes_and_one_of_them_is_told(self) -> None:
        batch = brought(list_of(), self.source, self.manager)
        approve = partial(approve_batch, batch=batch, by=self.other_manager, seen=seen(batch))
        undo = partial(undo_batch, batch=batch, by=self.manager, seen=0, reason="Wrong.")
        [refusal] = failures(at_once([approve, undo]))
        self.assertIsInstance(refusal, ActionRefused)
        decided = OpeningBatch.objects.get()
        self.assertEqual(decided.decided_at is None, decided.undone_at is not None)


class UndoneImportRaceTests(RaceTestCase):
    def test_one_edits_what_another_undoes_and_one_of_them_is_told(self) -> None:
        data = csv_bytes([("7.1", "Keep a register")], ("Ref no", "Title"))
        event = imported(data, self.source, self.manager)
        row = Recommendation.objects.get(external_id="7.1")
        shown = plan_undo(event).shown
        undo = partial(undo_many, event=event, shown=shown, by=self.manager, reason="Wrong.")
        edit = partial(
            revise_recommendation,
            recommendation=row,
            by=self.other_manager,
            expected_version=row.version,
            values={"title": "Keep two registers"},
        )
        [refusal] = failures(at_once([edit, undo]))
        row.refresh_from_db()
        was_edited = row.title == "Keep two registers"
        self.assertEqual(was_edited, row.archived_at is None)
        self.assertEqual(was_edited, isinstance(refusal, NothingChanged))
