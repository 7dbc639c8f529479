"""Proving the rows of bulk events: as many as an event says, in its order, with their texts."""

import hashlib
import json
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from django.utils.translation import gettext as _

from recommendations.audit.payload import ROWS, ROWS_DIGEST, line_of
from recommendations.audit.replay import references_in
from recommendations.models import AuditEvent, AuditRow, AuditText

BATCH = 1000
"""Rows that are held in memory at once."""

Texts = dict[str, AuditText]


class RowReader:
    """Reads the rows of bulk events once, in step with the events.

    Ids rise with the events, since every writer holds the head of the chain: what does not come
    with its event was added later, or taken from another.
    """

    def __init__(self, fault_of_texts: Callable[[int, Iterable[str], Texts], str]) -> None:
        self._fault_of_texts = fault_of_texts
        self._waiting: deque[AuditRow] = deque()
        self._texts: Texts = {}
        self._last: int | None = None

    def fault_of(self, event: AuditEvent) -> str:
        """What is wrong with the rows of the next event; most have none, and none are there."""
        told = _told_by(event)
        if told is None:
            return ""
        count, digest = 0, hashlib.sha256()
        while (row := self._next()) is not None and row.event_id <= event.sequence:
            if row.event_id < event.sequence:
                return _added_to(row.event_id)
            count += 1
            digest.update(line_of(row))
            fault = self._fault_of_texts(
                event.sequence, set(references_in(json.loads(row.changes))), self._texts
            )
            if fault:
                return fault
            self._waiting.popleft()
        if count != told[0]:
            return _("Event %(number)d tells of %(told)s rows, and has %(count)d.") % {
                "number": event.sequence,
                "told": told[0],
                "count": count,
            }
        if digest.hexdigest() != told[1]:
            return _("The rows of event %d do not give its digest.") % event.sequence
        return ""

    def fault_of_rest(self, last: int) -> str:
        """What is wrong with rows that came with no event, up to the last one that was read."""
        row = self._next()
        # A row of a later event was written since, on a site at work.
        is_later = row is not None and row.event_id > last
        if row is None or (is_later and AuditEvent.objects.filter(pk=row.event_id).exists()):
            return ""
        return _added_to(row.event_id)

    def _next(self) -> AuditRow | None:
        """The first row that was not compared yet."""
        if not self._waiting:
            found = AuditRow.objects.order_by("pk")
            if self._last is not None:
                found = found.filter(pk__gt=self._last)
            rows = list(found[:BATCH])
            if not rows:
                return None
            self._waiting.extend(rows)
            self._last = rows[-1].pk
            self._texts = AuditText.objects.in_bulk({d for row in rows for d in _digests_in(row)})
        return self._waiting[0]


def _told_by(event: AuditEvent) -> tuple[Any, Any] | None:
    """The number of rows and their digest, as the payload of a bulk event gives them."""
    changes = json.loads(event.payload).get("changes")
    if not isinstance(changes, dict) or ROWS_DIGEST not in changes:
        return None
    try:
        return changes[ROWS][1], changes[ROWS_DIGEST][1]
    except (LookupError, TypeError):
        return None, None


def _digests_in(row: AuditRow) -> set[str]:
    """Digests of the texts that a row refers to; none when it cannot be read."""
    try:
        return set(references_in(json.loads(row.changes)))
    except ValueError:
        return set()


def _added_to(number: int) -> str:
    return _("A row was added to event %d.") % number
