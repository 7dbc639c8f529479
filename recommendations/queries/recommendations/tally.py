"""What Home, sources and lists count and narrow alike: by status, lead organisation and theme."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta
from functools import reduce
from operator import add
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, Count, F, Max, Min, Q, QuerySet, Sum, Value
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.audit.rewind import Past
from recommendations.choices import (
    AGE_MONTHS,
    DUE_DAYS,
    Age,
    Confidence,
    Flag,
    ImplementationStatus,
    Nature,
    Only,
    ResponseKind,
)
from recommendations.fixed import Among, Given, fixed
from recommendations.models import (
    ASKS,
    IS_AGELESS,
    IS_OPEN,
    IS_OPENING,
    RecommendationState,
    StatusUpdate,
    TargetDateChange,
    Theme,
    flag_tests,
    known_flags,
)
from recommendations.periods import add_months
from recommendations.permissions import Person
from recommendations.queries.days import Days
from recommendations.state.urgency import OFF_TRACK

# ---- What Home, the page of a source and lists count and narrow alike: one condition for each

DUE_COLUMNS = ("date_overdue_after", "update_due_on", "action_overdue_after")
"""The target date of what is open, its next update and its first open action; see ``due_columns``.

Where an action is overdue a later one is not looked for: it needs attention already.
"""

RESPONSES = {
    ResponseKind.ACCEPTED: "said_accepted",
    ResponseKind.IN_PART: "said_in_part",
    ResponseKind.NEITHER: "said_neither",
    ResponseKind.REJECTED: "said_rejected",
    ResponseKind.NOT_FOR_US: "said_not_for_us",
    ResponseKind.WITHDRAWN: "said_withdrawn",
}
"""The number of addressees that gave each response, among the kept columns."""


def first_due(days: Iterable[date | None]) -> date | None:
    """The first day, passed or ahead, on which something is due; also by when to decide on it."""
    return min(filter(None, days), default=None)


def due_columns(person: Person) -> tuple[str, ...]:
    """The days that become due; for the public the target date alone."""
    return DUE_COLUMNS if permissions.can_read_internally(person) else DUE_COLUMNS[:1]


def due_days(today: date) -> tuple[date, date]:
    """The first and last day that counts as due soon."""
    return today, today + timedelta(days=DUE_DAYS)


def followed_in(sources: Any, person: Person, states: Any = None) -> Any:
    """The kept states of the recommendations that Home or the page of a source is of.

    ``sources`` is the condition that it is of these; ``states`` are those of a past day, if any.
    """
    found: Any = RecommendationState.objects if states is None else states
    return found.visible_to(person).followed().order_by().filter(sources)


def is_flagged(person: Person, today: date) -> Q:
    """The condition that a flag is raised of which a person may know."""
    return _any(flag_tests(person, today)[flag] for flag in known_flags(person))


def only_tests(person: Person, today: date) -> dict[str, Q]:
    """The condition of each ``Only`` on kept states, as far as a person may know."""
    tests: dict[str, Q] = {
        Only.OPEN: IS_OPEN,
        Only.ATTENTION: is_flagged(person, today) | OFF_TRACK,
        Only.DUE: _any(Q(**{f"{name}__range": due_days(today)}) for name in due_columns(person)),
    }
    if permissions.can_read_internally(person):
        tests[Only.DECISION] = ASKS
        tests[Only.NO_LEAD] = Q(lead__isnull=True)
        tests[Only.NO_THEME] = Q(theme_names="")
    return tests


def response_tests() -> dict[str, Q]:
    """The condition that at least one addressee gave each response, or none yet."""
    given = reduce(add, map(F, RESPONSES.values()))
    tests: dict[str, Q] = {code: Q(**{f"{name}__gt": 0}) for code, name in RESPONSES.items()}
    kinds = (ResponseKind.REJECTED, ResponseKind.NOT_FOR_US, ResponseKind.WITHDRAWN)
    tests[ResponseKind.DECLINED] = _any(tests[kind] for kind in kinds)
    return tests | {ResponseKind.MISSING: Q(addressed__gt=given)}


def age_tests(today: date) -> dict[str, Q]:
    """The condition of each age; no comparison holds for what is not open."""
    ages = {age: _between(today, *months) for age, months in AGE_MONTHS.items()}
    return {**ages, Age.UNKNOWN: IS_AGELESS}


def _between(today: date, months: int, below: int | None) -> Q:
    test = Q()
    if months:
        test &= Q(open_since__lte=add_months(today, -months))
    if below is not None:
        test &= Q(open_since__gt=add_months(today, -below))
    return test


def _any(tests: Iterable[Q]) -> Q:
    found = Q()
    for test in tests:
        found |= test
    return found


# ---- What Home and the page of a source count, by statements over the kept states


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
        _count(self.statuses, {status: n})
        _count(self.openings, {status: group["n_opening"]})
        _count(self.confidences, {confidence: group[f"n_{Only.OPEN}"]})
        _count(self.only, {each: group.get(f"n_{each}", 0) for each in Only.values})
        _count(self.ages, {each: group[f"n_{each}"] for each in Age.values})
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

    def hear(self, addressed: int, *said: int) -> None:
        """Add what addressees say; a row of ``count_responses`` without its source."""
        self.addressed += addressed
        _count(self.responses, dict(zip(RESPONSES, said, strict=True)))


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
        **{f"n_{name}": Count(Value(1), filter=test) for name, test in counted.items()},
    )
    return found


def count_responses(followed: Any, person: Person, today: date) -> QuerySet[Any, Any]:
    """The sums of responses by source, by one statement."""
    names = ("addressed", *RESPONSES.values())
    sums = {f"sum_{name}": Sum(name) for name in names}
    grouped = followed.filter(addressed__gt=0).values("source").annotate(**sums)
    found: QuerySet[Any, Any] = grouped.values_list("source", *sums)
    return found


def read_waiting(sources: Sequence[int], person: Person) -> Waiting:
    """What waits in sources, by one statement; for the public nothing, which asks nothing.

    What a manager may not decide, having written it, is little beside what they may.
    """
    if not permissions.can_read_internally(person):
        return Waiting()
    rows = _waiting(sources=sources, person=person.pk)
    counts = {place: (n, dates) for place, n, dates in rows}
    submitted, dates = counts.get(0, (0, 0))
    if not permissions.can_review(person):
        return Waiting(submitted)
    to_decide, dates_to_decide = submitted - counts.get(1, (0,))[0], dates - counts.get(2, (0,))[0]
    return Waiting(submitted, to_decide, dates_to_decide)


@fixed
def _waiting() -> QuerySet[Any, Any]:
    person = Given("person", BigIntegerField())
    written: tuple[Any, ...] = (
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
    rows: QuerySet[Any, Any] = (
        RecommendationState.objects.waiting()
        .filter(Among("source", "sources"))
        .order_by()
        .values(place=Value(0))
        .annotate(n=Sum("submitted", default=0), dates=Count("pk", filter=Q(has_date_request=True)))
        .union(*own, all=True)
    )
    return rows.values_list("place", "n", "dates")


def _count(found: Counter[str], more: Mapping[str, int]) -> None:
    """As ``update``; what is none is not listed."""
    for key, n in more.items():
        if n:
            found[key] += n


# ---- Where the recommendations stand, by lead organisation


class LeadCounts(NamedTuple):
    """Counts over the followed recommendations that one organisation leads, or of one theme."""

    total: int = 0
    open: int = 0
    overdue: int = 0
    off_track: int = 0
    no_report: int = 0
    implemented: int = 0
    opening: int = 0
    """Of what is implemented, the opening statuses."""

    @property
    def share(self) -> str:
        """The share that is implemented, as pages write it."""
        return _("%(n)d%%") % {"n": round(100 * self.implemented / self.total) if self.total else 0}

    @property
    def urgency(self) -> tuple[int, ...]:
        """Sorts by most overdue first, then off track, then open."""
        return (-self.overdue, -self.off_track, -self.open, -self.total)


def count_leads_and_themes(followed: Any, person: Person, today: date) -> tuple[Any, Any]:
    """The counts of states by lead organisation, and by their themes: no join.

    Before what ``LeadCounts`` has stand the lead and the themes, of which the other is empty.
    """
    is_implemented = Q(status=ImplementationStatus.IMPLEMENTED)
    tests = {
        "open": only_tests(person, today)[Only.OPEN],
        "overdue": flag_tests(person, today)[Flag.DATE_OVERDUE],
        "off_track": Q(confidence=Confidence.RED),
        "no_report": Q(status=""),
        "implemented": is_implemented,
        "opening": is_implemented & IS_OPENING,
    }
    counts = {f"n_{name}": Count(Value(1), filter=test) for name, test in tests.items()}
    names = ("body", "ids", "total", *counts)

    def counted(rows: Any, body: Any, ids: Any) -> QuerySet[Any, Any]:
        grouped: Any = rows.values(body=body, ids=ids).annotate(total=Count("*"), **counts)
        found: QuerySet[Any, Any] = grouped.values_list(*names)
        return found

    by_theme = counted(
        followed.exclude(theme_ids=""), Value(None, BigIntegerField()), F("theme_ids")
    )
    return counted(followed, F("lead"), Value("")), by_theme


def in_order(by_lead: Mapping[int | None, LeadCounts]) -> list[tuple[int | None, LeadCounts]]:
    """Most overdue first, then off track, then open; organisations that are alike by their id."""
    return sorted(by_lead.items(), key=lambda pair: (pair[1].urgency, pair[0] or 0))


# ---- Where the recommendations stand, by theme


@dataclass(frozen=True, slots=True)
class CountedRow:
    """One theme or lead organisation; ``query`` narrows the list to what has it."""

    name: str
    query: str
    counts: LeadCounts
    is_demonstration: bool
    pk: int | None = None
    description: str = ""


def _row_of(theme: Theme, counts: LeadCounts, description: str = "") -> CountedRow:
    marked = theme.is_demonstration
    return CountedRow(theme.name, f"theme={theme.pk}", counts, marked, theme.pk, description)


def themes_of(counted: Mapping[str, LeadCounts], days: Days | None = None) -> list[CountedRow]:
    """What is counted by themes together, under each of them; of a past day by names of then.

    Most overdue first, then off track, then open.
    """
    found: dict[int, LeadCounts] = {}
    for ids, counts in counted.items():
        for pk in map(int, ids.split("\n")):
            before = found.get(pk, LeadCounts())
            found[pk] = LeadCounts(*map(sum, zip(before, counts, strict=True)))
    themes = list(Theme.objects.filter(pk__in=found)) if found else []
    then = Past(days.known).back(themes) if days else themes
    rows = [_row_of(row, found[row.pk]) for row in then]
    return sorted(rows, key=lambda row: (row.counts.urgency, row.name))


def described_themes(counted: Sequence[CountedRow]) -> list[CountedRow]:
    """All themes with their descriptions, also those that no recommendation has; one statement."""
    there = {theme.pk: theme for theme in Theme.objects.order_by("name", "pk")}
    rows = []
    for row in counted:
        theme = there.pop(row.pk or 0, None)
        rows.append(replace(row, description=theme.description) if theme else row)
    return rows + [_row_of(each, LeadCounts(), each.description) for each in there.values()]
