"""The months of a chart, and what was in force at their ends in a source: by few statements.

What was in force on the last day of a month is known by the updates approved until now (the update
with the latest day that it speaks of). A target date holds from the day on which it was approved.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.db import connections, router
from django.db.models import Case, CharField, F, QuerySet, Value, When, Window
from django.db.models.functions import Lead, RowNumber, TruncMonth
from django.utils import timezone

from recommendations.choices import FINISHED_STATUSES, DateChangeState, UpdateKind
from recommendations.models import (
    A_PART,
    Recommendation,
    Source,
    SourcePart,
    StatusUpdate,
    TargetDateChange,
)
from recommendations.queries.cache import Versions, cached_parts
from recommendations.queries.recommendations.parts import read_marks

MOST_MONTHS: Final = 36
"""Months of a chart; earlier ones are told of in words."""

HALF_A_YEAR: Final = timedelta(days=183)

Month = int
"""A month, numbered from the year 0."""

IS_KEPT, IS_POSTPONED, IS_FAR, IS_NONE = "kept", "postponed", "far", "none"
"""How a target date compares with the original one: not later, up to half a year, more; none."""


def month_of(day: date) -> Month:
    return day.year * 12 + day.month - 1


def first_day_of(month: Month) -> date:
    return date(month // 12, month % 12 + 1, 1)


def last_day_of(month: Month) -> date:
    return first_day_of(month + 1) - timedelta(days=1)


def shown_months(first: Month, today: date) -> range:
    """The months from the first to that of today, the newest ``MOST_MONTHS`` of them."""
    last = month_of(today)
    return range(max(first, last - MOST_MONTHS + 1), last + 1)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many recommendations were in each state at the end of each month.

    ``months`` begin with the first that is known, after ``left_out`` others. Under ``""`` are
    those without a report. ``openings`` are the opening statuses of the last month.
    """

    months: range
    statuses: Mapping[Month, Counter[str]]
    confidences: Mapping[Month, Counter[str]]
    dates: Mapping[Month, Counter[str]]
    left_out: int
    openings: int


class _Changes:
    """Counts by month, added as intervals: from a month until before another, or for good."""

    def __init__(self) -> None:
        self.first: Month | None = None
        self._at: dict[Month, Counter[str]] = {}

    def add(self, code: str, begins: Month, ends: Month | None, count: int) -> None:
        if ends is not None and ends <= begins:
            return
        self.first = begins if self.first is None else min(self.first, begins)
        self._at.setdefault(begins, Counter())[code] += count
        if ends is not None:
            self._at.setdefault(ends, Counter())[code] -= count

    def sums(self, months: range) -> dict[Month, Counter[str]]:
        """The count of each month."""
        now: Counter[str] = Counter()
        for month in sorted(self._at):
            if month < months.start:
                now.update(self._at[month])
        found = {}
        for month in months:
            now.update(self._at.get(month, {}))
            found[month] = Counter({code: n for code, n in now.items() if n > 0})
        return found


Group = tuple[Any, ...]
"""Alike rows: what they are alike in, and how many they are."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What a part of a source was in: recommendations without a report, updates, target dates."""

    without: tuple[Group, ...]
    reports: tuple[Group, ...]
    dates: tuple[Group, ...]


def counts_of(source: Source, today: date) -> Counts | None:
    """What the recommendations of a source were in, month by month; none without any.

    Four statements, however many there are, and again only for the parts of the source that were
    touched. One is counted from the day since which it is tracked, or from its first update if that
    speaks of an earlier day, until it was archived.
    """
    # What is known of a source is the same for all who may read it.
    kept = cached_parts(
        "over time", _read_parts, audience="over time", versions=read_marks([source.pk])
    )
    parts = list(kept.get(source.pk, {}).values())
    statuses, confidences, openings = _states(parts)
    if statuses.first is None:
        return None
    months = shown_months(statuses.first, today)
    found, dated = statuses.sums(months), _dates(parts).sums(months)
    for month in months:
        dated[month][IS_NONE] = max(0, found[month].total() - dated[month].total())
    left_out = months.start - statuses.first
    taken_over = openings.sums(months)[months[-1]].total()
    return Counts(months, found, confidences.sums(months), dated, left_out, taken_over)


def _states(parts: Iterable[_Part]) -> tuple[_Changes, _Changes, _Changes]:
    """Statuses, confidences, and those statuses that were taken over from a list."""
    statuses, confidences, openings = _Changes(), _Changes(), _Changes()
    for part in parts:
        for opened, archived, count in part.without:
            statuses.add("", opened, archived, count)
            confidences.add("", opened, archived, count)
        for begins, ends, archived, opened, status, confidence, is_opening, count in part.reports:
            end = _earlier(ends, archived)
            statuses.add(status, begins, end, count)
            if is_opening:
                openings.add(status, begins, end, count)
            if status not in FINISHED_STATUSES:
                confidences.add(confidence, begins, end, count)
            if opened is not None:
                until = _earlier(begins, archived)
                statuses.add("", opened, until, count)
                confidences.add("", opened, until, count)
    return statuses, confidences, openings


