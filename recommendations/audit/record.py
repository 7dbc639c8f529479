"""The record: one event for every change, in one chain that shows any later tampering.

A writer opens an ``entry``. That starts a transaction, locks the head of the chain, and only
then reads the clock: so all writers take their locks in the same order, times strictly rise and
numbers have no gaps, on both databases. Everything the entry records is hashed with the hash
before it (SHA-256).

Free text enters an event as a salted digest; the text itself stands in ``AuditText``, where it
can be taken out later without breaking the chain.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.utils import timezone

from recommendations.models import AuditEvent, AuditText, ChainHead, Recommendation, User

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Id of the web request under way; empty in commands."""

GENESIS = "0" * 64
"""What stands for the hash before the first event."""

HISTORY_AFTER = timedelta(hours=1)
"""An entry under an earlier time than this before now loads history: it is news to nobody."""

# Kept by the machinery itself; their changes say nothing that the other fields do not.
UNTRACKED = frozenset({"version", "updated_at", "last_login", "last_revision", "movement"})
SECRET = frozenset({"password"})

Snapshot = dict[str, Any]


class Entry:
    """An open place in the chain: its time, its writer, and the way to record changes."""

    def __init__(
        self, head: ChainHead, by: User | None, at: datetime, is_history: bool = False
    ) -> None:
        self.at = at
        self.by = by
        self.is_history = is_history
        self._head = head

    @property
    def today(self) -> date:
        """The day of this entry in the time zone of the site."""
        return timezone.localdate(self.at)

    def record(
        self,
        verb: str,
        thing: models.Model,
        *,
        before: Mapping[str, Any],
        after: Mapping[str, Any],
        reason: str = "",
        recommendation: Recommendation | None = None,
    ) -> AuditEvent:
        """Write one event: what changed between two snapshots of ``thing``, by whom and why."""
        label = thing._meta.label_lower
        return self._append(
            verb,
            label,
            str(thing.pk),
            self._changes(before, after),
            reason,
            recommendation.pk if recommendation else _recommendation_id(thing),
        )

    def record_file(
        self,
        verb: str,
        name: str,
        counts: Mapping[str, Any],
        changes: Mapping[str, tuple[Any, Any]] | None = None,
        reason: str = "",
    ) -> AuditEvent:
        """Write one event for a whole file: its name, digest and counts.

        ``name`` can never be redacted: a file that somebody uploads goes by its digest, and what
        they called it is one of the ``counts``, as ``FreeText``.

        ``changes`` are fields of rows that were there, before and after, each under a name that
        says which row and field it is.
        """
        told = {key: (None, value) for key, value in counts.items()} | dict(changes or {})
        canonical = {
            key: [self._canonical(before), self._canonical(after)]
            for key, (before, after) in told.items()
        }
        return self._append(verb, "file", name, canonical, reason, None)

    def _changes(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
        changed = [
            name
            for name in sorted({*before, *after})
            if before.get(name) != after.get(name) and name not in UNTRACKED
        ]
        return {
            name: ["set", "changed"]
            if name in SECRET
            else [self._canonical(before.get(name)), self._canonical(after.get(name))]
            for name in changed
        }

    def _canonical(self, value: Any) -> Any:
        """A value as it stands in the payload; free text as a reference to its stored text."""
        match value:
            case FreeText():
                return {"text": store_text(value).digest} if value else ""
            case None | bool() | int() | str():
                return value
            case dict():
                # Its keys and values may be words of a person, such as the headers of a file.
                words = json.dumps(value, sort_keys=True, ensure_ascii=False)
                return {"text": store_text(words).digest} if value else ""
            case list() | tuple():
                return [self._canonical(item) for item in value]
            case date() | Decimal() | UUID():
                return written(value)
        raise TypeError(f"audit cannot record a {type(value).__name__}")

    def _append(
        self,
        verb: str,
        object_type: str,
        object_id: str,
        changes: Mapping[str, Any],
        reason: str,
        recommendation_id: int | None,
    ) -> AuditEvent:
        head = self._head
        # Several events of one entry follow each other by a microsecond: times strictly rise.
        at = self.at if head.last_at is None else max(self.at, _just_after(head.last_at))
        event = AuditEvent(
            sequence=head.last_sequence + 1,
            at=at,
            actor=self.by,
            verb=verb,
            object_type=object_type,
            object_id=object_id,
            recommendation_id=recommendation_id,
            request_id=request_id.get(),
            reason=store_text(reason) if reason else None,
            previous_hash=head.last_hash or GENESIS,
        )
        event.payload = payload_of(event, changes)
        event.hash = hash_of(event.previous_hash, event.payload)
        event.save(force_insert=True)
        head.last_sequence, head.last_at, head.last_hash = event.sequence, event.at, event.hash
        head.save(update_fields=["last_sequence", "last_at", "last_hash"])
        return event


class FreeText(str):
    """A string that somebody wrote, as against a code."""

    __slots__ = ()


@contextmanager
def entry(*, by: User | None, at: datetime | None = None) -> Iterator[Entry]:
    """Open the chain for writing: transaction, lock on the head, clock, in this order.

    ``at`` is the time to write under, for loading history; by default the clock is read once the
    lock is held. Either way it is moved to just after the last event where it is not later.
    """
    with transaction.atomic():
        head, _ = ChainHead.objects.select_for_update().get_or_create(pk=1)
        clock = timezone.now()
        now = at or clock
        if head.last_at is not None:
            now = max(now, _just_after(head.last_at))
        yield Entry(head, by, now, is_history=clock - (at or clock) > HISTORY_AFTER)


def snapshot(thing: models.Model) -> Snapshot:
    """What a thing holds now, field by field; the empty snapshot of an unsaved one is ``{}``."""
    values: Snapshot = {}
    for field in thing._meta.concrete_fields:
        if field.primary_key or field.name in UNTRACKED:
            continue
        values[field.name] = _value(field, getattr(thing, field.attname))
    for many in thing._meta.many_to_many:
        values[many.name] = sorted(
            getattr(thing, many.name).order_by("pk").values_list("pk", flat=True)
        )
    return values


def written(value: Any) -> Any:
    """A day, a time, a number or an id as events write it; anything else as it is."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case date():
            return value.isoformat()
        case Decimal():
            return format(value, "f")
        case UUID():
            return str(value)
    return value


def store_text(text: str) -> AuditText:
    """Keep a text beside the chain, under the digest that stands for it there."""
    salt = secrets.token_hex(16)
    return AuditText.objects.create(digest=text_digest(salt, text), salt=salt, text=text)


def text_digest(salt: str, text: str) -> str:
    """SHA-256 of a text with its salt, in hexadecimal."""
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()


def payload_of(event: AuditEvent, changes: Mapping[str, Any]) -> str:
    """The canonical JSON text of an event: sorted keys, no spaces, ASCII."""
    return json.dumps(
        {**columns_of(event), "changes": changes}, sort_keys=True, separators=(",", ":")
    )


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


def hash_of(previous_hash: str, payload: str) -> str:
    """SHA-256 of the hash before and the payload, in hexadecimal."""
    return hashlib.sha256(f"{previous_hash}\n{payload}".encode()).hexdigest()


def _just_after(moment: datetime) -> datetime:
    return moment + timedelta(microseconds=1)


def _value(field: models.Field[Any, Any], value: Any) -> Any:
    # Short names too: they are made of titles.
    is_free = isinstance(field, models.CharField | models.TextField) and not field.choices
    return FreeText(value) if isinstance(value, str) and is_free else value


def _recommendation_id(thing: models.Model) -> int | None:
    """Id of the recommendation that a thing is, or belongs to."""
    if isinstance(thing, Recommendation):
        return thing.pk
    direct: int | None = getattr(thing, "recommendation_id", None)
    if direct is None and getattr(thing, "update_id", None) is not None:
        return thing.update.recommendation_id  # type: ignore[attr-defined,no-any-return]
    if direct is None and getattr(thing, "response_id", None) is not None:
        return _recommendation_id(thing.response)  # type: ignore[attr-defined]
    if direct is None and getattr(thing, "addressee_id", None) is not None:
        return thing.addressee.recommendation_id  # type: ignore[attr-defined,no-any-return]
    return direct
