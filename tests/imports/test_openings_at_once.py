"""Two managers and one batch of opening statuses at the same moment."""

from functools import partial

from recommendations.actions.base import ActionRefused
from recommendations.actions.imports.openings import approve_batch, undo_batch
from recommendations.choices import Role
from recommendations.models import AuditEvent, OpeningBatch, StatusUpdate
from tests.base import RaceTestCase, make_person
from tests.imports.openings import brought, list_of, seen
from tests.threads import at_once, failures


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
