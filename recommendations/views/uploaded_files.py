"""Uploads between two steps of an import, named by a signed token.

The token names the person and the digest of the file, so nothing that a browser sends is trusted.
"""

import contextlib
import hashlib
import os
import secrets
import shlex
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.translation import gettext as _

from recommendations.characters import clean_file_name
from recommendations.models import User
from recommendations.readers import ReadOptions
from recommendations.storage.uploads import upload_folder

SALT = "recommendations.import"
KEPT_FOR = 3 * 24 * 60 * 60
"""Seconds until a file that was not imported is deleted."""


@dataclass(frozen=True, slots=True)
class PendingUpload:
    """One upload: its name in the folder, its own name, its digest, and the person."""

    key: str
    name: str
    sha256: str
    person: int
    source: str
    encoding: str
    sheet: str
    header_row: int = 0

    @property
    def path(self) -> Path:
        return upload_folder() / self.key

    @property
    def options(self) -> ReadOptions:
        return ReadOptions(self.encoding, self.sheet, self.header_row)

    @property
    def token(self) -> str:
        return signing.dumps(asdict(self), salt=SALT, compress=True)


def keep(file: UploadedFile, person: User, source: str, options: ReadOptions) -> PendingUpload:
    """Store an upload. Those that have expired are deleted first."""
    sweep()
    key = secrets.token_hex(16)
    sha256 = write(key, file.chunks())
    name = clean_file_name(file.name or "") or _("file without a name")
    read = (options.encoding, options.sheet, options.header_row)
    return PendingUpload(key, name, sha256, person.pk, source, *read)


def keep_beside(data: bytes) -> Path:
    """Store what belongs to an upload, for as long as that."""
    key = secrets.token_hex(16)
    write(key, [data])
    return upload_folder() / key


def command_line(command: str, path: Path, options: Mapping[str, str | bool]) -> str:
    """What imports a stored file at the command line; options that are empty are left out."""
    words = ["manage.py", command, str(path)]
    for name, value in options.items():
        if value:
            words.append(name if value is True else f"{name}={value}")
    return shlex.join(words)


def write(key: str, chunks: Iterable[bytes]) -> str:
    """Write a new file that nobody else can read; gives its SHA-256."""
    digest = hashlib.sha256()
    with open(upload_folder() / key, "xb", opener=_private) as kept:
        for chunk in chunks:
            digest.update(chunk)
            kept.write(chunk)
    return digest.hexdigest()


def find(token: str, person: User) -> PendingUpload | None:
    """The file that a token names, if it is this person's, still there and what it was."""
    try:
        held: Any = signing.loads(token, salt=SALT, max_age=KEPT_FOR)
        pending = PendingUpload(**held)
        if pending.person != person.pk:
            return None
        with pending.path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except (signing.BadSignature, OSError, TypeError):
        return None
    return pending if digest == pending.sha256 else None


def forget(pending: PendingUpload) -> None:
    pending.path.unlink(missing_ok=True)
    _progress_path(pending).unlink(missing_ok=True)


def _progress_path(pending: PendingUpload) -> Path:
    return pending.path.with_suffix(".progress")


def tell_progress(pending: PendingUpload, text: str) -> None:
    """Keep how far the import of an upload is, for whoever asks meanwhile; in a file, since an
    import tells nobody else of what it writes before it is through."""
    path = _progress_path(pending)
    fresh = path.with_suffix(".new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)


def progress_of(pending: PendingUpload) -> str:
    """How far the import of an upload is, in words; empty where none is under way."""
    try:
        return _progress_path(pending).read_text(encoding="utf-8")
    except OSError:
        return ""


def sweep() -> None:
    """Delete the uploads that have expired."""
    for path in upload_folder().iterdir():
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < time.time() - KEPT_FOR:
                path.unlink()


def confirmed_digest(request: HttpRequest) -> str:
    """The digest of the plan that the person saw and wants to run; empty for a preview."""
    return request.POST.get("seen", "") if request.POST.get("move") == "import" else ""


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
