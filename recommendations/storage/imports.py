"""The folder in which files wait between two steps of an import."""

import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

KEY = re.compile(r"[0-9a-f]{32}")
"""What the file of one import is called; nothing else in the folder is ours."""


def folder() -> Path:
    """A folder that only this process's user can open; one that others could is refused."""
    default = Path(tempfile.gettempdir()) / f"recommendation-imports-{os.getuid()}"
    path = Path(settings.IMPORT_FOLDER or default)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.lstat()
    if found.st_uid != os.getuid() or found.st_mode & 0o077 or not path.is_dir():
        raise PermissionError(f"{path} must be a folder that nobody else can open")
    return path


def waiting() -> Iterator[Path]:
    """Every file that waits."""
    return (path for path in folder().iterdir() if KEY.fullmatch(path.name))


def forget_all() -> None:
    """Throw away every file that waits: whoever uploaded it is asked to do so again."""
    for path in waiting():
        path.unlink(missing_ok=True)
