"""What the overview of a source counts and picks out, by statements over the kept states."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Count,
    IntegerField,
    Max,
    Min,
    Q,
    QuerySet,
    Value,
    When,
)

from recommendations import permissions
from recommendations.choices import (
    Confidence,
    Flag,
    ImplementationStatus,
    Nature,
    UpdateState,
)
from recommendations.models import (
    RecommendationState,
    StatusUpdate,
    TargetDateChange,
    flag_tests,
)
from recommendations.permissions import Person
from recommendations.queries.recommendations.reasons import PUBLIC_FLAGS, SEVERITY


@dataclass(slots=True)
class Tally:
    """Counts over the followed recommendations of a source, for one audience."""

    total: int = 0
    continuous_in_effect: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    confidences: Counter[str] = field(default_factory=Counter)
    out_of_date: Counter[str] = field(default_factory=Counter)
    off_track: int = 0
    off_track_overdue: int = 0
    off_track_contradicted: int = 0
    further: Counter[str] = field(default_factory=Counter)
    """Those not off track: contradicted, else past their date, else at risk."""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits in a source: submitted updates, and what of all that the reader may decide."""

    submitted: int = 0
    to_decide: int = 0
    dates_to_decide: int = 0


def followed_in(source_id: int, person: Person) -> Any:
    """The kept states of the recommendations that an overview is of."""
    return RecommendationState.objects.visible_to(person).followed().filter(source=source_id)


def read_tally(source_id: int, person: Person, today: date) -> Tally:
    """The counts of a source, by one statement that groups."""
    tests = flag_tests(person, today)
    groups = (
        followed_in(source_id, person)
        .annotate(
            is_out_of_date=_true_when(tests[Flag.RATING_OUT_OF_DATE]),
            is_overdue=_true_when(tests[Flag.DATE_OVERDUE]),
            is_contradicted=_true_when(tests[Flag.CONTRADICTED]),
        )
        .values("status", "confidence", "nature", "is_out_of_date", "is_overdue", "is_contradicted")
        .order_by()
        .annotate(n=Count("*"), first=Min("as_of"), last=Max("as_of"))
    )
    return _added_up(groups)


def most_urgent(source_id: int, person: Person, today: date, most: int) -> list[int]:
    """The ids of what needs somebody, by the worst that is true of each, then by number."""
    tests = flag_tests(person, today)
    flags = SEVERITY if permissions.can_read_internally(person) else PUBLIC_FLAGS
    severity = Case(
        *(When(tests[flag], then=Value(place)) for place, flag in enumerate(flags)),
        default=Value(len(flags)),
        output_field=IntegerField(),
    )
    flagged = followed_in(source_id, person).with_any_flag(list(flags), person, today)
    return list(flagged.order_by(severity, "number", "pk").values_list("pk", flat=True)[:most])


def read_waiting(source_id: int, person: Person) -> Waiting:
    """What waits in a source, by one statement; for the public nothing, which asks nothing."""
    if not permissions.can_read_internally(person):
        return Waiting()
    submitted = StatusUpdate.objects.filter(
        state=UpdateState.SUBMITTED, recommendation__archived_at__isnull=True
    )
    kinds: tuple[QuerySet[Any], ...] = (
        submitted,
        StatusUpdate.objects.awaiting_decision_by(person),
        TargetDateChange.objects.awaiting_decision_by(person),
    )
    first, *others = (
        found.filter(recommendation__source=source_id)
        .order_by()
        .annotate(place=Value(place))
        .values("place")
        .annotate(n=Count("pk"))
        .values_list("place", "n")
        for place, found in enumerate(kinds)
    )
    counts = dict(first.union(*others, all=True))
    return Waiting(*(counts.get(place, 0) for place in range(len(kinds))))


def _true_when(test: Q) -> Case:
    return Case(When(test, then=Value(True)), default=Value(False), output_field=BooleanField())


def _added_up(groups: Iterable[Mapping[str, Any]]) -> Tally:
    tally = Tally()
    for group in groups:
        n, status = group["n"], group["status"]
        confidence = group["confidence"] or Confidence.NOT_RATED
        tally.total += n
        tally.statuses[status] += n
        if status == ImplementationStatus.IMPLEMENTED and group["nature"] == Nature.CONTINUOUS:
            tally.continuous_in_effect += n
        counted = tally.out_of_date if group["is_out_of_date"] else tally.confidences
        counted[confidence] += n
        if confidence == Confidence.RED:
            tally.off_track += n
            tally.off_track_overdue += n * group["is_overdue"]
            tally.off_track_contradicted += n * group["is_contradicted"]
        else:
            tally.further[_worst_of(group, confidence)] += n
        tally.first = min(filter(None, (tally.first, group["first"])), default=None)
        tally.last = max(filter(None, (tally.last, group["last"])), default=None)
    return tally


def _worst_of(group: Mapping[str, Any], confidence: str) -> str:
    """The worst that is true of recommendations which are not off track."""
    if group["is_contradicted"]:
        return Flag.CONTRADICTED
    return Flag.DATE_OVERDUE if group["is_overdue"] else confidence
