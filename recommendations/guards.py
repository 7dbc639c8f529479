"""Triggers that keep decided updates and the record as they are, on both databases.

A trigger is the last door: it holds against SQL typed by hand. On SQLite three things would slip
past plain UPDATE and DELETE triggers: ``INSERT OR REPLACE`` (caught by ``recursive_triggers`` and
by a trigger that refuses an existing id), and a migration that remakes the table (caught by
installing again after every migration). On PostgreSQL it is TRUNCATE, which only a statement
trigger sees.

Both databases keep the text of what is installed, so one that was altered is told from ours. On
PostgreSQL the conditions stand in the function: that of a trigger would be kept in other words.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

PREFIX = "guard_"


@dataclass(frozen=True, slots=True)
class Guard:
    """One table: when its rows are closed, and what to say then.

    ``update``, ``delete`` and ``insert`` are SQL conditions under which the statement is refused:
    on ``OLD``, on ``NEW``, and that of an update on both. ``"TRUE"`` refuses it of every row, and
    an empty string of none. Of a row that is closed to update, the columns in ``settable`` may
    still be set, once, as long as they are empty.
    """

    table: str
    key: str
    update: str
    delete: str
    message: str
    insert: str = ""
    settable: tuple[str, ...] = ()


ALWAYS = "TRUE"
LOADING = "a whole database is loaded by manage.py load_database"

VERIFIED = (
    *("title", "kind", "description", "url", "citation", "publisher"),
    *("effective_on", "effective_precision", "expires_on"),
)
"""Columns of evidence that a verification speaks of."""

GUARDS: tuple[Guard, ...] = (
    Guard(
        "recommendations_auditevent",
        "sequence",
        ALWAYS,
        ALWAYS,
        f"the record of events is only ever added to; {LOADING}",
        # The first event needs the head, which whoever opens an entry has made and locked.
        insert="NOT EXISTS (SELECT 1 FROM recommendations_auditevent AS previous WHERE "
        "previous.sequence = NEW.sequence - 1 AND previous.hash = NEW.previous_hash) AND NOT "
        "(NEW.sequence = 1 AND EXISTS (SELECT 1 FROM recommendations_chainhead))",
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
        "an approved update never changes, and no update is deleted or begun as a decided one: "
        f"correct or retract it; {LOADING}",
        insert="NEW.state IN ('approved', 'returned')",
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
        "recommendations_evidence",
        "id",
        "(" + " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in VERIFIED) + ")"
        " AND EXISTS (SELECT 1 FROM recommendations_evidencecheck AS live WHERE live.evidence_id ="
        " OLD.id AND live.removed_at IS NULL AND live.revision = OLD.last_revision)",
        ALWAYS,
        "verified evidence does not change before its checks end, and no evidence is deleted",
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
    Guard("recommendations_importrun", "id", ALWAYS, ALWAYS, "an import stays as it was"),
    Guard(
        "recommendations_observationconfirmation",
        "id",
        ALWAYS,
        ALWAYS,
        "a confirmation stays, and is that of a second person: record the right value",
        insert="NEW.confirmed_by_id = (SELECT recorded_by_id FROM recommendations_observation "
        "WHERE id = NEW.observation_id)",
    ),
    Guard(
        "recommendations_statusupdate_editors",
        "id",
        ALWAYS,
        ALWAYS,
        "who wrote a version of an update is never forgotten",
    ),
    Guard(
        "recommendations_evidencecheck",
        "id",
        ALWAYS,
        ALWAYS,
        "a check of evidence stays as it was made: take it back",
        settable=("removed_at", "removed_by_id"),
    ),
    Guard(
        "recommendations_evidencelink",
        "id",
        "EXISTS (SELECT 1 FROM recommendations_statusupdate AS decided "
        "WHERE decided.id IN (OLD.update_id, NEW.update_id) AND decided.state = 'approved')",
        ALWAYS,
        "what an approved update rests on stays: answer it, or correct or retract the update",
        settable=("answer", "answered_at", "answered_by_id", "removed_at", "removed_by_id"),
    ),
    Guard(
        "recommendations_partcompletion",
        "id",
        "EXISTS (SELECT 1 FROM recommendations_statusupdate AS decided "
        "WHERE decided.id IN (OLD.update_id, NEW.update_id) AND decided.state = 'approved')",
        ALWAYS,
        "what an approved update completed stays: correct or retract the update",
        insert="EXISTS (SELECT 1 FROM recommendations_statusupdate AS decided "
        "WHERE decided.id = NEW.update_id AND decided.state = 'approved')",
    ),
    Guard(
        "recommendations_target",
        "id",
        ALWAYS,
        ALWAYS,
        "a baseline or target is never edited: record another in its place",
    ),
    Guard(
        "recommendations_redaction",
        "id",
        ALWAYS,
        ALWAYS,
        "that something was taken out stays on record",
    ),
    Guard(
        "recommendations_reportedstatus",
        "id",
        ALWAYS,
        ALWAYS,
        "a reported status stays in the words of its file",
        settable=("implementation_status",),
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
            for statement in _statements(connection, guard):
                cursor.execute(statement)


def make_way(connection: BaseDatabaseWrapper) -> None:
    """Take away what keeps SQLite from remaking a table: guards of others that look into it."""
    if connection.vendor == "sqlite":
        drop(connection, [guard for guard in GUARDS if "SELECT" in guard.update + guard.insert])


def drop(connection: BaseDatabaseWrapper, chosen: Collection[Guard] = ()) -> None:
    """Take guards away, all or some. For migrations and tests that empty tables; nothing else."""
    with connection.cursor() as cursor:
        for guard in _present(connection, chosen):
            for name in names(guard, connection.vendor):
                on = f" ON {guard.table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


def _present(connection: BaseDatabaseWrapper, chosen: Collection[Guard] = ()) -> list[Guard]:
    """The guards, or some of them, whose tables are in this database."""
    tables = set(connection.introspection.table_names())
    return [guard for guard in chosen or GUARDS if guard.table in tables]


@contextmanager
def lifted(connection: BaseDatabaseWrapper, tables: Collection[str]) -> Iterator[None]:
    """The guards of these tables out of the way, for redaction and nothing else.

    Only inside a transaction, whose end others cannot look behind; whatever fails inside takes the
    lifting back with everything else. PostgreSQL disables the triggers in place of dropping them:
    that lock lets people go on reading.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("guards are lifted inside a transaction only")
    chosen = [guard for guard in _present(connection) if guard.table in tables]
    _settle(connection, "IMMEDIATE")
    _switch(connection, chosen, is_on=False)
    _settle(connection, "DEFERRED")
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
                for statement in _statements(connection, guard):
                    cursor.execute(statement)
            else:
                for name in names(guard, connection.vendor):
                    cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


