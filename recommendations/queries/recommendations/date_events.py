"""What changes of target dates change, told from the record of events."""

import json
from collections.abc import Iterable
from datetime import date

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
            days = (changes.get(name, (None, None))[1] for name in ("old_date", "new_date"))
            old, new = (day and date.fromisoformat(day) for day in days)
            found[event.object_id] = change_text(old, new)
    return found
