"""Every row of every table as lines of JSON, and back, on either engine.

A line that is an object names a table and its columns; each line after it is a list of rows, which
are lists of values. Numbers are written digit by digit and times to the microsecond.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from io import BufferedIOBase
from itertools import islice
from typing import Any

from django.apps import apps
from django.apps.registry import Apps
from django.core.management.color import no_style
from django.db import connection, models

from recommendations.audit.payload import written
from recommendations.audit.snapshots import KEPT
from recommendations.audit.verify import Progress

KEPT_TABLES = [apps.get_model(label, require_ready=False)._meta.db_table for label in sorted(KEPT)]

LEFT_OUT: Mapping[str, str] = {
    "django_migrations": "migrating writes it, and the versions are in the manifest",
    "django_session": "people sign in again: a copy of a session would be a way into an account",
    **dict.fromkeys(
        KEPT_TABLES, "follows from the other tables, and is built again after a restore"
    ),
}
"""Tables that are not copied, each with the reason."""

BATCH = 200
"""Rows in a line, which are in memory at once."""

Digests = dict[str, dict[str, Any]]
"""For each table how many ``rows`` it has, and the ``sha256`` of its lines."""


def write_rows(out: BufferedIOBase, progress: Progress) -> Digests:
    """Write every row of every table, in the order of its key; memory does not grow with them."""
    digests: Digests = {}
    done, total = 0, sum(model._base_manager.count() for model in _models())
    for model in _models():
        sha256, count = hashlib.sha256(), 0
        for rows in _batches(model):
            line = json.dumps(rows, default=written, ensure_ascii=False, separators=(",", ":"))
            data = f"{line}\n".encode()
            out.write(data)
            sha256.update(data)
            if isinstance(rows, list):
                count += len(rows)
                progress(done + count, total)
        done += count
        digests[model._meta.db_table] = {"rows": count, "sha256": sha256.hexdigest()}
    return digests


def replace_rows(
    lines: Iterable[bytes], total: int, progress: Progress, registry: Apps = apps
) -> None:
    """Put ``total`` rows in place of all there are; the guards must be lifted, in a transaction.

    Into the tables of ``registry``, which may be that of an earlier release. ``KeyError`` or
    ``ValueError`` where the lines are of other tables.
    """
    done = 0
    by_table = {model._meta.db_table: model for model in _models(registry)}
    kept = {model._meta.db_table for model in registry.get_models()}.intersection(KEPT_TABLES)
    with connection.cursor() as cursor:
        for table in (*by_table, *kept):
            cursor.execute(f"DELETE FROM {_quoted(table)}")
        for line in lines:
            held = json.loads(line)
            if isinstance(held, dict):
                fields = _fields(by_table[held["table"]], held["columns"])
                insert = _insert(held["table"], fields)
                continue
            cursor.executemany(insert, [_as_stored(row, fields) for row in held])
            progress(done := done + len(held), total)
        for statement in connection.ops.sequence_reset_sql(no_style(), [*by_table.values()]):
            cursor.execute(statement)


def _models(registry: Apps = apps) -> list[type[models.Model]]:
    """Models of the tables that are copied, those of links included."""
    found = registry.get_models(include_auto_created=True)
    return [
        model
        for model in found
        if model._meta.managed and not model._meta.proxy and model._meta.db_table not in LEFT_OUT
    ]


def _batches(model: type[models.Model]) -> Iterator[dict[str, Any] | list[Any]]:
    names = [field.attname for field in model._meta.concrete_fields]
    yield {"table": model._meta.db_table, "columns": names}
    rows = model._base_manager.order_by("pk").values_list(*names).iterator(chunk_size=BATCH)
    while batch := list(islice(rows, BATCH)):
        yield batch


def _fields(model: type[models.Model], names: list[str]) -> list[Any]:
    by_name = {field.attname: field for field in model._meta.concrete_fields}
    return [by_name[name] for name in names]


def _insert(table: str, fields: list[Any]) -> str:
    columns = ", ".join(_quoted(field.column) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    return f"INSERT INTO {_quoted(table)} ({columns}) VALUES ({places})"


def _as_stored(row: list[Any], fields: list[Any]) -> list[Any]:
    """The values of a row as this engine takes them."""
    return [
        field.get_db_prep_save(field.to_python(value), connection)
        for field, value in zip(fields, row, strict=True)
    ]


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
