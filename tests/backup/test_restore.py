"""``restore``: everything as it was at the moment of the backup, verified; or nothing, and why."""

import gzip
import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from io import BytesIO
from typing import Any
from unittest import mock

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import SimpleTestCase, override_settings

from recommendations import guards
from recommendations.actions.base import ActionRefused
from recommendations.actions.oversight import backups, verification
from recommendations.audit.chain import current_head
from recommendations.audit.snapshots import KEPT
from recommendations.models import (
    AuditEvent,
    Evidence,
    Recommendation,
    RecommendationState,
    StoredFile,
    User,
)
from recommendations.storage import evidence as store
from recommendations.storage.archive import reading, writing
from tests.backup.base import BackupTestCase, Tables, files, quiet, tables
from tests.storage.backends import InBucket, InFolder

MANIFEST, ROWS = "manifest.json", "database.jsonl.gz"

TOLD_BY_THE_RESTORE = {
    "recommendations_auditevent",
    "recommendations_audittext",
    "recommendations_chainhead",
}
"""Tables that the event of a restore is added to."""


THERE = """
import sys, django
from django.core.management import call_command
django.setup()
call_command("migrate", verbosity=0)
call_command("restore", sys.argv[1])
call_command("backup", sys.argv[2])
"""
"""Restore on another engine, in one process, and back up from there."""


class RestoreTestCase(BackupTestCase):
    before: Tables
    stored: dict[str, bytes]

    def setUp(self) -> None:
        super().setUp()
        self.before, self.stored, self.head = tables(), files(), str(current_head())
        self.run_command("backup", self.path)
        self.empty_site()

    def restore(self, *options: Any) -> str:
        return self.run_command("restore", self.path, *options)

    def assert_refused(self, words: str, *options: Any) -> None:
        """Refused, and nothing of it is there."""
        with self.assertRaisesMessage(CommandError, words) as caught:
            self.restore(*options)
        self.assertEqual(caught.exception.returncode, 1)
        self.assertFalse(User.objects.exists() or AuditEvent.objects.exists())
        self.assertEqual(files(), {})
        self.assertEqual(guards.faults(connection), {})

    def parts(self) -> dict[str, bytes]:
        with reading(self.path, quiet()) as archive:
            return {part: content.read() for part, content in archive.rest()}

    def rewrite(self, name: str, change: Callable[[bytes], bytes]) -> None:
        """Write the archive anew, whole in itself, with one part changed."""
        parts = self.parts()
        self.path.unlink()
        with writing(self.path) as made:
            for part, content in parts.items():
                held = change(content) if part == name else content
                made.add(part, BytesIO(held), len(held))


class WholeRestoreTests(RestoreTestCase):
    """What holds wherever the files lie."""

    def test_every_table_and_file_is_as_it_was_at_the_moment_of_the_backup(self) -> None:
        """But for the kept states, which are in no backup and are built after a restore."""
        held = gzip.decompress(self.parts()[ROWS]).decode()
        self.assertIn('"recommendations.recommendation"', held)
        self.assertEqual([label for label in KEPT if f'"{label}"' in held], [])
        said = self.restore()
        self.assertIn(f"2 files were restored. Head: {self.head}", said)
        self.assertIn("2 files on record, 2 of them compared with their digests", said)
        self.assertEqual(files(), self.stored)
        after = tables()
        for table in after.keys() | self.before:
            with self.subTest(table):
                if table in TOLD_BY_THE_RESTORE - {"recommendations_chainhead"}:
                    self.assertEqual([r for r in self.before[table] if r not in after[table]], [])
                elif table == "recommendations_storedfile":
                    self.assert_compared_since(after[table])
                elif table not in TOLD_BY_THE_RESTORE:
                    self.assertEqual(after[table], self.before[table])
        with self.subTest("whole, and the log tells of it"):
            self.assertTrue(verification.verify().is_whole)
            self.assertEqual(RecommendationState.objects.count(), Recommendation.objects.count())
            told = AuditEvent.objects.get(sequence=int(self.head.partition(":")[0]) + 1)
            self.assertEqual(told.verb, "restore_backup")
        with self.subTest("people go on"):
            self.make_submitted(Recommendation.objects.get())
            self.make_file("A late paper.")
            self.assertTrue(verification.verify().is_whole)

    def assert_compared_since(self, rows: list[Any]) -> None:
        """The check of files noted when it was; nothing else of them changed."""
        place = [field.name for field in StoredFile._meta.concrete_fields].index("compared_at")
        without = [[*row[:place], *row[place + 1 :]] for row in rows]
        expected = self.before["recommendations_storedfile"]
        self.assertEqual(without, [[*row[:place], *row[place + 1 :]] for row in expected])


