"""Where the files of evidence lie: each test on a folder, and on a server that speaks S3."""

import hashlib
import io
import os
import shutil
import socket
from datetime import timedelta
from pathlib import Path
from unittest import mock

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.test import SimpleTestCase
from django.utils import timezone

from recommendations.storage import evidence as store
from tests.storage.backends import InBucket, InFolder
from tracker.evidence_storage import evidence_storage

BYTES = b"What was uploaded. " * 20_000
DIGEST = hashlib.sha256(BYTES).hexdigest()


class CutOff(io.BytesIO):
    """A file that can be read to the middle only."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() > len(BYTES) // 2:
            raise ConnectionResetError("cut off")
        return super().read(size)


def names() -> set[str]:
    return {name for name, _since in store.list_stored()}


class StoreTests:
    """What holds wherever the files lie."""

    def test_bytes_lie_there_once_under_their_address_and_come_back_as_they_went_in(self) -> None:
        for _time in range(2):
            store.save_file(DIGEST, ContentFile(BYTES))
        self.assertTrue(store.file_exists(DIGEST))
        self.assertEqual(store.stored_size(DIGEST), len(BYTES))
        with store.open_file(DIGEST) as file:
            self.assertEqual(file.read(19), BYTES[:19])
            self.assertEqual(file.read(), BYTES[19:])
        self.assertEqual(store.stored_digest(DIGEST), DIGEST)
        [(name, since)] = store.list_stored()
        self.assertEqual(name, f"{DIGEST[:2]}/{DIGEST[2:4]}/{DIGEST}")
        self.assertEqual(store.digest_of_name(name), DIGEST)
        self.assertLess(abs(timezone.now() - since), timedelta(minutes=1))
        self.assertEqual(store.modified_at(name), since)

    def test_a_file_that_is_cut_off_leaves_what_was_there_or_nothing(self) -> None:
        for before in (set(), {store.storage_name(DIGEST)}):
            with self.assertRaises(OSError):
                store.save_file(DIGEST, File(CutOff(BYTES), "paper.pdf"))
            self.assertEqual(names(), before)
            self.assertEqual(store.file_exists(DIGEST), bool(before))
            store.save_file(DIGEST, ContentFile(BYTES))
            self.assertEqual(store.stored_digest(DIGEST), DIGEST)

    def test_altered_bytes_are_seen_and_mended_when_they_come_again(self) -> None:
        store.save_file(DIGEST, ContentFile(BYTES))
        self.alter(store.storage_name(DIGEST), b"x" + BYTES[1:])
        self.assertEqual(store.stored_size(DIGEST), len(BYTES))
        self.assertNotEqual(store.stored_digest(DIGEST), DIGEST)
        store.save_file(DIGEST, ContentFile(BYTES))
        self.assertEqual(store.stored_digest(DIGEST), DIGEST)

    def test_forgotten_bytes_are_gone_and_what_is_not_there_is_no_file(self) -> None:
        store.save_file(DIGEST, ContentFile(BYTES))
        for _time in range(2):  # forgetting twice is no error
            store.delete_file(DIGEST)
            self.assertFalse(store.file_exists(DIGEST))
        self.assertEqual(names(), set())
        for ask in (store.open_file, store.stored_size, store.stored_digest):
            with self.subTest(ask.__name__), self.assertRaises(FileNotFoundError):
                ask(DIGEST)
        with self.assertRaises(FileNotFoundError):
            store.modified_at(store.storage_name(DIGEST))

    def test_everything_that_lies_there_is_listed_alien_or_not(self) -> None:
        store.save_file(DIGEST, ContentFile(BYTES))
        strange = {"incoming/tmpabc", "notes.txt", f"aa/bb/{DIGEST}", "aa/bb/cc/deep"}
        for name in strange:
            self.alter(name, b"strange")
        self.assertEqual(names(), {store.storage_name(DIGEST), *strange})
        self.assertEqual({store.digest_of_name(name) for name in strange}, {""})
        store.delete_by_name("notes.txt")
        self.assertNotIn("notes.txt", names())

    def test_it_says_when_nothing_can_be_stored(self) -> None:
        self.assertEqual((store.storage_error(), store.write_error()), ("", ""))
        self.assertEqual(names(), set(), "of what was tried nothing is left")
        self.break_it()
        self.assertTrue(store.storage_error() and store.write_error())
        with self.assertRaises(OSError):
            store.save_file(DIGEST, ContentFile(BYTES))


class FolderTests(StoreTests, InFolder):
    def test_nobody_else_can_open_it_but_the_web_server_where_it_sends_the_files(self) -> None:
        # gunicorn clears the mask that keeps others out of what a process makes.
        self.addCleanup(os.umask, os.umask(0))
        self.assertEqual((names(), store.storage_error()), (set(), ""))  # where it is not there yet
        store.save_file(DIGEST, ContentFile(BYTES))
        self.assertEqual(self.modes(), [0o600, 0o700, 0o700, 0o700])
        shutil.rmtree(self.folder)
        with mock.patch.dict("os.environ", {"EVIDENCE_ACCEL_PREFIX": "/kept/"}):
            self.use(evidence_storage(self.folder))
        store.save_file(DIGEST, ContentFile(BYTES))
        self.assertEqual(self.modes(), [0o640, 0o750, 0o750, 0o750])

    def modes(self) -> list[int]:
        """Of the file and of the folders around it, the innermost first."""
        path = self.folder / store.storage_name(DIGEST)
        return [one.stat().st_mode & 0o777 for one in (path, *path.parents[:3])]


class BucketTests(StoreTests, InBucket):
    def test_it_lies_under_the_prefix_of_the_site(self) -> None:
        store.save_file(DIGEST, ContentFile(BYTES))
        [key] = [held.key for held in self.bucket.objects.all()]
        self.assertEqual(key, f"of/this/site/{store.storage_name(DIGEST)}")

    def test_a_server_that_does_not_answer_is_told_as_a_broken_disk_is(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        gone = {"EVIDENCE_S3_ENDPOINT": f"http://127.0.0.1:{port}", "AWS_MAX_ATTEMPTS": "1"}
        with mock.patch.dict("os.environ", gone):
            self.use(evidence_storage(Path("nowhere")))
            self.assertEqual(store.storage_error(), "EndpointConnectionError")
            for ask in (store.stored_size, store.file_exists, store.open_file, store.delete_file):
                with self.subTest(ask.__name__), self.assertRaises(OSError):
                    ask(DIGEST)

    def test_a_large_file_does_not_pass_through_memory(self) -> None:
        self.assertEqual(settings.STORAGES["evidence"]["OPTIONS"]["max_memory_size"], 2**20)
        large = bytes(3 * 2**20)
        digest = hashlib.sha256(large).hexdigest()
        store.save_file(digest, ContentFile(large))
        with store.open_file(digest) as file:
            self.assertTrue(file.file._rolled)


class AddressTests(SimpleTestCase):
    def test_only_its_own_address_names_a_digest(self) -> None:
        self.assertEqual(store.digest_of_name(store.storage_name(DIGEST)), DIGEST)
        own = store.storage_name(DIGEST)
        for name in (DIGEST, f"00/00/{DIGEST}", f"{own}/x", "", "incoming/x"):
            self.assertEqual(store.digest_of_name(name), "")