def _dates(parts: Iterable[_Part]) -> _Changes:
    dates = _Changes()
    for part in parts:
        for begins, ends, archived, kind, count in part.dates:
            if kind:
                dates.add(kind, begins, _earlier(ends, archived), count)
    return dates


def _read_parts(wanted: Versions, is_all: bool) -> dict[int, dict[int, _Part]]:
    """The parts of one source that are asked for."""
    [(source, marks)] = wanted.items()
    found: list[dict[int, list[Group]]] = []
    for rows, key in (
        (_without_report(source), "pk"),
        (_reports(source), "recommendation_id"),
        (_target_dates(source), "recommendation_id"),
    ):
        if not is_all:
            # The bounds are for the index: all that changed is, as a rule, in one part.
            first, end = min(marks) * A_PART, (max(marks) + 1) * A_PART
            rows = rows.filter(**{f"{key}__gte": first, f"{key}__lt": end})
        by_part: dict[int, list[Group]] = defaultdict(list)
        for part, *group in _grouped(rows.annotate(part=SourcePart.part_of(key))):
            by_part[part].append(tuple(group))
        found.append(by_part)
    return {source: {part: _Part(*(tuple(by_part[part]) for by_part in found)) for part in marks}}


def _earlier(one: Month | None, other: Month | None) -> Month | None:
    known = [month for month in (one, other) if month is not None]
    return min(known, default=None)


def _without_report(source: int) -> QuerySet[Any, Any]:
    rows = Recommendation.objects.filter(source=source, current_update__isnull=True)
    return rows.order_by().values(
        opened=TruncMonth("opened_on"), archived=TruncMonth("archived_at")
    )


def _reports(source: int) -> QuerySet[Any, Any]:
    """The updates that are in force from a day on: each until the day of the next."""
    rows = StatusUpdate.objects.in_force_of_many(timezone.localdate()).filter(
        addressee__isnull=True, recommendation__source=source
    )
    each: dict[str, Any] = {
        "partition_by": F("recommendation"),
        "order_by": [F("as_of"), F("decided_at"), F("pk")],
    }
    is_first, opened = Window(RowNumber(), **each), TruncMonth("recommendation__opened_on")
    return (
        rows.order_by()
        .annotate(place=is_first, following=Window(Lead("as_of"), **each))
        .values(
            begins=TruncMonth("as_of"),
            ends=TruncMonth("following"),
            archived=TruncMonth("recommendation__archived_at"),
            opened=Case(When(place=1, then=opened), default=None),
            status=F("implementation_status"),
            rating=F("confidence"),
            opening=Case(When(kind=UpdateKind.OPENING, then=Value(1)), default=Value(0)),
        )
    )


def _target_dates(source: int) -> QuerySet[Any, Any]:
    """Each approved date, and how it compares with the original one."""
    original = F("recommendation__kept__first_date")
    kinds = Case(
        When(new_date__isnull=True, then=Value("")),
        When(new_date__lte=original, then=Value(IS_KEPT)),
        When(new_date__lte=original + HALF_A_YEAR, then=Value(IS_POSTPONED)),
        default=Value(IS_FAR),
        output_field=CharField(),
    )
    following = Window(Lead("decided_at"), partition_by=F("recommendation"), order_by=[F("number")])
    return (
        TargetDateChange.objects.filter(
            recommendation__source=source, state=DateChangeState.APPROVED
        )
        .order_by()
        .annotate(following=following)
        .values(
            begins=TruncMonth("decided_at"),
            ends=TruncMonth("following"),
            archived=TruncMonth("recommendation__archived_at"),
            kind=kinds,
        )
    )


_AS_THEY_ARE: Final = frozenset({"part", "status", "rating", "opening", "kind"})
"""Columns that are no months."""


def _grouped(rows: QuerySet[Any, Any]) -> Iterator[tuple[Any, ...]]:
    """Each different row with how many there are of it; Django groups by no window."""
    connection = connections[router.db_for_read(rows.model)]
    sql, params = rows.query.get_compiler(connection=connection).as_sql()
    names = [name for name in rows.query.annotation_select if name != "part"]
    names.insert(0, "part")
    columns = ", ".join(f'"{name}"' for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns}, COUNT(*) FROM ({sql}) AS found GROUP BY {columns}",  # noqa: S608
            params,
        )
        found = cursor.fetchall()
    for *values, count in found:
        yield (
            *(
                value if name in _AS_THEY_ARE else _month(value)
                for name, value in zip(names, values, strict=True)
            ),
            count,
        )


def _month(value: object) -> Month | None:
    """Of a day or a moment as the database writes it: it is cut to the month there."""
    if value is None:
        return None
    year, month = str(value)[:7].split("-")
    return int(year) * 12 + int(month) - 1