class FromAndToAFolder(InFolder, WholeRestoreTests):
    pass


class FromAndToABucket(InBucket, WholeRestoreTests):
    pass


del WholeRestoreTests


class RefusalTests(InFolder, RestoreTestCase):
    def damage(self) -> None:
        held = bytearray(self.path.read_bytes())
        held[len(held) // 2] ^= 1
        self.path.write_bytes(held)

    def say(self, what: bytes) -> None:
        self.rewrite(MANIFEST, lambda _was: what)

    def migrate(self, change: Callable[[list[str]], Any]) -> None:
        """Another version of the tables, in the manifest."""

        def changed(content: bytes) -> bytes:
            manifest = json.loads(content)
            manifest["migrations"]["axes"].sort()
            change(manifest["migrations"]["axes"])
            return json.dumps(manifest).encode()

        self.rewrite(MANIFEST, changed)

    def retitle(self) -> None:
        def changed(content: bytes) -> bytes:
            return gzip.compress(gzip.decompress(content).replace(b"Do the thing", b"Do no thing"))

        self.rewrite(ROWS, changed)

    def test_each_is_refused_and_nothing_of_it_is_there(self) -> None:
        whole = self.path.read_bytes()
        nothing = "“manifest.json” is not part of a backup"
        upgrade = "Restore with that version, then upgrade"
        later = lambda names: names.append("9999_later")  # noqa: E731
        for change, *words in (
            (self.damage, "Nothing was restored: The backup is damaged"),
            (self.path.unlink, "Nothing was restored: "),
            (lambda: self.say(b"{"), nothing),
            (lambda: self.say(b"[1]"), nothing),
            (lambda: self.say(b'{"head": 1}'), nothing),
            (lambda: self.migrate(later), "the backup has migration", upgrade),
            (
                lambda: self.migrate(lambda names: names.__delitem__(slice(-2, None))),
                *("this version has migration", upgrade),
            ),
            (self.retitle, "differs from the backup"),
            (
                lambda: self.rewrite(ROWS, lambda content: content[:-20]),
                "The backup cannot be loaded",
            ),
        ):
            with self.subTest(words):
                self.path.write_bytes(whole)
                change()
                for some in words:
                    self.assert_refused(some)
        self.path.write_bytes(whole)
        with override_settings(AUDIT_SIGNING_KEY="of another site"):
            self.assert_refused("Set AUDIT_SIGNING_KEY and AUDIT_SITE")
            with self.subTest("unless another head is given that was kept"):
                self.assert_refused(
                    "is missing. The audit log ends at event", f"--expect=999:{'0' * 64}"
                )
                self.assertIn("were restored", self.restore(f"--expect={self.head}"))
        with self.subTest("a database with rows"):
            filled = "This database is not empty. Load into an empty database."
            with self.assertRaisesMessage(CommandError, filled):
                self.restore()

    def test_a_site_that_was_not_whole_when_it_was_backed_up(self) -> None:
        self.restore()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE recommendations_recommendation SET title = 'Do something else'")
        self.path.unlink()
        self.run_command("backup", self.path)
        self.empty_site()
        self.assert_refused(
            "title: the table has “Do something else”, the audit log “Do the thing”"
        )
        with self.subTest("unless that is accepted, which the log tells"):
            self.assertIn("Do something else", self.restore("--accept-faults"))


class StorageTests(InFolder, RestoreTestCase):
    def test_a_storage_with_files(self) -> None:
        self.alter("of/another/site", b"something")
        for words, options in (
            (
                "The evidence storage is not empty. Restore into empty storage. After an "
                "interrupted restore, run this again with --again.",
                (),
            ),
            (
                "“of/another/site” in the evidence storage does not belong to a restore",
                ("--again",),
            ),
        ):
            with self.subTest(words), self.assertRaisesMessage(CommandError, words):
                self.restore(*options)
        self.assertFalse(User.objects.exists())

    def test_an_interrupted_restore_is_begun_again(self) -> None:
        kept: list[str] = []
        save = store.save_file

        def save_one(sha256: str, content: Any) -> None:
            if kept:
                raise OSError("no space left")
            kept.append(sha256)
            save(sha256, content)

        with (
            mock.patch.object(store, "save_file", save_one),
            self.assertRaisesMessage(CommandError, "Nothing was restored: no space left"),
        ):
            self.restore()
        self.assertFalse(User.objects.exists() or AuditEvent.objects.exists())
        with self.assertRaisesMessage(CommandError, "run this again with --again"):
            self.restore()
        self.restore("--again")
        self.assertEqual(files(), self.stored)

    def test_files_that_the_backup_lacks_are_named(self) -> None:
        self.restore()
        lost = StoredFile.objects.earliest("pk")
        store.delete_file(lost.pk)
        self.path.unlink()
        with self.assertRaisesMessage(CommandError, "The backup lacks evidence files"):
            self.run_command("backup", self.path)
        self.empty_site()
        with self.assertRaisesMessage(CommandError, "missing: 1"):
            self.restore()
        self.assertEqual(Evidence.objects.count(), 2)


class VersionTests(SimpleTestCase):
    def test_another_version_is_refused_by_a_migration_that_only_one_has(self) -> None:
        known = [("recommendations", "0001_first"), ("recommendations", "0002_next")]
        later, fewer = [*known, ("recommendations", "0003_last")], known[:-1]
        for here, there, words in (
            (fewer, known, "This database is not migrated."),
            (known, later, "only the backup has migration recommendations.0003_last"),
            (known, fewer, "only this version has migration recommendations.0002_next"),
        ):
            by_app: dict[str, list[str]] = defaultdict(list)
            for app, name in there:
                by_app[app].append(name)
            with (
                mock.patch.object(backups, "MigrationLoader") as loader,
                mock.patch.object(MigrationRecorder, "applied_migrations", return_value=here),
                self.assertRaisesMessage(ActionRefused, words),
            ):
                loader().disk_migrations = dict.fromkeys(known)
                backups._refuse_other_version(mock.Mock(migrations=by_app))


class OtherEngineTests(InFolder, RestoreTestCase):
    # Both directions are tried where there is a server: SQLite needs none.
    __test__ = connection.vendor == "postgresql"

    def test_to_sqlite_and_back(self) -> None:
        there = self.place / "there"
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tracker.settings",
            "DATABASE_URL": f"sqlite:///{self.place / 'other.sqlite3'}",
            "EVIDENCE_ROOT": str(there),
        }
        back = self.place / "back.tar"
        subprocess.run(
            [sys.executable, "-c", THERE, str(self.path), str(back)],
            env=environment,
            cwd=settings.BASE_DIR,
            check=True,
            capture_output=True,
        )
        self.path = back
        self.restore()
        self.assertEqual(files(), self.stored)
        self.assertTrue(verification.verify().is_whole)
        after = tables()
        for table in after.keys() - TOLD_BY_THE_RESTORE - {"recommendations_storedfile"}:
            with self.subTest(table):
                self.assertEqual(after[table], self.before[table])
