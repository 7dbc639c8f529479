"""The guards as triggers, on both databases.

On SQLite two things would slip past plain UPDATE and DELETE triggers: ``INSERT OR REPLACE``
(caught by ``recursive_triggers`` and by a trigger that refuses an existing id), and a migration
that remakes the table (caught by installing again after every migration). On PostgreSQL it is
TRUNCATE, which only a statement trigger sees.

Both databases keep the text of what is installed, so one that was altered is told from ours. On
PostgreSQL the conditions are in the function: that of a trigger would be kept in other words. It
looks for tables in its own schema alone: a temporary table, or one of a schema that a session puts
first, would take the place of a table that a condition asks.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from recommendations.guards.rules import GUARDS, Guard

PREFIX = "guard_"


def are_wanted(connection: BaseDatabaseWrapper) -> bool:
    """Whether the tables that the guards keep are in this database at all."""
    return GUARDS[0].table in connection.introspection.table_names(include_views=True)


def install(connection: BaseDatabaseWrapper) -> None:
    """Put every guard in place, all at once; harmless where it stands already.

    A table that a later migration makes has nothing to guard yet.
    """
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        drop(connection)
        for guard in present(connection):
            for statement in _statements(connection, guard):
                cursor.execute(statement)


def make_way(connection: BaseDatabaseWrapper) -> None:
    """Take away what keeps SQLite from remaking a table, or from dropping a column.

    Those are guards of others that look into it, and those that name each column of their own.
    """
    if connection.vendor == "sqlite":
        in_the_way = [
            guard for guard in GUARDS if guard.settable or "SELECT" in guard.update + guard.insert
        ]
        drop(connection, in_the_way)


def drop(connection: BaseDatabaseWrapper, chosen: Collection[Guard] = ()) -> None:
    """Take guards away, all or some. For migrations and tests that empty tables; nothing else."""
    with connection.cursor() as cursor:
        for guard in present(connection, chosen):
            for name in names(guard, connection.vendor):
                on = f" ON {guard.table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")


def present(connection: BaseDatabaseWrapper, chosen: Collection[Guard] = ()) -> list[Guard]:
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
    chosen = [guard for guard in present(connection) if guard.table in tables]
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
                is_set = f"COALESCE(CAST(OLD.{name} AS text), '') <> ''"
                is_changed += f" AND ({is_set} OR NOT ({guard.settable_where}))"
            changes.append(is_changed)
        conditions["update"] = f"({guard.update}) AND ({' OR '.join(changes)})"
    return conditions


def texts(connection: BaseDatabaseWrapper, guard: Guard) -> dict[str, tuple[str, ...]]:
    """Each trigger of a guard by its name, in the texts that the database keeps of it."""
    refused = _refused(connection, guard)
    base, table = _base(guard), guard.table
    if connection.vendor == "postgresql":
        function = _function(connection, guard, refused)
        events = {f"{base}_{action}": (action.upper(), "ROW") for action in refused}
        events[f"{base}_truncate"] = ("TRUNCATE", "STATEMENT")
        return {
            name: (
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} "
                f"FOR EACH {each} EXECUTE FUNCTION {base}()",
                function,
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


def _function(connection: BaseDatabaseWrapper, guard: Guard, refused: Mapping[str, str]) -> str:
    """What the triggers of a guard run on PostgreSQL, as PostgreSQL writes it down itself."""
    refuse = f"RAISE EXCEPTION '{guard.message}' USING ERRCODE = 'integrity_constraint_violation';"
    branches = "".join(
        f"IF TG_OP = '{action.upper()}' THEN IF {condition} THEN {refuse} END IF; "
        f"RETURN {'OLD' if action == 'delete' else 'NEW'}; END IF; "
        for action, condition in refused.items()
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema()), quote_literal(current_schema())")
        schema, path = cursor.fetchone()
    return (
        f"CREATE OR REPLACE FUNCTION {schema}.{_base(guard)}()\n RETURNS trigger\n"
        f" LANGUAGE plpgsql\n SET search_path TO {path}, 'pg_temp'\n"
        f"AS $function$ BEGIN {branches}{refuse} END $function$\n"
    )


def _statements(connection: BaseDatabaseWrapper, guard: Guard) -> Iterator[str]:
    """What puts a guard in place."""
    wanted = list(texts(connection, guard).values())
    if connection.vendor == "postgresql":
        yield wanted[0][1]
    yield from (create for create, *_function in wanted)
