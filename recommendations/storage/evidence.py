"""Files of evidence, each stored under the SHA-256 of its content.

The same bytes are stored once, whoever uploads them, and a name never refers to other bytes. A
stored file that no row names is an orphan: an interrupted upload, or one that was not attached. The
storage is one of Django's: a folder (``EvidenceFolder``) or any service with the S3 protocol.
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
from uuid import uuid4

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, Storage, storages

from recommendations.readers.opening import ReadableFile

ALIAS = "evidence"
"""Its name in ``settings.STORAGES``."""

INCOMING = "incoming"
"""Folder of incomplete files; one that stays here was interrupted."""

CHUNK_BYTES = 64 * 1024


class EvidenceFolder(FileSystemStorage):
    """A folder in which a file is complete or absent, whenever the process ends.

    Its two modes are those of the storage; whom else they let read, the group of the folder says.
    """

    file_permissions_mode: int
    directory_permissions_mode: int

    def _save(self, name: str, content: File[bytes]) -> str:
        final = Path(self.path(name))
        incoming = Path(self.path(INCOMING))
        for needed in (incoming, final.parent):
            self._make_folder(needed)
        handle, path = tempfile.mkstemp(dir=incoming)
        try:
            with os.fdopen(handle, "wb") as kept:
                for chunk in content.chunks(CHUNK_BYTES):
                    kept.write(chunk)
                kept.flush()
                os.fchmod(kept.fileno(), self.file_permissions_mode)
                os.fsync(kept.fileno())
            Path(path).replace(final)
        except BaseException:
            Path(path).unlink(missing_ok=True)
            raise
        sync_folder(final.parent)
        return name

    def _make_folder(self, folder: Path) -> None:
        """One by one: where Python makes the folders above, their mode is whatever is usual."""
        if not folder.exists():
            self._make_folder(folder.parent)
            folder.mkdir(mode=self.directory_permissions_mode, exist_ok=True)

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """The name itself: an existing file of that name has the same bytes."""
        return name


def save_file(sha256: str, content: File[bytes]) -> None:
    """Store bytes under their digest; an existing file is written again, which renews its age."""
    content.seek(0)
    with _store() as store:
        store.save(storage_name(sha256), content)


def open_file(sha256: str) -> File[bytes]:
    """The stored file, to be read in pieces; ``FileNotFoundError`` where there is none."""
    with _store() as store:
        opened = store.open(storage_name(sha256), "rb")
        # A bucket is only asked now, so that its errors are raised here.
        opened.seek(0)
    return opened


def file_exists(sha256: str) -> bool:
    with _store() as store:
        return store.exists(storage_name(sha256))


def stored_size(sha256: str) -> int:
    """Size in bytes; ``FileNotFoundError`` where there is no such file."""
    with _store() as store:
        return store.size(storage_name(sha256))


def stored_digest(sha256: str) -> str:
    """SHA-256 of the file that is stored under this digest: equal unless it was altered."""
    with open_file(sha256) as file:
        return sha256_of(file)


def sha256_of(file: ReadableFile) -> str:
    """SHA-256 of an open file from its beginning, in hexadecimal; read in pieces."""
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(CHUNK_BYTES):
        digest.update(piece)
    return digest.hexdigest()


def delete_file(sha256: str) -> None:
    """Delete a stored file; nothing happens where there is none."""
    delete_by_name(storage_name(sha256))


def list_stored() -> Iterator[tuple[str, datetime]]:
    """Name within the storage and time of the last change of every file, in no order.

    The name of a complete file is its ``storage_name``; any other is incomplete or foreign.
    """
    yield from _below("")


def modified_at(name: str) -> datetime:
    """Time of the last change of a file; ``FileNotFoundError`` where there is none."""
    with _store() as store:
        return store.get_modified_time(name)


def delete_by_name(name: str) -> None:
    """Delete a file by its name within the storage."""
    with suppress(FileNotFoundError), _store() as store:
        store.delete(name)


def storage_name(sha256: str) -> str:
    """The name of a file within the storage: two levels of folders, then the digest."""
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


def accel_path(sha256: str) -> str:
    """The address at which the web server in front of us sends a file; empty if it does not."""
    prefix = settings.EVIDENCE_ACCEL_PREFIX
    if not prefix or not isinstance(storages[ALIAS], FileSystemStorage):
        return ""
    return f"{prefix.rstrip('/')}/{storage_name(sha256)}"


def digest_of_name(name: str) -> str:
    """The digest whose ``storage_name`` this is; empty for any other name."""
    last = name.rpartition("/")[2]
    is_digest = re.fullmatch(r"[0-9a-f]{64}", last) is not None
    return last if is_digest and name == storage_name(last) else ""


def storage_error() -> str:
    """Why files cannot be stored or read now, for an operator; empty if they can."""
    try:
        with _store() as store:
            if isinstance(store, FileSystemStorage):
                return _folder_error(Path(store.location))
            # A missing bucket would answer the request for one file as a missing file.
            store.listdir(INCOMING)
    except OSError as error:
        return str(error)
    return ""


def write_error() -> str:
    """As ``storage_error``, but a byte is stored and deleted again."""
    if problem := storage_error():
        return problem
    # What is left where this is interrupted is pruned as an incomplete file.
    name = f"{INCOMING}/{uuid4().hex}"
    try:
        with _store() as store:
            store.save(name, ContentFile(b"."))
            store.delete(name)
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _folder_error(folder: Path) -> str:
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK | os.X_OK):
        return f"{existing} is not a folder that can be written to"
    return ""


@contextmanager
def _store() -> Iterator[Storage]:
    """The storage. Every error of a bucket is raised as a folder raises it: as an ``OSError``."""
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
        # Missing, or not readable: `lost+found` on a disk of its own has no evidence.
        return
    for file in files:
        name = f"{folder}/{file}" if folder else file
        # A file may be deleted between the listing and the question for its age.
        with suppress(FileNotFoundError):
            yield name, modified_at(name)
    for inner in folders:
        yield from _below(f"{folder}/{inner}" if folder else inner)


def sync_folder(folder: Path) -> None:
    """Make the name durable as well as the bytes; a file system that cannot is ignored."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)
