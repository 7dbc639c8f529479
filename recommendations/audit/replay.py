"""What the chain says that rows hold: events and rows of bulk acts, from the first to the last."""

import json
from collections.abc import Iterator, Mapping, Sequence
from heapq import merge
from operator import itemgetter
from typing import Any

from recommendations.audit.record import TABLES, Tables
from recommendations.models import AuditText

Values = dict[str, Any]

CHUNK = 500
"""Events, or rows of bulk events, that are held in memory at once."""


def replay(label: str, keys: Sequence[str], tables: Tables = TABLES) -> dict[str, Values]:
    """The last recorded value of every field of these objects, with texts in words.

    ``label`` is that of their model. An object that nothing was recorded of is left out, and a
    field that nothing was recorded of held ``None``, or what its object held before the record.
    Values are as ``payload.plain`` writes them.
    """
    found = recorded(label, keys, tables=tables)
    texts = tables.text.objects.in_bulk(set(references_in(found)))
    return {
        key: {name: _in_words(value, texts) for name, value in values.items()}
        for key, values in found.items()
    }


def recorded(
    label: str, keys: Sequence[str], *, until: int | None = None, tables: Tables = TABLES
) -> dict[str, Values]:
    """As ``replay``, but with texts as the record has them: ``{"text": digest}``.

    ``until`` is the number of the last event that counts.
    """
    found: dict[str, Values] = {}
    about = {"object_type": label, "object_id__in": keys}
    events = tables.event.objects.filter(**about).order_by("sequence")
    rows = tables.row.objects.filter(**about).order_by("event_id")
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
