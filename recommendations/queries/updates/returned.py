"""How an update was returned the last time: the note, and what the update said then."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from recommendations.audit.rewind import Past
from recommendations.models import AuditEvent, StatusUpdate


@dataclass(frozen=True, slots=True)
class Returned:
    """``update`` is the update as it was when it was returned."""

    note: str
    at: datetime
    by: Any
    update: StatusUpdate


def last_return(update: StatusUpdate) -> Returned | None:
    """The last return of an update, if it was ever returned: one query, and then three.

    The row does not keep it: submitting anew clears who decided, so the record is asked.
    """
    events = AuditEvent.objects.filter(
        object_type=StatusUpdate._meta.label_lower, object_id=str(update.pk), verb="return"
    )
    event = events.select_related("actor", "reason").order_by("-sequence").first()
    if event is None:
        return None
    [then] = Past(event.at).back([update])
    note = event.reason.text if event.reason else ""
    return Returned(note, event.at, event.actor, then)