def faults(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """Triggers, and the setting that they rest on, that are not as they should be, and what is.

    Each is ``missing`` (also where it is switched off) or ``altered``.
    """
    is_postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute(INSTALLED_POSTGRESQL if is_postgresql else INSTALLED_SQLITE)
        installed = {name: tuple(text) for name, *text in cursor.fetchall()}
        cursor.execute(SETTING_POSTGRESQL if is_postgresql else "PRAGMA recursive_triggers")
        [setting] = cursor.fetchone()
    found = {}
    for guard in _present(connection):
        for name, wanted in _texts(connection, guard).items():
            if installed.get(name) != wanted:
                found[name] = "altered" if name in installed else "missing"
    if is_postgresql and setting != "origin":
        found["session_replication_role = origin"] = "altered"
    if not is_postgresql and setting != 1:
        found["PRAGMA recursive_triggers = ON"] = "missing"
    return found


INSTALLED_SQLITE = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
# O and A fire for everybody; D is disabled, R fires for replicated rows alone.
INSTALLED_POSTGRESQL = """
    SELECT tgname, pg_get_triggerdef(pg_trigger.oid, true), prosrc
    FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
    WHERE NOT tgisinternal AND tgenabled IN ('O', 'A') AND pg_table_is_visible(tgrelid)
"""
SETTING_POSTGRESQL = "SELECT current_setting('session_replication_role')"


def names(guard: Guard, vendor: str) -> Iterator[str]:
    """Names of the triggers of one guard."""
    base = _base(guard)
    for action, condition in _conditions(guard).items():
        if condition:
            yield f"{base}_{action}"
    yield f"{base}_truncate" if vendor == "postgresql" else f"{base}_replace"


def _base(guard: Guard) -> str:
    return PREFIX + guard.table.removeprefix("recommendations_")


def _conditions(guard: Guard) -> dict[str, str]:
    return {"update": guard.update, "delete": guard.delete, "insert": guard.insert}


def _refused(connection: BaseDatabaseWrapper, guard: Guard) -> dict[str, str]:
    """The condition under which each kind of statement is refused, where it is."""
    conditions = {action: sql for action, sql in _conditions(guard).items() if sql}
    if guard.settable:
        with connection.cursor() as cursor:
            table = connection.introspection.get_table_description(cursor, guard.table)
        changes = []
        for name in sorted(f'"{column.name}"' for column in table):
            is_changed = f"OLD.{name} IS DISTINCT FROM NEW.{name}"
            if name.strip('"') in guard.settable:
                is_changed += f" AND COALESCE(CAST(OLD.{name} AS text), '') <> ''"
            changes.append(is_changed)
        conditions["update"] = f"({guard.update}) AND ({' OR '.join(changes)})"
    return conditions


def _texts(connection: BaseDatabaseWrapper, guard: Guard) -> dict[str, tuple[str, ...]]:
    """Each trigger of a guard by its name, in the texts that the database keeps of it."""
    refused = _refused(connection, guard)
    base, table = _base(guard), guard.table
    if connection.vendor == "postgresql":
        body = _function_body(guard, refused)
        events = {f"{base}_{action}": (action.upper(), "ROW") for action in refused}
        events[f"{base}_truncate"] = ("TRUNCATE", "STATEMENT")
        return {
            name: (
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} "
                f"FOR EACH {each} EXECUTE FUNCTION {base}()",
                body,
            )
            for name, (event, each) in events.items()
        }
    refuse = f"BEGIN SELECT RAISE(ABORT, '{guard.message}'); END"
    found: dict[str, tuple[str, ...]] = {
        f"{base}_{action}": (
            f"CREATE TRIGGER {base}_{action} BEFORE {action.upper()} ON {table} "
            f"WHEN {condition} {refuse}",
        )
        for action, condition in refused.items()
    }
    found[f"{base}_replace"] = (
        f"CREATE TRIGGER {base}_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} AS present "
        f"WHERE present.{guard.key} = NEW.{guard.key}) {refuse}",
    )
    return found


def _function_body(guard: Guard, refused: Mapping[str, str]) -> str:
    """What the triggers of a guard run on PostgreSQL."""
    refuse = f"RAISE EXCEPTION '{guard.message}' USING ERRCODE = 'integrity_constraint_violation';"
    branches = "".join(
        f"IF TG_OP = '{action.upper()}' THEN IF {condition} THEN {refuse} END IF; "
        f"RETURN {'OLD' if action == 'delete' else 'NEW'}; END IF; "
        for action, condition in refused.items()
    )
    return f" BEGIN {branches}{refuse} END "


def _statements(connection: BaseDatabaseWrapper, guard: Guard) -> Iterator[str]:
    """What puts a guard in place."""
    texts = list(_texts(connection, guard).values())
    if connection.vendor == "postgresql":
        yield (
            f"CREATE OR REPLACE FUNCTION {_base(guard)}() RETURNS trigger LANGUAGE plpgsql "
            f"AS $${texts[0][1]}$$"
        )
    yield from (create for create, *_body in texts)
