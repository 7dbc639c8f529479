"""Events of the audit log in words: a sentence, and each change with its field."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain, groupby
from typing import Any

from django.db.models import DateField, DateTimeField, QuerySet
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from recommendations.audit.baseline import VERB as BASELINE
from recommendations.audit.replay import changes_in
from recommendations.audit.snapshots import SECRET
from recommendations.choices import BulkChange
from recommendations.models import (
    AuditEvent,
    AuditRow,
    AuditText,
    ChainHead,
    Recommendation,
    StatusUpdate,
)
from recommendations.queries.log.names import Key, Named, names_of
from recommendations.queries.log.words import (
    action_text,
    field_of,
    kind_text,
    label_text,
    place_text,
    refers_to,
)
from recommendations.queries.replaced import marks_of

UPDATE = StatusUpdate._meta.label_lower

LONGEST = 300
"""Characters of a text that a row of the log shows; the page of its object has all of it."""

MOST_ROWS = 200
"""Rows of bulk events that one page of the log shows; the administration has all of them."""

SELECTION = "selection"
"""What the event of a bulk change is about, in place of the label of a model."""

Changes = Mapping[str, Sequence[Any]]

_DIGEST = re.compile(r"[0-9a-f]{64}")


UNTOLD = {"key", "signature"}
"""What says nothing to a reader: by the first a form that was sent twice is known."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one event, before and after, as text; ``name`` is that of its column."""

    label: str
    before: str
    after: str
    name: str = ""

    @property
    def is_digest(self) -> bool:
        """Whether it holds a SHA-256, which people do not read but compare."""
        return bool(_DIGEST.fullmatch(self.after or self.before))


@dataclass(frozen=True, slots=True)
class RowChanges:
    """What a bulk event changed in one row."""

    kind_label: str
    named: Named
    changes: tuple[Change, ...]
    row: AuditRow


@dataclass(frozen=True, slots=True)
class LogRow:
    """One event as the log shows it, with those rows of a bulk event that were asked for."""

    event: AuditEvent
    named: Named
    reason: str
    changes: tuple[Change, ...]
    rows: tuple[RowChanges, ...] = ()

    @property
    def action(self) -> str:
        """What happened, such as "Evidence file added"."""
        return action_text(self.event.verb, self.event.object_type)

    @property
    def by(self) -> str:
        """Who did it; empty where that was the system."""
        return str(self.event.actor or "")

    @property
    def pattern(self) -> str:
        """The sentence, with names for ``action``, ``title`` and ``name``."""
        if self.named.title and self.by:
            return _("%(action)s: %(title)s, by %(name)s")
        if self.named.title:
            return _("%(action)s: %(title)s, by the system")
        return _("%(action)s, by %(name)s") if self.by else _("%(action)s, by the system")

    @property
    def sentence(self) -> str:
        """The event as one sentence."""
        return self.pattern % {"action": self.action, "title": self.named.title, "name": self.by}

    @property
    def beside(self) -> Recommendation | None:
        """The recommendation that it is about, where the title does not begin with it."""
        found = self.event.recommendation
        return None if found and self.named.title.startswith(f"{found.reference} ") else found

    @property
    def is_baseline(self) -> bool:
        """Whether it records what was found, and nothing says how it came to be so."""
        return self.event.verb == BASELINE


@dataclass(frozen=True, slots=True)
class LogAct:
    """Events that were recorded together: in one request, or by one run of a command."""

    rows: tuple[LogRow, ...]

    @property
    def is_group(self) -> bool:
        return len(self.rows) > 1

    @property
    def level(self) -> int:
        """Level of the headings of its events: that of a group is above them."""
        return 4 if self.is_group else 3


def log_rows(
    events: Iterable[AuditEvent],
    wanted: QuerySet[AuditRow] | None = None,
    most: int | None = MOST_ROWS,
) -> list[LogRow]:
    """Rows for one page of events; their texts take one query, what they speak of another.

    Where rows of bulk events are ``wanted``, so many of these events take one more, and so does
    what became of the updates among them.
    """
    shown = list(events)
    changes_of: dict[int, Changes] = {event.pk: changes_in(event.payload) for event in shown}
    found = [] if wanted is None else list(wanted.filter(event__in=changes_of)[:most])
    of_rows: dict[int, Changes] = {row.pk: changes_in(row.changes) for row in found}
    told = [
        *((event.object_type, event.object_id, changes_of[event.pk]) for event in shown),
        *((row.object_type, row.object_id, of_rows[row.pk]) for row in found),
    ]
    words = _Words(
        texts_in(changes for _kind, _key, changes in told),
        _marked(names_of(chain.from_iterable(_spoken_of(*each) for each in told))),
    )
    rows: dict[int, list[RowChanges]] = defaultdict(list)
    for row in found:
        rows[row.event_id].append(words.row(row, of_rows[row.pk]))
    return [words.event(event, changes_of[event.pk], rows[event.pk]) for event in shown]


