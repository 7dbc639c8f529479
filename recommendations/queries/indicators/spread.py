"""How far apart figures lie: median, quartiles, range, variation; without rounding."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Self

from recommendations.charts import Range
from recommendations.periods import Period
from recommendations.queries.indicators.values import EXACT, SHOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How the figures of ``count`` of ``among`` areas lie; None where too few have one.

    Quartiles interpolate between neighbours (type 7 of Hyndman and Fan, Sample quantiles in
    statistical packages, 1996). ``variation`` is the coefficient of variation: the standard
    deviation of these areas, which are all there are, divided by the size of their mean; it needs
    two figures and a mean other than 0, and is rounded to 28 digits, as a root has no end.
    """

    count: int
    among: int
    minimum: Decimal | None = None
    lower_quartile: Decimal | None = None
    median: Decimal | None = None
    upper_quartile: Decimal | None = None
    maximum: Decimal | None = None
    variation: Decimal | None = None

    @classmethod
    def of(cls, figures: Iterable[Decimal | None], among: int) -> Self:
        """The spread of what is known; None is missing and moves nothing."""
        known = sorted(figure for figure in figures if figure is not None)
        if not known:
            return cls(count=0, among=among)
        return cls(
            count=len(known),
            among=among,
            minimum=known[0],
            lower_quartile=_quartile(known, 1),
            median=_quartile(known, 2),
            upper_quartile=_quartile(known, 3),
            maximum=known[-1],
            variation=_variation(known),
        )

    @property
    def interquartile_range(self) -> Decimal | None:
        return difference(self.upper_quartile, self.lower_quartile)


def range_of(name: str, period: Period, spread: Spread) -> Range:
    """The spread of the areas of a region in one period, for a chart."""
    return Range(
        region=name,
        period=period,
        count=spread.count,
        among=spread.among,
        minimum=spread.minimum,
        lower_quartile=spread.lower_quartile,
        median=spread.median,
        upper_quartile=spread.upper_quartile,
        maximum=spread.maximum,
    )


def difference(high: Decimal | None, low: Decimal | None) -> Decimal | None:
    """One figure less another, to the last digit; None where one is missing."""
    return None if high is None or low is None else EXACT.subtract(high, low)


def _quartile(known: list[Decimal], quarter: int) -> Decimal:
    """The value a number of quarters of the way from the first of sorted figures to the last."""
    place, beyond = divmod((len(known) - 1) * quarter, 4)
    if not beyond:
        return known[place]
    low, high = known[place], known[place + 1]
    way = EXACT.multiply(EXACT.subtract(high, low), Decimal(beyond))
    return EXACT.add(low, EXACT.divide(way, Decimal(4)))


def _variation(known: list[Decimal]) -> Decimal | None:
    """Of n figures x: the root of nΣx² − (Σx)², divided by the size of Σx."""
    count = len(known)
    with localcontext(EXACT):
        total = sum(known, Decimal(0))
        apart = count * sum((figure * figure for figure in known), Decimal(0)) - total * total
    if count < 2 or not total:
        return None
    # One root of the quotient, so that only this is rounded: twice, far below what is shown.
    with localcontext(SHOWN) as wide:
        wide.prec += 10
        root = (apart / (total * total)).sqrt()
    return SHOWN.plus(root)
