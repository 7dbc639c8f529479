"""Comparing what is kept of recommendations and sources with what follows from their rows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Max

from recommendations import state
from recommendations.audit.findings import FaultKind, Faults
from recommendations.audit.tables import as_recorded
from recommendations.models import (
    AuditEvent,
    AuditRow,
    ChainHead,
    Recommendation,
    RecommendationState,
    SourceStamp,
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
    with faults.comparing(_STAMPS):
        _compare_stamps(faults)
    return counts


def compare_state_counts(faults: Faults) -> Counts:
    """Tell whether each recommendation has one kept state, and each source with any one stamp."""
    counts: Counts = {}
    for model, of in (
        (RecommendationState, Recommendation.objects),
        (SourceStamp, Recommendation.objects.order_by().values("source").distinct()),
    ):
        with faults.comparing(model._meta.db_table):
            table, count, expected = model._meta.db_table, model._base_manager.count(), of.count()
            counts[table] = count
            if count != expected:
                faults.add(FaultKind.COUNT, table, found=count, expected=expected)
    return counts


def _compare_batch(faults: Faults, named: Mapping[int, str]) -> None:
    """Compare the states of these recommendations."""

    def compare(ids: Sequence[int], found: Faults) -> None:
        for each in state.drift(ids):
            place = (_STATES, str(each.recommendation_id), named.get(each.recommendation_id, ""))
            if not each.column:
                found.add(FaultKind.GONE, *place)
                continue
            values = {"found": as_recorded(each.kept), "expected": as_recorded(each.computed)}
            found.add(FaultKind.DIFFERS, *place, each.column, **values)

    faults.in_parts(list(named), compare, lambda key: (_STATES, str(key), named[key]))


_STATES, _STAMPS = (model._meta.db_table for model in (RecommendationState, SourceStamp))


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


def _compare_stamps(faults: Faults) -> None:
    """A stamp is neither later than the head nor before an event about its source."""
    head = ChainHead.objects.aggregate(last=Max("last_sequence"))["last"] or 0
    newest: dict[int, int] = {}
    tables: tuple[tuple[Any, str], ...] = ((AuditEvent, "sequence"), (AuditRow, "event"))
    for table, number in tables:
        about = table.objects.filter(recommendation__isnull=False).order_by()
        by_source = about.values_list("recommendation__source").annotate(newest=Max(number))
        for source, sequence in by_source:
            newest[source] = max(sequence, newest.get(source, 0))
    stamps = SourceStamp.objects.order_by("pk").values_list("pk", "source__slug", "sequence")
    for pk, slug, found in stamps:
        expected = min(max(found, newest.get(pk, 0)), head)
        if found != expected:
            place = (_STAMPS, str(pk), slug, "sequence")
            faults.add(FaultKind.DIFFERS, *place, found=found, expected=expected)