def _marked(names: dict[Key, Named]) -> dict[Key, Named]:
    """The same, where updates that were retracted, corrected or undone say so; one query if any."""
    marks = marks_of(int(key) for label, key in names if label == UPDATE)
    found = {(UPDATE, str(pk)): mark for pk, mark in marks.items()}
    words = _("%(title)s (%(mark)s)")
    return names | {
        key: replace(names[key], title=words % {"title": names[key].title, "mark": mark.text})
        for key, mark in found.items()
    }


def _spoken_of(object_type: str, object_id: str, changes: Changes) -> Iterator[Key]:
    """The rows that an event speaks of: its object, and those that its fields refer to."""
    yield object_type, object_id
    for name, sides in changes.items():
        if label := refers_to(object_type, name):
            for side in sides:
                for key in side if isinstance(side, list) else [side]:
                    yield label, str(key)


def log_acts(rows: Iterable[LogRow]) -> list[LogAct]:
    """Rows of the log, those together that follow each other and were recorded together.

    Events of versions before acts had an id stand alone.
    """
    grouped = groupby(rows, lambda row: row.event.request_id or row.event.sequence)
    return [LogAct(tuple(act)) for _key, act in grouped]


def head_of_chain() -> ChainHead | None:
    """The head of the chain; none before the first event."""
    return ChainHead.objects.filter(pk=1).first()


def texts_in(payloads: Iterable[Changes]) -> dict[str, AuditText]:
    """The stored texts that the changes of some events refer to, by digest."""
    digests = {
        side["text"]
        for changes in payloads
        for sides in changes.values()
        for side in sides
        if isinstance(side, dict)
    }
    return AuditText.objects.in_bulk(digests)


@dataclass(frozen=True, slots=True)
class _Words:
    """The texts and the names that the events of a page refer to."""

    texts: Mapping[str, AuditText]
    names: Mapping[Key, Named]

    def event(self, event: AuditEvent, changes: Changes, rows: Iterable[RowChanges]) -> LogRow:
        return LogRow(
            event=event,
            named=_named_selection(event)
            if event.object_type == SELECTION
            else self.name(event.object_type, event.object_id),
            reason=event.reason.text if event.reason else "",
            changes=self.changes(event.object_type, changes),
            rows=tuple(rows),
        )

    def row(self, row: AuditRow, changes: Changes) -> RowChanges:
        return RowChanges(
            kind_text(row.object_type),
            self.name(row.object_type, row.object_id),
            self.changes(row.object_type, changes),
            row,
        )

    def name(self, object_type: str, key: str) -> Named:
        return self.names.get((object_type, key)) or Named("")

    def changes(self, object_type: str, changes: Changes) -> tuple[Change, ...]:
        return tuple(
            Change(label_text(object_type, name), *self._sides(object_type, name, *sides), name)
            for name, sides in changes.items()
            if name not in UNTOLD
        )

    def _sides(self, object_type: str, name: str, before: Any, after: Any) -> tuple[str, str]:
        if name in SECRET:
            return _("set"), _("changed")
        return self._side(object_type, name, before), self._side(object_type, name, after)

    def _side(self, object_type: str, name: str, side: Any) -> str:
        each = side if isinstance(side, list) else [side]
        text = ", ".join(self._value(object_type, name, value) for value in each)
        return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"

    def _value(self, object_type: str, name: str, value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, dict):
            stored = self.texts.get(value["text"])
            return stored.text if stored else _("(text not available)")
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if label := refers_to(object_type, name):
            return self.name(label, str(value)).title or str(value)
        return _in_words(field_of(object_type, name), value)


def _named_selection(event: AuditEvent) -> Named:
    """What a bulk change did, and the page that shows its rows and can undo it."""
    change = event.object_id
    title = str(BulkChange(change).label) if change in BulkChange.values else ""
    page = reverse("bulk-change", args=[event.sequence])
    return Named(title or _("Event %s") % change, page)


def _in_words(field: Any, value: Any) -> str:
    """A value as an event has it, for people: the label of a choice, a day as it is read."""
    if isinstance(field, DateTimeField):
        at = parse_datetime(value)
        return date_format(localtime(at), "j F Y, H:i") if at else str(value)
    if isinstance(field, DateField):
        return date_format(date.fromisoformat(value))
    labels = dict(getattr(field, "flatchoices", ()))
    return str(labels.get(value, value)) if field else place_text(str(value))
