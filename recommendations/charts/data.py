"""Data of charts: a value with its observation status, series over time, and a line chart."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from operator import attrgetter
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.charts.chart import ChartTable, TableCell
from recommendations.charts.scales import middle_day
from recommendations.charts.text import NumberFormat, format_number, isolate
from recommendations.choices import ObsStatus
from recommendations.periods import Period

_OBS_STATUS_TEXT: Final[dict[str, str | Promise]] = {
    ObsStatus.PROVISIONAL: _("provisional"),
    ObsStatus.ESTIMATED: _("estimated"),
    ObsStatus.FORECAST: _("forecast"),
    ObsStatus.IMPUTED: _("imputed"),
    ObsStatus.LOW_RELIABILITY: _("low reliability"),
    ObsStatus.BREAK: _("series break"),
    ObsStatus.MISSING: _("missing"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Datum:
    """One value with its SDMX observation status; ``value`` None is missing, never 0.

    A value whose status is “missing” counts as missing. Raises ``ValueError`` for NaN or infinity.
    """

    value: Decimal | None
    status: str = ObsStatus.NORMAL
    is_lower_bound: bool = False
    is_approximate: bool = False
    is_unconfirmed: bool = False

    def __post_init__(self) -> None:
        require_finite(self.value)

    @property
    def is_known(self) -> bool:
        return self.value is not None and self.status != ObsStatus.MISSING

    @property
    def known(self) -> Decimal:
        """The value; raises ``ValueError`` where it is missing."""
        if self.value is None or not self.is_known:
            raise ValueError("This value is missing.")
        return self.value

    @property
    def known_value(self) -> Decimal | None:
        """The value, or None where it is missing."""
        return self.value if self.is_known else None

    def text(self, number: NumberFormat) -> str:
        """The value with its marks: “≥” for a lower bound, “≈” for an approximate one."""
        signs = f"{'≥' if self.is_lower_bound else ''}{'≈' if self.is_approximate else ''}"
        return f"{signs} {number(self.known)}" if signs else number(self.known)

    def full_text(self, number: NumberFormat, unit: str = "") -> str:
        """The same with its unit and its observation status."""
        text = f"{self.text(number)} {unit}".strip()
        if status := self.status_text():
            return gettext("%(value)s, %(status)s") % {"value": text, "status": status}
        return text

    def status_text(self) -> str:
        """Observation status, and that it is not confirmed yet; empty for most values."""
        unconfirmed = gettext("unconfirmed") if self.is_unconfirmed else ""
        return ", ".join(filter(None, (obs_status_text(self.status), unconfirmed)))

    def note(self) -> str:
        """Status and marks as text, for a table."""
        notes = (
            self.status_text(),
            gettext("at least") if self.is_lower_bound else "",
            gettext("approximate") if self.is_approximate else "",
        )
        return ", ".join(filter(None, notes))


def require_finite(*values: Decimal | None) -> None:
    """Raises ``ValueError`` for NaN and infinity: a missing value is None."""
    for value in values:
        if value is not None and not value.is_finite():
            raise ValueError(f"{value} is no number: give None where one is missing.")


def obs_status_text(status: str) -> str:
    """The label of an observation status; empty for a normal value."""
    return str(_OBS_STATUS_TEXT.get(status, ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesPoint(Datum):
    """The value of one period."""

    period: Period

    @property
    def day(self) -> float:
        return middle_day(self.period)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Values over time.

    ``step_months`` is the interval of regular values: a longer one between two of them is a gap,
    even where no point is marked as missing.
    """

    name: str
    points: tuple[SeriesPoint, ...]
    step_months: int | None = None

    @property
    def ordered(self) -> list[SeriesPoint]:
        return sorted(self.points, key=attrgetter("period.first_day", "period.last_day"))

    @property
    def known(self) -> list[SeriesPoint]:
        return [point for point in self.ordered if point.is_known]


def connected_points(series: Series) -> list[list[SeriesPoint]]:
    """The points that a line may connect: it ends at a gap and before a series break."""
    runs: list[list[SeriesPoint]] = []
    is_open = False
    previous: SeriesPoint | None = None
    for point in series.ordered:
        if not point.is_known:
            is_open = False
            continue
        is_break = point.status == ObsStatus.BREAK
        if is_open and previous and not is_break and not _is_far(series, previous, point):
            runs[-1].append(point)
        else:
            runs.append([point])
        is_open, previous = True, point
    return runs


