"""An import with its statuses, and their approval, are killed at any moment: all is there or none.

Whoever begins again goes on where it stopped, from the same file or the same batch.
"""

import contextlib
import os
import random
import signal
import time
import unittest
from collections.abc import Callable

from django.db import connection, connections

from recommendations import audit, state
from recommendations.actions.errors import ActionRefused
from recommendations.actions.imports.openings.batches import approve_batch, undo_batch, undoable
from recommendations.models import (
    AuditEvent,
    OpeningBatch,
    OpeningRow,
    Recommendation,
    StatusUpdate,
)
from tests import kept
from tests.base import GuardedTransactionTestCase
from tests.depth import times
from tests.imports.files import csv_bytes
from tests.imports.openings import HEAD, ROWS, brought, seen

ROWS_OF_LIST = 30
LONGEST = 0.6
"""Seconds in which a list is imported and approved."""


@unittest.skipUnless(hasattr(os, "fork"), "a writer is a fork of this process")
class KilledWhileTakingOverTests(GuardedTransactionTestCase):
    def setUp(self) -> None:
        super().setUp()
        kept.renew()
        rows = [(f"7.{n}", f"Do it {n} times", *ROWS[1][2:]) for n in range(ROWS_OF_LIST)]
        self.data = csv_bytes(rows, HEAD)

    def test_at_any_moment_all_is_there_or_none_and_it_goes_on(self) -> None:
        chosen = random.Random(5)
        for _time in range(times(4, 100)):
            writer = self.start(self.go_on)
            time.sleep(chosen.uniform(0, LONGEST))
            os.kill(writer, signal.SIGKILL)
            os.waitpid(writer, 0)
            self.assert_all_or_none()
        self.go_on()
        self.assert_all_or_none()
        self.assertEqual(StatusUpdate.objects.filter(kind="opening").count(), ROWS_OF_LIST)

    def go_on(self) -> None:
        """Whatever comes next: import, approval; of what was approved nothing is left to do."""
        with contextlib.suppress(ActionRefused):  # Where it was imported already.
            brought(self.data, self.source, self.manager)
        batch = OpeningBatch.objects.latest("pk")
        if batch.is_waiting:
            approve_batch(batch=batch, by=self.other_manager, seen=seen(batch))

    def start(self, write: Callable[[], object]) -> int:
        """A process that does it until it is killed."""
        # Two processes never share a connection, nor a pool of these.
        connections.close_all()
        if connection.vendor == "postgresql":
            connection.close_pool()
        if writer := os.fork():
            return writer
        try:
            write()
        finally:
            os._exit(1)

    def assert_all_or_none(self) -> None:
        with audit.one_moment():
            ids = list(Recommendation.objects.values_list("pk", flat=True))
            self.assertEqual(list(state.drift(ids)), [])
            self.assertEqual(audit.verify_chain().fault, "")
            self.assertIn(len(ids), (0, ROWS_OF_LIST))
            self.assertEqual(OpeningRow.objects.count(), len(ids))
            current = Recommendation.objects.filter(current_update__state="approved").count()
            self.assertEqual(current, StatusUpdate.objects.filter(kind="opening").count())
            self.assertIn(current, (0, ROWS_OF_LIST))
            told = AuditEvent.objects.filter(verb="approve_batch").count()
            self.assertEqual(told, 1 if current else 0)

    def test_undoing_is_whole_too(self) -> None:
        self.go_on()
        batch = OpeningBatch.objects.get()
        count = undoable(batch).count()

        def undo() -> None:
            undo_batch(batch=batch, by=self.manager, seen=count, reason="Wrong.")

        chosen = random.Random(6)
        for _time in range(times(2, 50)):
            writer = self.start(undo)
            time.sleep(chosen.uniform(0, LONGEST / 3))
            os.kill(writer, signal.SIGKILL)
            os.waitpid(writer, 0)
            batch.refresh_from_db()
            undone = OpeningRow.objects.filter(undone_at__isnull=False).count()
            self.assertEqual(undone, ROWS_OF_LIST if batch.undone_at else 0)
            current = Recommendation.objects.filter(current_update__isnull=False).count()
            self.assertEqual(current, ROWS_OF_LIST - undone)
