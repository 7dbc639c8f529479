"""An import with its statuses, their approval, and its undoing are killed at any moment: all is
there or none, and whoever begins again goes on where it stopped, from the same file or batch.
"""

from recommendations import audit, state
from recommendations.actions.imports.openings import approve_batch, undoable
from recommendations.models import (
    AuditEvent,
    OpeningBatch,
    OpeningRow,
    Recommendation,
    StatusUpdate,
)
from tests import kept
from tests.depth import times
from tests.forks import KilledTestCase
from tests.imports.files import csv_bytes
from tests.imports.openings import HEAD, ROWS, brought, seen
from tests.undoing import undo_batch

ALL = times(4, 30)
"""Rows of the list."""


class KilledWhileTakingOverTests(KilledTestCase):
    def setUp(self) -> None:
        super().setUp()
        kept.renew()
        rows = [(f"7.{n}", f"Do it {n} times", *ROWS[1][2:]) for n in range(ALL)]
        self.data = csv_bytes(rows, HEAD)

    def bring(self) -> None:
        if not OpeningBatch.objects.exists():
            brought(self.data, self.source, self.manager)

    def approve(self) -> None:
        batch = OpeningBatch.objects.get()
        if batch.is_waiting:
            approve_batch(batch=batch, by=self.other_manager, seen=seen(batch))

    def undo(self) -> None:
        batch = OpeningBatch.objects.get()
        if batch.undone_at is None:
            count = undoable(batch).count()
            undo_batch(batch=batch, by=self.manager, seen=count, reason="Wrong.")

    def test_at_any_moment_all_is_there_or_none_and_it_goes_on(self) -> None:
        for write, step in ((self.bring, 20), (self.approve, 5), (self.undo, 5)):
            for moment in self.kills(write, step):
                with self.subTest(write.__name__, moment=moment):
                    self.assert_all_or_none()
        # Imported, approved and undone, each in the end.
        self.assertEqual(self.counts(), [ALL, ALL, ALL, 0, 1, ALL, 1])

    def counts(self) -> list[int]:
        """Rows that came in, openings of them and what is in force, and what was undone."""
        return [
            Recommendation.objects.count(),
            OpeningRow.objects.count(),
            StatusUpdate.objects.filter(kind="opening").count(),
            Recommendation.objects.filter(current_update__state="approved").count(),
            AuditEvent.objects.filter(verb="approve_batch").count(),
            OpeningRow.objects.filter(undone_at__isnull=False).count(),
            OpeningBatch.objects.filter(undone_at__isnull=False).count(),
        ]

    def assert_all_or_none(self) -> None:
        with audit.one_moment():
            ids = list(Recommendation.objects.values_list("pk", flat=True))
            self.assertEqual(list(state.drift(ids)), [])
            self.assertEqual(audit.verify_chain().fault, "")
            self.assertIn(
                self.counts(),
                [
                    [0, 0, 0, 0, 0, 0, 0],
                    [ALL, ALL, 0, 0, 0, 0, 0],
                    [ALL, ALL, ALL, ALL, 1, 0, 0],
                    [ALL, ALL, ALL, 0, 1, ALL, 1],
                ],
            )
