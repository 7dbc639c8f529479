"""Comparing what is kept of recommendations and sources with what follows from their rows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, Model

from recommendations import state
from recommendations.audit.findings import FaultKind, Faults
from recommendations.audit.tables import as_recorded
from recommendations.models import (
    AuditEvent,
    AuditRow,
    ChainHead,
    Recommendation,
    RecommendationMark,
    RecommendationState,
    SourcePart,
)

BATCH = 1_000
"""Kept states that are worked out again, and held in memory, at once."""

Counts = dict[str, int]


def compare_states(faults: Faults, advance: Callable[[int], None]) -> Counts:
    """Tell of every kept column that is not what it should be; how many rows each table has."""
    counts = compare_state_counts(faults)
    with faults.comparing(_STATES):
        for named in _batches():
            _compare_batch(faults, named)
            advance(len(named))
    with faults.comparing(_PARTS):
        _compare_parts(faults)
    return counts


def compare_state_counts(faults: Faults) -> Counts:
    """Tell whether each recommendation has one kept state and one mark, and each part of a source
    a mark."""
    parts = (
        Recommendation.objects.order_by().values("source", part=SourcePart.part_of("pk")).distinct()
    )
    counts: Counts = {}
    for model, of in (
        (RecommendationState, Recommendation.objects),
        (RecommendationMark, Recommendation.objects),
        (SourcePart, parts),
    ):
        with faults.comparing(model._meta.db_table):
            counts |= _count(faults, model, of.count())
    return counts


def _compare_batch(faults: Faults, named: Mapping[int, str]) -> None:
    """Compare the states of these recommendations, and their marks."""

    def compare(ids: Sequence[int], found: Faults) -> None:
        for each in state.drift(ids):
            place = (_STATES, str(each.recommendation_id), named.get(each.recommendation_id, ""))
            if not each.column:
                found.add(FaultKind.GONE, *place)
                continue
            values = {"found": as_recorded(each.kept), "expected": as_recorded(each.computed)}
            found.add(FaultKind.DIFFERS, *place, each.column, **values)

    faults.in_parts(list(named), compare, lambda key: (_STATES, str(key), named[key]))
    faults.in_parts(
        list(named),
        lambda ids, found: _compare_marks(found, {key: named[key] for key in ids}),
        lambda key: (_MARKS, str(key), named[key]),
    )


_STATES, _MARKS, _PARTS = (
    model._meta.db_table for model in (RecommendationState, RecommendationMark, SourcePart)
)


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


def _compare_marks(faults: Faults, named: Mapping[int, str]) -> None:
    """Compare the marks of these recommendations."""
    rows = RecommendationMark.objects.filter(pk__in=named).order_by("pk")
    marks = [
        _Mark(_MARKS, pk, named[pk], (pk,), sequence)
        for pk, sequence in rows.values_list("pk", "sequence")
    ]
    _compare(faults, marks, lambda: _last_events("recommendation", recommendation__in=list(named)))


def _compare_parts(faults: Faults) -> None:
    """Compare the marks of parts of sources."""
    rows = SourcePart.objects.order_by("source", "part")
    marks = [
        _Mark(_PARTS, pk, slug, (source, part), sequence)
        for pk, source, part, sequence, slug in rows.values_list(
            "pk", "source", "part", "sequence", "source__slug"
        )
    ]
    part = SourcePart.part_of("recommendation_id")
    _compare(
        faults,
        marks,
        lambda: _last_events("recommendation__source", part=part, recommendation__isnull=False),
    )


@dataclass(frozen=True, slots=True)
class _Mark:
    table: str
    pk: int
    name: str
    place: tuple[int, ...]
    sequence: int


def _compare(
    faults: Faults, marks: list[_Mark], least: Callable[[], Mapping[tuple[int, ...], int]]
) -> None:
    """A mark is neither later than the head nor before an event about what it marks."""
    last = ChainHead.objects.aggregate(last=Max("last_sequence"))["last"] or 0
    events = least()
    for mark in marks:
        expected = min(max(mark.sequence, events.get(mark.place, 0)), last)
        if mark.sequence != expected:
            values: dict[str, Any] = {"found": mark.sequence, "expected": expected}
            where = (mark.table, str(mark.pk), mark.name, "sequence")
            faults.add(FaultKind.DIFFERS, *where, **values)


def _last_events(by: str, part: Any = None, **about: Any) -> dict[tuple[int, ...], int]:
    """The number of the last event about each: by a column, and perhaps by the part of a source."""
    found: dict[tuple[int, ...], int] = {}
    extra = {} if part is None else {"part": part}
    tables: tuple[tuple[Any, str], ...] = ((AuditEvent, "sequence"), (AuditRow, "event"))
    for model, number in tables:
        newest = (
            model.objects.filter(**about)
            .order_by()
            .values(by, **extra)
            .annotate(newest=Max(number))
            .values_list(by, *extra, "newest")
        )
        for *place, sequence in newest:
            found[tuple(place)] = max(sequence, found.get(tuple(place), 0))
    return found
