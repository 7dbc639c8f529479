"""Triggers that keep decided updates and the record as they are, on both databases.

A trigger is the last door: it holds against SQL typed by hand. On SQLite three things would slip
past plain UPDATE and DELETE triggers: ``INSERT OR REPLACE`` (caught by ``recursive_triggers`` and
by a trigger that refuses an existing id), and a migration that remakes the table (caught by
installing again after every migration). On PostgreSQL it is TRUNCATE, which only a statement
trigger sees.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

PREFIX = "guard_"


@dataclass(frozen=True, slots=True)
class Guard:
    """One table: when its rows are closed to UPDATE and DELETE, and what to say then.

    ``update`` and ``delete`` are SQL conditions on ``OLD``, that of an update on ``NEW`` as well;
    ``"TRUE"`` closes every row, and an empty string leaves that way open.
    """

    table: str
    key: str
    update: str
    delete: str
    message: str


ALWAYS = "TRUE"

GUARDS: tuple[Guard, ...] = (
    Guard(
        "recommendations_auditevent",
        "sequence",
        ALWAYS,
        ALWAYS,
        "the record of events is only ever added to",
    ),
    Guard(
        "recommendations_auditrow",
        "id",
        ALWAYS,
        ALWAYS,
        "the rows of bulk events are only ever added to",
    ),
    Guard(
        "recommendations_audittext",
        "digest",
        ALWAYS,
        ALWAYS,
        "recorded texts change only by redaction",
    ),
    Guard(
        "recommendations_chainhead",
        "id",
        "",
        ALWAYS,
        "the head of the event chain cannot be taken away",
    ),
    Guard(
        "recommendations_statusupdate",
        "id",
        "OLD.state = 'approved'",
        ALWAYS,
        "an approved update never changes and no update is deleted: correct or retract it",
    ),
    Guard(
        "recommendations_targetdatechange",
        "id",
        "OLD.state <> 'requested'",
        ALWAYS,
        "a decided date change stays as it was decided",
    ),
    Guard(
        "recommendations_response",
        "id",
        ALWAYS,
        ALWAYS,
        "a response is never edited: record a new one",
    ),
    Guard(
        "recommendations_comment",
        "id",
        ALWAYS,
        ALWAYS,
        "a comment stays as it was written",
    ),
    Guard(
        "recommendations_evidencerevision",
        "id",
        ALWAYS,
        ALWAYS,
        "a file of an evidence item stays on record: add a newer one",
    ),
    Guard(
        "recommendations_storedfile",
        "sha256",
        "OLD.size <> NEW.size OR OLD.media_type <> NEW.media_type OR OLD.sha256 <> NEW.sha256"
        " OR OLD.stored_at <> NEW.stored_at OR OLD.redacted_at IS NOT NULL",
        ALWAYS,
        "what a stored file is does not change, and one that was taken out stays out",
    ),
    Guard(
        "recommendations_observation",
        "id",
        ALWAYS,
        ALWAYS,
        "a figure is never edited: record a newer revision",
    ),
    Guard(
        "recommendations_observationconfirmation",
        "id",
        ALWAYS,
        ALWAYS,
        "a confirmation stays: record the right value",
    ),
    Guard(
        "recommendations_statusupdate_editors",
        "id",
        ALWAYS,
        ALWAYS,
        "who wrote a version of an update is never forgotten",
    ),
)


def are_wanted(connection: BaseDatabaseWrapper) -> bool:
    """Whether the tables that the guards keep are in this database at all."""
    return GUARDS[0].table in connection.introspection.table_names()


def install(connection: BaseDatabaseWrapper) -> None:
    """Put every guard in place, all at once; harmless where it stands already.

    A table that a later migration makes has nothing to guard yet.
    """
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        drop(connection)
        for guard in _present(connection):
            create = _create_postgresql if connection.vendor == "postgresql" else _create_sqlite
            for statement in create(guard):
                cursor.execute(statement)


def drop(connection: BaseDatabaseWrapper) -> None:
    """Take every guard away. For tests that empty tables; nothing else."""
    with connection.cursor() as cursor:
        for guard in _present(connection):
            for name in names(guard, connection.vendor):
                on = f" ON {guard.table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


def _present(connection: BaseDatabaseWrapper) -> list[Guard]:
    """The guards whose tables are in this database."""
    tables = set(connection.introspection.table_names())
    return [guard for guard in GUARDS if guard.table in tables]


@contextmanager
def lifted(connection: BaseDatabaseWrapper, tables: Collection[str]) -> Iterator[None]:
    """The guards of these tables out of the way, for redaction and nothing else.

    Only inside a transaction, whose end others cannot look behind; whatever fails inside takes the
    lifting back with everything else. PostgreSQL disables the triggers in place of dropping them:
    that lock lets people go on reading.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("guards are lifted inside a transaction only")
    chosen = [guard for guard in GUARDS if guard.table in tables]
    _settle(connection, "IMMEDIATE")
    _switch(connection, chosen, is_on=False)
    yield
    _settle(connection, "IMMEDIATE")
    _switch(connection, chosen, is_on=True)
    _settle(connection, "DEFERRED")


