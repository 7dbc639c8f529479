"""Figures of an import that are made ready before anything is locked, and what is left of those of
an import that was interrupted.

Each batch is a transaction of its own, so that on SQLite too others write in between.
"""

import os
import socket
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from operator import attrgetter
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, models, transaction
from django.utils import timezone

from recommendations import audit
from recommendations.actions.indicators import STATED
from recommendations.models import (
    Area,
    ImportRun,
    Observation,
    StagedFigure,
    StagedImport,
    StagedText,
    User,
)

BATCH = 2000
"""Rows that are staged, or cleared, at once."""

_stated = attrgetter(*STATED)

SILENT_FOR = timedelta(minutes=10)
"""An import that gave no sign for so long has ended, whatever became of its process."""


@dataclass(frozen=True, slots=True)
class InterruptedImport:
    """An import whose process ended before its end: of it nothing was imported."""

    file_name: str
    indicator: str
    by: User
    begun_at: datetime
    rows: int


@dataclass(frozen=True, slots=True)
class Stage:
    """The staged rows of one import; ``run`` is unsaved, and has its key already.

    ``area_keys`` are those of the areas that it adds, by the numbers that its plan gives them.
    """

    staged: StagedImport
    rows: audit.StagedRows
    run: ImportRun
    asks_confirmation: bool
    area_keys: dict[int, int] = field(default_factory=dict)

    def add(self, observations: Sequence[Observation]) -> None:
        """Stage a batch: the keys, the columns, and what the record will say of each."""
        with transaction.atomic():
            keys = reserve_keys(Observation, len(observations))
            for key, observation in zip(keys, observations, strict=True):
                observation.pk = key
                observation.area_id = self._key_of(observation.area_id)
                observation.asks_confirmation = self.asks_confirmation
                observation.import_run_id = self.run.pk
                observation.recorded_by_id = self.run.by_id
                observation.source = observation.source or self.run.source
            payloads = self.rows.payloads(observations)
            names = ("staged", "observation", "area", "changes", *STATED)
            rows = (
                (self.staged.pk, each.pk, each.area_id, changes, *_stated(each))
                for each, changes in zip(observations, payloads, strict=True)
            )
            insert_rows(StagedFigure, names, rows)
            StagedText.objects.bulk_create(
                StagedText(staged=self.staged, digest=text.digest, salt=text.salt, text=text.text)
                for text in self.rows.take_texts()
            )
            StagedImport.objects.filter(pk=self.staged.pk).update(touched_at=timezone.now())

    def _key_of(self, area: int) -> int:
        """The key of an area; that of a new one is reserved once."""
        if area < 0 and area not in self.area_keys:
            [self.area_keys[area]] = reserve_keys(Area, 1)
        return self.area_keys.get(area, area)

    def complete(self) -> None:
        """Let PostgreSQL count what is staged, so that it reads the rows in order, unsorted."""
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f"ANALYZE {StagedFigure._meta.db_table}")


@contextmanager
def staging(run: ImportRun, *, asks_confirmation: bool) -> Iterator[Stage]:
    """Stage the rows of one import; whatever becomes of it, they are cleared at the end."""
    now = timezone.now()
    staged = StagedImport.objects.create(
        indicator=run.indicator,
        by=run.by,
        file_name=run.file_name,
        begun_at=now,
        touched_at=now,
        host=socket.gethostname(),
        process=os.getpid(),
    )
    rows = audit.StagedRows(staged, Observation, "recorded_at")
    try:
        with transaction.atomic():
            [run.pk] = reserve_keys(ImportRun, 1)
        yield Stage(staged, rows, run, asks_confirmation)
    finally:
        rows.close()
        clear(staged)


def clear(staged: StagedImport) -> int:
    """Delete the rows of an import, some at a time; how many there were."""
    count = 0
    for model in (StagedFigure, StagedText):
        rows = model._base_manager.filter(staged=staged.pk).order_by("pk")
        while keys := list(rows.values_list("pk", flat=True)[:BATCH]):
            model._base_manager.filter(staged=staged.pk, pk__lte=keys[-1]).delete()
            count += len(keys) if model is StagedFigure else 0
    StagedImport.objects.filter(pk=staged.pk).delete()
    return count


def clear_left_over() -> list[InterruptedImport]:
    """Clear what ended imports left behind; those that were interrupted, to be told of."""
    told = []
    for staged in StagedImport.objects.select_related("indicator", "by"):
        if not staged.is_imported and _is_under_way(staged):
            continue
        rows = clear(staged)
        if not staged.is_imported:
            code = staged.indicator.code
            told.append(InterruptedImport(staged.file_name, code, staged.by, staged.begun_at, rows))
    return told


def _is_under_way(staged: StagedImport) -> bool:
    if timezone.now() - staged.touched_at > SILENT_FOR:
        return False
    if staged.host != socket.gethostname():
        return True
    try:
        os.kill(staged.process, 0)  # asks whether it is there
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # It is another user's, so it is there.
    return True


def insert_rows(
    model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Insert rows, given as values of the columns of these names in the types of their fields.

    ``bulk_create`` needs an object for each row and an expression for each value: for very many
    rows that was what took longest.
    """
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    values = _prepared(fields, rows)
    columns = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    target = f"{connection.ops.quote_name(model._meta.db_table)} ({columns})"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {target} FROM STDIN") as copy:
                for line in values:
                    copy.write_row(line)
        else:
            marks = ", ".join(["%s"] * len(fields))
            statement = f"INSERT INTO {target} VALUES ({marks})"  # noqa: S608 - names of models
            cursor.executemany(statement, list(values))


def _prepared(fields: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Iterator[list[Any]]:
    """Rows as the database takes them; most fields take what they hold, and are not asked."""
    plain = models.Field.get_db_prep_value
    itself = connections[DEFAULT_DB_ALIAS]  # Each look through the proxy takes its time.
    asked = [
        (place, partial(field.get_db_prep_value, connection=itself, prepared=True))
        for place, field in enumerate(fields)
        if type(field).get_db_prep_value is not plain
    ]
    for row in rows:
        line = list(row)
        for place, ready in asked:
            line[place] = ready(line[place])
        yield line


def reserve_keys(model: type[models.Model], count: int) -> list[int]:
    """Keys that no other row of a table will get; those that are not used leave a gap."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                (table, count),
            )
            return sorted(key for (key,) in cursor.fetchall())
        given = (count, table)
        cursor.execute("UPDATE sqlite_sequence SET seq = seq + %s WHERE name = %s", given)
        if not cursor.rowcount:  # No row was ever written to it.
            cursor.execute("INSERT INTO sqlite_sequence (seq, name) VALUES (%s, %s)", given)
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", (table,))
        [last] = cursor.fetchone()
        return list(range(last - count + 1, last + 1))
