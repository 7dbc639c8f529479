"""Kept states of rows as they were: the one statement, asked of them in place of its tables."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connections, router
from django.db.models import Model

from recommendations.models import AuditEvent, RecommendationState
from recommendations.state.refresh import as_parameter
from recommendations.state.statement import select_statement


def states_of(
    tables: Mapping[type[Model], Sequence[Any]], ids: Collection[int], known: datetime
) -> dict[int, RecommendationState]:
    """The states of these recommendations, where the table of each model holds these rows.

    Of the record what was there by ``known``. One statement.
    """
    alias = router.db_for_read(RecommendationState)
    connection: Any = connections[alias]
    params = [_as_json(model, rows, connection) for model, rows in tables.items()]
    at = AuditEvent._meta.get_field("at").get_db_prep_value(known, connection)
    found = RecommendationState.objects.using(alias).raw(
        _statement(connection.vendor, tuple(tables)),
        [*params, at, as_parameter(connection, list(ids))],
    )
    return {state.pk: state for state in found}


def _as_json(model: type[Model], rows: Sequence[Any], connection: Any) -> str:
    held = [
        {
            field.column: field.get_db_prep_value(getattr(row, field.attname), connection)
            for field in _asked(model)
        }
        for row in rows
    ]
    # Days and times as the database writes them, with all digits of a second.
    return json.dumps(held, default=str)


@cache
def _asked(model: type[Model]) -> list[Any]:
    """The columns that the statement may ask of a table."""
    names = set(re.findall(r"\.(\w+)", select_statement("postgresql")))
    return [field for field in model._meta.concrete_fields if field.column in names]


@cache
def _statement(vendor: str, models: tuple[type[Model], ...]) -> str:
    """The statement in which names of tables stand for rows that are given.

    Events are those until a moment, of the table itself: there are too many to be given.
    """
    events, parts = AuditEvent._meta.db_table, []
    for model in models:
        table = model._meta.db_table
        if vendor == "postgresql":
            rows = f"SELECT * FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb)"
        else:
            names = [field.column for field in _asked(model)]
            columns = ", ".join(f"json_extract(value, '$.{name}') AS {name}" for name in names)
            rows = f"SELECT {columns} FROM json_each(%s)"
        parts.append(f"{table} AS MATERIALIZED ({rows})")
    # SQLite takes the name for that of the part itself.
    of = f"main.{events}" if vendor == "sqlite" else events
    parts.append(f"{events} AS NOT MATERIALIZED (SELECT * FROM {of} WHERE at <= %s)")
    return select_statement(vendor).replace("WITH wanted", f"WITH {', '.join(parts)}, wanted", 1)
