"""Any cell of any tracked table, and another value for it: what somebody could write by SQL."""

import random
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.db import connection, models, transaction
from django.utils import timezone

from recommendations.audit.snapshots import EXEMPT, tracked_models
from recommendations.models.fields import ExactField
from tests.audit.chains import IS_SQLITE


def run(sql: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


@dataclass(frozen=True)
class Cell:
    """One cell of a tracked table, or of a table of links, and what it is to hold."""

    model: type[models.Model]
    pk: Any
    column: Any
    value: Any
    owner: Any = None
    """Of a link: the key of the row that has the field."""

    def write(self) -> None:
        """By one UPDATE, past everything; ``IntegrityError`` where a constraint refuses it."""
        with transaction.atomic():
            rows = self.model._base_manager.filter(pk=self.pk)
            rows.update(**{self.column.attname: self.value})
            if not IS_SQLITE:
                run("SET CONSTRAINTS ALL IMMEDIATE")


def tables() -> list[tuple[type[models.Model], list[Any]]]:
    """Every tracked table and every table of links, with the columns that must not change."""
    found: list[tuple[type[models.Model], list[Any]]] = []
    for model in tracked_models():
        columns = [
            field
            for field in model._meta.concrete_fields
            if field.name not in EXEMPT.keys() - {"id"}
        ]
        found.append((model, columns))
        for many in model._meta.many_to_many:
            through: Any = many.remote_field.through
            ends = [field for field in through._meta.concrete_fields if field.is_relation]
            found.append((through, ends))
    return [(model, columns) for model, columns in found if model._base_manager.exists()]


def any_cell(chance: random.Random) -> Cell:
    model, columns = chance.choice(tables())
    keys = list(model._base_manager.order_by("pk").values_list("pk", flat=True))
    pk, column = chance.choice(keys), chance.choice(columns)
    row = model._base_manager.get(pk=pk)
    owner: Any = model._meta.auto_created
    value = another(chance, column, getattr(row, column.attname))
    # The first column of a table of links holds the row that has the field.
    return Cell(model, pk, column, value, getattr(row, columns[0].attname) if owner else None)


def another(chance: random.Random, column: Any, held: Any) -> Any:
    """Another value of the kind that a column holds; ``None`` where there is none."""
    if column.is_relation:
        name = column.target_field.attname
        rows = column.related_model._base_manager.exclude(**{name: held} if held else {})
        return chance.choice([*rows.order_by("pk").values_list(name, flat=True)] or [None])
    if column.choices:
        return chance.choice([code for code, _label in column.flatchoices if code != held])
    match column:
        case models.BooleanField():
            return not held
        case models.UUIDField():
            return uuid4()
        case ExactField():
            return (held or Decimal(0)) + Decimal("0.1")
        case models.DateTimeField():
            return (held or timezone.now()) + timedelta(seconds=1)
        case models.DateField():
            return (held or timezone.localdate()) + timedelta(days=1)
        case models.JSONField():
            return {"x": "y"}
        case models.IntegerField():
            is_small = isinstance(column, models.SmallIntegerField)
            return (held or 0) + (1_000 if is_small else 1_000_000)
    text = f"{held}x" if column.max_length is None or len(held) < column.max_length else held[:-1]
    return (
        text.replace(held[-1:], "0" if held[-1:] != "0" else "1")
        if column.max_length == 64
        else text
    )


def places(cell: Cell) -> list[tuple[str, str, str]]:
    """Table, row and field by which the change of a cell must be named."""
    table = cell.model._meta.db_table
    if cell.column.primary_key:
        return [(table, str(key), "") for key in (cell.pk, cell.value)]
    if not cell.model._meta.auto_created:
        return [(table, str(cell.pk), cell.column.name)]
    owner: Any = cell.model._meta.auto_created
    [many] = [m for m in owner._meta.many_to_many if m.remote_field.through is cell.model]
    here = cell.model._meta.get_field(many.m2m_field_name())
    # The row that has the link no more, or with another end; and the one that has it now.
    keys = [cell.owner, cell.value] if cell.column == here else [cell.owner]
    return [(table, str(key), many.name) for key in keys]
