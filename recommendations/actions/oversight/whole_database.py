"""Loading a whole database, such as the dump of another site, past the guards and on record."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.core.management.base import CommandError
from django.core.management.sql import emit_post_migrate_signal
from django.core.serializers.base import DeserializationError
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, transaction
from django.utils.translation import gettext as _

from recommendations import audit, guards, state
from recommendations.actions import initial
from recommendations.actions.errors import ActionRefused
from recommendations.actions.oversight import verification
from recommendations.storage.evidence import sha256_of


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
    initial.clear()
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
    if not initial.is_empty():
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