def _settle(connection: BaseDatabaseWrapper, when: str) -> None:
    """Check foreign keys at once, or at the end: no trigger is touched with checks pending."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET CONSTRAINTS ALL {when}")


def _switch(connection: BaseDatabaseWrapper, chosen: Collection[Guard], *, is_on: bool) -> None:
    with connection.cursor() as cursor:
        for guard in chosen:
            if connection.vendor == "postgresql":
                verb = "ENABLE" if is_on else "DISABLE"
                for name in names(guard, connection.vendor):
                    cursor.execute(f"ALTER TABLE {guard.table} {verb} TRIGGER {name}")
            elif is_on:
                for statement in _create_sqlite(guard):
                    cursor.execute(statement)
            else:
                for name in names(guard, connection.vendor):
                    cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of the triggers, and of the SQLite setting they rest on, that are not in place."""
    vendor = connection.vendor
    query = (
        # O and A fire for everybody; D is disabled, R fires for replicated rows alone.
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
        if vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        present = {row[0] for row in cursor.fetchall()}
        wanted = (name for guard in _present(connection) for name in names(guard, vendor))
        absent = [name for name in wanted if name not in present]
        if vendor == "sqlite":
            cursor.execute("PRAGMA recursive_triggers")
            if cursor.fetchone() != (1,):
                absent.append("PRAGMA recursive_triggers = ON")
    return absent


def names(guard: Guard, vendor: str) -> Iterator[str]:
    """Names of the triggers of one guard."""
    base = PREFIX + guard.table.removeprefix("recommendations_")
    if guard.update:
        yield f"{base}_update"
    yield f"{base}_delete"
    yield f"{base}_truncate" if vendor == "postgresql" else f"{base}_replace"


def _create_sqlite(guard: Guard) -> Iterator[str]:
    base = PREFIX + guard.table.removeprefix("recommendations_")
    refuse = f"SELECT RAISE(ABORT, '{guard.message}')"
    for action, condition in (("update", guard.update), ("delete", guard.delete)):
        if condition:
            yield (
                f"CREATE TRIGGER {base}_{action} BEFORE {action.upper()} ON {guard.table} "
                f"WHEN {condition} BEGIN {refuse}; END"
            )
    yield (
        f"CREATE TRIGGER {base}_replace BEFORE INSERT ON {guard.table} "
        f"WHEN EXISTS (SELECT 1 FROM {guard.table} AS present "
        f"WHERE present.{guard.key} = NEW.{guard.key}) BEGIN {refuse}; END"
    )


def _create_postgresql(guard: Guard) -> Iterator[str]:
    base = PREFIX + guard.table.removeprefix("recommendations_")
    yield (
        f"CREATE OR REPLACE FUNCTION {base}() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN RAISE EXCEPTION '{guard.message}' USING ERRCODE = 'integrity_constraint_violation';"
        " END $$"
    )
    for action, condition in (("update", guard.update), ("delete", guard.delete)):
        if condition:
            yield (
                f"CREATE TRIGGER {base}_{action} BEFORE {action.upper()} ON {guard.table} "
                f"FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION {base}()"
            )
    yield (
        f"CREATE TRIGGER {base}_truncate BEFORE TRUNCATE ON {guard.table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {base}()"
    )
