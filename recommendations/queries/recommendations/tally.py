"""What Home and the page of a source count, by statements over the kept states."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from django.db.models import BigIntegerField, Count, Max, Min, Q, QuerySet, Sum, Value

from recommendations import permissions
from recommendations.choices import (
    Age,
    Confidence,
    Flag,
    ImplementationStatus,
    Nature,
    Only,
)
from recommendations.fixed import Among, Given, fixed
from recommendations.models import (
    IS_OPENING,
    RecommendationState,
    StatusUpdate,
    TargetDateChange,
    flag_tests,
)
from recommendations.permissions import Person
from recommendations.queries.recommendations.narrowed import RESPONSES, age_tests, only_tests
from recommendations.queries.recommendations.packed import Counts, packed, unpacked
from recommendations.queries.recommendations.parts import Place, Scope, Shape

GroupKey = tuple[str, str]
"""Status and confidence."""

Days = tuple[date | None, date | None]
"""The first and last day of updates."""

GROUP_COUNTS = (
    *("n", "sum_addressed", *(f"sum_{name}" for name in RESPONSES.values())),
    *(f"n_{name}" for name in (*Only.values, *Age.values)),
    *("n_in_effect", "n_opening", "n_opening_in_effect", "n_out_of_date"),
    *("n_overdue", "n_contradicted", "n_overdue_alone"),
)
"""What is counted of each group; for the public none of what it may not know."""


@dataclass(slots=True)
class Tally:
    """Counts over the followed recommendations of one source or several, for one audience.

    ``openings`` are those of ``statuses`` that were taken over from a list, and
    ``continuous_openings`` those of ``continuous_in_effect``. ``confidences`` are those of what is
    open; ``further`` are those not off track: contradicted, else overdue, else at risk. ``only``
    and ``ages`` are what lists can be narrowed to.
    ``addressed`` and ``responses`` are numbers of addressees, the latter by ``RESPONSES``.
    """

    total: int = 0
    continuous_in_effect: int = 0
    continuous_openings: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    openings: Counter[str] = field(default_factory=Counter)
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
            if isinstance(mine, Counter):
                _count(mine, more)
            elif isinstance(mine, int):
                setattr(self, each.name, mine + more)
        self.span([other.first, other.last])

    def span(self, days: Iterable[date | None]) -> None:
        """Take these days of updates in."""
        self.first, self.last = first_and_last((self.first, self.last, *days))

    def count(self, group: Mapping[str, Any]) -> None:
        """Add recommendations of the same status and confidence; ``group`` is as of ``_groups``."""
        n, status = group["n"], group["status"]
        confidence = group["confidence"] or Confidence.NOT_RATED
        self.total += n
        self.continuous_in_effect += group["n_in_effect"]
        self.continuous_openings += group["n_opening_in_effect"]
        self.out_of_date += group["n_out_of_date"]
        self.overdue += group["n_overdue"]
        self.contradicted += group["n_contradicted"]
        self.addressed += group["sum_addressed"]
        _count(self.statuses, {status: n})
        _count(self.openings, {status: group["n_opening"]})
        _count(self.confidences, {confidence: group[f"n_{Only.OPEN}"]})
        _count(self.only, {each: group.get(f"n_{each}", 0) for each in Only.values})
        _count(self.ages, {each: group[f"n_{each}"] for each in Age.values})
        _count(self.responses, {code: group[f"sum_{name}"] for code, name in RESPONSES.items()})
        if confidence == Confidence.RED:
            self.off_track += n
            self.off_track_overdue += group["n_overdue"]
            self.off_track_contradicted += group["n_contradicted"]
        else:
            _count(self.further, _worst_of(group, confidence))


def first_and_last(days: Iterable[date | None]) -> Days:
    """The first and the last of those that are known."""
    known = [day for day in days if day]
    return min(known, default=None), max(known, default=None)


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


def count_groups(scope: Scope) -> Iterator[tuple[Place, GroupKey, Counts, Days]]:
    """The counts of each part of sources by status and confidence, by one statement."""
    for group in scope.ask(_groups):
        yield (
            (group["source"], group["part"]),
            (group["status"], group["confidence"]),
            packed([group.get(name, 0) for name in GROUP_COUNTS]),
            (group["from_day"], group["to_day"]),
        )


def tally_of(groups: Mapping[GroupKey, Counts], days: Iterable[Days]) -> Tally:
    """What was counted of one source, and the first and last day of each of its parts."""
    found = Tally()
    for (status, confidence), counts in groups.items():
        group = dict(zip(GROUP_COUNTS, unpacked(counts, len(GROUP_COUNTS)), strict=True))
        found.count({**group, "status": status, "confidence": confidence})
    found.span(day for both in days for day in both)
    return found


@fixed
def _groups(shape: Shape) -> QuerySet[Any, Any]:
    person, today = shape.audience, shape.today
    tests = flag_tests(person, today)
    is_contradicted, is_overdue = tests[Flag.CONTRADICTED], tests[Flag.DATE_OVERDUE]
    is_in_effect = Q(status=ImplementationStatus.IMPLEMENTED, nature=Nature.CONTINUOUS)
    counted = {
        **only_tests(person, today),
        **age_tests(today),
        "in_effect": is_in_effect,
        "opening": IS_OPENING,
        "opening_in_effect": is_in_effect & IS_OPENING,
        "out_of_date": tests[Flag.RATING_OUT_OF_DATE],
        "overdue": is_overdue,
        "contradicted": is_contradicted,
        "overdue_alone": is_overdue & ~is_contradicted,
    }
    counted.pop(Only.NO_THEME, None)  # which lists alone ask for
    found: QuerySet[Any, Any] = (
        shape.rows()
        .values("source", "part", "status", "confidence")
        .annotate(
            n=Count("*"),
            from_day=Min("as_of"),
            to_day=Max("as_of"),
            **{f"sum_{name}": Sum(name) for name in ("addressed", *RESPONSES.values())},
            **{f"n_{name}": Count(Value(1), filter=test) for name, test in counted.items()},
        )
    )
    return found


def read_waiting(source_ids: Iterable[int], person: Person) -> Waiting:
    """What waits in sources, by one statement; for the public nothing, which asks nothing.

    What a manager may not decide, having written it, is little beside what they may.
    """
    if not permissions.can_read_internally(person):
        return Waiting()
    rows = _waiting(person=person.pk, sources=source_ids)
    counts = {place: (n, dates) for place, n, dates in rows}
    submitted, dates = counts.get(0, (0, 0))
    if not permissions.can_review(person):
        return Waiting(submitted)
    to_decide, dates_to_decide = submitted - counts.get(1, (0,))[0], dates - counts.get(2, (0,))[0]
    return Waiting(submitted, to_decide, dates_to_decide)


@fixed
def _waiting() -> QuerySet[Any, Any]:
    """Of what waits all that is kept, and what the person wrote of updates and of dates."""
    person = Given("person", BigIntegerField())
    written = (
        StatusUpdate.objects.submitted_by(person),
        TargetDateChange.objects.requested_by(person),
    )
    own = (
        found.filter(Among("recommendation__source", "sources"))
        .order_by()
        .values(place=Value(place))
        .annotate(n=Count("pk"), dates=Value(0))
        for place, found in enumerate(written, start=1)
    )
    states = RecommendationState.objects.waiting().filter(Among("source", "sources")).order_by()
    rows: QuerySet[Any, Any] = (
        states.values(place=Value(0))
        .annotate(n=Sum("submitted", default=0), dates=Count("pk", filter=Q(has_date_request=True)))
        .union(*own, all=True)
    )
    return rows.values_list("place", "n", "dates")


def _count(found: Counter[str], more: Mapping[str, int]) -> None:
    """As ``update``; what is none is not listed."""
    for key, n in more.items():
        if n:
            found[key] += n


def _worst_of(group: Mapping[str, Any], confidence: str) -> Counter[str]:
    """Those that are not off track by the worst that is true of each."""
    found: Counter[str] = Counter()
    found[Flag.CONTRADICTED] = group["n_contradicted"]
    found[Flag.DATE_OVERDUE] = group["n_overdue_alone"]
    found[confidence] += group["n"] - found.total()
    return found
