"""Backups: writing one, restoring one, and loading a whole database."""

import gzip
import hashlib
import json
import os
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from io import BufferedIOBase
from itertools import islice
from pathlib import Path
from typing import IO, Any

from django.apps import apps
from django.apps.registry import Apps
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import File
from django.core.management import call_command
from django.core.management.base import CommandError
from django.core.management.color import no_style
from django.core.management.sql import emit_post_migrate_signal
from django.core.serializers.base import DeserializationError
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, models, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations import audit, guards, state
from recommendations.actions import fixtures
from recommendations.actions.base import ActionRefused
from recommendations.actions.evidence.files import Problem
from recommendations.actions.oversight import verification
from recommendations.audit.chain import Head, HeadFile, HeadRefused, current_head, read_head
from recommendations.audit.snapshots import KEPT, written
from recommendations.audit.verify import Progress
from recommendations.faults import fault_of
from recommendations.models import StoredFile
from recommendations.queries.operation import VERB
from recommendations.storage import evidence as store
from recommendations.storage.archive import (
    ArchiveReader,
    ArchiveRefused,
    ArchiveWriter,
    reading,
    writing,
)
from recommendations.storage.evidence import sha256_of

# ---- Every row of every table as lines of JSON, and back, on either engine.
# A line that is an object names a table and its columns; each line after it is a list of rows,
# which are lists of values. Numbers are written digit by digit and times to the microsecond.

KEPT_TABLES = [apps.get_model(label, require_ready=False)._meta.db_table for label in sorted(KEPT)]

LEFT_OUT: Mapping[str, str] = {
    "django_migrations": "migrating writes it, and the versions are in the manifest",
    "django_session": "people sign in again: a copy of a session would be a way into an account",
    **dict.fromkeys(
        KEPT_TABLES, "follows from the other tables, and is built again after a restore"
    ),
}
"""Tables that are not copied, each with the reason."""

BATCH = 200
"""Rows in a line, which are in memory at once."""

Digests = dict[str, dict[str, Any]]
"""For each table how many ``rows`` it has, and the ``sha256`` of its lines."""


def write_rows(out: BufferedIOBase, progress: Progress) -> Digests:
    """Write every row of every table, in the order of its key; memory does not grow with them."""
    digests: Digests = {}
    done, total = 0, sum(model._base_manager.count() for model in _models())
    for model in _models():
        sha256, count = hashlib.sha256(), 0
        for rows in _batches(model):
            line = json.dumps(rows, default=written, ensure_ascii=False, separators=(",", ":"))
            data = f"{line}\n".encode()
            out.write(data)
            sha256.update(data)
            if isinstance(rows, list):
                count += len(rows)
                progress(done + count, total)
        done += count
        digests[model._meta.db_table] = {"rows": count, "sha256": sha256.hexdigest()}
    return digests


def replace_rows(
    lines: Iterable[bytes], total: int, progress: Progress, registry: Apps = apps
) -> None:
    """Put ``total`` rows in place of all there are; the guards must be lifted, in a transaction.

    Into the tables of ``registry``, which may be that of an earlier release. ``KeyError`` or
    ``ValueError`` where the lines are of other tables.
    """
    done = 0
    by_table = {model._meta.db_table: model for model in _models(registry)}
    kept = {model._meta.db_table for model in registry.get_models()}.intersection(KEPT_TABLES)
    with connection.cursor() as cursor:
        for table in (*by_table, *kept):
            cursor.execute(f"DELETE FROM {_quoted(table)}")
        for line in lines:
            held = json.loads(line)
            if isinstance(held, dict):
                fields = _fields(by_table[held["table"]], held["columns"])
                insert = _insert(held["table"], fields)
                continue
            cursor.executemany(insert, [_as_stored(row, fields) for row in held])
            progress(done := done + len(held), total)
        for statement in connection.ops.sequence_reset_sql(no_style(), [*by_table.values()]):
            cursor.execute(statement)


def _models(registry: Apps = apps) -> list[type[models.Model]]:
    """Models of the tables that are copied, those of links included."""
    found = registry.get_models(include_auto_created=True)
    return [
        model
        for model in found
        if model._meta.managed and not model._meta.proxy and model._meta.db_table not in LEFT_OUT
    ]


