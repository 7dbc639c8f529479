"""Scales from values and days to pixels, their ticks, and axes with few lines and labels."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from typing import Final

from django.utils.formats import date_format

from recommendations.charts.canvas import FAINT, Canvas, text_width, tick_labels
from recommendations.periods import Period, PeriodKind

# Enough for any exact value: 1e15 beside 1e-9 must not be rounded together.
_DIGITS: Final = 90
_ALIKE: Final = Decimal("1e-6")
"""Values whose relative difference is smaller are drawn alike: their labels would be the same."""

_STEPS: Final = (Decimal(1), Decimal(2), Decimal(5), Decimal(10))


@dataclass(frozen=True, slots=True)
class LinearScale:
    """A linear scale: ``low`` is drawn at ``start`` and ``high`` at ``end``, both in pixels."""

    low: Decimal
    high: Decimal
    start: float
    end: float

    def __call__(self, value: Decimal) -> float:
        with localcontext(prec=_DIGITS):
            part = float((value - self.low) / (self.high - self.low))
        return self.start + part * (self.end - self.start)


def nice_ticks(values: Iterable[Decimal], most: int) -> list[Decimal]:
    """About ``most`` round steps that span all the values; at least two ticks.

    Zero is an end unless all values are in the far half of the axis from it: see ``is_cut``.
    """
    with localcontext(prec=_DIGITS):
        low, high = _ends(list(values))
        rough = (high - low) / most
        power = Decimal(1).scaleb(rough.adjusted())
        step = next(step * power for step in _STEPS if step * power >= rough)
        first = int((low / step).to_integral_value(ROUND_FLOOR))
        last = int((high / step).to_integral_value(ROUND_CEILING))
        return [step * number for number in range(first, max(last, first + 1) + 1)]


def is_cut(ticks: Sequence[Decimal]) -> bool:
    """Whether an axis leaves zero out, which its chart has to mark."""
    return not ticks[0] <= 0 <= ticks[-1]


def _ends(values: list[Decimal]) -> tuple[Decimal, Decimal]:
    low, high = min(values, default=Decimal(0)), max(values, default=Decimal(0))
    size = max(abs(low), abs(high))
    if high - low <= size * _ALIKE:
        return (min(low, Decimal(0)), max(high, Decimal(0))) if size else (Decimal(0), Decimal(1))
    if 0 < low <= high / 2:
        return Decimal(0), high
    if low / 2 <= high < 0:
        return low, Decimal(0)
    return low, high


# ---- time


def middle_day(period: Period) -> float:
    """The middle of a period as a proleptic Gregorian ordinal, with halves."""
    return (period.first_day.toordinal() + period.last_day.toordinal() + 1) / 2


@dataclass(frozen=True, slots=True)
class TimeScale:
    """A scale of days (ordinals): ``low`` is drawn at ``start`` and ``high`` at ``end``."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, day: float) -> float:
        return self.start + (day - self.low) / (self.high - self.low) * (self.end - self.start)


def time_ticks(periods: Sequence[Period], most: int) -> list[tuple[float, str]]:
    """At most ``most`` + 1 days with their labels.

    Where every period is a year, a label is at the middle of its year and so below its value; else
    the label of a year or a month is at its first day.
    """
    first = min(period.first_day for period in periods)
    last = max(period.last_day for period in periods)
    if all(period.kind == PeriodKind.YEAR for period in periods):
        return [(day + 182, label) for day, label in _years(first.year, last.year, most)]
    if (last - first).days > 900:
        return _years(first.year + (first > date(first.year, 1, 31)), last.year, most)
    return _months(first, last, most)


def _years(first: int, last: int, most: int) -> list[tuple[float, str]]:
    step = next(
        step * 10**power
        for power in range(5)
        for step in (1, 2, 5)
        if (last - first) / (step * 10**power) <= most
    )
    # Counted from the last year, so that it has a label.
    years = range(last, first - 1, -step)
    return [(date(year, 1, 1).toordinal(), str(year)) for year in reversed(years)]


def _months(first: date, last: date, most: int) -> list[tuple[float, str]]:
    # “Jun 2018” is longer than a year.
    most = max(1, most * 2 // 3)
    start, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    step = next(step for step in (1, 3, 6, 12, 24) if (end - start) / step <= most or step == 24)
    days = [date(month // 12, month % 12 + 1, 1) for month in range(start, end + 1, step)]
    return [(day.toordinal(), date_format(day, "M Y")) for day in days]


# ---- axes


@dataclass(frozen=True, slots=True)
class Plot:
    """The area in which data are drawn, in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def value_scale(self, ticks: Sequence[Decimal]) -> LinearScale:
        """From the lowest tick at the bottom to the highest at the top."""
        return LinearScale(ticks[0], ticks[-1], self.bottom, self.top)

    def time_scale(self, periods: Sequence[Period]) -> TimeScale:
        """From the first day of all periods to the last."""
        first = min(period.first_day for period in periods).toordinal()
        last = max(period.last_day for period in periods).toordinal()
        return TimeScale(first, last + 1, self.left, self.right)

    @staticmethod
    def label_width(canvas: Canvas, ticks: Sequence[Decimal]) -> float:
        """Pixels for the labels of a value axis; at most a third of the chart."""
        return min(canvas.frame.width / 3, max(map(text_width, tick_labels(ticks))) + 8)

    def draw_value_axis(
        self, canvas: Canvas, ticks: Sequence[Decimal], *, has_labels: bool = True
    ) -> None:
        """A faint line for each tick, and its label on the left."""
        scale = self.value_scale(ticks)
        for tick, label in zip(ticks, tick_labels(ticks), strict=True):
            self.draw_level(canvas, scale(tick), label if has_labels else "")

    def draw_level(self, canvas: Canvas, y: float, label: str) -> None:
        """A faint line across, and its label on the left."""
        ends = {"x1": self.left, "x2": self.right, "y1": y, "y2": y}
        canvas.add("line", class_="chart-grid", **ends, stroke=FAINT)
        if label:
            canvas.text(label, self.left - 8, y + 4, "end")

    def draw_time_axis(
        self, canvas: Canvas, periods: Sequence[Period], *, label_width: float = 44
    ) -> list[float]:
        """Labels of time below the plot, one in ``label_width`` pixels at most; returns their x."""
        scale = self.time_scale(periods)
        ticks = time_ticks(periods, max(1, int((self.right - self.left) / label_width) - 1))
        inside = [(day, label) for day, label in ticks if scale.low <= day <= scale.high]
        if not inside:
            first = min(periods, key=lambda period: period.first_day)
            inside = [(middle_day(first), first.code)]
        ends = {"y1": self.bottom, "y2": self.bottom + 4}
        for day, label in inside:
            x = scale(day)
            canvas.add("line", class_="chart-grid", x1=x, x2=x, stroke=FAINT, **ends)
            canvas.text(label, canvas.centre_inside(label, x), self.bottom + 18, "middle")
        return [scale(day) for day, _label in inside]
