"""What is wrong with the guards of a database, and what was put beside them to get around them.

Each trigger is compared whole with its function: text, settings, rights. Beside them nothing may
stand at a guarded table that acts on its rows before a guard does, or keeps it from seeing them.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext as _

from recommendations.guards.rules import GUARDS
from recommendations.guards.triggers import present, texts


class GuardFault(StrEnum):
    """``MISSING`` is also what is switched off; ``UNKNOWN`` is what no guard put there."""

    MISSING = "missing"
    ALTERED = "altered"
    UNKNOWN = "unknown"

    def sentence(self, name: str) -> str:
        """The fault of the guard, or of the unknown part of the database, of this name."""
        return {
            GuardFault.MISSING: _("The guard %(name)s is missing."),
            GuardFault.ALTERED: _("The guard %(name)s is altered."),
            GuardFault.UNKNOWN: _("Unknown in the database: %(name)s. It can bypass the guards."),
        }[self] % {"name": name}


def faults(connection: BaseDatabaseWrapper) -> dict[str, GuardFault]:
    """Triggers, and settings that they rest on, that are not as they should be, and what is."""
    is_postgresql = connection.vendor == "postgresql"
    installed: dict[tuple[str, str], tuple[str, ...]] = {}
    for table, name, *text in _rows(connection, TRIGGERS[connection.vendor]):
        installed[table.lower(), name] = tuple(text)
    found = {}
    for guard in present(connection):
        for name, wanted in texts(connection, guard).items():
            held = installed.pop((guard.table, name), None)
            if held != wanted:
                found[name] = GuardFault.ALTERED if held else GuardFault.MISSING
    guarded = {guard.table for guard in GUARDS}
    others = [f"trigger {name} on {table}" for table, name in installed if table in guarded]
    others += [
        name
        for name, table in _rows(connection, BESIDE[connection.vendor])
        if table.lower() in guarded
    ]
    found |= dict.fromkeys(others, GuardFault.UNKNOWN)
    if is_postgresql:
        # Of this session, and of those that are opened next.
        if any(_rows(connection, REPLICATION_ROLES)):
            found["session_replication_role = origin"] = GuardFault.ALTERED
    elif [*_rows(connection, "PRAGMA recursive_triggers")] != [(1,)]:
        found["PRAGMA recursive_triggers = ON"] = GuardFault.MISSING
    return found


def _rows(connection: BaseDatabaseWrapper, sql: str) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        yield from cursor.fetchall()


# O and A fire for everybody; D is disabled, R fires for replicated rows alone.
TRIGGERS = {
    "sqlite": """
        SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger' UNION ALL
        SELECT tbl_name, name, sql FROM sqlite_temp_master WHERE type = 'trigger'
    """,
    "postgresql": """
        SELECT relname, tgname, pg_get_triggerdef(pg_trigger.oid, true), pg_get_functiondef(tgfoid)
        FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
        WHERE NOT tgisinternal AND tgenabled IN ('O', 'A') AND pg_table_is_visible(tgrelid)
    """,
}
"""Table, name and texts of each trigger."""

BESIDE = {
    "sqlite": """
        SELECT 'view ' || name, name FROM sqlite_master WHERE type = 'view' UNION ALL
        SELECT 'temporary ' || type || ' ' || name, name FROM sqlite_temp_master
        WHERE type IN ('table', 'view')
    """,
    "postgresql": """
        SELECT 'rule ' || rulename || ' on ' || relname, relname
        FROM pg_rewrite JOIN pg_class ON pg_class.oid = ev_class
        WHERE relkind <> 'v' AND pg_table_is_visible(ev_class)
        UNION ALL
        SELECT 'row security of ' || relname, relname FROM pg_class
        WHERE (relrowsecurity OR relforcerowsecurity) AND pg_table_is_visible(oid)
        UNION ALL
        SELECT 'child table ' || inhrelid::regclass || ' of ' || relname, relname
        FROM pg_inherits JOIN pg_class ON pg_class.oid = inhparent
        WHERE pg_table_is_visible(inhparent)
        UNION ALL
        SELECT CASE WHEN relkind = 'v' THEN 'view ' ELSE 'relation ' END || relname, relname
        FROM pg_class WHERE relkind NOT IN ('r', 'p', 'i', 'S') AND pg_table_is_visible(oid)
        UNION ALL
        SELECT 'temporary table ' || relname, relname FROM pg_class
        WHERE relpersistence = 't' AND relnamespace = pg_my_temp_schema() AND relkind = 'r'
    """,
}
"""What stands beside guards, or in the place of their tables: its name, and the table."""

REPLICATION_ROLES = """
    SELECT 1 WHERE current_setting('session_replication_role') <> 'origin'
    UNION ALL
    SELECT 1 FROM pg_db_role_setting CROSS JOIN unnest(setconfig) AS setting
    WHERE setting LIKE 'session_replication_role=%' AND setting <> 'session_replication_role=origin'
    AND setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
"""
