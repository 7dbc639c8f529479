"""Changes of many rows in one event each, and rows written from staged ones."""

import hashlib
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from django.db import connections, models, router
from django.db.models import F, Value
from django.db.models.functions import Cast, Replace

from recommendations.audit.record import Change, Entry, text_of
from recommendations.audit.snapshots import (
    ROWS,
    ROWS_DIGEST,
    Snapshot,
    batches,
    changes_of,
    json_text,
    line_for,
    line_of,
    recommendation_id_of,
    snapshots,
    stored,
    written,
)
from recommendations.models import (
    AuditEvent,
    AuditRow,
    AuditText,
    StagedFigure,
    StagedImport,
    StagedText,
)

# ---- The texts of a bulk act on their way into the record

MOST_SHARED, LONGEST_SHARED = 10_000, 300
"""Texts, and characters of a text, that are remembered so as to be stored once in an act."""


class SharedTexts:
    """Texts that wait to be stored. One that several rows hold is stored once for the act:
    redaction changes it for all of them.
    """

    def __init__(self) -> None:
        self._waiting: list[AuditText] = []
        self._shared: dict[str, str] = {}

    def reference(self, text: str) -> str:
        """The digest that stands for a text."""
        if digest := self._shared.get(text):
            return digest
        made = text_of(text)
        self._waiting.append(made)
        if len(text) <= LONGEST_SHARED:
            if len(self._shared) >= MOST_SHARED:
                self._shared.clear()
            self._shared[text] = made.digest
        return made.digest

    def take(self) -> list[AuditText]:
        """The texts that came since they were taken last, unsaved."""
        taken, self._waiting = self._waiting, []
        return taken


# ---- Rows of a bulk act that are made ready before the chain is open, and written by one
# statement.
# Whoever holds the chain keeps all others from writing. So what takes long is done before: payloads
# and texts are made and lie in staged tables. Only the time of the entry is not known by then; a
# mark stands in its place, and gives way to it in the payloads and in what is hashed alike.

NOT_YET = datetime.min.replace(tzinfo=UTC)
"""Stands for the time of the entry until it is known."""

PIECE = 1024 * 1024
"""Bytes of lines that are hashed at once."""


class StagedRows:
    """What the record will say of new rows of ``model``, as staged under an import, in their order.

    ``field`` is the one that holds the time of the entry. The lines that are hashed wait in a file
    of their own, so that hashing them takes no query.
    """

    def __init__(self, staged: StagedImport, model: type[models.Model], field: str) -> None:
        self.figures = StagedFigure.objects.filter(staged=staged.pk)
        self._staged_texts = StagedText.objects.filter(staged=staged.pk)
        self._model = model
        self._field = field
        self._texts = SharedTexts()
        self._lines = tempfile.TemporaryFile()  # noqa: SIM115  (closed by close)

    def close(self) -> None:
        self._lines.close()

    def payloads(self, things: Sequence[models.Model]) -> list[str]:
        """The changes of each thing, as they are to be staged; their keys are known already.

        The things were checked: their values are of the kinds that the database gives back.
        """
        made = []
        label = self._model._meta.label_lower
        for thing, after in zip(things, snapshots(things, as_stored=True), strict=True):
            changes = json_text(
                changes_of({}, {**after, self._field: NOT_YET}, self._texts.reference)
            )
            self._lines.write(line_for(label, str(thing.pk), None, changes))
            made.append(changes)
        return made

    def take_texts(self) -> list[AuditText]:
        """The texts that the last payloads refer to and no earlier ones did, to be staged too."""
        return self._texts.take()

    def lines(self, at: datetime) -> Iterator[bytes]:
        """What the digest of the act is over, under the time of its entry."""
        mark, known = (self._change(moment).encode() for moment in (NOT_YET, at))
        self._lines.seek(0)
        while lines := self._lines.readlines(PIECE):
            yield b"".join(lines).replace(mark, known)

    def write(self, sequence: int, at: datetime) -> int:
        """Write the staged texts and rows under the event of this number; how many rows."""
        kept = {name: F(name) for name in ("digest", "salt", "text")}
        insert_from(self._staged_texts, AuditText, kept)
        mark, known = (Value(self._change(moment)) for moment in (NOT_YET, at))
        columns = {
            "event": Value(sequence),
            "object_type": Value(self._model._meta.label_lower),
            "object_id": Cast(F("observation"), models.CharField(max_length=64)),
            "changes": Replace(F("changes"), mark, known, output_field=models.TextField()),
        }
        return insert_from(self.figures, AuditRow, columns)

    def _change(self, moment: datetime) -> str:
        """How the field stands in a payload. Inside a string its quotes would be escaped."""
        return f'"{self._field}":[null,"{written(moment)}"]'


def insert_from(
    rows: models.QuerySet[Any], model: type[models.Model], columns: Mapping[str, Any]
) -> int:
    """Insert into a table what these rows hold, in the order of their keys; how many there are.

    ``columns`` are fields of ``model``, each with what its column is taken from.
    """
    connection = connections[router.db_for_write(model)]
    selected = rows.order_by("pk").values_list(*columns.values())
    select, parameters = selected.query.get_compiler(connection=connection).as_sql()
    quote = connection.ops.quote_name
    fields: list[Any] = [model._meta.get_field(name) for name in columns]
    names = ", ".join(quote(field.column) for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(model._meta.db_table)} ({names}) {select}",  # names of models
            parameters,
        )
        return int(cursor.rowcount)


# ---- A bulk act: one event for many rows, with the payload of each row kept beside it.
# The event holds the number of its rows and the SHA-256 over their payloads in the order in which
# they were added; the payloads are rows of ``AuditRow``, which are never changed.

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
        self._texts = SharedTexts()
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
        row = AuditRow(
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
        AuditText.objects.bulk_create(self._texts.take())
        AuditRow.objects.bulk_create(self._rows)
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
