"""Status, confidence and target dates month by month: what was in force then, as known now."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any, Final

from django.db import connections, router
from django.db.models import (
    Case,
    CharField,
    DateTimeField,
    F,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
    When,
    Window,
)
from django.db.models.functions import Coalesce, Lead, RowNumber, TruncMonth
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recommendations.charts import (
    Chart,
    ColumnsData,
    MonthCounts,
    SlippageData,
    State,
    StatedDate,
    Strip,
    StripsData,
    columns_chart,
    slippage_chart,
    strips_chart,
)
from recommendations.choices import (
    FINISHED_STATUSES,
    STATUS_ORDER,
    Confidence,
    DateChangeState,
    ImplementationStatus,
    UpdateKind,
    label_of_confidence,
    label_of_status,
)
from recommendations.models import Recommendation, Source, StatusUpdate, TargetDateChange
from recommendations.queries.cache import cached

# ---- The months of a chart, and what was in force at their ends: by few statements.
# What was in force on the last day of a month is known by the updates approved until now (the
# update with the latest day that it speaks of). A target date holds from the day on which it was
# approved.

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


@dataclass(frozen=True, slots=True)
class Counts:
    """How many recommendations were in each state at the end of each month.

    ``months`` begin with the first that is known, after ``left_out`` others. Under ``""`` are
    those without a report. ``openings`` are the opening statuses of the last month, and
    ``uncounted`` those without a report of which it is not known since when they are open.
    """

    months: range
    statuses: Mapping[Month, Counter[str]]
    confidences: Mapping[Month, Counter[str]]
    dates: Mapping[Month, Counter[str]]
    left_out: int
    openings: int
    uncounted: int


STATUS, CONFIDENCE, OPENING, DATE, UNCOUNTED = range(5)
"""What is counted by the month: what they were in, the opening statuses of that, target dates; and
of no month what cannot be."""

Key = tuple[int, Month, str]
"""What is counted, the month, and what it was in."""


class _Changes(Counter[Key]):
    """By how much each count rises in a month."""

    def count(self, what: int, code: str, begins: Month, ends: Month | None, n: int) -> None:
        """Count so many from a month until before another, or for good."""
        if ends is not None and ends <= begins:
            return
        self[what, begins, code] += n
        if ends is not None:
            self[what, ends, code] -= n


def counts_of(about: Source | Recommendation, today: date) -> Counts | None:
    """What the recommendations of a source, or one alone, were in, month by month; none without.

    Three statements, however many there are. One is counted from the day since which it is tracked,
    or from its first update if that speaks of an earlier day; in a source until it was archived.
    Without either, one alone is counted from today, and in a source by itself.
    """
    found = _changes(about)
    if not found:
        return None
    uncounted = sum(n for (what, _month, _code), n in found.items() if what == UNCOUNTED)
    if uncounted and isinstance(about, Recommendation):
        _count_without(found, month_of(today), None, uncounted)
    first = min((month for what, month, _code in found if what == STATUS), default=month_of(today))
    last = month_of(today)
    months = range(max(first, last - MOST_MONTHS + 1), last + 1)
    statuses, dates = (_by_month(found, what, months) for what in (STATUS, DATE))
    for month in months:
        dates[month][IS_NONE] = max(0, statuses[month].total() - dates[month].total())
    confidences, openings = (_by_month(found, what, months) for what in (CONFIDENCE, OPENING))
    opening = openings[months[-1]].total()
    return Counts(months, statuses, confidences, dates, months.start - first, opening, uncounted)


def _by_month(changes: Mapping[Key, int], what: int, months: range) -> dict[Month, Counter[str]]:
    """The counts of each month."""
    rises: dict[Month, Counter[str]] = defaultdict(Counter)
    for (of, month, code), n in changes.items():
        if of == what:
            rises[max(month, months.start)][code] += n
    now: Counter[str] = Counter()
    found = {}
    for month in months:
        now.update(rises[month])
        found[month] = +now
    return found


def _changes(about: Source | Recommendation) -> _Changes:
    found = _Changes()
    for rows, count in (
        (_without_report(about), _count_without),
        (_reports(about), _count_report),
        (_target_dates(about), _count_date),
    ):
        for group in _grouped(rows):
            count(found, *group)
    return found


def _count_without(changes: _Changes, opened: Month | None, archived: Month | None, n: int) -> None:
    if opened is None:
        changes[UNCOUNTED, 0, ""] += n if archived is None else 0
        return
    changes.count(STATUS, "", opened, archived, n)
    changes.count(CONFIDENCE, "", opened, archived, n)


def _count_report(
    changes: _Changes,
    begins: Month,
    ends: Month | None,
    archived: Month | None,
    opened: Month | None,
    status: str,
    confidence: str,
    is_opening: int,
    n: int,
) -> None:
    """``opened`` is that of the recommendation, with its first report alone."""
    end = _earlier(ends, archived)
    changes.count(STATUS, status, begins, end, n)
    if is_opening:
        changes.count(OPENING, status, begins, end, n)
    if status not in FINISHED_STATUSES:
        changes.count(CONFIDENCE, confidence, begins, end, n)
    if opened is not None:
        _count_without(changes, opened, _earlier(begins, archived), n)


def _count_date(
    changes: _Changes,
    begins: Month,
    ends: Month | None,
    archived: Month | None,
    counted: Month | None,
    kind: str,
    n: int,
) -> None:
    """``counted`` is the month from which the recommendation is, if any."""
    if kind and counted is not None:
        changes.count(DATE, kind, max(begins, counted), _earlier(ends, archived), n)


def _earlier(one: Month | None, other: Month | None) -> Month | None:
    known = [month for month in (one, other) if month is not None]
    return min(known, default=None)


def _of(about: Source | Recommendation, path: str = "") -> dict[str, int]:
    return {f"{path}{'source' if isinstance(about, Source) else 'pk'}": about.pk}


def _archived(about: Source | Recommendation, path: str = "") -> Any:
    is_source = isinstance(about, Source)
    return TruncMonth(f"{path}archived_at") if is_source else Value(None, DateTimeField())


def _without_report(about: Source | Recommendation) -> QuerySet[Any, Any]:
    rows = Recommendation.objects.filter(**_of(about), current_update__isnull=True).order_by()
    return rows.values(opened=TruncMonth("opened_on"), archived=_archived(about))


def _reports(about: Source | Recommendation) -> QuerySet[Any, Any]:
    """The updates that are in force from a day on: each until the day of the next."""
    rows = StatusUpdate.objects.in_force_of_many(timezone.localdate()).filter(
        **_of(about, "recommendation__"), addressee__isnull=True
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
            archived=_archived(about, "recommendation__"),
            opened=Case(When(place=1, then=opened), default=None),
            status=F("implementation_status"),
            rating=F("confidence"),
            opening=Case(When(kind=UpdateKind.OPENING, then=Value(1)), default=Value(0)),
        )
    )


def _target_dates(about: Source | Recommendation) -> QuerySet[Any, Any]:
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
    reports = StatusUpdate.objects.of_scope(OuterRef("recommendation"), None)
    first = reports.in_force(timezone.localdate()).order_by("as_of").values("as_of")[:1]
    counted = Coalesce("recommendation__opened_on", Subquery(first))
    return (
        TargetDateChange.objects.filter(
            **_of(about, "recommendation__"), state=DateChangeState.APPROVED
        )
        .order_by()
        .annotate(following=following)
        .values(
            begins=TruncMonth("decided_at"),
            ends=TruncMonth("following"),
            archived=_archived(about, "recommendation__"),
            counted=TruncMonth(counted),
            kind=kinds,
        )
    )


_AS_THEY_ARE: Final = frozenset({"status", "rating", "opening", "kind"})
"""Columns that are no months."""


def _grouped(rows: QuerySet[Any, Any]) -> Iterator[tuple[Any, ...]]:
    """Each different row with how many there are of it; Django groups by no window."""
    connection = connections[router.db_for_read(rows.model)]
    sql, params = rows.query.get_compiler(connection=connection).as_sql()
    names = list(rows.query.annotation_select)
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


# ---- The charts over time of a source and of a recommendation

_STATUS_FIELDS: Final[Mapping[str, str]] = {
    ImplementationStatus.IMPLEMENTED: "full",
    ImplementationStatus.PARTLY_IMPLEMENTED: "most",
    ImplementationStatus.IN_PROGRESS: "some",
    ImplementationStatus.NOT_STARTED: "start",
    "": "none",
    ImplementationStatus.NOT_IMPLEMENTED: "stopped",
    ImplementationStatus.NO_LONGER_APPLICABLE: "aside",
    ImplementationStatus.SUPERSEDED: "replaced",
}
_CONFIDENCE_FIELDS: Final[Mapping[str, str]] = {
    Confidence.GREEN: "good",
    Confidence.AMBER: "risk",
    Confidence.RED: "off",
    Confidence.NOT_RATED: "start",
    "": "none",
}
_DATE_STATES: Final[Mapping[str, tuple[str, str | Promise]]] = {
    IS_KEPT: ("good", gettext_lazy("Original target date or earlier")),
    IS_POSTPONED: ("late-1", gettext_lazy("Postponed up to 6 months")),
    IS_FAR: ("late-2", gettext_lazy("Postponed more than 6 months")),
    IS_NONE: ("start", gettext_lazy("No target date")),
}


@dataclass(frozen=True, slots=True)
class OverTime:
    """The charts of a page by name, and how many months before the first are not shown."""

    charts: Mapping[str, Chart[Any]]
    left_out: int


def status_state(code: str, *, is_continuous: bool = False) -> State:
    """How charts show a status, or that there is no report."""
    return State(_STATUS_FIELDS[code], label_of_status(code, is_continuous=is_continuous))


def confidence_state(code: str) -> State:
    """How charts show a confidence, or that there is no report."""
    label = label_of_confidence(code) if code else label_of_status("")
    return State(_CONFIDENCE_FIELDS[code], label)


# ---- of a source


def source_charts(source: Source, today: date) -> OverTime | None:
    """How many recommendations were in which state; none without a recommendation.

    Counted once for each event that touches the source, where it is read ``with_last_event``.
    """

    def read() -> Counts | None:
        return counts_of(source, today)

    last_event, parts = getattr(source, "last_event", None), (source.pk,)
    if last_event:
        counts = cached("over time", read, audience="inside", version=last_event, parts=parts)
    else:
        counts = read()
    if counts is None:
        return None
    chart = partial(Chart.of, "over-time", source.short_title)
    kinds = {code: State(field, str(label)) for code, (field, label) in _DATE_STATES.items()}
    rated = {code: confidence_state(code) for code in (*Confidence.values, "")}
    charts = (
        chart(
            "status",
            _("Implementation status over time"),
            columns_chart,
            _columns(counts, counts.statuses, {code: status_state(code) for code in STATUS_ORDER}),
            unit=_("Recommendations"),
            note=_note(counts, _openings(counts.openings)),
        ),
        chart(
            "confidence",
            _("Delivery confidence over time"),
            columns_chart,
            _columns(counts, counts.confidences, rated),
            unit=_("Open recommendations, and those without a report"),
            note=_note(
                counts, _("Confidence as last rated. Ratings that are out of date are included.")
            ),
        ),
        chart(
            "dates",
            _("Target dates compared with the original"),
            columns_chart,
            _columns(counts, counts.dates, kinds),
            unit=_("Recommendations"),
            note=_note(counts, _("A target date counts from the day of its approval.")),
        ),
    )
    return OverTime({each.name: each for each in charts}, counts.left_out)


def _note(counts: Counts, told: str) -> str:
    """What is told of a chart, and how many recommendations are in none of its months."""
    n = counts.uncounted
    words = ngettext(
        "%(n)d recommendation without a report is not counted: its day of opening is not known.",
        "%(n)d recommendations without a report are not counted: their days of opening are not "
        "known.",
        n,
    )
    return " ".join(filter(None, (told, words % {"n": n} if n else "")))


def _openings(number: int) -> str:
    """How many statuses of the last month were taken over from lists; empty where none was."""
    if not number:
        return ""
    return ngettext(
        "The last month includes %(n)d opening status, taken over from an earlier tracker.",
        "The last month includes %(n)d opening statuses, taken over from an earlier tracker.",
        number,
    ) % {"n": number}


def _columns(
    counts: Counts, found: Mapping[Month, Counter[str]], states: Mapping[str, State]
) -> ColumnsData:
    """A month without any recommendation is one of which nothing is known."""
    months = (
        MonthCounts(
            first_day=first_day_of(month),
            counts=tuple(found[month][code] for code in states)
            if counts.statuses[month].total()
            else None,
        )
        for month in counts.months
    )
    return ColumnsData(states=tuple(states.values()), months=tuple(months))


# ---- of a recommendation


def recommendation_charts(about: Recommendation, today: date) -> OverTime | None:
    """Its status and confidence month by month, and each target date that was stated."""
    counts = counts_of(about, today)
    if counts is None:
        return None
    changes = TargetDateChange.objects.filter(
        recommendation=about.pk, state=DateChangeState.APPROVED
    ).order_by("number")
    stated = [
        StatedDate(stated_on=timezone.localdate(at), target=day)
        for at, day in changes.values_list("decided_at", "new_date")
    ]
    chart = partial(Chart.of, "over-time", about.reference)
    # Of one recommendation: each month counts one status, and a confidence unless it is closed.
    closed = State("aside", _("Closed, not rated"))
    statuses = tuple(
        status_state(code, is_continuous=about.is_continuous)
        for month in counts.months
        for code in counts.statuses[month]
    )
    confidences = tuple(
        confidence_state(next(iter(codes))) if (codes := counts.confidences[month]) else closed
        for month in counts.months
    )
    found: dict[str, Chart[Any]] = {
        "status": chart(
            "status",
            _("Status and confidence over time"),
            strips_chart,
            StripsData(
                months=tuple(first_day_of(month) for month in counts.months),
                strips=(
                    Strip(name=capfirst(_("implementation status")), states=statuses),
                    Strip(name=capfirst(_("delivery confidence")), states=confidences),
                ),
            ),
        )
    }
    if stated:
        now = about.current_update
        # Until when the date matters.
        until = min(today, now.finished_on or today) if now is not None else today
        found["dates"] = chart(
            "dates",
            _("Target dates stated over time"),
            slippage_chart,
            SlippageData(stated=tuple(stated), until=until),
            note=_("A step up is a postponement. At the dashed line the target date is reached."),
        )
    return OverTime(found, counts.left_out)
