"""``backup``: as of one moment while people write, and honest about what it lacks."""

import json
from collections.abc import Callable
from contextlib import contextmanager
from io import StringIO
from typing import Any
from unittest import mock

from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from recommendations import audit
from recommendations.actions.evidence.files import Problem
from recommendations.actions.oversight import backups, verification
from recommendations.actions.redaction import redact_file
from recommendations.audit.chain import current_head
from recommendations.audit.verify import Progress
from recommendations.models import AuditEvent, Recommendation, StoredFile
from recommendations.storage import evidence as store
from recommendations.storage.archive import reading
from tests.backup.base import BackupTestCase, quiet
from tests.depth import times
from tests.storage.backends import InFolder
from tests.threads import at_once, failures


class BackupCommandTestCase(InFolder, BackupTestCase):
    def back_up(self, *options: Any) -> str:
        return self.run_command("backup", *options)

    def parts(self) -> dict[str, bytes]:
        with reading(self.path, quiet()) as archive:
            return {name: content.read() for name, content in archive.rest()}

    @contextmanager
    def fails(self, code: int, words: str):
        with self.assertRaisesMessage(CommandError, words) as caught:
            yield
        self.assertEqual(caught.exception.returncode, code)


class WholeBackupTests(BackupCommandTestCase):
    def test_it_says_what_it_holds_and_leaves_an_event(self) -> None:
        head = str(current_head())
        said = self.back_up(self.path)
        event = AuditEvent.objects.latest("sequence")
        told = {name: after for name, [_, after] in json.loads(event.payload)["changes"].items()}
        manifest = json.loads(self.parts()["manifest.json"])
        self.assertEqual(event.verb, "back_up")
        self.assertEqual((told["head"], told["files"], told["not_copied"]), (head, 2, 0))
        self.assertEqual(told["rows"], sum(t["rows"] for t in manifest["tables"].values()))
        self.assertIn(f"2 files. Head: {head}", said)
        self.assertIn(f"SHA-256 {told['sha256']}", said)
        self.assertIn("Copying the files of evidence", said)
        self.assertEqual(manifest["engine"], connection.vendor)
        self.assertIn("django_session", manifest["left_out"])
        self.assertEqual(audit.verify_chain().fault, "")

    def test_what_cannot_be_written_or_read_leaves_no_backup(self) -> None:
        with self.fails(2, "No backup was made"):
            self.back_up(self.place / "nowhere" / "site.tar")
        self.path.write_bytes(b"the last one")
        with self.fails(2, "A file of this name already exists"):
            self.back_up(self.path)
        self.assertEqual(self.path.read_bytes(), b"the last one")
        self.path.unlink()
        for options in (
            (self.path, "--keep", "2"),
            ("--directory", self.place, "--keep", "0"),
            ("--directory", self.place, self.path),
            (),
        ):
            with self.subTest(options), self.assertRaises(CommandError):
                self.back_up(*options)
        self.break_it()
        with self.fails(2, "No backup was made"):
            self.back_up(self.path)
        self.assertEqual(list(self.place.iterdir()), [])

    def test_a_site_that_can_only_be_read_is_backed_up_and_tells_nothing_of_it(self) -> None:
        events = AuditEvent.objects.count()
        is_sqlite = connection.vendor == "sqlite"
        switch = "PRAGMA query_only =" if is_sqlite else "SET default_transaction_read_only ="
        read_only = mock.patch.object(store, "storage_error", return_value="read-only")
        with read_only, connection.cursor() as cursor:
            cursor.execute(f"{switch} on")
            try:
                said = self.back_up(self.path)
            finally:
                cursor.execute(f"{switch} off")
        self.assertIn("2 files.", said)
        self.assertIn("does not record this backup", said)
        self.assertEqual(len(self.parts()), 6)
        self.assertEqual(AuditEvent.objects.count(), events)


