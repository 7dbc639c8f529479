"""Values that SQLite holds in another form than the site writes, and that are read as another one.

SQLite takes anything into any column. What is no day is read as nothing and what is no truth value
as false, while a query finds what is stored. PostgreSQL takes nothing into a column but its type.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connections, models, router

Odd = Mapping[Any, Mapping[str, Any]]
"""By the key of a row and the name of a field: what is stored."""


def odd_values(model: type[models.Model], rows: Sequence[Any]) -> Odd:
    """Columns of these rows that hold something else than what was read of them."""
    connection = connections[router.db_for_read(model)]
    columns: list[Any] = [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, models.BooleanField | models.DateField) or field.null
    ]
    if connection.vendor != "sqlite" or not columns or not rows:
        return {}
    quote = connection.ops.quote_name
    key: Any = model._meta.pk
    # An expression has no declared type, so nothing is made of its value.
    selected = ", ".join(f"+{quote(field.column)}" for field in (key, *columns))
    marks = ", ".join(["%s"] * len(rows))
    table, named = quote(model._meta.db_table), quote(key.column)
    keys = [key.get_db_prep_value(row.pk, connection) for row in rows]
    with connection.cursor() as cursor:
        # Names of models.
        cursor.execute(f"SELECT {selected} FROM {table} WHERE {named} IN ({marks})", keys)  # noqa: S608
        stored = {held[0]: held[1:] for held in cursor.fetchall()}
    found: dict[Any, dict[str, Any]] = {}
    for row in rows:
        held = stored.get(key.get_db_prep_value(row.pk, connection), ())
        for field, value in zip(columns, held, strict=False):
            if not _is_form_of(field, getattr(row, field.attname), value, connection):
                found.setdefault(row.pk, {})[field.name] = value
    return found


def _is_form_of(field: Any, read: Any, stored: Any, connection: Any) -> bool:
    if (
        read is None
        or stored is None
        or not isinstance(field, models.BooleanField | models.DateField)
    ):
        return (read is None) == (stored is None)
    written = field.get_db_prep_value(read, connection)
    return bool(stored == (int(written) if isinstance(written, bool) else str(written)))
