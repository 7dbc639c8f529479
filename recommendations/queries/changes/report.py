"""What changed on record between two moments, by recommendation: exact, since it is the audit log.

Which recommendations changed, and in which order, two statements say; what changed in those of one
page is then read as the log reads it.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Min, Q, QuerySet
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
from recommendations.queries.changes.kinds import (
    NOT_ON_RECORD,
    kind_of,
    on_record,
    rows_on_record,
    weight_of,
)
from recommendations.queries.changes.statuses import Dates, OneChange, Statuses
from recommendations.queries.dates import beginning_of
from recommendations.queries.log.conditions import numbers_with_rows
from recommendations.queries.log.rows import SELECTION, Change, LogRow, log_rows


@dataclass(frozen=True, slots=True)
class Window:
    """Events after the number ``after``, up to the number ``until``; ``since`` is the day."""

    since: date
    after: int
    until: int


@dataclass(frozen=True, slots=True)
class ChangedRecommendation:
    """A recommendation and its changes, the weightiest first, of one kind the latest first."""

    recommendation: Recommendation
    changes: tuple[OneChange, ...]


def window_since(day: date, last: int, until: date | None = None) -> Window:
    """What was recorded after the end of a day, to the number ``last`` or the end of another."""
    end = _last_by(until) if until else last
    return Window(day, _last_by(day), min(end, last))


def _last_by(day: date) -> int:
    """The number of the last event of a day or before; 0 where there is none."""
    end = beginning_of(day + timedelta(days=1))
    rows = AuditEvent.objects.filter(at__lt=end).order_by("-at")
    return rows.values_list("sequence", flat=True).first() or 0


def changed_ids(scope: Any, window: Window) -> list[int]:
    """Of the recommendations with these ids those that changed, the weightiest change first.

    ``scope`` are ids, or a query of ids. Three statements, however many there are.
    """
    weights: dict[int, int] = {}
    for pairs in (
        _weights(_events(scope, window), "verb"),
        _weights(_rows(scope, window), "event__verb"),
        ((pk, ChangeKind.EVIDENCE.weight) for pk, _key in _of_evidence(scope, window)),
    ):
        for pk, weight in pairs:
            weights[pk] = min(weight, weights.get(pk, weight))
    return sorted(weights, key=lambda pk: (weights[pk], pk))


def changes_of(ids: Sequence[int], window: Window) -> list[ChangedRecommendation]:
    """What changed in these recommendations, in their order."""
    about: dict[int, list[OneChange]] = defaultdict(list)
    items: dict[int, list[int]] = defaultdict(list)
    for pk, number in _of_evidence(ids, window):
        items[number].append(pk)
    own, rows = _events(ids, window), _rows(ids, window)
    numbers = {each["sequence"] for each in numbers_with_rows(own, rows)} | items.keys()
    events = AuditEvent.objects.filter(sequence__in=numbers).select_related("actor", "reason")
    told = log_rows(events.order_by("sequence"), rows, most=None)
    moves, undone = Dates(ids), _undone(numbers)
    statuses = Statuses(ids, moves)
    for row in told:
        for pk, key, change in _split(row, items, is_undone=row.event.pk in undone):
            about[pk].append(moves.of(statuses.of(change, key), key))
    found = Recommendation.objects.in_bulk(ids)
    return [
        ChangedRecommendation(found[pk], tuple(sorted(about[pk], key=_place)))
        for pk in ids
        if pk in found
    ]


def _place(change: OneChange) -> tuple[int, int]:
    return change.kind.weight, -change.number


def _events(scope: Any, window: Window) -> QuerySet[AuditEvent]:
    own = AuditEvent.objects.filter(
        sequence__gt=window.after, sequence__lte=window.until, recommendation__in=scope
    )
    return on_record(own).order_by()


def _rows(scope: Any, window: Window) -> QuerySet[AuditRow]:
    own = AuditRow.objects.filter(
        event__gt=window.after, event__lte=window.until, recommendation__in=scope
    )
    return rows_on_record(own).order_by("pk")


def _weights(rows: QuerySet[Any], verb: str) -> Iterable[tuple[int, int]]:
    found = rows.order_by().values("recommendation").annotate(weight=Min(weight_of(verb)))
    pairs: Iterable[tuple[int, int]] = found.values_list("recommendation", "weight")
    return pairs


def _of_evidence(scope: Any, window: Window) -> list[tuple[int, int]]:
    """Changes of evidence items, which belong to no recommendation: by what rests on them.

    Pairs of a recommendation, of which an approved update, a response or the text itself has the
    item, and the number of an event about the item, its files or its checks.
    """
    keys: dict[int, list[int]] = defaultdict(list)
    numbered = AuditEvent.objects.filter(
        sequence__gt=window.after,
        sequence__lte=window.until,
        object_type__in=[f"recommendations.{name}" for name in _ITEMS],
        recommendation__isnull=True,
    ).exclude(verb__in=["create", *NOT_ON_RECORD])
    by_type: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for number, kind, key in numbered.values_list("sequence", "object_type", "object_id"):
        by_type[kind][int(key)].append(number)
    for name, (model, path) in _ITEMS.items():
        wanted = by_type.get(f"recommendations.{name}")
        if wanted:
            for key, item in model.objects.filter(pk__in=wanted).values_list("pk", path):
                keys[item] += wanted[key]
    if not keys:
        return []
    links = EvidenceLink.objects.live().filter(evidence__in=keys)
    approved = Q(update__state=UpdateState.APPROVED)
    told: set[tuple[int, int]] = set()
    for path, which in (
        ("update__recommendation", approved),
        ("recommendation", Q()),
        ("response__addressee__recommendation", Q()),
    ):
        rows = links.filter(which, **{f"{path}__in": scope}).order_by()
        for pk, item in rows.values_list(path, "evidence"):
            told |= {(pk, number) for number in keys[item]}
    return sorted(told)


_ITEMS: Mapping[str, tuple[Any, str]] = {
    "evidence": (Evidence, "pk"),
    "evidencecheck": (EvidenceCheck, "evidence"),
    "evidencerevision": (EvidenceRevision, "evidence"),
}
"""What an evidence item is made of, and where each row has the item."""


def _undone(numbers: Collection[int]) -> set[int]:
    """Which of these bulk changes were undone since, in whole or in part."""
    undone = bulk_events().filter(verb=UNDID_MANY, object_id__in=[str(each) for each in numbers])
    return {int(key) for key in undone.values_list("object_id", flat=True)}


def _split(
    row: LogRow, items: Mapping[int, Sequence[int]], *, is_undone: bool
) -> Iterator[tuple[int, str, OneChange]]:
    """The changes that one event made, each with the ids of its recommendation and of its row."""
    event = row.event
    note = _("Undone later, in whole or in part.") if is_undone else ""
    for pk in items.get(event.pk, ()):
        yield pk, "", _change(row, ChangeKind.EVIDENCE, row.changes, note)
    about = event.recommendation_id
    if about is not None and event.pk not in items:
        kind = kind_of(event.verb, event.object_type, json.loads(event.payload)["changes"])
        yield about, event.object_id, _change(row, kind, row.changes, note)
    for each in row.rows:
        own = each.row
        if own.recommendation_id is not None:
            kind = kind_of(event.verb, own.object_type, json.loads(own.changes))
            yield own.recommendation_id, own.object_id, _change(row, kind, each.changes, note)


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
