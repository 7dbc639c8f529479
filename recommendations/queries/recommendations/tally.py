"""What Home and the page of a source count, by statements over the kept states."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet, Sum, Value

from recommendations import permissions
from recommendations.choices import (
    Age,
    Confidence,
    Flag,
    ImplementationStatus,
    Nature,
    Only,
)
from recommendations.models import (
    IS_OPENING,
    RecommendationState,
    StatusUpdate,
    TargetDateChange,
    flag_tests,
)
from recommendations.permissions import Person
from recommendations.queries.recommendations.narrowed import (
    RESPONSES,
    age_tests,
    only_tests,
)


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
        known = [day for day in (self.first, self.last, *days) if day]
        self.first, self.last = min(known, default=None), max(known, default=None)

    def count(self, group: Mapping[str, Any]) -> None:
        """Add recommendations of the same status and confidence; a row of ``count_groups``."""
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
            # By the worst that is true of each.
            worst: dict[str, int] = {
                Flag.CONTRADICTED: group["n_contradicted"],
                Flag.DATE_OVERDUE: group["n_overdue_alone"],
            }
            _count(self.further, {confidence: n - sum(worst.values()), **worst})


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


def count_groups(followed: Any, person: Person, today: date) -> QuerySet[Any, Any]:
    """The counts of states by source, status and confidence, by one statement."""
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
    found: QuerySet[Any, Any] = followed.values("source", "status", "confidence").annotate(
        n=Count("*"),
        from_day=Min("as_of"),
        to_day=Max("as_of"),
        **{f"sum_{name}": Sum(name) for name in ("addressed", *RESPONSES.values())},
        **{f"n_{name}": Count(Value(1), filter=test) for name, test in counted.items()},
    )
    return found


def read_waiting(sources: Sequence[int], person: Person) -> Waiting:
    """What waits in sources, by one statement; for the public nothing, which asks nothing.

    What a manager may not decide, having written it, is little beside what they may.
    """
    if not permissions.can_read_internally(person):
        return Waiting()
    written = (
        StatusUpdate.objects.submitted_by(person.pk),
        TargetDateChange.objects.requested_by(person.pk),
    )
    own = (
        found.filter(recommendation__source__in=sources)
        .order_by()
        .values(place=Value(place))
        .annotate(n=Count("pk"), dates=Value(0))
        for place, found in enumerate(written, start=1)
    )
    rows = (
        RecommendationState.objects.waiting()
        .filter(source__in=sources)
        .order_by()
        .values(place=Value(0))
        .annotate(n=Sum("submitted", default=0), dates=Count("pk", filter=Q(has_date_request=True)))
        .union(*own, all=True)
    )
    counts = {place: (n, dates) for place, n, dates in rows.values_list("place", "n", "dates")}
    submitted, dates = counts.get(0, (0, 0))
    if not permissions.can_review(person):
        return Waiting(submitted)
    to_decide, dates_to_decide = submitted - counts.get(1, (0,))[0], dates - counts.get(2, (0,))[0]
    return Waiting(submitted, to_decide, dates_to_decide)


def _count(found: Counter[str], more: Mapping[str, int]) -> None:
    """As ``update``; what is none is not listed."""
    for key, n in more.items():
        if n:
            found[key] += n
