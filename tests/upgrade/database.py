"""The rows of a database as one small file, and back, on either engine.

``python -m tests.upgrade.database FILE`` writes every row of the database of DATABASE_URL; it is
run with the code of the version that filled it.
"""

import gzip
import json
import os
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from django.apps.registry import Apps
from django.core.management.color import no_style
from django.db import connection, models, transaction

LEFT_OUT = frozenset({"contenttypes.contenttype", "auth.permission", "auth.group_permissions"})
"""Tables that every migration fills again by itself."""


def models_of(apps: Apps) -> Iterator[type[models.Model]]:
    """Every model with rows to keep, in the order of its label, many-to-many tables included."""
    found = apps.get_models(include_auto_created=True)
    for model in sorted(found, key=lambda model: str(model._meta.label_lower)):
        if model._meta.managed and model._meta.label_lower not in LEFT_OUT:
            yield model


def dump(apps: Apps, path: Path) -> None:
    """Write the columns and rows of every table that has any."""
    tables = {}
    for model in models_of(apps):
        names = [field.attname for field in model._meta.concrete_fields]
        rows = list(model._base_manager.order_by("pk").values_list(*names))
        if rows:
            tables[model._meta.label_lower] = {"columns": names, "rows": rows}
    text = json.dumps(tables, default=_written, ensure_ascii=False, separators=(",", ":"))
    # Without the time of writing, the same rows give the same bytes.
    path.write_bytes(gzip.compress(text.encode(), mtime=0))


def load(apps: Apps, path: Path) -> dict[str, dict[str, Any]]:
    """Write the rows of a dump into empty tables, as ``apps`` describes them; returns the dump."""
    tables: dict[str, dict[str, Any]] = json.loads(gzip.decompress(path.read_bytes()))
    loaded = []
    with transaction.atomic():
        for label, table in tables.items():
            model = apps.get_model(label)
            fields = [_column(model, name) for name in table["columns"]]
            model._base_manager.bulk_create(
                model(
                    **{f.attname: f.to_python(value) for f, value in zip(fields, row, strict=True)}
                )
                for row in table["rows"]
            )
            loaded.append(model)
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), loaded):
                cursor.execute(statement)
    return tables


def _column(model: type[models.Model], attname: str) -> Any:
    return next(field for field in model._meta.concrete_fields if field.attname == attname)


def _written(value: Any) -> str:
    match value:
        case date():
            return value.isoformat()
        case Decimal():
            return format(value, "f")
        case UUID():
            return str(value)
    raise TypeError(type(value).__name__)


if __name__ == "__main__":
    import django
    from django.apps import apps as registry

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
    django.setup()
    dump(registry, Path(sys.argv[1]))
