"""A bulk act: one event for many rows, with the payload of each row kept beside it.

The event holds the number of its rows and the SHA-256 over their payloads in the order in which
they were added; the payloads are rows of ``AuditRow``, which are never changed.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import models

from recommendations.audit.payload import ROWS, ROWS_DIGEST, changes_of, json_text, line_of
from recommendations.audit.record import Change, Entry
from recommendations.audit.snapshots import (
    Snapshot,
    batches,
    recommendation_id_of,
    snapshots,
    stored,
)
from recommendations.audit.staged import StagedRows
from recommendations.audit.texts import SharedTexts
from recommendations.models import AuditEvent, AuditRow

BATCH = 1000
"""Rows that are held in memory, and written at once."""


_collecting: ContextVar["BulkAct | None"] = ContextVar("collecting", default=None)


class BulkAct:
    """The rows that one act writes: each is added once, then ``record`` writes the event.

    Payloads are written while rows are added, so memory does not grow with their number. From the
    first one on nothing else may be recorded; an act that is not recorded must be rolled back.

    Rows that were staged are added first of all, and are written by one statement.
    """

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self._sequence = 0
        self._digest = hashlib.sha256()
        self._count = 0
        self._rows: list[AuditRow] = []
        self._texts = SharedTexts(entry.tables)
        self._followed: dict[type[models.Model], dict[Any, Snapshot]] = {}

    @property
    def is_empty(self) -> bool:
        return not self._count

    def add(self, thing: models.Model, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """Take in what changed in one row; nothing where nothing did. A new one was ``{}``."""
        changes = changes_of(before, after, self._texts.reference)
        if not changes:
            return
        if not self._count:
            self._sequence = self.entry.next_sequence
        row = self.entry.tables.row(
            event_id=self._sequence,
            object_type=thing._meta.label_lower,
            object_id=str(thing.pk),
            recommendation_id=recommendation_id_of(thing),
            changes=json_text(changes),
        )
        self.entry.touch(row.object_type, row.object_id, row.recommendation_id)
        self._digest.update(line_of(row))
        self._count += 1
        self._rows.append(row)
        if len(self._rows) >= BATCH:
            self._write()

    def add_staged(self, rows: StagedRows) -> None:
        """Take in rows that were made ready before the chain was open."""
        if self._count:
            raise RuntimeError("staged rows come first in a bulk act")
        self._sequence = self.entry.next_sequence
        for lines in rows.lines(self.entry.at):
            self._digest.update(lines)
        self._count = rows.write(self._sequence, self.entry.at)

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Let every change that actions record inside be a row of this act."""
        token = _collecting.set(self)
        try:
            yield
        finally:
            _collecting.reset(token)

    def add_new(self, things: Sequence[models.Model]) -> None:
        """Take in new rows of one model, as they were just written."""
        for some in batches(things, BATCH):
            for thing, after in zip(some, snapshots(some), strict=True):
                self.add(thing, {}, after)

    def follow_new(self, things: Iterable[models.Model]) -> None:
        """Remember new rows: what they hold in the end is read when the act is recorded."""
        for thing in things:
            self._followed.setdefault(type(thing), {}).setdefault(thing.pk, {})

    def follow(self, things: Iterable[models.Model]) -> None:
        """Remember what rows hold, before they are changed; what they hold in the end is read."""
        by_model: dict[type[models.Model], list[Any]] = {}
        for thing in things:
            if thing.pk not in self._followed.get(type(thing), {}):
                by_model.setdefault(type(thing), []).append(thing.pk)
        for model, keys in by_model.items():
            followed = self._followed.setdefault(model, {})
            for some in batches(keys, BATCH):
                rows = stored(model, some)
                for row, before in zip(rows, snapshots(rows), strict=True):
                    followed[row.pk] = before

    def record(
        self,
        verb: str,
        name: str,
        counts: Mapping[str, Any],
        *,
        object_type: str = "file",
        reason: str = "",
    ) -> AuditEvent:
        """Write the event over all rows; ``name`` and ``counts`` as in ``record_counts``."""
        told = {**counts, **self.close()}
        return self.entry.record_counts(verb, name, told, object_type=object_type, reason=reason)

    def close(self) -> dict[str, Any]:
        """Write what was added; what the event that is recorded next must tell of the rows."""
        for model, followed in self._followed.items():
            for keys in batches(list(followed), BATCH):
                rows = stored(model, keys)
                for row, after in zip(rows, snapshots(rows), strict=True):
                    self.add(row, followed[row.pk], after)
        self._write()
        if self._count and self.entry.next_sequence != self._sequence:
            raise RuntimeError("an event was recorded among the rows of a bulk act")
        return {ROWS: self._count, ROWS_DIGEST: self._digest.hexdigest()}

    def _write(self) -> None:
        self.entry.tables.text.objects.bulk_create(self._texts.take())
        self.entry.tables.row.objects.bulk_create(self._rows)
        self._rows = []


def record_change(
    entry: Entry,
    verb: str,
    thing: models.Model,
    *,
    before: Snapshot,
    after: Snapshot,
    reason: str = "",
) -> None:
    """Record what changed in one row: as a row of the act that collects, else by an event."""
    record_changes(entry, [Change(verb, thing, before, after, reason)])


def record_changes(entry: Entry, changes: Sequence[Change]) -> None:
    """Record what changed in several rows: as rows of the act that collects, else by events."""
    if (act := _collecting.get()) is None:
        entry.record_all(changes)
        return
    for change in changes:
        act.add(change.thing, change.before, change.after)
