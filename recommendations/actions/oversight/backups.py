"""Writing a backup: the database as of one moment, its evidence files and its signed head."""

import gzip
import json
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations import audit
from recommendations.actions.evidence.file_checks import Problem
from recommendations.actions.oversight.rows import LEFT_OUT, Digests, write_rows
from recommendations.audit.heads import HeadFile, current_head
from recommendations.audit.verify import Progress
from recommendations.faults import fault_of
from recommendations.models import StoredFile
from recommendations.queries.backups import VERB
from recommendations.storage import evidence as store
from recommendations.storage.archive import ArchiveWriter, writing

MANIFEST, HEAD, DATABASE, FILES, NOT_COPIED = (
    "manifest.json",
    "head.json",
    "database.jsonl.gz",
    "evidence/",
    "not_copied.json",
)
"""The parts of a backup, in their order; the files of evidence each under their digest."""

REDACTED = "redacted"
"""Why a file is not copied that was redacted while the backup was made."""

COMPRESSION = 6

LINE_BYTES = 65
"""Of the list of files: 64 letters of a digest, and the end of the line."""

Begin = Callable[[str], Progress]
"""Is told what begins, and gives what is told how far that is."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. ``made_at`` is in UTC; ``migrations`` are those of each app.

    ``files`` is how many files of evidence the tables speak of.
    """

    made_at: str
    site: str
    engine: str
    migrations: dict[str, list[str]]
    tables: Digests
    left_out: dict[str, str]
    files: int

    @property
    def rows(self) -> int:
        return sum(int(table["rows"]) for table in self.tables.values())


@dataclass(frozen=True, slots=True)
class Backup:
    """What was written. ``not_copied`` are digests of files, each with why it is not there."""

    name: str
    sha256: str
    head: HeadFile
    rows: int
    files: int
    not_copied: dict[str, str]

    @property
    def faulty(self) -> list[str]:
        """Digests of files that should be there."""
        return [sha256 for sha256, why in self.not_copied.items() if why != REDACTED]


def back_up(path: Path, begin: Begin) -> Backup:
    """Write a backup while people go on; ``OSError`` where it cannot be written, and none is left.

    A file of evidence that is missing or altered is named and left out: the rest is worth having.
    """
    # One that can only be read is backed up as well.
    if (problem := store.storage_error()) and not any(store.list_stored()):
        raise OSError(problem)
    folder = path.parent
    with writing(path) as archive, tempfile.TemporaryFile(dir=folder) as digests:
        with tempfile.TemporaryFile(dir=folder) as rows:
            manifest, head = _read_database(rows, digests, begin)
            archive.add_text(MANIFEST, json.dumps(asdict(manifest), indent=2))
            archive.add_text(HEAD, head.signed())
            size = rows.tell()
            rows.seek(0)
            archive.add(DATABASE, rows, size)
        found = _add_files(archive, digests, begin(_("Copying the files of evidence")))
        archive.add_text(NOT_COPIED, json.dumps(found.not_copied, indent=2))
    return Backup(path.name, archive.digest, head, manifest.rows, found.copied, found.not_copied)


def record(backup: Backup) -> bool:
    """Leave an event of a backup; false where a fault of the database or the clock hinders it."""
    counts = {
        "file": audit.FreeText(backup.name),
        "sha256": backup.sha256,
        "head": str(backup.head),
        "rows": backup.rows,
        "files": backup.files,
        "not_copied": len(backup.not_copied),
    }
    try:
        with audit.entry(by=None) as entry:
            entry.record_counts(VERB, backup.sha256[:16], counts)
    except Exception as error:
        if fault_of(error) is None:
            raise
        return False
    return True


def applied_migrations() -> dict[str, list[str]]:
    """Names of the migrations of this database, by app."""
    found: dict[str, list[str]] = {}
    for app, name in sorted(MigrationRecorder(connection).applied_migrations()):
        found.setdefault(app, []).append(name)
    return found


def _read_database(out: IO[bytes], digests: IO[bytes], begin: Begin) -> tuple[Manifest, HeadFile]:
    """Write rows, and the digests of the files they speak of, as of one moment."""
    with audit.one_moment():
        head = current_head()
        made_at = timezone.now()
        # Without a time in its head, the same rows give the same bytes.
        with gzip.GzipFile(fileobj=out, mode="wb", mtime=0, compresslevel=COMPRESSION) as packed:
            tables = write_rows(packed, begin(_("Reading the tables")))
        files = StoredFile.objects.filter(redacted_at__isnull=True).order_by("pk")
        for sha256 in files.values_list("pk", flat=True).iterator():
            digests.write(f"{sha256}\n".encode())
        manifest = Manifest(
            made_at=made_at.isoformat(),
            site=head.site,
            engine=connection.vendor,
            migrations=applied_migrations(),
            tables=tables,
            left_out=dict(LEFT_OUT),
            files=digests.tell() // LINE_BYTES,
        )
    return manifest, head


@dataclass(slots=True)
class _Files:
    copied: int = 0
    not_copied: dict[str, str] = field(default_factory=dict)


def _add_files(archive: ArchiveWriter, digests: IO[bytes], progress: Progress) -> _Files:
    found = _Files()
    total = digests.tell() // LINE_BYTES
    digests.seek(0)
    for number, line in enumerate(digests, start=1):
        sha256 = line.decode().strip()
        if reason := _add_file(archive, sha256):
            found.not_copied[sha256] = reason
        else:
            found.copied += 1
        progress(number, total)
    return found


def _add_file(archive: ArchiveWriter, sha256: str) -> str:
    """Add one file; why not, where it cannot be: empty if it was."""
    if _is_taken_out(sha256):
        return REDACTED
    try:
        with store.open_file(sha256) as file:
            if store.sha256_of(file) != sha256:
                return Problem.ALTERED.value
            size = file.tell()
            file.seek(0)
            archive.add(f"{FILES}{sha256}", file, size)
    except FileNotFoundError:
        return REDACTED if _is_taken_out(sha256) else Problem.MISSING.value
    return ""


def _is_taken_out(sha256: str) -> bool:
    return StoredFile.objects.filter(pk=sha256, redacted_at__isnull=False).exists()
