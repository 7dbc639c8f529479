"""Statements over rows as they were: names of tables stand for rows that are given.

So a past day is asked by the statements of today: the one that works states out (``states_of``),
and those of lists, which filter, order and count (``TablesThen``).
"""

import json
import re
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Self

from django.db import connections, models, router
from django.db.models import Model
from django.db.models.sql import Query

from recommendations.models import (
    Addressee,
    AuditEvent,
    Recommendation,
    RecommendationRelation,
    RecommendationState,
    SearchDocument,
)
from recommendations.models.state import RecommendationStateQuerySet
from recommendations.state import urgency
from recommendations.state.refresh import as_parameter
from recommendations.state.statement import IDS, select_statement


def states_of(
    tables: "RowsOfTables", ids: Collection[int], known: datetime
) -> dict[int, RecommendationState]:
    """The states of these recommendations, where the table of each model holds these rows.

    Of the record what was there by ``known``. One statement.
    """
    alias = router.db_for_read(RecommendationState)
    connection: Any = connections[alias]
    params = [as_json(rows, _asked(model), connection) for model, rows in tables.items()]
    at = AuditEvent._meta.get_field("at").get_db_prep_value(known, connection)
    found = RecommendationState.objects.using(alias).raw(
        _statement(connection.vendor, tuple(tables)),
        [*params, at, as_parameter(connection, list(ids))],
    )
    return {state.pk: state for state in found}


def as_json(rows: Sequence[Any], fields: Sequence[Any], connection: Any) -> str:
    """Rows with these columns, as a database reads them; what is left out is empty."""
    names = [(field.column, field.attname) for field in fields]
    written = {field.column: field for field in fields if not _is_plain(field)}
    held = [
        {column: value for column, name in names if (value := getattr(row, name)) is not None}
        for row in rows
    ]
    for values in held:
        for column in values.keys() & written.keys():
            values[column] = written[column].get_db_prep_value(values[column], connection)
    # Days and times as the database writes them, with all digits of a second.
    return json.dumps(held, default=str)


def _is_plain(field: Any) -> bool:
    """Whether JSON holds its values as a database reads them."""
    kept = field.target_field if field.is_relation else field
    return isinstance(kept, _PLAIN) and not isinstance(kept, models.DateTimeField)


_PLAIN = (
    models.BooleanField,
    models.CharField,
    models.DateField,
    models.IntegerField,
    models.TextField,
)


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
        columns = [field.column for field in _asked(model)]
        rows = _given(vendor, model._meta.db_table, columns)
        parts.append(f"{model._meta.db_table} AS MATERIALIZED ({rows})")
    # SQLite takes the name for that of the part itself.
    of = f"main.{events}" if vendor == "sqlite" else events
    parts.append(f"{events} AS NOT MATERIALIZED (SELECT * FROM {of} WHERE at <= %s)")
    return select_statement(vendor).replace("WITH wanted", f"WITH {', '.join(parts)}, wanted", 1)


def _given(vendor: str, table: str, columns: Sequence[str]) -> str:
    """Rows out of one parameter, ``as_json``, with these columns of a table."""
    if vendor == "postgresql":
        names = ", ".join(columns)
        return f"SELECT {names} FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb)"
    names = ", ".join(f"json_extract(value, '$.{name}') AS {name}" for name in columns)
    return f"SELECT {names} FROM json_each(%s)"


RowsOfTables = Mapping[type[Model], Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Batch:
    """Some recommendations, and the rows of theirs by the name of the table.

    Rows are ``as_json`` and compressed: there may be many.
    """

    ids: Sequence[int]
    given: Mapping[str, bytes]

    @classmethod
    def of(cls, ids: Sequence[int], tables: RowsOfTables) -> Self:
        """Out of all rows of these recommendations that lists may ask for."""
        connection: Any = connections[router.db_for_read(RecommendationState)]
        texts = {
            model._meta.db_table: as_json(rows, _listed(model), connection)
            for model, rows in tables.items()
            if rows
        }
        return cls(ids, {name: zlib.compress(text.encode(), 1) for name, text in texts.items()})


@dataclass(frozen=True, slots=True)
class TablesThen:
    """Tables as they were: what belongs to these recommendations is given, the rest stayed."""

    batches: Sequence[Batch] = ()

    @property
    def ids(self) -> list[int]:
        return [pk for batch in self.batches for pk in batch.ids]

    def states(self) -> RecommendationStateQuerySet:
        """The kept states of then, to be filtered, ordered, joined and counted as those of now."""
        return RecommendationStateQuerySet(
            RecommendationState, query=_QueryThen(RecommendationState, self)
        )

    def beginning(self, sql: str, connection: Any) -> tuple[str, list[Any]]:
        """What has to stand before a statement so that it is asked of then, and its parameters."""
        parts: list[str] = []
        params: list[Any] = []
        for model, key in _KEYS.items():
            table = model._meta.db_table
            if not re.search(rf"\b{table}\b", sql):
                continue
            names = {key, *re.findall(r'\."(\w+)"', sql)}
            columns = [str(field.column) for field in _listed(model) if field.column in names]
            # SQLite takes the name for that of the part itself.
            now = f"main.{table}" if connection.vendor == "sqlite" else table
            parts.append(
                f"{table} AS (SELECT {', '.join(columns)} FROM {now} "
                f"WHERE {key} NOT IN ({IDS[connection.vendor]}) "
                f"UNION ALL {_given(connection.vendor, table, columns)})"
            )
            given = (zlib.decompress(some.given.get(table, _NOTHING)) for some in self.batches)
            texts = (rows.decode()[1:-1] for rows in given)
            params += [as_parameter(connection, self.ids), f"[{', '.join(filter(None, texts))}]"]
        return (f"WITH {', '.join(parts)} " if parts else ""), params


_LONG = frozenset({"archive_note", "quoted_text", "rationale", "summary", "why", "wording_reason"})
"""Texts that no list is narrowed or ordered by. One that was would be refused: no such column."""

OF_TODAY = frozenset({*urgency.READERS, "urgency_until"})
"""The order of attention: kept as far as it holds on its day, and of no past day."""


@cache
def _listed(model: type[Model]) -> list[Any]:
    """The columns of a table that lists may ask for."""
    return [field for field in model._meta.concrete_fields if field.name not in _LONG | OF_TODAY]


_NOTHING = zlib.compress(b"[]")

_KEYS: dict[type[Model], str] = {
    RecommendationState: "recommendation_id",
    Recommendation: "id",
    Recommendation.themes.through: "recommendation_id",
    **dict.fromkeys((Addressee, RecommendationRelation, SearchDocument), "recommendation_id"),
}
"""What statements of lists read, with the column of the recommendation that a row belongs to."""


class _QueryThen(Query):
    """A query of then, and what is made out of it by filters."""

    def __init__(self, model: Any, then: TablesThen, *args: Any, **options: Any) -> None:
        super().__init__(model, *args, **options)
        self.then = then

    def get_compiler(self, *args: Any, **options: Any) -> Any:
        compiler: Any = super().get_compiler(*args, **options)
        written = compiler.as_sql

        def as_sql(*args: Any, **options: Any) -> tuple[str, tuple[Any, ...]]:
            sql, params = written(*args, **options)
            beginning, given = self.then.beginning(sql, compiler.connection)
            return beginning + sql, (*given, *params)

        compiler.as_sql = as_sql
        return compiler