def _batches(model: type[models.Model]) -> Iterator[dict[str, Any] | list[Any]]:
    names = [field.attname for field in model._meta.concrete_fields]
    yield {"table": model._meta.db_table, "columns": names}
    rows = model._base_manager.order_by("pk").values_list(*names).iterator(chunk_size=BATCH)
    while batch := list(islice(rows, BATCH)):
        yield batch


def _fields(model: type[models.Model], names: list[str]) -> list[Any]:
    by_name = {field.attname: field for field in model._meta.concrete_fields}
    return [by_name[name] for name in names]


def _insert(table: str, fields: list[Any]) -> str:
    columns = ", ".join(_quoted(field.column) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    return f"INSERT INTO {_quoted(table)} ({columns}) VALUES ({places})"


def _as_stored(row: list[Any], fields: list[Any]) -> list[Any]:
    """The values of a row as this engine takes them."""
    return [
        field.get_db_prep_save(field.to_python(value), connection)
        for field, value in zip(fields, row, strict=True)
    ]


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


# ---- Loading a whole database, such as the dump of another site, past the guards and on record


@dataclass(frozen=True, slots=True)
class LoadedDatabase:
    """What was found when a database was loaded; ``head`` is that of the file."""

    report: audit.Report
    rows: int

    @property
    def head(self) -> str:
        return self.report.chain.head


def load_database(
    *, path: Path, expect: tuple[int, str] | None = None, accepts_faults: bool = False
) -> LoadedDatabase:
    """Load what ``dumpdata`` wrote into a database that is empty but for what migrations make.

    All of it or nothing: the guards stand again, and everything was verified whole, before others
    see a row. ``expect`` is a head that must be in it. ``accepts_faults`` keeps what is not whole;
    the event then holds how much was not.
    """
    digest = _digest_of(path)
    with transaction.atomic():
        loaded = load_rows(
            lambda: _load(path),
            lambda: verification.verify(expect),
            accepts_faults=accepts_faults,
        )
        record_loaded("load_database", loaded, path, digest)
    return loaded


def load_rows(
    load: Callable[[], None], verify: Callable[[], audit.Report], *, accepts_faults: bool
) -> LoadedDatabase:
    """Load into an empty database with the guards out of the way, and verify what is there then.

    Only inside a transaction: ``ActionRefused`` where what is there is not whole, unless that is
    accepted.
    """
    refuse_filled_database()
    fixtures.clear()
    with guards.lifted(connection, [guard.table for guard in guards.GUARDS]):
        load()
    state.rebuild()
    ContentType.objects.clear_cache()
    # Permissions and roles that this version has, and the other may not have had.
    emit_post_migrate_signal(verbosity=0, interactive=False, db=DEFAULT_DB_ALIAS)
    report = verify()
    if not report.is_whole and not accepts_faults:
        raise ActionRefused("\n".join(report.sentences()))
    return LoadedDatabase(report, sum(report.counts.values()))


def record_loaded(verb: str, loaded: LoadedDatabase, path: Path, digest: str) -> None:
    """Leave the event by which the log of the loaded database tells where it is from."""
    counts = {
        "file": audit.FreeText(path.name),
        "sha256": digest,
        "head": loaded.head,
        "loaded": loaded.rows,
        "faults": loaded.report.total,
    }
    with audit.entry(by=None) as entry:
        entry.record_counts(verb, digest[:16], counts)


def refuse_filled_database() -> None:
    """Refuse a database in which there is more than what migrations make."""
    if not fixtures.is_empty():
        raise ActionRefused(_("This database is not empty. Load into an empty database."))


def _load(path: Path) -> None:
    # Their numbers may be others in the file.
    for model in (Group, Permission, ContentType):
        model._base_manager.all().delete()
    try:
        call_command("loaddata", str(path), verbosity=0)
    except (CommandError, DatabaseError, DeserializationError, ValueError) as error:
        raise ActionRefused(_("The file cannot be loaded: %s") % error) from error


def _digest_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return sha256_of(file)
    except OSError as error:
        raise ActionRefused(_("The file cannot be read: %s") % error) from error


# ---- Writing a backup: the database as of one moment, its evidence files and its signed head

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


# ---- Restoring a backup into an empty database and an empty storage of evidence files

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
                    lambda: _restoring_load(rows, manifest, begin),
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


def _restoring_load(rows: IO[bytes], manifest: Manifest, begin: Begin) -> None:
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
