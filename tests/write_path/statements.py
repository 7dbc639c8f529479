"""Watches the statements of a run: what writes a tracked table does so in an open entry.

A test that puts rows in place itself is not meant: there the code next to the statement, Django and
other packages aside, is a test. Everything else that writes is code of the site, whoever calls it.
"""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from types import FrameType
from typing import Any

from django.db.backends.signals import connection_created

from recommendations import audit
from recommendations.audit import record
from tests import kept
from tests.write_path.source import tracked_models

READS = frozenset({"SELECT", "SAVEPO", "RELEAS", "PRAGMA", "BEGIN", "ROLLBA", "COMMIT", "SET CO"})
"""How statements begin, in six letters, that write no row; they are nearly all there are."""

_TABLE = re.compile(
    r'\b(?:INTO|UPDATE|DELETE\s+FROM|TRUNCATE(?:\s+TABLE)?|COPY)\s+(?:ONLY\s+)?"?(\w+)"?',
    re.IGNORECASE,
)

ALLOWED = {
    'UPDATE "recommendations_user" SET "last_login" =': (
        "Django notes a sign-in; it is no fact of a person that anybody changes or relies on"
    ),
    'UPDATE "recommendations_apitoken" SET "last_used_on" =': (
        "the API notes the day on which a token is used; nothing is decided by it"
    ),
    'UPDATE "recommendations_webhook" SET "seen_event" =': (
        "the sender of webhooks notes how far it has looked; nothing is decided by it"
    ),
    'DELETE FROM "recommendations_area': (
        "a database in which people recorded nothing is emptied of what migrations put there"
    ),
}
"""Beginnings of statements that the site makes outside an entry, each with the reason."""

PLACES = (
    "recommendations.migrations",
    "recommendations.models",
    # Loads a whole database with its record, past the guards.
    "recommendations.actions.fixtures",
    "recommendations.actions.oversight.backups",
    "recommendations.management.commands.load_database",
    "recommendations.management.commands.restore",
)
"""Code of ours in which a statement does not begin: whoever called it is meant."""

_is_open: ContextVar[bool] = ContextVar("entry_is_open", default=False)
_found: list[str] = []
_tables: set[str] = set()


def start() -> None:
    """Watch every connection from now on, in every run: the kept state rests on it as well."""
    _tables.update(model._meta.db_table for model in tracked_models().values())
    audit.entry = record.entry = _noting(record.entry)
    connection_created.connect(_wrap, weak=False)


def _noting(original: Callable[..., Any]) -> Callable[..., Any]:
    @contextmanager
    def entry(**given: Any) -> Iterator[audit.Entry]:
        with original(**given) as opened:
            token = _is_open.set(True)
            try:
                yield opened
            finally:
                _is_open.reset(token)

    return entry


def _wrap(connection: Any, **_given: Any) -> None:
    if _watch not in connection.execute_wrappers:
        connection.execute_wrappers.append(_watch)


def _watch(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
    if sql[:6] not in READS and not _is_open.get() and _writes(sql):
        place = _place(sys._getframe(1))
        if not place:
            kept.mark_stale()
        elif not any(sql.startswith(start) for start in ALLOWED):
            _found.append(f"{place}: {sql[:200]}")
    elif sql[:6] == "SELECT" and any(table in sql for table in kept.TABLES) and not _is_open.get():
        kept.renew()
    return execute(sql, params, many, context)


@cache  # Beginnings of statements hold no values: there are some thousands.
def _tables_in(beginning: str) -> frozenset[str]:
    return frozenset(name.lower() for name in _TABLE.findall(beginning))


def _writes(sql: str) -> bool:
    # An INSERT of many rows is long, and names its table first; a WITH may name it last.
    return not _tables.isdisjoint(_tables_in(sql if sql[:4].upper() == "WITH" else sql[:120]))


def _place(frame: FrameType | None) -> str:
    """Where the site's own code makes a statement; empty where a test does."""
    while frame is not None:
        module = frame.f_globals.get("__name__", "")
        if module.startswith("tests.") and module != __name__:
            return ""
        if module.startswith(("recommendations.", "tracker.")) and not module.startswith(PLACES):
            return f"{module}:{frame.f_lineno} {frame.f_code.co_name}"
        frame = frame.f_back
    return ""


def found() -> list[str]:
    """What was found since the last call."""
    since, _found[:] = list(_found), []
    return since
