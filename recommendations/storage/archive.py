"""A backup as one file: a tar of named parts, then a line with the SHA-256 of everything before it.

``tar`` lists and unpacks it like any other. It is written under another name and renamed once it is
complete, and it is read only after all of it was compared with its digest.
"""

import hashlib
import os
import re
import stat
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from django.utils.translation import gettext as _

from recommendations.storage.evidence import CHUNK_BYTES, sync_folder

FORMAT = 1
"""Raised by every change after which an earlier version of the code cannot restore a backup."""

TRAILER = re.compile(rb"recommendation tracker backup, format (\d{4}), sha256 ([0-9a-f]{64})\n")
TRAILER_BYTES, DIGEST_BYTES = 116, 65

PARTIAL = ".partial"
"""Ending of the name under which an archive is written; one that stays was interrupted."""

DATED = "backup-????-??-??T??-??-??Z.tar"
"""Names of backups in a folder of backups."""

INTERRUPTED_FOR = timedelta(days=1)
"""How long nothing is written to a partial archive before it counts as interrupted."""

Progress = Callable[[int, int], None]
"""Is told how many bytes are read, of how many."""


class ArchiveRefused(Exception):
    """A file that is no whole backup, or none that this code reads: its message says why."""


class ArchiveWriter:
    """Takes the parts of an archive one after the other; ``digest`` once all of it is written."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._sha256 = hashlib.sha256()
        self._position = 0
        target: Any = self
        self._tar: Any = tarfile.TarFile(fileobj=target, mode="w", format=tarfile.GNU_FORMAT)
        self.digest = ""

    def add(self, name: str, file: IO[bytes], size: int) -> None:
        """Add a part of ``size`` bytes, read in pieces from where ``file`` stands."""
        part = tarfile.TarInfo(name)
        part.size, part.mtime, part.mode = size, int(time.time()), stat.S_IRUSR | stat.S_IWUSR
        self._tar.addfile(part, file)
        self._tar.members.clear()  # Kept by tarfile for nothing that is done here.

    def add_text(self, name: str, text: str) -> None:
        data = text.encode()
        self.add(name, BytesIO(data), len(data))

    def write(self, data: bytes) -> int:
        """Write bytes of the tar, as its file."""
        self._sha256.update(data)
        self._position += len(data)
        return self._file.write(data)

    def tell(self) -> int:
        return self._position

    def close(self) -> None:
        """End the tar, and add the line with the digest."""
        self._tar.close()
        self.write(b"recommendation tracker backup, format %04d, sha256 " % FORMAT)
        self.digest = self._sha256.hexdigest()
        self._file.write(f"{self.digest}\n".encode())


@contextmanager
def writing(path: Path) -> Iterator[ArchiveWriter]:
    """Write an archive that is complete under its name or not there; only its owner may read it.

    ``FileExistsError`` where there is a file of that name.
    """
    _refuse_existing(path)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=PARTIAL)
    try:
        with os.fdopen(handle, "wb") as file:
            archive = ArchiveWriter(file)
            yield archive
            archive.close()
            file.flush()
            os.fsync(handle)
        _refuse_existing(path)
        Path(name).rename(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


class ArchiveReader:
    """Gives the parts of an archive in their order."""

    def __init__(self, file: IO[bytes], digest: str) -> None:
        self.digest = digest
        self._tar: Any = tarfile.TarFile(fileobj=file)

    def take(self, name: str) -> IO[bytes]:
        """The next part, which must have this name."""
        part = next(self.rest(), None)
        if part is None or part[0] != name:
            raise ArchiveRefused(_("“%s” is not in the expected place in the backup.") % name)
        return part[1]

    def rest(self) -> Iterator[tuple[str, IO[bytes]]]:
        """Name and content of every part that was not taken yet."""
        while (part := self._tar.next()) is not None:
            self._tar.members.clear()  # As when writing: else memory grows with their number.
            # Links and devices lead elsewhere; one with holes is larger than the archive.
            if part.type != tarfile.REGTYPE or part.issparse():
                raise ArchiveRefused(_("“%s” is not part of a backup.") % part.name)
            yield part.name, self._tar.extractfile(part)


def dated_path(folder: Path) -> Path:
    """Where a backup that is made now goes in a folder of backups: named by its time, in UTC."""
    return folder / datetime.now(UTC).strftime("backup-%Y-%m-%dT%H-%M-%SZ.tar")


def delete_older(made: Path, keep: int) -> list[Path]:
    """Delete backups in the folder of ``made`` that are named by their time; which these were.

    ``made`` and the ``keep`` - 1 latest others stay, also where a clock that ran ahead has named
    them. What an interrupted backup left a day ago or earlier goes as well.
    """
    folder = made.parent
    others = (path for path in folder.glob(DATED) if path.name != made.name)
    older = sorted(others, reverse=True)[keep - 1 :]
    long_ago = time.time() - INTERRUPTED_FOR.total_seconds()
    partial = folder.glob(f".{DATED}.*{PARTIAL}")
    for path in (*older, *(path for path in partial if path.stat().st_mtime < long_ago)):
        path.unlink(missing_ok=True)
    return older


@contextmanager
def reading(path: Path, progress: Progress) -> Iterator[ArchiveReader]:
    """Open an archive once all of it was compared with its digest, or raise ``ArchiveRefused``."""
    with path.open("rb") as file:
        digest = _checked_digest(file, progress)
        file.seek(0)
        try:
            yield ArchiveReader(file, digest)
        except tarfile.TarError as error:
            raise ArchiveRefused(_("The backup cannot be loaded: %s") % error) from error


def _checked_digest(file: IO[bytes], progress: Progress) -> str:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - TRAILER_BYTES))
    trailer = TRAILER.fullmatch(file.read())
    if trailer is None:
        raise ArchiveRefused(
            _("The file does not end like a backup. It is incomplete or not a backup.")
        )
    version, digest = int(trailer[1]), trailer[2].decode()
    if _digest_of(file, size - DIGEST_BYTES, progress) != digest:
        raise ArchiveRefused(_("The backup is damaged: its SHA-256 does not match."))
    if version > FORMAT:
        raise ArchiveRefused(
            _("A newer version of the tracker made this backup: restore it with that version.")
        )
    return digest


def _digest_of(file: IO[bytes], size: int, progress: Progress) -> str:
    """SHA-256 of the first ``size`` bytes."""
    sha256, done = hashlib.sha256(), 0
    file.seek(0)
    while piece := file.read(min(CHUNK_BYTES, size - done)):
        sha256.update(piece)
        done += len(piece)
        progress(done, size)
    return sha256.hexdigest()


def _refuse_existing(path: Path) -> None:
    if path.exists() or path.is_symlink():
        raise FileExistsError(_("A file of this name already exists: %s") % path)
