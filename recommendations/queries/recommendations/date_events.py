"""What changes of target dates change, told from the record of events."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from recommendations.models import AuditEvent
from recommendations.models.dates import change_text

DATE_CHANGE = "recommendations.targetdatechange"


def dates_in(events: Iterable[AuditEvent]) -> dict[str, str]:
    """What each date change changes, in words, by its id.

    Only the event that wrote a change holds its dates; where that one is older than what is told
    here, the ledger has them.
    """
    found = {}
    for event in events:
        if event.object_type == DATE_CHANGE and event.verb in ("set_date", "request_date"):
            changes = json.loads(event.payload)["changes"]
            old, new = (_after(changes, name) for name in ("old_date", "new_date"))
            found[event.object_id] = change_text(old, new)
    return found


def _after(changes: Mapping[str, Any], name: str) -> date | None:
    _before, after = changes.get(name, (None, None))
    return date.fromisoformat(after) if after else None
