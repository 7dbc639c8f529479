"""Uploads: how much of one is written to disk, and the folder for files of an unfinished import."""

import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from stat import S_ISDIR
from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler
from django.db import Error

from recommendations.readers.statistics import LARGEST_STATISTICS_FILE

UPLOAD_NAME = re.compile(r"[0-9a-f]{32}")
"""Names of files in the folder; files with other names are not ours."""


def largest_file() -> int:
    """Bytes of one upload, at most: evidence, or a file of values; no form takes a larger one."""
    return max(settings.EVIDENCE_MAX_BYTES, LARGEST_STATISTICS_FILE)


class BoundedUploadHandler(TemporaryFileUploadHandler):
    """Writes no more of a file than any form accepts, and nothing for people who are not signed in.

    The rest of a longer file is read and dropped. It keeps its true size, so that the form refuses
    it. Where a file cannot be written the rest of the form is read all the same, so that its words
    are there for the answer: the request keeps ``upload_fault`` and names in ``files_not_stored``.
    """

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        self.field_name, self.file_name = field_name, file_name
        with self._kept_fault():
            user = getattr(self.request, "user", None)
            if user is None or not user.is_authenticated:
                raise SkipFile
            super().new_file(field_name, file_name, *args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) <= largest_file():
            with self._kept_fault():
                super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size: int) -> Any:
        # What is buffered is written now.
        with suppress(SkipFile), self._kept_fault():
            return super().file_complete(file_size)
        return None

    @contextmanager
    def _kept_fault(self) -> Iterator[None]:
        try:
            yield
        except (OSError, Error) as error:
            request: Any = self.request
            request.upload_fault = error
            stored = getattr(request, "files_not_stored", [])
            request.files_not_stored = [*stored, (self.field_name, self.file_name)]
            if hasattr(self, "file"):
                # Closing writes what is buffered, and fails as well.
                with suppress(OSError):
                    self.file.close()
                del self.file
            raise SkipFile from error


def upload_folder() -> Path:
    """The folder for uploads; ``PermissionError`` where another user of the machine can open it.

    A link is refused, wherever it leads.
    """
    path = Path(settings.IMPORT_FOLDER or _own_folder())
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.lstat()
    if found.st_uid != os.getuid() or found.st_mode & 0o077 or not S_ISDIR(found.st_mode):
        raise PermissionError(f"{path} must be a folder that no other user can open")
    return path


def _own_folder() -> Path:
    """The folder of this site among the temporary files.

    By its database: sites that a user runs beside it share none, or a redaction of theirs would
    delete what waits here. Not by the secret key, or files would be left behind when that changes.
    """
    database = settings.DATABASES["default"]
    named = [str(database.get(name, "")) for name in ("ENGINE", "HOST", "PORT", "NAME")]
    digest = sha256(json.dumps(named).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"recommendation-imports-{os.getuid()}-{digest}"


def list_uploads() -> Iterator[Path]:
    """The files of all unfinished imports."""
    return (path for path in upload_folder().iterdir() if UPLOAD_NAME.fullmatch(path.name))


def delete_uploads() -> None:
    """Delete the files of all unfinished imports; they have to be uploaded again."""
    for path in list_uploads():
        path.unlink(missing_ok=True)
