"""What the rows of a bulk event say."""

import json
from typing import Any

from django.db.models import Model

from recommendations.models import AuditEvent, AuditRow, AuditText


def last_event() -> AuditEvent:
    return AuditEvent.objects.latest("sequence")


def changes_in(event: AuditEvent, thing: Model) -> dict[str, Any]:
    """What a bulk event changed in a thing: ``{field: [before, after]}``, with texts in words."""
    row = event.rows.get(object_type=thing._meta.label_lower, object_id=str(thing.pk))
    changes: dict[str, list[Any]] = json.loads(row.changes)
    return {name: [_in_words(side) for side in sides] for name, sides in changes.items()}


def _in_words(side: Any) -> Any:
    return AuditText.objects.get(digest=side["text"]).text if isinstance(side, dict) else side


def kinds_in(event: AuditEvent) -> dict[str, int]:
    """How many rows of each kind a bulk event has."""
    found: dict[str, int] = {}
    for label in AuditRow.objects.filter(event=event).values_list("object_type", flat=True):
        name = label.removeprefix("recommendations.")
        found[name] = found.get(name, 0) + 1
    return found
