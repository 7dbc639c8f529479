"""What changed on record between two moments: exact, since it is the audit log.

Which events changed which recommendations few statements say, however many there are; what was
changed in those of one page is then read as the log reads it.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from recommendations.choices import UpdateState
from recommendations.choices.changes import ChangeKind
from recommendations.models import (
    AuditEvent,
    AuditRow,
    Evidence,
    EvidenceCheck,
    EvidenceLink,
    EvidenceRevision,
    Recommendation,
)
from recommendations.queries.bulk_changes import bulk_events
from recommendations.queries.bulk_verbs import UNDID_MANY
from recommendations.queries.changes.kinds import NOT_ON_RECORD, kind_of, on_record, rows_on_record
from recommendations.queries.changes.statuses import Dates, OneChange, Statuses
from recommendations.queries.dates import beginning_of
from recommendations.queries.log.rows import SELECTION, Change, LogRow, log_rows

Key = tuple[int, int]
"""The number of an event, and the id of a recommendation that it changed."""


@dataclass(frozen=True, slots=True)
class Window:
    """Events after the number ``after``, up to the number ``until``; ``since`` is the day."""

    since: date
    after: int
    until: int


def window_since(day: date, last: int, until: date | None = None) -> Window:
    """What was recorded after the end of a day, to the number ``last`` or the end of another."""
    end = _last_by(until) if until else last
    return Window(day, _last_by(day), min(end, last))


def _last_by(day: date) -> int:
    """The number of the last event of a day or before; 0 where there is none."""
    end = beginning_of(day + timedelta(days=1))
    rows = AuditEvent.objects.filter(at__lt=end).order_by("-at")
    return rows.values_list("sequence", flat=True).first() or 0


def changed(scope: Any, window: Window) -> list[Key]:
    """What changed in recommendations with these ids, the latest first; few statements.

    ``scope`` are ids, or a query of ids.
    """
    events = AuditEvent.objects.filter(
        sequence__gt=window.after, sequence__lte=window.until, recommendation__in=scope
    )
    rows = AuditRow.objects.filter(
        event__gt=window.after, event__lte=window.until, recommendation__in=scope
    )
    keys = {
        *on_record(events).order_by().values_list("sequence", "recommendation"),
        *rows_on_record(rows).order_by().values_list("event", "recommendation"),
        *_of_evidence(scope, window),
    }
    return sorted(keys, key=lambda key: (-key[0], key[1]))


def changes_of(keys: Sequence[Key]) -> list[tuple[Recommendation, OneChange]]:
    """What was changed by these, in their order."""
    numbers, ids = {number for number, _pk in keys}, {pk for _number, pk in keys}
    by_number: dict[int, set[int]] = defaultdict(set)
    for number, pk in keys:
        by_number[number].add(pk)
    events = AuditEvent.objects.filter(sequence__in=numbers).select_related("actor", "reason")
    rows = rows_on_record(AuditRow.objects.filter(event__in=numbers, recommendation__in=ids))
    dates, undone = Dates(ids), _undone(numbers)
    statuses = Statuses(ids, dates)
    told: dict[Key, list[OneChange]] = defaultdict(list)
    for row in log_rows(events.order_by("sequence"), rows.order_by("pk"), most=None):
        number = row.event.pk
        for pk, key, change in _split(row, by_number[number], is_undone=number in undone):
            told[number, pk].append(dates.of(statuses.of(change, key), key))
    found = Recommendation.objects.in_bulk(ids)
    return [(found[key[1]], change) for key in keys for change in told[key]]


def _of_evidence(scope: Any, window: Window) -> set[Key]:
    """Changes of evidence items, which belong to no recommendation: by what rests on them.

    Numbers of events about an item, its files or its checks, and each recommendation of which an
    approved update, a response or the text itself has the item.
    """
    keys: dict[int, list[int]] = defaultdict(list)
    numbered = AuditEvent.objects.filter(
        sequence__gt=window.after,
        sequence__lte=window.until,
        object_type__in=_ITEMS,
        recommendation__isnull=True,
    ).exclude(verb__in=["create", *NOT_ON_RECORD])
    by_type: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for number, kind, key in numbered.values_list("sequence", "object_type", "object_id"):
        by_type[kind][int(key)].append(number)
    for name, (model, path) in _ITEMS.items():
        if wanted := by_type.get(name):
            for key, item in model.objects.filter(pk__in=wanted).values_list("pk", path):
                keys[item] += wanted[key]
    if not keys:
        return set()
    links = EvidenceLink.objects.live().filter(evidence__in=keys)
    approved = Q(update__state=UpdateState.APPROVED)
    told: set[Key] = set()
    for path, which in (
        ("update__recommendation", approved),
        ("recommendation", Q()),
        ("response__addressee__recommendation", Q()),
    ):
        rows = links.filter(which, **{f"{path}__in": scope}).order_by()
        for pk, item in rows.values_list(path, "evidence"):
            told |= {(number, pk) for number in keys[item]}
    return told


_ITEMS: Mapping[str, tuple[Any, str]] = {
    "recommendations.evidence": (Evidence, "pk"),
    "recommendations.evidencecheck": (EvidenceCheck, "evidence"),
    "recommendations.evidencerevision": (EvidenceRevision, "evidence"),
}
"""What an evidence item is made of, and where each row has the item."""


def _undone(numbers: Collection[int]) -> set[int]:
    """Which of these bulk changes were undone since, in whole or in part."""
    undone = bulk_events().filter(verb=UNDID_MANY, object_id__in=[str(each) for each in numbers])
    return {int(key) for key in undone.values_list("object_id", flat=True)}


def _split(
    row: LogRow, about: Collection[int], *, is_undone: bool
) -> Iterator[tuple[int, str, OneChange]]:
    """What an event changed ``about`` recommendations, each with their id and that of its row."""
    event = row.event
    note = _("Undone later, in whole or in part.") if is_undone else ""
    if event.recommendation_id is None and event.object_type in _ITEMS:
        change = _change(row, ChangeKind.EVIDENCE, row.changes, note)
        yield from ((each, "", change) for each in about)
    elif (pk := event.recommendation_id) is not None and pk in about:
        kind = kind_of(event.verb, event.object_type, json.loads(event.payload)["changes"])
        yield pk, event.object_id, _change(row, kind, row.changes, note)
    for told in row.rows:
        own = told.row
        if (pk := own.recommendation_id) is not None and pk in about:
            kind = kind_of(event.verb, own.object_type, json.loads(own.changes))
            yield pk, own.object_id, _change(row, kind, told.changes, note)


def _change(
    row: LogRow, kind: ChangeKind, changes: tuple[Change, ...], note: str = ""
) -> OneChange:
    event, named = row.event, row.named
    told = tuple(each for each in changes if _says_something(each, row.reason))
    return OneChange(
        kind=kind,
        number=event.pk,
        at=event.at,
        by=row.by,
        what=row.action,
        # What is called as its recommendation stands under that name.
        title="" if event.object_type in NAMED_BY_IT else named.title,
        url=named.url,
        # All of what is new is on its page.
        changes=() if kind == ChangeKind.ADDED else told,
        reason=row.reason,
        note=note,
        is_demonstration=event.actor is not None and event.actor.is_demonstration,
    )


def _says_something(change: Change, reason: str) -> bool:
    if change.before == change.after or change.name in REPEATED or change.after == reason:
        return False
    return bool(change.before) or not (change.name == "state" or change.after == _("no"))


NAMED_BY_IT = frozenset(
    f"recommendations.{name}"
    for name in ("recommendation", "recommendationrelation", "statusupdate", "targetdatechange")
) | {SELECTION}

REPEATED = frozenset(
    {
        *("addressee", "evidence", "indicator", "recommendation", "response", "update"),
        *("added_at", "added_by", "at", "by", "created_at", "recorded_at", "recorded_by"),
        *("decided_at", "decided_by", "requested_at", "requested_by", "answered_at"),
        *("answered_by", "published_by", "archived_by", "set_by", "set_at", "number", "revision"),
        *("organisation", "is_placed_by_source", "slug"),
    }
)
"""Columns that repeat what stands beside a change: who, when, and of what."""
