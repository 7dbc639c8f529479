"""From figures and days to places in a picture, and the few round ticks beside them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from typing import Final

from django.utils.formats import date_format

from recommendations.periods import Period

# Enough for any exact figure: 1e15 beside 1e-9 must not be rounded together.
_DIGITS: Final = 90
_ALIKE: Final = Decimal("1e-6")
"""Figures that differ by less of their size are drawn alike: no label could tell them apart."""

_STEPS: Final = (Decimal(1), Decimal(2), Decimal(5), Decimal(10))


@dataclass(frozen=True, slots=True)
class Linear:
    """A straight scale: ``low`` is drawn at ``start`` and ``high`` at ``end``."""

    low: Decimal
    high: Decimal
    start: float
    end: float

    def __call__(self, value: Decimal) -> float:
        with localcontext(prec=_DIGITS):
            part = float((value - self.low) / (self.high - self.low))
        return self.start + part * (self.end - self.start)


def nice_ticks(values: Iterable[Decimal], most: int) -> list[Decimal]:
    """About ``most`` round steps that hold all the values; at least two ticks.

    Zero is an end where the values come near it, and is never crossed for its own sake.
    """
    with localcontext(prec=_DIGITS):
        low, high = _ends(list(values))
        step = _nice_step((high - low) / most)
        first = int((low / step).to_integral_value(ROUND_FLOOR))
        last = int((high / step).to_integral_value(ROUND_CEILING))
        return [step * number for number in range(first, max(last, first + 1) + 1)]


def _ends(values: list[Decimal]) -> tuple[Decimal, Decimal]:
    low, high = min(values, default=Decimal(0)), max(values, default=Decimal(0))
    size = max(abs(low), abs(high))
    if high - low <= size * _ALIKE:
        return (low - size / 4, high + size / 4) if size else (Decimal(0), Decimal(1))
    if 0 < low < high / 3:
        return Decimal(0), high
    if low / 3 < high < 0:
        return low, Decimal(0)
    return low, high


def _nice_step(rough: Decimal) -> Decimal:
    power = Decimal(1).scaleb(rough.adjusted())
    return next(step * power for step in _STEPS if step * power >= rough)


# ---- time


def middle(period: Period) -> float:
    """The middle of a period, as a number of days; a day is as long as any other."""
    return (period.first_day.toordinal() + period.last_day.toordinal() + 1) / 2


@dataclass(frozen=True, slots=True)
class Time:
    """A scale of days, from the beginning of one to the end of another."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, day: float) -> float:
        return self.start + (day - self.low) / (self.high - self.low) * (self.end - self.start)


def time_ticks(periods: Sequence[Period], most: int) -> list[tuple[float, str]]:
    """At most ``most`` + 1 days with their labels.

    Years stand in their middle where every period is a year, so that a label is under its figure;
    else a year or a month stands at its first day.
    """
    first = min(period.first_day for period in periods)
    last = max(period.last_day for period in periods)
    if all(_is_year(period) for period in periods):
        return [(day + 182, label) for day, label in _years(first.year, last.year, most)]
    if (last - first).days > 900:
        return _years(first.year + (first > date(first.year, 1, 31)), last.year, most)
    return _months(first, last, most)


def _is_year(period: Period) -> bool:
    return len(period.code) == len("2018")


def _years(first: int, last: int, most: int) -> list[tuple[float, str]]:
    step = next(
        step * 10**power
        for power in range(5)
        for step in (1, 2, 5)
        if (last - first) / (step * 10**power) <= most
    )
    # Counted from the last year, which is the one that readers look for.
    years = range(last, first - 1, -step)
    return [(date(year, 1, 1).toordinal(), str(year)) for year in reversed(years)]


def _months(first: date, last: date, most: int) -> list[tuple[float, str]]:
    # “Jun 2018” is longer than a year.
    most = max(1, most * 2 // 3)
    start, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    step = next(step for step in (1, 3, 6, 12, 24) if (end - start) / step <= most or step == 24)
    days = [date(month // 12, month % 12 + 1, 1) for month in range(start, end + 1, step)]
    return [(day.toordinal(), date_format(day, "M Y")) for day in days]
