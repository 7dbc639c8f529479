"""Rows of the test database: emptied after a test that commits, and long ones written only once."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from django.apps import apps
from django.contrib.auth.models import Group
from django.db import connections, models, transaction
from django.utils import timezone

from recommendations import guards
from recommendations.actions.people import ensure_roles
from recommendations.choices import Role
from tests import kept

T = TypeVar("T")

MIGRATED = frozenset(
    [
        "auth_group",
        "auth_group_permissions",
        "auth_permission",
        "django_content_type",
        "django_migrations",
        "recommendations_readmodel",
    ]
)
"""Tables whose rows come from migrating, and stay."""

_are_lifted: ContextVar[bool] = ContextVar("guards_are_lifted", default=False)
_written: dict[str, tuple[date, dict[str, Any], dict[str, int], Any]] = {}


def write_once(name: str, write: Callable[[], T]) -> T:
    """Have in the database what ``write`` leaves in an empty one; a copy of what it returned.

    The first call of a process runs ``write``, a later one inserts the rows that it left, with
    their ids. Rows depend on the day, so on the next day they are written anew.
    """
    today = timezone.localdate()
    if name not in _written or _written[name][0] != today:
        if filled := sorted(_read()):
            raise RuntimeError(f"{name!r} must be written first; there are rows in {filled}")
        made = write()
        kept.renew()
        _written[name] = today, _read(), _sequences(), deepcopy(made)
        return made
    _day, rows, reached, made = _written[name]
    _insert(rows)
    _raise_sequences(reached)
    return deepcopy(made)


def empty(using: str) -> None:
    """Delete what a test has committed; ids go on, as they do after Django's own flush.

    Django flushes by TRUNCATE and then makes guards, permissions and roles anew. A test leaves few
    rows, and deleting those takes a tenth of that time.
    """
    connection = connections[using]
    tables = _tables(connection)
    deletes = [f'DELETE FROM "{table}"' for table in tables]
    if connection.vendor == "postgresql":
        # One round trip, and foreign keys are checked when every row is gone.
        deletes = ["; ".join(["SET CONSTRAINTS ALL DEFERRED", *deletes])]
    with transaction.atomic(using=using), connection.cursor() as cursor:
        with guards.lifted(connection, tables):
            for statement in deletes:
                cursor.execute(statement)
        Group.objects.using(using).exclude(name__in=Role.values).delete()
        ensure_roles(using=using)


@contextmanager
def past_the_guards(tables: Collection[str] | None = None) -> Iterator[None]:
    """Let decided updates and events be inserted as they are, which only actions bring about.

    One inside another lifts nothing more: around many rows it saves lifting the guards for each.
    Where only some ``tables`` are written, the guards of others stay.
    """
    if _are_lifted.get():
        yield
        return
    closed = [g.table for g in guards.GUARDS if g.insert and (tables is None or g.table in tables)]
    with transaction.atomic(), guards.lifted(connections["default"], closed):
        token = _are_lifted.set(True)
        try:
            yield
        finally:
            _are_lifted.reset(token)


def needed(
    model: type[Any], values: Mapping[str, Any], rows: Mapping[type[Any], Any], now: datetime
) -> dict[str, Any]:
    """For what has no default beside these values: a row of ``rows``, the day, the moment, one."""
    found: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        is_left = field.null and field.name not in ("added_by", "recorded_by")
        if field.name in values or is_left or field.has_default() or field.primary_key:
            continue
        if isinstance(field, models.ForeignKey):
            found[field.name] = rows[field.related_model]
        elif isinstance(field, models.DateTimeField):
            found[field.name] = now
        elif isinstance(field, models.DateField):
            found[field.name] = timezone.localdate(now)
        elif isinstance(field, models.IntegerField):
            found[field.name] = 1
    return found


def _tables(connection: Any) -> list[str]:
    present = connection.introspection.django_table_names(only_existing=True)
    return sorted(set(present) - MIGRATED)


@dataclass(frozen=True, slots=True)
class _Rows:
    """All rows of one table: ``values`` as ``_insert`` takes them.

    With the names of the columns: tables that took every step have them in another order.
    """

    columns: str
    values: Any


def _read() -> dict[str, _Rows]:
    """The rows of every table that has some."""
    connection = connections["default"]
    rows: dict[str, _Rows] = {}
    columns_of = _columns()
    with connection.cursor() as cursor:
        for table in _tables(connection):
            columns = columns_of[table]
            if connection.vendor == "postgresql":
                with cursor.copy(f'COPY "{table}" ({columns}) TO STDOUT') as out:
                    found: Any = b"".join(map(bytes, out))
            else:
                found = cursor.execute(f'SELECT {columns} FROM "{table}"').fetchall()
            if found:
                rows[table] = _Rows(columns, found)
    return rows


def _columns() -> dict[str, str]:
    """The columns of each table that the models write; others work themselves out."""
    return {
        model._meta.db_table: ", ".join(
            f'"{field.column}"' for field in model._meta.concrete_fields
        )
        for model in apps.get_models(include_auto_created=True)
    }


def _insert(rows: dict[str, _Rows]) -> None:
    """Insert past the models; the database checks foreign keys at the end of the transaction."""
    connection = connections["default"]
    with past_the_guards(rows), connection.cursor() as cursor:
        for table, each in rows.items():
            into = f'"{table}" ({each.columns})'
            if connection.vendor == "postgresql":
                with cursor.copy(f"COPY {into} FROM STDIN") as copy:
                    copy.write(each.values)
            else:
                places = ", ".join(["%s"] * len(each.values[0]))
                # Unseen by those who watch statements, as COPY is: they saw these rows written.
                cursor.cursor.executemany(f"INSERT INTO {into} VALUES ({places})", each.values)


def _sequences() -> dict[str, int]:
    """How far the sequences of PostgreSQL have come, by name; those of SQLite follow the rows."""
    connection = connections["default"]
    if connection.vendor != "postgresql":
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sequencename, last_value FROM pg_sequences"
            " WHERE schemaname = current_schema() AND last_value IS NOT NULL"
        )
        return dict(cursor.fetchall())


def _raise_sequences(reached: dict[str, int]) -> None:
    """Let new rows have higher ids than inserted ones, where a test has set a sequence back."""
    if not reached:
        return
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT setval(format('%%I', sequencename)::regclass, reached)"
            " FROM pg_sequences JOIN unnest(%s::text[], %s::bigint[]) AS kept (name, reached)"
            " ON sequencename = name WHERE schemaname = current_schema()"
            " AND coalesce(last_value, 0) < reached",
            [[*reached], [*reached.values()]],
        )
