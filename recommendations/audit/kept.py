"""Comparing what is kept of recommendations and sources with what follows from their rows."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.db.models import Max, Model

from recommendations import state
from recommendations.audit.chain import UNREADABLE
from recommendations.audit.tables import FaultKind, Faults, as_recorded
from recommendations.models import (
    AuditEvent,
    AuditRow,
    ChainHead,
    Recommendation,
    RecommendationState,
    SourcePart,
)

BATCH = 1_000
"""Kept states that are worked out again, and held in memory, at once."""

Counts = dict[str, int]


def compare_states(faults: Faults, advance: Callable[[int], None]) -> Counts:
    """Tell of every kept column that is not what it should be; how many rows each table has."""
    counts = compare_state_counts(faults)
    for named in _batches():
        for found in state.drift(list(named)):
            place = (_STATES, str(found.recommendation_id), named[found.recommendation_id])
            if not found.column:
                faults.add(FaultKind.GONE, *place)
                continue
            values = {
                "found": as_recorded(found.kept),
                "expected": as_recorded(found.computed),
            }
            faults.add(FaultKind.DIFFERS, *place, found.column, **values)
        advance(len(named))
    _compare_parts(faults)
    return counts


def compare_state_counts(faults: Faults) -> Counts:
    """Tell whether each recommendation has one kept state, and each part of a source a mark."""
    parts = (
        Recommendation.objects.order_by().values("source", part=SourcePart.part_of("pk")).distinct()
    )
    return {
        **_count(faults, RecommendationState, Recommendation.objects.count()),
        **_count(faults, SourcePart, parts.count()),
    }


_STATES, _PARTS = (model._meta.db_table for model in (RecommendationState, SourcePart))


def _count(faults: Faults, model: type[Model], expected: int) -> Counts:
    table, count = model._meta.db_table, model._base_manager.count()
    if count != expected:
        faults.add(FaultKind.COUNT, table, found=count, expected=expected)
    return {table: count}


def _batches() -> Iterator[dict[int, str]]:
    """References of recommendations by their ids, some at a time."""
    last = 0
    while True:
        following = Recommendation.objects.filter(pk__gt=last).order_by("pk")
        named = dict(following.values_list("pk", "reference")[:BATCH])
        if not named:
            return
        yield named
        last = max(named)


def _compare_parts(faults: Faults) -> None:
    """A mark is neither later than the head nor before an event about its part of a source."""
    try:
        last = ChainHead.objects.aggregate(last=Max("last_sequence"))["last"] or 0
    except UNREADABLE:
        return  # Verification of the chain tells that.
    least = _last_events()
    rows = SourcePart.objects.order_by("source", "part")
    for pk, source, part, sequence, slug in rows.values_list(
        "pk", "source", "part", "sequence", "source__slug"
    ):
        expected = min(max(sequence, least.get((source, part), 0)), last)
        if sequence != expected:
            values = {"found": sequence, "expected": expected}
            faults.add(FaultKind.DIFFERS, _PARTS, str(pk), slug, "sequence", **values)


def _last_events() -> Mapping[tuple[int, int], int]:
    """The number of the last event about a recommendation of each part of a source."""
    found: dict[tuple[int, int], int] = {}
    about: tuple[tuple[Any, str], ...] = ((AuditEvent, "sequence"), (AuditRow, "event"))
    for model, number in about:
        newest = (
            model.objects.filter(recommendation__isnull=False)
            .order_by()
            .values("recommendation__source", part=SourcePart.part_of("recommendation_id"))
            .annotate(newest=Max(number))
        )
        for *key, sequence in newest.values_list("recommendation__source", "part", "newest"):
            place = (key[0], key[1])
            found[place] = max(sequence, found.get(place, 0))
    return found
