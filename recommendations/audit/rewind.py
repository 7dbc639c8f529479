"""Rows as they were at a moment, told from the events."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache, reduce
from heapq import merge
from operator import itemgetter, or_
from typing import Any, TypeVar

from django.db.models import JSONField, Model, Q

from recommendations.audit.snapshots import SECRET, recorded_fields
from recommendations.models import AuditEvent, AuditRow, AuditText

# ---- What the chain says that rows hold: events and rows of bulk acts, from the first to the last

Values = dict[str, Any]

CHUNK = 500
"""Events, or rows of bulk events, that are held in memory at once."""


def replay(label: str, keys: Sequence[str]) -> dict[str, Values]:
    """The last recorded value of every field of these objects, with texts in words.

    ``label`` is that of their model. An object that nothing was recorded of is left out, and a
    field that nothing was recorded of held ``None``, or what its object held before the record.
    Values are as ``payload.plain`` writes them.
    """
    found = recorded(label, keys)
    texts = AuditText.objects.in_bulk(set(references_in(found)))
    return {
        key: {name: _in_words(value, texts) for name, value in values.items()}
        for key, values in found.items()
    }


def recorded(label: str, keys: Sequence[str], *, until: int | None = None) -> dict[str, Values]:
    """As ``replay``, but with texts as the record has them: ``{"text": digest}``.

    ``until`` is the number of the last event that counts.
    """
    found: dict[str, Values] = {}
    about = {"object_type": label, "object_id__in": keys}
    events = AuditEvent.objects.filter(**about).order_by("sequence")
    rows = AuditRow.objects.filter(**about).order_by("event_id")
    told = merge(
        events.values_list("sequence", "object_id", "payload").iterator(CHUNK),
        rows.values_list("event_id", "object_id", "changes").iterator(CHUNK),
        key=itemgetter(0),
    )
    for sequence, key, text in told:
        if until is None or sequence <= until:
            held = found.setdefault(key, {})
            held.update({name: both[1] for name, both in changes_in(text).items()})
    return found


def references_in(node: object) -> Iterator[str]:
    """Digests of the texts that a payload, or a part of one, refers to."""
    if isinstance(node, dict):
        # A list under that name is a change of a field that is itself called "text".
        if set(node) == {"text"} and isinstance(node["text"], str):
            yield node["text"]
        for value in node.values():
            yield from references_in(value)
    elif isinstance(node, list):
        for value in node:
            yield from references_in(value)


def parsed(text: str) -> Any:
    """A payload, or the changes of a row of a bulk act; ``None`` where it is no JSON."""
    try:
        return json.loads(text)
    except (RecursionError, TypeError, ValueError):
        return None


def changes_in(text: str) -> dict[str, list[Any]]:
    """Each field that a payload, or a row of a bulk act, tells of: before and after.

    None where it cannot be read: verification tells.
    """
    node = parsed(text)
    # The changes of an event are a part of its payload; a field of a row may have that name.
    if isinstance(node, dict) and isinstance(node.get("changes"), dict):
        node = node["changes"]
    sides = node.items() if isinstance(node, dict) else ()
    return {name: both for name, both in sides if isinstance(both, list) and len(both) == 2}


def _in_words(value: object, texts: Mapping[str, AuditText]) -> Any:
    match value:
        case {"text": str(digest)}:
            return texts[digest].text if digest in texts else None
        case list():
            return [_in_words(item, texts) for item in value]
    return value


# ---- What rows held at an earlier moment: today's values, set back by what events changed since.
# The value at a moment is the ``before`` of the earliest later event that touched the field, else
# today's. Derived columns are no part of events and stay as they are. What was redacted since stays
# redacted in the past too.

Row = TypeVar("Row", bound=Model)

BASELINE, REDACT = "baseline", "redact"
"""Verbs of events whose rows were there, with these values, before."""

Key = tuple[str, str]
"""The label of a model, and the key of a row as events have it."""


class Past:
    """Sets rows back to a moment; ``learn`` asks by one query what happened to them since."""

    def __init__(self, known: datetime) -> None:
        self.known = known
        self._before: dict[Key, dict[str, Any]] = {}
        self._redacted: dict[Key, dict[str, datetime]] = defaultdict(dict)

    def learn(self, *groups: Iterable[Model]) -> None:
        """Read what was recorded of these rows since: of all of them before any is set back."""
        wanted: dict[str, set[str]] = defaultdict(set)
        for row in (row for group in groups for row in group):
            wanted[row._meta.label_lower].add(str(row.pk))
        if wanted:
            about = (Q(object_type=label, object_id__in=keys) for label, keys in wanted.items())
            self._learn(reduce(or_, about))

    def _learn(self, about: Q) -> None:
        for verb, at, key, changes in changes_since(self.known, about):
            held = self._before.setdefault(key, {})
            if verb == REDACT:
                # A field that was changed before held another text then.
                self._redacted[key] |= {name: at for name in changes if name not in held}
                continue
            for name, (before, _after) in changes.items():
                held.setdefault(name, before)
        self._put_in_words()

    def back(self, rows: list[Row]) -> list[Row]:
        """Rows of one kind as they were, with what happened to them read first."""
        self.learn(rows)
        return self.rows(rows)

    def rows(self, rows: Iterable[Row]) -> list[Row]:
        """Copies of those that were there by then, as they were."""
        found = (self._row(row) for row in rows)
        return [row for row in found if row is not None]

    def links(self, row: Model, name: str, now: Collection[Any]) -> list[Any]:
        """The other ends of a many-to-many field by then; ``now`` are those of today."""
        held = self._before.get(_key(row), {})
        return list(held[name] or ()) if name in held else list(now)

    def redactions(self, row: Model) -> Mapping[str, datetime]:
        """The fields of a row whose text of then was redacted since, and when."""
        return self._redacted.get(_key(row), {})

    def _row(self, row: Row) -> Row | None:
        # A copy that leads nowhere else than the row; ``copy`` takes three times as long.
        then = type(row).__new__(type(row))
        then.__dict__.update(row.__getstate__())
        fields = _told(type(row))
        for name, value in self._before.get(_key(row), {}).items():
            if (field := fields.get(name)) is None:
                continue
            if value is None and not field.null:
                return None  # The event that made it.
            setattr(then, field.attname, as_held(field, value))
            if field.is_relation and field.is_cached(then):
                field.delete_cached_value(then)
        return then

    def _put_in_words(self) -> None:
        texts = AuditText.objects.in_bulk(set(references_in(list(self._before.values()))))
        for key, held in self._before.items():
            for name, value in held.items():
                match value:
                    case {"text": str(digest)}:
                        held[name] = texts[digest].text
                        if redacted_at := texts[digest].redacted_at:
                            self._redacted[key][name] = redacted_at


@cache
def _told(model: type[Model]) -> Mapping[str, Any]:
    """The fields, by name, whose values of then the record tells in words."""
    return {
        field.name: field
        for field in recorded_fields(model)
        if not field.many_to_many and field.name not in SECRET
    }


def _key(row: Model) -> Key:
    return row._meta.label_lower, str(row.pk)


def changes_since(
    known: datetime, about: Q
) -> Iterator[tuple[str, datetime, Key, Mapping[str, Sequence[Any]]]]:
    """What events changed in these rows after a moment, in their order, with verb and time."""
    events = AuditEvent.objects.filter(about, at__gt=known).order_by()
    rows = AuditRow.objects.filter(about, event__at__gt=known).order_by()
    told = ("object_type", "object_id")
    found = events.values_list("sequence", "verb", "at", *told, "payload").union(
        rows.values_list("event_id", "event__verb", "event__at", *told, "changes"), all=True
    )
    for _sequence, verb, at, label, key, text in sorted(found):
        if verb != BASELINE:
            yield verb, at, (label, key), changes_in(text)


def as_held(field: Any, value: Any) -> Any:
    """A value of a payload as the attribute of a row holds it."""
    if isinstance(field, JSONField):
        return json.loads(value) if value else {}
    return field.target_field.to_python(value) if field.is_relation else field.to_python(value)
