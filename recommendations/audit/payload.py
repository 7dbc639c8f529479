"""What events and rows of bulk acts hold: canonical JSON, and the digests over it. No queries."""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from recommendations.models import AuditEvent, AuditRow

GENESIS = "0" * 64
"""What stands for the hash before the first event."""

ROWS, ROWS_DIGEST = "rows", "rows_sha256"
"""Names under which the event of a bulk act holds the number of its rows and their digest."""


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"))

# Most values by far: asked first, since a bulk act has millions.
_AS_IT_IS = frozenset({type(None), bool, int, str})


class FreeText(str):
    """A string that somebody wrote, as against a code."""

    __slots__ = ()


def changes_of(
    before: Mapping[str, Any], after: Mapping[str, Any], store: Callable[[str], str]
) -> dict[str, Any]:
    """The fields in which two snapshots differ: ``{field: [before, after]}``, canonical.

    ``store`` keeps a text beside the chain and gives the digest that stands for it.
    """
    if not before:  # Many rows are new at once.
        return {
            name: [None, canonical(value, store)]
            for name, value in after.items()
            if value is not None
        }
    return {
        name: [canonical(before.get(name), store), canonical(after.get(name), store)]
        for name in {**before, **after}
        if before.get(name) != after.get(name)
    }


def canonical(value: Any, store: Callable[[str], str]) -> Any:
    """A value as a payload holds it; free text as a reference to its stored text."""
    kind = type(value)
    if kind in _AS_IT_IS:
        return value
    if kind is FreeText:
        return {"text": store(value)} if value else ""
    match value:
        case dict():
            # Its keys and values may be words of a person, such as the headers of a file.
            return {"text": store(plain(value))} if value else ""
        case list() | tuple():
            return [canonical(item, store) for item in value]
    return plain(value)


def plain(value: object) -> Any:
    """A value as a payload holds it, but with its texts in words; a structure is such a text."""
    match value:
        case str():
            return str(value)
        case None | bool() | int():
            return value
        case dict():
            return json.dumps(value, sort_keys=True, ensure_ascii=False) if value else ""
        case list() | tuple():
            return [plain(item) for item in value]
        case date() | Decimal() | UUID():
            return written(value)
    raise TypeError(f"audit cannot record a {type(value).__name__}")


def written(value: object) -> Any:
    """A day, a time, a number or an id as events write it; anything else as it is."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case date():
            return value.isoformat()
        case Decimal():
            # PostgreSQL knows no zero below zero.
            return format(value or value.copy_abs(), "f")
        case UUID():
            return str(value)
    return value


def text_digest(salt: str, text: str) -> str:
    """SHA-256 of a text with its salt, in hexadecimal."""
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()


def payload_of(event: AuditEvent, changes: Mapping[str, Any]) -> str:
    """The canonical JSON text of an event."""
    return json_text({**columns_of(event), "changes": changes})


def columns_of(event: AuditEvent) -> dict[str, Any]:
    """The columns of an event that its payload repeats, as the payload writes them."""
    return {
        "sequence": event.sequence,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": event.actor_id,
        "verb": event.verb,
        "object_type": event.object_type,
        "object_id": event.object_id,
        "recommendation": event.recommendation_id,
        "request_id": event.request_id,
        "reason": event.reason_id,
    }


def line_of(row: AuditRow) -> bytes:
    """What a row adds to the digest of its bulk act: every column of it but its key and event."""
    return line_for(row.object_type, row.object_id, row.recommendation_id, row.changes)


def line_for(
    object_type: str, object_id: str, recommendation_id: int | None, changes: str
) -> bytes:
    """``line_of`` the row that holds this, which is not made yet."""
    return f"{json_text([object_type, object_id, recommendation_id])}{changes}\n".encode()


def json_text(value: object) -> str:
    """Canonical JSON: sorted keys, no spaces, ASCII."""
    return _ENCODER.encode(value)


def hash_of(previous_hash: str, payload: str) -> str:
    """SHA-256 of the hash before and the payload, in hexadecimal."""
    return hashlib.sha256(f"{previous_hash}\n{payload}".encode()).hexdigest()