def gaps(series: Series) -> Iterator[tuple[float, float]]:
    """First day of each gap and the day after its last, as ordinals."""
    for point in series.ordered:
        if not point.is_known:
            yield point.period.first_day.toordinal(), point.period.last_day.toordinal() + 1
    for before, after in pairwise(series.ordered):
        if before.is_known and after.is_known and _is_far(series, before, after):
            yield before.period.last_day.toordinal() + 1, after.period.first_day.toordinal()


def breaks(series: Series) -> Iterator[float]:
    """The days at which a series breaks: half way to the first value after it, as ordinals."""
    for before, after in pairwise(series.known):
        if after.status == ObsStatus.BREAK:
            yield (before.day + after.day) / 2


def _is_far(series: Series, before: SeriesPoint, after: SeriesPoint) -> bool:
    if series.step_months is None:
        return False
    first, second = before.period.first_day, after.period.first_day
    months = (second.year - first.year) * 12 + second.month - first.month
    # A value that is half a step late is only late; after that one is missing in between.
    return months > 1.5 * series.step_months


# ---- line charts


_MOST_DESCRIBED = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A baseline or a target: the value at the start, or the one to be reached, and its period."""

    period: Period
    value: Decimal

    def __post_init__(self) -> None:
        require_finite(self.value)


_Row = tuple[Period, int, str, tuple[TableCell, ...]]
"""Period, order within it, name of the series, and the other cells of a row of the table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineData:
    """One or several series; ``number`` writes their values."""

    series: tuple[Series, ...]
    baseline: Goal | None = None
    target: Goal | None = None
    number: NumberFormat = format_number

    @property
    def goals(self) -> list[Goal]:
        return [goal for goal in (self.baseline, self.target) if goal]

    @property
    def values(self) -> list[Decimal]:
        """Every value that is drawn."""
        drawn = [point.known for series in self.series for point in series.known]
        return drawn + [goal.value for goal in self.goals]

    @property
    def periods(self) -> list[Period]:
        """Every period on the axis, those of missing values included."""
        points = [point for series in self.series for point in series.points]
        return [point.period for point in points] + [goal.period for goal in self.goals]

    def table(self) -> ChartTable:
        """A row for each value, missing value, baseline and target, in order of time."""
        has_names = len(self.series) > 1
        names = (gettext("Series"),) if has_names else ()
        header = (gettext("Period"), *names, gettext("Field"), gettext("Value"), gettext("Note"))
        return ChartTable(
            header,
            tuple(
                (period.code, *((name,) if has_names else ()), *cells)
                for period, _order, name, cells in sorted(self._rows(), key=_row_order)
            ),
        )

    def description(self) -> str:
        """First and last value of each series, and the target."""
        parts = [self._described(series) for series in self.series[:_MOST_DESCRIBED]]
        if more := len(self.series) - len(parts):
            parts.append(gettext("%(number)d more") % {"number": more})
        if self.target:
            parts.append(
                gettext("target %(value)s in %(period)s")
                % {"value": self.number(self.target.value), "period": self.target.period.code}
            )
        return f"{'; '.join(parts)}."

    def _described(self, series: Series) -> str:
        known, name = series.known, isolate(series.name)
        if not known:
            return gettext("%(name)s: no data") % {"name": name}
        last = _value_in_period(known[-1], self.number)
        if len(known) == 1:
            return gettext("%(name)s: %(figure)s") % {"name": name, "figure": last}
        return gettext("%(name)s: %(first)s, then %(last)s") % {
            "name": name,
            "first": _value_in_period(known[0], self.number),
            "last": last,
        }

    def _rows(self) -> Iterator[_Row]:
        if self.baseline:
            yield self.baseline.period, 0, "", (gettext("baseline"), self.baseline.value, "")
        for order, series in enumerate(self.series, start=1):
            for point in series.points:
                cells = (gettext("value"), point.known_value, point.note())
                yield point.period, order, series.name, cells
        if self.target:
            order = len(self.series) + 1
            yield self.target.period, order, "", (gettext("target"), self.target.value, "")


def _row_order(row: _Row) -> tuple[date, str, int]:
    period, order, _name, _cells = row
    return period.first_day, period.code, order


def _value_in_period(point: SeriesPoint, number: NumberFormat) -> str:
    values = {"value": point.text(number), "period": point.period.code}
    if status := point.status_text():
        return gettext("%(value)s in %(period)s (%(status)s)") % {**values, "status": status}
    return gettext("%(value)s in %(period)s") % values
