"""The file that a backup is: whole under its name or not there, and refused where a bit differs."""

import hashlib
import io
import os
import random
import tarfile
import tempfile
import time
import tracemalloc
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from django.test import SimpleTestCase

from recommendations.storage import archive
from recommendations.storage.archive import ArchiveRefused, delete_older, reading, writing
from recommendations.storage.evidence import CHUNK_BYTES
from tests.depth import times

LARGE = 10_000_000
PARTS = {"one.json": b"{}", "evidence/abc": bytes(range(256)) * 300, "empty": b""}


class ArchiveTestCase(SimpleTestCase):
    def setUp(self) -> None:
        held = tempfile.TemporaryDirectory()
        self.addCleanup(held.cleanup)
        self.folder = Path(held.name)
        self.path = self.folder / "site.tar"

    def write(self) -> str:
        with writing(self.path) as made:
            for name, content in PARTS.items():
                made.add(name, io.BytesIO(content), len(content))
        return made.digest

    def read(self) -> dict[str, bytes]:
        with reading(self.path, lambda done, total: None) as found:
            return {name: content.read() for name, content in found.rest()}

    @contextmanager
    def refused(self, words: str):
        with self.assertRaisesMessage(ArchiveRefused, words):
            yield


class ArchiveTests(ArchiveTestCase):
    def test_parts_come_back_as_they_went_in(self) -> None:
        digest = self.write()
        self.assertEqual(self.read(), PARTS)
        with reading(self.path, lambda done, total: None) as found:
            self.assertEqual(found.digest, digest)
            self.assertEqual(found.take("one.json").read(), b"{}")
            with self.refused("“empty” is not in the expected place"):
                found.take("empty")
        with tarfile.open(self.path) as plain:
            self.assertEqual(plain.getnames(), list(PARTS))
        # Its owner alone may read it.
        self.assertEqual(self.path.stat().st_mode & 0o777, 0o600)

    def test_a_file_that_is_there_is_not_overwritten(self) -> None:
        self.path.write_bytes(b"the last backup")
        with self.assertRaisesMessage(FileExistsError, "A file of this name already exists"):
            self.write()
        self.assertEqual(self.path.read_bytes(), b"the last backup")

    def test_what_fails_half_way_leaves_nothing(self) -> None:
        with self.assertRaises(ZeroDivisionError), writing(self.path) as made:
            made.add_text("one", "two")
            self.assertEqual(len(list(self.folder.iterdir())), 1)
            raise ZeroDivisionError
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_memory_grows_neither_with_a_part_nor_with_their_number(self) -> None:
        large = self.folder / "large"
        with large.open("wb") as file:
            file.truncate(LARGE)
        tracemalloc.start()
        try:
            with writing(self.path) as made, large.open("rb") as file:
                made.add("large", file, LARGE)
                for number in range(1_000):
                    made.add_text(f"evidence/{number}", "x")
            with reading(self.path, lambda done, total: None) as found:
                for _name, content in found.rest():
                    while content.read(CHUNK_BYTES):
                        pass
            _now, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        self.assertLess(peak, LARGE // 20)


class DamageTests(ArchiveTestCase):
    def test_a_flipped_bit_anywhere_is_refused(self) -> None:
        self.write()
        whole = self.path.read_bytes()
        chosen = random.Random(7)
        places = [chosen.randrange(8 * len(whole)) for _time in range(times(40, 2000))]
        places += [8 * (len(whole) - back) + 5 for back in range(1, 117)]  # the line at its end
        for place in places:
            with self.subTest(place):
                damaged = bytearray(whole)
                damaged[place // 8] ^= 1 << place % 8
                self.path.write_bytes(damaged)
                with self.assertRaises(ArchiveRefused):
                    self.read()

    def test_one_that_was_cut_off_or_added_to_is_refused_and_so_is_any_other_file(self) -> None:
        self.write()
        whole = self.path.read_bytes()
        for content in (b"", whole[:-1], whole[: len(whole) // 2], whole[-116:], whole + b"\n"):
            with self.subTest(len(content)):
                self.path.write_bytes(content)
                with self.assertRaises(ArchiveRefused):
                    self.read()
        self.path.write_bytes(b"something else" * 100)
        with self.refused("The file does not end like a backup. It is incomplete or not a backup."):
            self.read()

    def test_one_of_a_newer_format_is_refused_once_it_is_known_to_be_whole(self) -> None:
        with mock.patch.object(archive, "FORMAT", archive.FORMAT + 1):
            self.write()
        with self.refused("A newer version of the tracker made this backup"):
            self.read()
        self.path.write_bytes(self.path.read_bytes().replace(b"abc", b"abd"))
        with self.refused("The backup is damaged"):
            self.read()

    def write_by_hand(self, data: bytes) -> None:
        """An archive with the right line at its end, whoever wrote what stands before it."""
        data += b"recommendation tracker backup, format %04d, sha256 " % archive.FORMAT
        self.path.write_bytes(data + f"{hashlib.sha256(data).hexdigest()}\n".encode())

    def test_what_is_no_plain_file_or_no_tar_is_refused(self) -> None:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.GNUTYPE_SPARSE):
            with self.subTest(kind):
                part = tarfile.TarInfo("one.json")
                part.type, part.linkname = kind, "/etc/hostname"
                self.write_by_hand(part.tobuf() + bytes(1024))
                with self.refused("“one.json” is not part of a backup"):
                    self.read()
        part = tarfile.TarInfo("one.json")
        part.size = 5000
        for data in (b"\1" * 1024, part.tobuf() + b"cut off"):
            with self.subTest(data[:8]):
                self.write_by_hand(data)
                with self.refused("The backup cannot be loaded"):
                    self.read()


class OlderTests(ArchiveTestCase):
    def test_the_latest_stay_and_other_files_too(self) -> None:
        names = [f"backup-2026-01-0{day}T02-30-00Z.tar" for day in range(1, 6)]
        for name in (*names, "site.tar", "backup-before-upgrade.tar"):
            (self.folder / name).touch()
        made = self.folder / names[-1]
        self.assertEqual([path.name for path in delete_older(made, 2)], names[2::-1])
        left = {path.name for path in self.folder.iterdir()}
        self.assertEqual(left, {*names[3:], "site.tar", "backup-before-upgrade.tar"})
        self.assertEqual(delete_older(made, 2), [])

    def test_the_one_just_made_stays_where_a_clock_was_ahead_before(self) -> None:
        names = [f"backup-20{year}-01-01T02-30-00Z.tar" for year in (25, 26, 39)]
        for name in names:
            (self.folder / name).touch()
        made = self.folder / names[1]
        self.assertEqual([path.name for path in delete_older(made, 2)], names[:1])
        self.assertEqual([path.name for path in delete_older(made, 1)], names[2:])
        self.assertTrue(made.exists())

    def test_what_was_interrupted_goes_after_a_day(self) -> None:
        old, young = (
            self.folder / f".backup-2026-01-01T02-30-0{number}Z.tar.x{archive.PARTIAL}"
            for number in range(2)
        )
        old.touch()
        young.touch()
        yesterday = time.time() - archive.INTERRUPTED_FOR.total_seconds() - 1
        os.utime(old, (yesterday, yesterday))
        delete_older(self.folder / "backup-2026-01-02T02-30-00Z.tar", 1)
        self.assertEqual(list(self.folder.iterdir()), [young])
