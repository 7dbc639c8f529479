"""What Home and the page of a source count, by statements over the kept states."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Count,
    Max,
    Min,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)

from recommendations import permissions
from recommendations.choices import (
    Age,
    Confidence,
    Flag,
    ImplementationStatus,
    Nature,
    Only,
    UpdateState,
)
from recommendations.models import (
    RecommendationState,
    StatusUpdate,
    TargetDateChange,
    flag_tests,
)
from recommendations.permissions import Person
from recommendations.queries.recommendations.narrowed import RESPONSES, age_tests, only_tests


@dataclass(slots=True)
class Tally:
    """Counts over the followed recommendations of one source or several, for one audience.

    ``confidences`` are those of what is open; ``further`` are those not off track: contradicted,
    else overdue, else at risk. ``only`` and ``ages`` are what lists can be narrowed to.
    ``addressed`` and ``responses`` are numbers of addressees, the latter by ``RESPONSES``.
    """

    total: int = 0
    continuous_in_effect: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    confidences: Counter[str] = field(default_factory=Counter)
    out_of_date: int = 0
    overdue: int = 0
    contradicted: int = 0
    off_track: int = 0
    off_track_overdue: int = 0
    off_track_contradicted: int = 0
    further: Counter[str] = field(default_factory=Counter)
    only: Counter[str] = field(default_factory=Counter)
    ages: Counter[str] = field(default_factory=Counter)
    addressed: int = 0
    responses: Counter[str] = field(default_factory=Counter)
    first: date | None = None
    last: date | None = None

    @property
    def answered(self) -> int:
        """The number of addressees that gave a response."""
        return self.responses.total()

    def add(self, other: "Tally") -> None:
        """Add the counts of further recommendations to these."""
        for each in fields(self):
            mine, more = getattr(self, each.name), getattr(other, each.name)
            if each.name in ("first", "last"):
                choose = min if each.name == "first" else max
                setattr(self, each.name, choose(filter(None, (mine, more)), default=None))
            else:
                setattr(self, each.name, mine + more)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits in a source: submitted updates, and what of all that the reader may decide."""

    submitted: int = 0
    to_decide: int = 0
    dates_to_decide: int = 0

    @property
    def decidable(self) -> int:
        """Updates and requests for dates together."""
        return self.to_decide + self.dates_to_decide


def followed_in(source_ids: Iterable[int], person: Person) -> Any:
    """The kept states of the recommendations that Home or the page of a source is of."""
    found = RecommendationState.objects.visible_to(person).followed()
    return found.filter(source__in=list(source_ids))


def read_tallies(source_ids: Iterable[int], person: Person, today: date) -> dict[int, Tally]:
    """The counts of each source, by one statement that groups."""
    ids = list(source_ids)
    tests = flag_tests(person, today)
    counted = {**only_tests(person, today), **age_tests(today)}
    groups = (
        followed_in(ids, person)
        .annotate(
            is_out_of_date=_true_when(tests[Flag.RATING_OUT_OF_DATE]),
            is_overdue=_true_when(tests[Flag.DATE_OVERDUE]),
            is_contradicted=_true_when(tests[Flag.CONTRADICTED]),
        )
        .values(
            *("source", "status", "confidence", "nature"),
            *("is_out_of_date", "is_overdue", "is_contradicted"),
        )
        .order_by()
        .annotate(
            n=Count("*"),
            from_day=Min("as_of"),
            to_day=Max("as_of"),
            **{f"sum_{name}": Sum(name) for name in ("addressed", *RESPONSES.values())},
            **{f"n_{name}": Count("pk", filter=test) for name, test in counted.items()},
        )
    )
    found = {pk: Tally() for pk in ids}
    for group in groups:
        found[group["source"]].add(_tally_of(group))
    return found


def read_waiting(source_ids: Iterable[int], person: Person) -> Waiting:
    """What waits in sources, by one statement; for the public nothing, which asks nothing."""
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
        found.filter(recommendation__source__in=list(source_ids))
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


def _tally_of(group: Mapping[str, Any]) -> Tally:
    """The counts of recommendations of which the same is true."""
    n, status = group["n"], group["status"]
    confidence = group["confidence"] or Confidence.NOT_RATED
    is_off_track = confidence == Confidence.RED
    in_effect = status == ImplementationStatus.IMPLEMENTED and group["nature"] == Nature.CONTINUOUS
    return Tally(
        total=n,
        continuous_in_effect=n * in_effect,
        statuses=Counter({status: n}),
        confidences=Counter({confidence: group[f"n_{Only.OPEN}"]}),
        out_of_date=n * group["is_out_of_date"],
        overdue=n * group["is_overdue"],
        contradicted=n * group["is_contradicted"],
        off_track=n * is_off_track,
        off_track_overdue=n * (is_off_track and group["is_overdue"]),
        off_track_contradicted=n * (is_off_track and group["is_contradicted"]),
        further=Counter() if is_off_track else Counter({_worst_of(group, confidence): n}),
        only=Counter({each: group.get(f"n_{each}", 0) for each in Only.values}),
        ages=Counter({each: group[f"n_{each}"] for each in Age.values}),
        addressed=group["sum_addressed"],
        responses=Counter({code: group[f"sum_{name}"] for code, name in RESPONSES.items()}),
        first=group["from_day"],
        last=group["to_day"],
    )


def _worst_of(group: Mapping[str, Any], confidence: str) -> str:
    """The worst that is true of recommendations which are not off track."""
    if group["is_contradicted"]:
        return Flag.CONTRADICTED
    return Flag.DATE_OVERDUE if group["is_overdue"] else confidence
