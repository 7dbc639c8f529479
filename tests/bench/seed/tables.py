"""Rows into tables as fast as each engine takes them, past models and guards."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models

Row = tuple[Any, ...]


def model_of(label: str) -> type[models.Model]:
    return apps.get_model("recommendations", label)


def insert(label: str, names: Sequence[str], rows: Iterable[Row]) -> None:
    """Insert rows whose values stand in the order of ``names``: numbers, texts and nothing.

    A column that this version of the model lacks is left out, and one that is not named gets its
    default, so that an earlier version is filled as well. Days and times are texts in ISO form.
    """
    fields = {field.attname: field for field in model_of(label)._meta.concrete_fields}
    places = [place for place, name in enumerate(names) if name in fields]
    rest = [name for name in fields if name not in names and not fields[name].primary_key]
    defaults = tuple(_default(fields[name]) for name in rest)
    columns = [fields[names[place]].column for place in places]
    columns += [fields[name].column for name in rest]

    def whole(row: Row) -> Row:
        return (*[row[place] for place in places], *defaults)

    _write(model_of(label)._meta.db_table, columns, map(whole, rows))


def _default(field: models.Field) -> Any:
    return field.get_db_prep_save(field.get_default(), connection)


def _write(table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    named = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f'COPY "{table}" ({named}) FROM STDIN') as into:
                for row in rows:
                    into.write_row(row)
        else:
            places = ", ".join(["%s"] * len(columns))
            cursor.executemany(f'INSERT INTO "{table}" ({named}) VALUES ({places})', rows)


def go_on_with_ids(labels: Iterable[str]) -> None:
    """Let new ids follow those that were given."""
    found = [model_of(label) for label in labels]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), found):
            cursor.execute(statement)


def count_rows() -> None:
    """Let the planner know how many there are of what."""
    with connection.cursor() as cursor:
        # VACUUM as well, as a server does by itself before long; never inside a transaction.
        is_alone = connection.vendor == "postgresql" and not connection.in_atomic_block
        cursor.execute("VACUUM (ANALYZE)" if is_alone else "ANALYZE")