class MomentTests(BackupCommandTestCase):
    """People write while it runs; it holds what was there when it began."""

    def write(self) -> None:
        self.make_submitted(Recommendation.objects.get())
        self.make_file("A late paper.")

    def test_it_is_as_of_one_moment_and_keeps_nobody_from_writing(self) -> None:
        before = backups.back_up(self.place / "before.tar", quiet)
        done: list[Any] = []

        def step(what: str) -> Progress:
            if not done:
                # In the middle of the reading: on a connection of its own, and committed.
                done.extend(at_once([self.write]))
            return quiet()

        made = backups.back_up(self.path, step)
        self.assertEqual(done, [None])
        self.assertEqual(StoredFile.objects.count(), 3)
        self.assertEqual(made.head, before.head)
        self.assertEqual((made.rows, made.files), (before.rows, 2))
        manifest = json.loads(self.parts()["manifest.json"])
        with reading(self.place / "before.tar", quiet()) as archive:
            self.assertEqual(
                manifest["tables"], json.loads(archive.take("manifest.json").read())["tables"]
            )

    def test_what_is_made_while_several_people_write_restores_whole(self) -> None:
        def writer(name: str) -> Callable[[], None]:
            def write() -> None:
                for number in range(times(3, 40)):
                    self.make_file(f"Paper {number} of {name}.")
                    self.make_submitted(Recommendation.objects.get())

            return write

        def back_up() -> list[backups.Backup]:
            return [backups.back_up(self.place / f"{n}.tar", quiet) for n in range(times(1, 20))]

        outcomes = at_once([writer("one"), writer("two"), back_up])
        self.assertEqual(failures(outcomes), [])
        for number, made in enumerate(outcomes[2]):
            with self.subTest(number):
                self.empty_site()
                said = self.run_command("restore", self.place / f"{number}.tar")
                self.assertIn(f"{made.files:,} files were restored. Head: {made.head}", said)
                self.assertEqual(StoredFile.objects.count(), made.files)
                self.assertTrue(verification.verify().is_whole)


class FilesTests(BackupCommandTestCase):
    def test_a_file_that_is_missing_or_altered_is_named_and_the_rest_is_kept(self) -> None:
        missing, altered = StoredFile.objects.order_by("pk")
        store.delete_file(missing.pk)
        self.alter(store.storage_name(altered.pk), b"something else")
        said = StringIO()
        with self.fails(1, "The backup lacks evidence files"):
            call_command("backup", str(self.path), stdout=said, stderr=said)
        self.assertIn(f"File {missing.pk} is not in the backup: missing", said.getvalue())
        self.assertIn(f"File {altered.pk} is not in the backup: altered", said.getvalue())
        not_copied = {missing.pk: Problem.MISSING.value, altered.pk: Problem.ALTERED.value}
        self.assertEqual(json.loads(self.parts()["not_copied.json"]), not_copied)
        self.assertEqual(AuditEvent.objects.latest("sequence").verb, "back_up")

    def test_a_file_that_is_taken_out_meanwhile_is_named_and_no_fault(self) -> None:
        """One that was taken out before is not asked for."""
        file = StoredFile.objects.earliest("pk")

        def step(what: str) -> Progress:
            if what.startswith("Copying"):
                redact_file(file=file, by=self.administrator, reason="Sent by mistake.")
            return quiet()

        made = backups.back_up(self.path, step)
        self.assertEqual((made.not_copied, made.faulty), ({file.pk: "redacted"}, []))
        self.assertNotIn(f"evidence/{file.pk}", self.parts())
        made = backups.back_up(self.place / "later.tar", quiet)
        self.assertEqual((made.files, made.not_copied), (1, {}))


class FolderTests(BackupCommandTestCase):
    def test_a_folder_keeps_the_latest_unless_a_backup_lacks_files(self) -> None:
        for day in (1, 2, 3):
            (self.place / f"backup-2026-01-0{day}T02-30-00Z.tar").touch()
        said = self.back_up("--directory", self.place, "--keep", "2")
        names = sorted(path.name for path in self.place.iterdir())
        self.assertEqual(len(names), 2)
        self.assertEqual(names[0], "backup-2026-01-03T02-30-00Z.tar")
        self.assertEqual(said.count("Deleted: "), 2)
        newest = self.place / names[1]
        newest.rename(self.place / "backup-2026-01-04T02-30-00Z.tar")
        store.delete_file(StoredFile.objects.earliest("pk").pk)
        with self.fails(1, "lacks evidence files"):
            self.back_up("--directory", self.place, "--keep", "1")
        self.assertEqual(len(list(self.place.iterdir())), 3)
