"""Whatever is killed, and whenever: a file whose upload was answered is there, whole."""

import tempfile
import unittest
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.test import override_settings

from recommendations import audit
from tests.base import GuardedTransactionTestCase
from tests.depth import times
from tests.kills import door, serving, upload_under_fire
from tests.kills import proofs as proofs_of
from tests.updates import begin_draft
from tracker.evidence_storage import evidence_storage

KILLS = times(3, 25)


@unittest.skipUnless(Path("/proc").is_dir(), "processes are found in /proc")
class KilledWhileUploadingTests(GuardedTransactionTestCase):
    # What is killed is no database: the file of SQLite, which both can open, is enough.
    __test__ = connection.vendor == "sqlite"

    def test_what_was_answered_is_there(self) -> None:
        doors = [
            door(person, begin_draft(recommendation=self.make_recommendation(), by=person))
            for person in (self.staff, self.manager)
        ]
        with tempfile.TemporaryDirectory() as name:
            entry = evidence_storage(Path(name))
            with override_settings(STORAGES={**settings.STORAGES, "evidence": entry}):
                with serving(Path(name)) as server:
                    sent = upload_under_fire(server, doors, KILLS, seed=1)
                self.assertEqual(sent.refused, [])
                self.assertGreater(len(sent.answered), KILLS)
                proofs = proofs_of(sent)
        self.assertEqual((proofs.lost, proofs.faults), (0, 0))
        self.assertEqual(audit.verify_chain().fault, "")
