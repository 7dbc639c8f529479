"""Uploads: how much of one is written to disk, and the folder for files of an unfinished import."""

import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler

from recommendations.readers.statistics import LARGEST_STATISTICS_FILE

UPLOAD_NAME = re.compile(r"[0-9a-f]{32}")
"""Names of files in the folder; files with other names are not ours."""


def largest_file() -> int:
    """Bytes of one upload, at most: evidence, or a file of values; no form takes a larger one."""
    return max(settings.EVIDENCE_MAX_BYTES, LARGEST_STATISTICS_FILE)


class BoundedUploadHandler(TemporaryFileUploadHandler):
    """Writes no more of a file than any form accepts, and nothing for people who are not signed in.

    The rest of a longer file is read and dropped. It keeps its true size, so that the form refuses
    it.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        user = getattr(self.request, "user", None)
        if user is None or not user.is_authenticated:
            raise SkipFile
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) <= largest_file():
            super().receive_data_chunk(raw_data, start)


def upload_folder() -> Path:
    """The folder for uploads; ``PermissionError`` where another user of the machine can open it."""
    default = Path(tempfile.gettempdir()) / f"recommendation-imports-{os.getuid()}"
    path = Path(settings.IMPORT_FOLDER or default)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.lstat()
    if found.st_uid != os.getuid() or found.st_mode & 0o077 or not path.is_dir():
        raise PermissionError(f"{path} must be a folder that nobody else can open")
    return path


def list_uploads() -> Iterator[Path]:
    """The files of all unfinished imports."""
    return (path for path in upload_folder().iterdir() if UPLOAD_NAME.fullmatch(path.name))


def delete_uploads() -> None:
    """Delete the files of all unfinished imports; they have to be uploaded again."""
    for path in list_uploads():
        path.unlink(missing_ok=True)
