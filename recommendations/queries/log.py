"""Events of the record, readable: each change with its field, before and after."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from recommendations.models import AuditEvent, AuditText

LONGEST = 300
"""Characters of a text that a row of the log shows; the thing itself has all of it."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one event, before and after, as text."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class LogRow:
    """One event as the log shows it."""

    event: AuditEvent
    thing: str
    reason: str
    changes: tuple[Change, ...]


def log_rows(events: Iterable[AuditEvent]) -> list[LogRow]:
    """Rows for one page of events; the texts they refer to take one query."""
    shown = list(events)
    payloads = {event.sequence: json.loads(event.payload)["changes"] for event in shown}
    texts = texts_in(payloads.values())
    return [
        LogRow(
            event=event,
            thing=_thing(event.object_type),
            reason=event.reason.text if event.reason else "",
            changes=tuple(
                Change(_label(event.object_type, name), _show(before, texts), _show(after, texts))
                for name, (before, after) in payloads[event.sequence].items()
            ),
        )
        for event in shown
    ]


def texts_in(payloads: Iterable[Mapping[str, Any]]) -> dict[str, AuditText]:
    """The stored texts that the changes of some events refer to, by digest."""
    digests = {
        side["text"]
        for changes in payloads
        for sides in changes.values()
        for side in sides
        if isinstance(side, dict)
    }
    return AuditText.objects.in_bulk(digests)


def _thing(object_type: str) -> str:
    """The kind of thing in words."""
    try:
        return capfirst(str(apps.get_model(object_type)._meta.verbose_name))
    except (LookupError, ValueError):
        return capfirst(object_type)


def _label(object_type: str, name: str) -> str:
    try:
        field: Any = apps.get_model(object_type)._meta.get_field(name)
    except (LookupError, ValueError, FieldDoesNotExist):
        return name
    return str(getattr(field, "verbose_name", name))


def _show(side: Any, texts: dict[str, AuditText]) -> str:
    if isinstance(side, dict):
        stored = texts.get(side["text"])
        text = stored.text if stored else _("(text is gone)")
    elif isinstance(side, bool):
        text = _("yes") if side else _("no")
    elif isinstance(side, list):
        text = ", ".join(str(item) for item in side)
    else:
        text = "" if side is None else str(side)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
