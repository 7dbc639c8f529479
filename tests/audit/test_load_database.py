"""``load_database``: a whole database out of a dump, verified and on record; or nothing of it."""

import gzip
import hashlib
import json
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, connection

from recommendations import audit, guards
from recommendations.actions.oversight import verification
from recommendations.models import AuditEvent, Recommendation, StatusUpdate, User
from tests.base import GuardedTransactionTestCase
from tests.baselines import record_baselines
from tests.rows import empty


class LoadTestCase(GuardedTransactionTestCase):
    def setUp(self) -> None:
        super().setUp()
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name) / "site.json"
        record_baselines()
        self.make_approved(self.make_recommendation())
        call_command("dumpdata", output=str(self.file), verbosity=0)
        self.head = audit.verify_chain().head
        empty("default")

    def load(self, *options: str) -> str:
        said = StringIO()
        call_command("load_database", str(self.file), *options, stdout=said, stderr=said)
        return said.getvalue()

    def rewrite(self, model: str, **values: Any) -> None:
        """Give every row of a model in the file other values."""
        rows = json.loads(self.file.read_text())
        for row in rows:
            if row["model"] == model:
                row["fields"] |= values
        self.file.write_text(json.dumps(rows))

    def assert_nothing_loaded(self) -> None:
        self.assertFalse(User.objects.exists())
        self.assertFalse(AuditEvent.objects.exists())
        self.assertEqual(guards.faults(connection), {})


class LoadTests(LoadTestCase):
    def test_everything_is_there_and_whole_and_the_log_tells_of_it(self) -> None:
        self.assertIn(f"Head of the file: {self.head}", self.load(f"--expect={self.head}"))
        self.assertTrue(verification.verify().is_whole)
        self.assertEqual(StatusUpdate.objects.get().state, "approved")
        self.assertEqual(Recommendation.objects.get().reference, "REP-1")
        event = AuditEvent.objects.latest("sequence")
        told = json.loads(event.payload)["changes"]
        digest = hashlib.sha256(self.file.read_bytes()).hexdigest()
        self.assertEqual((event.verb, event.object_id), ("load_database", digest[:16]))
        self.assertEqual(
            (told["sha256"][1], told["head"][1], told["faults"][1]), (digest, self.head, 0)
        )
        self.assertEqual(event.sequence, int(self.head.partition(":")[0]) + 1)
        with self.subTest("people go on"):
            self.make_submitted(Recommendation.objects.get())
            self.assertTrue(verification.verify().is_whole)
        with (
            self.subTest("a second time"),
            self.assertRaisesMessage(
                CommandError, "This database is not empty. Load into an empty database."
            ),
        ):
            self.load()

    def test_a_packed_file_with_one_object_a_line(self) -> None:
        lines = "".join(f"{json.dumps(row)}\n" for row in json.loads(self.file.read_text()))
        self.file = self.file.with_name("site.jsonl.gz")
        self.file.write_bytes(gzip.compress(lines.encode()))
        self.load()
        self.assertTrue(verification.verify().is_whole)

    def test_what_is_refused_leaves_nothing(self) -> None:
        def refused(error: type[Exception], words: str, load: Any, *options: str) -> None:
            with self.subTest(words), self.assertRaisesMessage(error, words):
                load(*options)
            self.assert_nothing_loaded()

        def loaddata() -> None:
            call_command("loaddata", str(self.file), verbosity=0)

        refused(IntegrityError, "loaded by manage.py load_database", loaddata)
        missing = "is missing. The audit log ends at event"
        refused(CommandError, missing, self.load, f"--expect=999:{'0' * 64}")
        self.rewrite("recommendations.recommendation", title="Do something else")
        said = "title: the table has “Do something else”, the audit log “Do the thing”"
        refused(CommandError, said, self.load)
        with self.subTest("unless that is accepted, which the log tells"):
            self.assertIn(said, self.load("--accept-faults"))
            event = AuditEvent.objects.latest("sequence")
            self.assertEqual(json.loads(event.payload)["changes"]["faults"], [None, 1])
        empty("default")
        self.file.write_text("[{]")
        refused(CommandError, "The file cannot be loaded", self.load)
        self.file.unlink()
        refused(CommandError, "The file cannot be read", self.load)
