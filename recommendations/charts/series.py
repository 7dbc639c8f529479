"""Figures over time: what is known, what is missing, and where a line may run."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter

from recommendations.charts.figures import Figure
from recommendations.charts.scales import middle
from recommendations.periods import Period
from recommendations.vocabulary import ObsStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Point(Figure):
    """The figure of one period."""

    period: Period

    @property
    def day(self) -> float:
        return middle(self.period)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Figures of one thing.

    ``step_months`` is how far regular figures are apart: a longer way between two is a gap, also
    where no row says that the figure is missing.
    """

    name: str
    points: tuple[Point, ...]
    step_months: int | None = None

    @property
    def ordered(self) -> list[Point]:
        return in_order(self.points)

    @property
    def known(self) -> list[Point]:
        return [point for point in self.ordered if point.is_known]


def in_order(points: Iterable[Point]) -> list[Point]:
    return sorted(points, key=attrgetter("period.first_day", "period.last_day"))


def runs(series: Series) -> list[list[Point]]:
    """The figures in pieces that a line may join: it ends at a gap and before a series break."""
    found: list[list[Point]] = []
    is_open = False
    previous: Point | None = None
    for point in series.ordered:
        if not point.is_known:
            is_open = False
            continue
        is_break = point.status == ObsStatus.BREAK
        if is_open and previous and not is_break and not _is_far(series, previous, point):
            found[-1].append(point)
        else:
            found.append([point])
        is_open, previous = True, point
    return found


def gaps(series: Series) -> Iterator[tuple[float, float]]:
    """First and last day of what is missing, each as a number of days."""
    for point in series.ordered:
        if not point.is_known:
            yield point.period.first_day.toordinal(), point.period.last_day.toordinal() + 1
    for before, after in pairwise(series.ordered):
        if before.is_known and after.is_known and _is_far(series, before, after):
            yield before.period.last_day.toordinal() + 1, after.period.first_day.toordinal()


def breaks(series: Series) -> Iterator[float]:
    """The days at which a series breaks: half way to the first figure after it."""
    for before, after in pairwise(series.known):
        if after.status == ObsStatus.BREAK:
            yield (before.day + after.day) / 2


def _is_far(series: Series, before: Point, after: Point) -> bool:
    if series.step_months is None:
        return False
    first, second = before.period.first_day, after.period.first_day
    months = (second.year - first.year) * 12 + second.month - first.month
    # A figure that is late by half a step is late; later than that, one is missing between them.
    return months > 1.5 * series.step_months
