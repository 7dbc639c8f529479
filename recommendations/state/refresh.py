"""Refreshing kept states: a fixed number of statements, however many recommendations."""

import json
import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connections, router

from recommendations.models import RecommendationState
from recommendations.search import documents
from recommendations.state.statement import DIFFERS, IDS, refresh_statement
from recommendations.state.touched import Touched, batches

MANY = 32
"""Recommendations from which on a wrong idea of the sizes of tables costs more than a look."""

_SEEM_EMPTY = """
SELECT oid::regclass::text FROM pg_class
WHERE oid = ANY(SELECT to_regclass(name) FROM unnest(%s::text[]) AS named(name))
AND reltuples BETWEEN 0 AND %s AND pg_relation_size(oid) > 8192
AND reltuples < 4 * pg_relation_size(oid) / current_setting('block_size')::int
"""
"""A page holds at least four rows: longer ones are stored elsewhere. So a small table that is
known to be small is left alone."""

_STAMPS = """
INSERT INTO recommendations_sourcestamp (source_id, sequence)
SELECT DISTINCT r.source_id, %s FROM recommendations_recommendation r WHERE r.id IN ({ids})
ON CONFLICT (source_id) DO UPDATE SET sequence = excluded.sequence
"""

_TITLES = """
UPDATE recommendations_state SET source_title = (
    SELECT s.title FROM recommendations_source s
    WHERE s.id = recommendations_state.source_id
)
WHERE source_id IN ({ids}) AND source_title {differs} (
    SELECT s.title FROM recommendations_source s
    WHERE s.id = recommendations_state.source_id
)
"""


def refresh_touched(touched: Touched, sequence: int) -> None:
    """Refresh all that follows from what was touched.

    ``sequence`` is the number of the last event of the entry.
    """
    if sources := touched.source_ids():
        _run(_TITLES, sources)
    for ids in batches(touched.recommendation_ids()):
        refresh(ids)
        stamp(ids, sequence)


def stamp(ids: Sequence[int], sequence: int) -> None:
    """Stamp the sources of these recommendations with the number of an event."""
    _run(_STAMPS, ids, sequence)


def refresh(ids: Sequence[int]) -> int:
    """Work the states and the words of these recommendations out; how many rows changed."""
    connection = _connection()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and len(ids) >= MANY:
            _count_rows(cursor, len(ids))
        cursor.execute(_ready(connection.alias), [as_parameter(connection, ids)])
        changed = int(cursor.rowcount)
    return changed + documents.refresh(ids)


@cache
def _ready(alias: str) -> str:
    """The statement; PostgreSQL plans it once for a connection.

    Planning it takes several times as long as running it for one recommendation.
    """
    connection: Any = connections[alias]
    statement = refresh_statement(connection.vendor)
    is_planned = connection.vendor == "postgresql"
    return connection.prepared(statement, ["bigint[]"]) if is_planned else statement


def _count_rows(cursor: Any, least: int) -> None:
    """Have PostgreSQL look again at tables that it takes for nearly empty and that are not.

    So they seem after many rows were rolled back, until it has looked by itself: not before they
    are committed. It would then go through all of them for each, which takes minutes for forty.
    """
    if found := seem_empty(cursor, _tables(), least):
        cursor.execute(f"ANALYZE {', '.join(found)}")


def seem_empty(cursor: Any, tables: Sequence[str], least: int) -> list[str]:
    """Those of these tables that PostgreSQL takes for empty beside their pages.

    It believes that they have ``least`` rows at most, and far fewer than their pages would hold.
    """
    cursor.execute(_SEEM_EMPTY, [tables, least])
    return [name for (name,) in cursor.fetchall()]


@cache
def _tables() -> list[str]:
    """The tables that the statement reads."""
    return sorted(set(re.findall(r"recommendations_[a-z_]+", refresh_statement("postgresql"))))


def as_parameter(connection: Any, ids: Sequence[int]) -> Any:
    """Ids as the one parameter that the statement takes them by."""
    return list(ids) if connection.vendor == "postgresql" else json.dumps(list(ids))


def _run(statement: str, ids: Sequence[int], *values: Any) -> None:
    """Run a statement that takes these values, and the ids."""
    connection = _connection()
    vendor = connection.vendor
    with connection.cursor() as cursor:
        cursor.execute(
            statement.format(ids=IDS[vendor], differs=DIFFERS[vendor]),
            [*values, as_parameter(connection, ids)],
        )


def _connection() -> Any:
    return connections[router.db_for_write(RecommendationState)]
