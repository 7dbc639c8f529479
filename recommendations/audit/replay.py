"""What the chain says that rows hold: events and rows of bulk acts, from the first to the last."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from recommendations.audit.record import TABLES, Tables
from recommendations.models import AuditText

Values = dict[str, Any]


def replay(label: str, keys: Sequence[str], tables: Tables = TABLES) -> dict[str, Values]:
    """The last recorded value of every field of these objects, with texts in words.

    ``label`` is that of their model. An object that nothing was recorded of is left out, and a
    field that nothing was recorded of held ``None``, or what its object held before the record.
    Values are as ``payload.plain`` writes them; of a secret there is only "changed".
    """
    found: dict[str, Values] = {}
    for _sequence, key, changes in sorted(_told(label, keys, tables), key=lambda told: told[0]):
        values = found.setdefault(key, {})
        for name, (_before, after) in changes.items():
            values[name] = after
    texts = tables.text.objects.in_bulk(set(references_in(found)))
    return {
        key: {name: _in_words(value, texts) for name, value in values.items()}
        for key, values in found.items()
    }


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


def _told(
    label: str, keys: Sequence[str], tables: Tables
) -> Iterable[tuple[int, str, Mapping[str, Any]]]:
    events = tables.event.objects.filter(object_type=label, object_id__in=keys)
    for sequence, key, payload in events.values_list("sequence", "object_id", "payload"):
        yield sequence, key, json.loads(payload)["changes"]
    rows = tables.row.objects.filter(object_type=label, object_id__in=keys)
    for sequence, key, changes in rows.values_list("event_id", "object_id", "changes"):
        yield sequence, key, json.loads(changes)


def _in_words(value: object, texts: Mapping[str, AuditText]) -> Any:
    match value:
        case {"text": str(digest)}:
            return texts[digest].text if digest in texts else None
        case list():
            return [_in_words(item, texts) for item in value]
    return value
