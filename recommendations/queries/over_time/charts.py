"""The charts over time of a source and of a recommendation."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recommendations.charts import (
    MISSING,
    Chart,
    ColumnsData,
    DataT,
    Frame,
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
    STATUS_ORDER,
    Confidence,
    DateChangeState,
    ImplementationStatus,
    label_of_confidence,
    label_of_status,
)
from recommendations.models import Recommendation, Source, TargetDateChange
from recommendations.queries.cache import cached
from recommendations.queries.over_time.months import (
    IS_FAR,
    IS_KEPT,
    IS_NONE,
    IS_POSTPONED,
    Counts,
    Month,
    counts_of,
    first_day_of,
)

_STATUS_TEXTURES: Final[Mapping[str, str]] = {
    ImplementationStatus.IMPLEMENTED: "full",
    ImplementationStatus.PARTLY_IMPLEMENTED: "most",
    ImplementationStatus.IN_PROGRESS: "some",
    ImplementationStatus.NOT_STARTED: "start",
    "": MISSING,
    ImplementationStatus.NOT_IMPLEMENTED: "stopped",
    ImplementationStatus.NO_LONGER_APPLICABLE: "aside",
    ImplementationStatus.SUPERSEDED: "replaced",
}
_CONFIDENCE_TEXTURES: Final[Mapping[str, str]] = {
    Confidence.GREEN: "good",
    Confidence.AMBER: "risk",
    Confidence.RED: "off",
    Confidence.NOT_RATED: "start",
    "": MISSING,
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
    return State(_STATUS_TEXTURES[code], label_of_status(code, is_continuous=is_continuous))


def confidence_state(code: str) -> State:
    """How charts show a confidence, or that there is no report."""
    label = label_of_confidence(code) if code else label_of_status("")
    return State(_CONFIDENCE_TEXTURES[code], label)


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
    about = source.short_title
    kinds = {code: State(texture, str(label)) for code, (texture, label) in _DATE_STATES.items()}
    rated = {code: confidence_state(code) for code in (*Confidence.values, "")}
    charts = (
        _chart(
            "status",
            _("Implementation status over time"),
            about,
            columns_chart,
            _columns(counts, counts.statuses, {code: status_state(code) for code in STATUS_ORDER}),
            unit=_("Recommendations"),
            note=_openings(counts.openings),
        ),
        _chart(
            "confidence",
            _("Delivery confidence over time"),
            about,
            columns_chart,
            _columns(counts, counts.confidences, rated),
            unit=_("Open recommendations, and those without a report"),
            note=_("Confidence as last rated. Ratings that are out of date are included."),
        ),
        _chart(
            "dates",
            _("Target dates compared with the original"),
            about,
            columns_chart,
            _columns(counts, counts.dates, kinds),
            unit=_("Recommendations"),
            note=_("A target date counts from the day of its approval."),
        ),
    )
    return OverTime({each.name: each for each in charts}, counts.left_out)


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
    found: dict[str, Chart[Any]] = {
        "status": _chart(
            "status",
            _("Status and confidence over time"),
            about.reference,
            strips_chart,
            _strips(counts, is_continuous=about.is_continuous),
        )
    }
    if stated:
        now = about.current_update
        # Until when the date matters.
        until = min(today, now.finished_on or today) if now is not None else today
        found["dates"] = _chart(
            "dates",
            _("Target dates stated over time"),
            about.reference,
            slippage_chart,
            SlippageData(stated=tuple(stated), until=until),
            note=_("A step up is a postponement. At the dashed line the target date is reached."),
        )
    return OverTime(found, counts.left_out)


def _strips(counts: Counts, *, is_continuous: bool) -> StripsData:
    """Of one recommendation: each month counts one status, and a confidence unless it is closed."""
    closed = State("aside", _("Closed, not rated"))
    statuses = tuple(
        status_state(code, is_continuous=is_continuous)
        for month in counts.months
        for code in counts.statuses[month]
    )
    confidences = tuple(
        confidence_state(next(iter(codes))) if (codes := counts.confidences[month]) else closed
        for month in counts.months
    )
    return StripsData(
        months=tuple(first_day_of(month) for month in counts.months),
        strips=(
            Strip(name=_("Implementation status"), states=statuses),
            Strip(name=_("Delivery confidence"), states=confidences),
        ),
    )


def _chart(
    name: str,
    heading: str,
    about: str,
    draw: Callable[[DataT, Frame], SafeString],
    data: DataT,
    *,
    unit: str = "",
    note: str = "",
) -> Chart[DataT]:
    title = _("%(about)s: %(heading)s") % {"about": about, "heading": heading}
    frame = Frame(title=title, prefix=f"over-time-{name}", unit=unit, note=note)
    return Chart(name, heading, draw, data, frame)
