"""Statements that are the same at every request but for values: made and compiled once.

Django takes longer to write the SQL of a row with many columns than a database takes to answer it.
A function that makes a queryset out of ``Given`` values becomes such a statement by ``@fixed``.
"""

import copy
import json
import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import (
    BooleanField,
    CharField,
    Expression,
    F,
    Field,
    IntegerField,
    QuerySet,
    TextField,
)

SHAPES = 64
"""Statements that are kept of one function; each takes some hundred kilobytes at most."""


_OWN_NAME = re.compile(r'"(\w+)"\."(\w+)" AS "\2"')
_PLACE = re.compile(r"%[%s]")
"""Where SQL takes a value, or means a percent sign."""


class Given(Expression):
    """A value that is given by name when the statement is asked; ``field`` says of which kind.

    A number that no column of that kind holds finds nothing.
    """

    def __init__(self, name: str, field: "Field[Any, Any]") -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", [self]

    def type_in(self, connection: Any) -> str:
        """What the database calls a value of this kind; a text may have any length."""
        is_text = isinstance(self.output_field, CharField | TextField)
        return "text" if is_text else str(self.output_field.db_type(connection))

    def value(self, given: dict[str, Any], connection: Any) -> Any:
        value, field = given[self.name], self.output_field
        if isinstance(field, IntegerField) and value is not None:
            low, high = connection.ops.integer_field_range(field.get_internal_type())
            if not low <= value <= high:
                raise EmptyResultSet  # As Django: no row has such a number.
        return field.get_db_prep_value(value, connection)


class Among(Expression):
    """Whether a column, of numbers, is among those that are given: however many, one parameter."""

    conditional = True

    def __init__(self, column: str, name: str = "ids") -> None:
        super().__init__(output_field=BooleanField())
        self.column: Any = F(column)
        self.name = name

    def get_source_expressions(self) -> list[Any]:
        return [self.column]

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        [self.column] = exprs

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, params = compiler.compile(self.column)
        return f"{column} IN (SELECT value FROM json_each(%s))", [*params, self]  # noqa: S608

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, params = compiler.compile(self.column)
        return f"{column} = ANY(%s)", [*params, self]

    def type_in(self, connection: Any) -> str:
        return "bigint[]"

    def value(self, given: dict[str, Any], connection: Any) -> Any:
        ids = list(given[self.name])
        # As text: the driver of PostgreSQL looks at each number of a list.
        return str(set(ids) or "{}") if connection.vendor == "postgresql" else json.dumps(ids)


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A queryset with its SQL; nothing of it is changed by asking."""

    queryset: QuerySet[Any, Any]
    alias: str
    compiler: Any
    sql: str
    params: tuple[Any, ...]

    def rows(self, given: dict[str, Any]) -> list[Any]:
        connection = connections[self.alias]
        params = values_of(self.params, given, connection)
        # Of this thread, and of this one request.
        compiler = copy.copy(self.compiler)
        compiler.connection = connection
        compiler.as_sql = lambda *_args, **_options: (self.sql, params)
        asked: Any = self.queryset.using(self.alias)
        asked.query.get_compiler = lambda *_args, **_options: compiler
        return list(asked)


def values_of(params: Sequence[Any], given: dict[str, Any], connection: Any) -> tuple[Any, ...]:
    """What a statement takes, with what is given in its places."""
    return tuple(
        each.value(given, connection) if isinstance(each, Given | Among) else each
        for each in params
    )


def written(compiler: Any) -> tuple[str, Sequence[Any]]:
    """The SQL of a statement, and what it takes; the server of PostgreSQL plans it once."""
    sql, params = compiler.as_sql()
    # A column is called what it is called without being told.
    sql = _OWN_NAME.sub(r'"\1"."\2"', sql)
    is_planned = compiler.connection.vendor == "postgresql"
    return _prepared(sql, params, compiler.connection) if is_planned else (sql, params)


def _prepared(sql: str, params: Sequence[Any], connection: Any) -> tuple[str, list[Any]]:
    """The statement with all other values written out, which the server plans once, and the given.

    Planning takes PostgreSQL longer than running what finds a few rows. A plan for whatever is
    given is as good, where it knows the values by which partial indexes are chosen.
    """
    connection.ensure_connection()
    values, given = iter(params), []

    def write(found: re.Match[str]) -> str:
        if found[0] == "%%":
            return "%%"
        value = next(values)
        if isinstance(value, Given | Among):
            given.append(value)
            return "%s"
        return str(connection.ops.compose_sql("%s", [value])).replace("%", "%%")

    written = _PLACE.sub(write, sql)
    types = [each.type_in(connection) for each in given]
    return connection.prepared(written, types), given


def fixed(make: Callable[..., QuerySet[Any, Any]]) -> Callable[..., list[Any]]:
    """Rows of the queryset that ``make`` makes; it is made once for each shape of the statement.

    Arguments by place are its shape: few different ones, and nothing of one person or one row.
    Those by name are the values of its ``Given`` and ``Among``. What ``make`` reads besides, such
    as the day or the language, it would keep: that is given, or part of the shape.
    """

    made = lru_cache(maxsize=SHAPES)(make)

    @lru_cache(maxsize=SHAPES)
    def compiled(alias: str, *shape: Hashable) -> _Compiled | None:
        queryset = made(*shape)
        compiler = queryset.query.get_compiler(using=alias)
        try:
            sql, params = written(compiler)
        except EmptyResultSet:
            return None
        return _Compiled(queryset, alias, compiler, sql, tuple(params))

    @wraps(make)
    def rows(*shape: Hashable, **given: Any) -> list[Any]:
        # The database of this moment: a page may be read from a copy.
        found = compiled(made(*shape).db, *shape)
        try:
            return found.rows(given) if found else []
        except EmptyResultSet:
            return []

    return rows
