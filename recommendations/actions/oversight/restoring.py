"""Restoring a backup into an empty database and an empty storage of evidence files."""

import gzip
import json
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.core.files.base import File
from django.db import DatabaseError, transaction
from django.db.migrations.loader import MigrationLoader
from django.utils.translation import gettext as _

from recommendations.actions.errors import ActionRefused
from recommendations.actions.oversight import verification
from recommendations.actions.oversight.backups import (
    DATABASE,
    FILES,
    HEAD,
    MANIFEST,
    NOT_COPIED,
    Begin,
    Manifest,
    applied_migrations,
)
from recommendations.actions.oversight.rows import replace_rows, write_rows
from recommendations.actions.oversight.whole_database import (
    LoadedDatabase,
    load_rows,
    record_loaded,
    refuse_filled_database,
)
from recommendations.audit.heads import Head, HeadRefused, read_head
from recommendations.audit.verify import Progress
from recommendations.storage import evidence as store
from recommendations.storage.archive import ArchiveReader, ArchiveRefused, reading

UNREADABLE = (DatabaseError, EOFError, KeyError, OSError, TypeError, ValueError, zlib.error)
"""What is raised by a database member that does not fit, though its digest does."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored; ``not_copied`` are files that the backup lacks, each with the reason."""

    loaded: LoadedDatabase
    rows: int
    files: int
    not_copied: dict[str, str]


def restore(
    *,
    path: Path,
    begin: Begin,
    expect: Head | None = None,
    is_again: bool = False,
    accepts_faults: bool = False,
) -> Restored:
    """Restore a backup: the database all or not at all, and once its files are in place.

    Nothing is written before the whole archive was compared with its digest. ``expect`` is a head
    to verify against in place of the signed one of the backup. ``is_again``: the storage may hold
    files that an interrupted restore left. ``ActionRefused`` says why it cannot be done, and
    ``OSError`` why a file cannot be read or stored.
    """
    try:
        with reading(path, begin(_("Checking the backup"))) as archive:
            manifest = _manifest(archive)
            _refuse_other_version(manifest)
            head = _head(archive, expect)
            refuse_filled_database()
            _refuse_filled_storage(is_again=is_again)
            rows = archive.take(DATABASE)
            with transaction.atomic():
                loaded = load_rows(
                    lambda: _load(rows, manifest, begin),
                    lambda: verification.verify(head, progress=begin(_("Verifying the audit log"))),
                    accepts_faults=accepts_faults,
                )
                if expect is None and loaded.head != f"{head[0]}:{head[1]}":
                    raise ActionRefused(_("The last event does not match the signed latest hash."))
                progress = begin(_("Storing the files of evidence"))
                not_copied = _put_files(archive, manifest.files, progress)
                record_loaded("restore_backup", loaded, path, archive.digest)
    except ArchiveRefused as error:
        raise ActionRefused(str(error)) from error
    return Restored(loaded, manifest.rows, manifest.files - len(not_copied), not_copied)


def _manifest(archive: ArchiveReader) -> Manifest:
    try:
        return Manifest(**json.loads(archive.take(MANIFEST).read()))
    except (TypeError, ValueError) as error:
        raise ArchiveRefused(_("“%s” is not part of a backup.") % MANIFEST) from error


def _refuse_other_version(manifest: Manifest) -> None:
    known = set(MigrationLoader(None).disk_migrations)
    here, there = _names(applied_migrations()), _names(manifest.migrations)
    if known - here:
        raise ActionRefused(_("This database is not migrated. Run “manage.py migrate” first."))
    if other := sorted(there - known) or sorted(known - there):
        raise ActionRefused(
            _(
                "Another version of the tracker made this backup: only %(which)s has "
                "migration %(name)s. Restore with that version, then upgrade."
            )
            % {
                "which": _("the backup") if there - known else _("this version"),
                "name": ".".join(other[0]),
            }
        )


def _names(migrations: dict[str, list[str]]) -> set[tuple[str, str]]:
    return {(app, name) for app, names in migrations.items() for name in names}


def _head(archive: ArchiveReader, expect: Head | None) -> Head:
    """The head to verify against: that of the backup unless another is expected."""
    text = archive.take(HEAD).read().decode()
    if expect is not None:
        return expect
    try:
        return read_head(text)
    except HeadRefused as error:
        raise ActionRefused(
            _(
                "The latest hash in the backup is not signed by this site. %s Set "
                "AUDIT_SIGNING_KEY and AUDIT_SITE as on the original site, or give a "
                "saved hash with --expect."
            )
            % error
        ) from error


def _refuse_filled_storage(*, is_again: bool) -> None:
    if problem := store.storage_error():
        raise OSError(problem)
    for name, _since in store.list_stored():
        is_ours = bool(store.digest_of_name(name)) or name.startswith(f"{store.INCOMING}/")
        if not is_again:
            raise ActionRefused(
                _(
                    "The evidence storage is not empty. Restore into empty storage. After "
                    "an interrupted restore, run this again with --again."
                )
            )
        if not is_ours:
            raise ActionRefused(
                _("“%s” in the evidence storage does not belong to a restore.") % name
            )


def _load(rows: IO[bytes], manifest: Manifest, begin: Begin) -> None:
    """Load every table, and compare each with its digest of the moment of the backup."""
    try:
        with gzip.open(rows) as lines:
            replace_rows(lines, manifest.rows, begin(_("Loading the tables")))
    except UNREADABLE as error:
        raise ActionRefused(_("The backup cannot be loaded: %s") % error) from error
    with Path(os.devnull).open("wb") as nowhere:
        tables = write_rows(nowhere, begin(_("Comparing the tables")))
    for table in sorted(tables.keys() | manifest.tables):
        if tables.get(table) != manifest.tables.get(table):
            raise ActionRefused(_("The table %s differs from the backup.") % table)


def _put_files(archive: ArchiveReader, total: int, progress: Progress) -> dict[str, str]:
    """Store the files of evidence; those that the backup lacks, with the reason."""
    for number, (name, content) in enumerate(archive.rest(), start=1):
        if name == NOT_COPIED:
            not_copied: dict[str, str] = json.loads(content.read())
            return not_copied
        sha256 = name.removeprefix(FILES)
        if store.digest_of_name(store.storage_name(sha256)) != sha256:
            raise ArchiveRefused(_("“%s” is not part of a backup.") % name)
        store.save_file(sha256, File(content))
        progress(number, total)
    raise ArchiveRefused(_("“%s” is not in the expected place in the backup.") % NOT_COPIED)
