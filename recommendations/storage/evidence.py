"""The files of evidence, each kept under the SHA-256 of what it holds.

The same bytes are kept once, whoever brings them, and a name can never stand for other bytes. What
lies here and no row names is an orphan: an upload that was cut off, or one that nobody attached.
Behind Django's storage API: a folder (``EvidenceFolder``) or anything that speaks S3.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, Storage, storages

ALIAS = "evidence"
"""Which of ``settings.STORAGES`` it is."""

INCOMING = "incoming"
"""Folder of files that are not whole yet; whatever is left here was cut off."""

CHUNK = 64 * 1024


class EvidenceFolder(FileSystemStorage):
    """A folder in which a file is there whole or not at all, whenever the process is ended."""

    def _save(self, name: str, content: Any) -> str:
        final = Path(self.path(name))
        incoming = Path(self.path(INCOMING))
        for needed in (incoming, final.parent):
            needed.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, path = tempfile.mkstemp(dir=incoming)
        try:
            with os.fdopen(handle, "wb") as kept:
                for chunk in content.chunks(CHUNK):
                    kept.write(chunk)
                kept.flush()
                os.fsync(kept.fileno())
            Path(path).replace(final)
        except BaseException:
            Path(path).unlink(missing_ok=True)
            raise
        _sync_folder(final.parent)
        return name

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """The name itself: what lies there already is the same bytes."""
        return name


def keep(sha256: str, content: File[Any]) -> None:
    """Store bytes under their digest. Bytes that are there are written again: young, and mended."""
    content.seek(0)
    with _store() as store:
        store.save(address(sha256), content)


def open_file(sha256: str) -> File[bytes]:
    """The stored bytes, to be read in pieces; ``FileNotFoundError`` where there are none."""
    with _store() as store:
        opened = store.open(address(sha256), "rb")
        # A bucket gives the bytes only now: what can fail fails here.
        opened.seek(0)
    return opened


def is_there(sha256: str) -> bool:
    with _store() as store:
        return store.exists(address(sha256))


def size_of(sha256: str) -> int:
    """Bytes that are stored; ``FileNotFoundError`` where there are none."""
    with _store() as store:
        return store.size(address(sha256))


def digest_of(sha256: str) -> str:
    """SHA-256 of what is stored under this digest: the same, unless it was altered."""
    with open_file(sha256) as file:
        return digest(file)


def digest(file: Any) -> str:
    """SHA-256 of an open file from its beginning, in hexadecimal; read in pieces."""
    file.seek(0)
    found = hashlib.sha256()
    while piece := file.read(CHUNK):
        found.update(piece)
    return found.hexdigest()


def forget(sha256: str) -> None:
    """Throw stored bytes away; nothing happens where there are none."""
    throw_away(address(sha256))


def stored() -> Iterator[tuple[str, datetime]]:
    """Every file that lies here: its name within the storage, and since when, in no order.

    Under a digest its name is ``address`` of that digest; anything else was cut off or is alien.
    """
    yield from _below("")


def since(name: str) -> datetime:
    """When the file of this name was written last; ``FileNotFoundError`` where there is none."""
    with _store() as store:
        return store.get_modified_time(name)


def throw_away(name: str) -> None:
    """Delete a file by its name within the storage."""
    with suppress(FileNotFoundError), _store() as store:
        store.delete(name)


def address(sha256: str) -> str:
    """The name under which bytes are kept: two levels of folders, then the digest."""
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


def internal_address(sha256: str) -> str:
    """Where the web server before us finds the bytes; empty where it is not to give them out."""
    prefix = settings.EVIDENCE_ACCEL_PREFIX
    if not prefix or not isinstance(storages[ALIAS], FileSystemStorage):
        return ""
    return f"{prefix.rstrip('/')}/{address(sha256)}"


def digest_in(name: str) -> str:
    """The digest of which this is the address; empty for any other name."""
    last = name.rpartition("/")[2]
    is_digest = re.fullmatch(r"[0-9a-f]{64}", last) is not None
    return last if is_digest and name == address(last) else ""


def problem() -> str:
    """Why nothing can be stored or read now, in words for an operator; empty when it can."""
    try:
        with _store() as store:
            if isinstance(store, FileSystemStorage):
                return _problem_of_folder(Path(store.location))
            # Asked for one file, a bucket that is not there says that the file is not there.
            store.listdir(INCOMING)
    except OSError as error:
        return str(error)
    return ""


def _problem_of_folder(folder: Path) -> str:
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        return f"{there} is not a folder that can be written to"
    return ""


@contextmanager
def _store() -> Iterator[Storage]:
    """The storage. What a bucket fails with, in as many ways as there are networks, is told as a
    folder tells it: as an ``OSError``."""
    store = storages[ALIAS]
    if isinstance(store, FileSystemStorage):
        yield store
        return
    try:
        yield store
    except OSError:
        raise
    except Exception as error:
        answer = getattr(error, "response", {}).get("ResponseMetadata", {})
        kind = (
            FileNotFoundError if answer.get("HTTPStatusCode") == HTTPStatus.NOT_FOUND else OSError
        )
        raise kind(type(error).__name__) from error


def _below(folder: str) -> Iterator[tuple[str, datetime]]:
    try:
        with _store() as store:
            folders, files = store.listdir(folder)
    except (FileNotFoundError, PermissionError):
        # Not there yet, or closed to us: `lost+found` on a disk of its own holds nothing of ours.
        return
    for file in files:
        name = f"{folder}/{file}" if folder else file
        # One that goes between the listing and the look at it is no longer there.
        with suppress(FileNotFoundError):
            yield name, since(name)
    for inner in folders:
        yield from _below(f"{folder}/{inner}" if folder else inner)


def _sync_folder(folder: Path) -> None:
    """Make the name last as well as the bytes; a file system that cannot do that is left alone."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)
