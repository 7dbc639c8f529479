"""Backups that the record tells of, for whoever takes something out that they hold."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min, Q

from recommendations.models import AuditEvent, AuditRow
from recommendations.queries.log.rows import texts_in

VERB = "back_up"
"""Verb of the event that a backup leaves."""

MOST_TEXTS = 50
"""Recorded texts whose first events are looked for; beyond that every backup is named."""


@dataclass(frozen=True, slots=True)
class BackupRow:
    """A backup: what its file was called then, when it was made, and the last event in it."""

    name: str
    at: datetime
    sha256: str
    last_event: int


def backups_since(sequence: int | None) -> list[BackupRow]:
    """Backups that hold an event, latest first; all of them where it is not known which."""
    events = list(AuditEvent.objects.filter(verb=VERB).order_by("-sequence"))
    told = [json.loads(event.payload)["changes"] for event in events]
    texts = texts_in(told)
    rows = (
        BackupRow(
            name=texts[changes["file"][1]["text"]].text,
            at=event.at,
            sha256=changes["sha256"][1],
            last_event=int(changes["head"][1].partition(":")[0]),
        )
        for event, changes in zip(events, told, strict=True)
    )
    return [row for row in rows if sequence is None or row.last_event >= sequence]


def first_event_with(digests: Sequence[str]) -> int | None:
    """The first event that refers to one of these recorded texts; none where that is not known."""
    if not digests or len(digests) > MOST_TEXTS:
        return None
    in_event, in_row = Q(reason__in=digests), Q()
    for digest in digests:
        in_event |= Q(payload__contains=digest)
        in_row |= Q(changes__contains=digest)
    return _first(in_event, in_row)


def first_event_of_file(sha256: str) -> int | None:
    """The event that a stored file came with."""
    about = Q(object_type="recommendations.storedfile", object_id=sha256)
    return _first(about, about)


def _first(in_event: Q, in_row: Q) -> int | None:
    found = (
        AuditEvent.objects.filter(in_event).aggregate(first=Min("sequence"))["first"],
        AuditRow.objects.filter(in_row).aggregate(first=Min("event"))["first"],
    )
    return min((number for number in found if number is not None), default=None)
