"""The gap between areas in one indicator: how far apart they lie, by region and over time.

Computed from the figures of the areas themselves. What is missing moves nothing; how many areas
have a figure, of how many, stands beside each number. Whether the gap narrowed is only asked of
areas that have a figure in every period shown: else a change of who reports would look like one.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from recommendations.charts import Datum
from recommendations.choices import ObsStatus
from recommendations.periods import Period
from recommendations.queries.indicators.spread import Spread, difference
from recommendations.queries.indicators.values import per_year

FEWEST_FOR_A_TREND: Final = 4
"""With fewer areas a middle half is none."""

MOST_AT_AN_END: Final = 5
"""Areas that are named at the top and at the bottom."""

Members = Callable[[Period], AbstractSet[int]]
"""Which areas take part in a period, by their keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GapArea:
    """One area: ``region`` is the name of where it lies, empty where that is not known.

    ``url`` is empty where the reader may not open its page.
    """

    key: int
    code: str
    iso3: str
    name: str
    region: str
    url: str = ""


Figures = Mapping[Period, Mapping[int, Datum]]
"""What is reported, by period and by the key of the area."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GapPeriod:
    """How far areas lie apart in one period, together and in each region.

    Areas of which the region is not known stand under an empty name, as the last.
    """

    period: Period
    whole: Spread
    regions: Mapping[str, Spread]

    @property
    def between_regions(self) -> Decimal | None:
        """From the lowest median of a region to the highest; None with fewer than two."""
        known = (found.median for name, found in self.regions.items() if name)
        medians = [median for median in known if median is not None]
        return difference(max(medians), min(medians)) if len(medians) > 1 else None


class GapVerdict(StrEnum):
    """What became of the gap between the first and the last period shown."""

    NARROWED = "narrowed"
    WIDENED = "widened"
    UNCHANGED = "unchanged"
    MIXED = "mixed"
    ONE_PERIOD = "one_period"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """The gap over time, of the ``count`` areas that have a figure in every period shown.

    ``among`` is how many take part in the last one. ``broken`` are those of them whose series
    breaks in between, so that their figures were measured differently. The verdict holds the
    first period against the last, and needs the interquartile range and the coefficient of
    variation to agree. Paces are changes a year.
    """

    moments: tuple[GapPeriod, ...]
    count: int
    among: int
    broken: int
    verdict: GapVerdict
    median_pace: Fraction | None
    spread_pace: Fraction | None

    @property
    def first(self) -> GapPeriod:
        return self.moments[0]

    @property
    def last(self) -> GapPeriod:
        return self.moments[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaRank:
    """Where one area stands in the last period shown."""

    place: GapArea
    figure: Datum


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """All that is computed: moment by moment, the trend, and where each area stands at last.

    ``highest`` and ``lowest`` name at most five areas each, equal ones by name, and none twice.
    """

    moments: tuple[GapPeriod, ...]
    trend: Trend
    standings: tuple[AreaRank, ...]
    highest: tuple[AreaRank, ...]
    lowest: tuple[AreaRank, ...]

    @property
    def last(self) -> GapPeriod:
        return self.moments[-1]


def gap_of(
    periods: Sequence[Period],
    places: Mapping[int, GapArea],
    members: Members,
    figures: Figures,
    *,
    is_constant: bool = False,
) -> Gap:
    """The gap over periods of one frequency, which come in order, at least one.

    With ``is_constant`` all of it, and not only the trend, is about the areas that have a figure
    in every period.
    """
    taking_part = {period: members(period) & places.keys() for period in periods}
    constant = _constant(periods, taking_part, figures)

    def moments(chosen: AbstractSet[int] | None) -> tuple[GapPeriod, ...]:
        return tuple(
            _moment(period, places, taking_part[period], figures.get(period, {}), chosen)
            for period in periods
        )

    followed = moments(constant)
    last = periods[-1]
    shown = constant if is_constant else taking_part[last]
    standings = _ranks((places[key] for key in shown), figures.get(last, {}))
    known = [standing for standing in standings if standing.figure.known_value is not None]
    ends = min(MOST_AT_AN_END, len(known) // 2)
    return Gap(
        moments=followed if is_constant else moments(None),
        trend=_trend(followed, constant, len(taking_part[last]), figures),
        standings=tuple(standings),
        highest=tuple(known[:ends]),
        lowest=tuple(sorted(known[ends:], key=_lowest_first)[:ends]),
    )


def _constant(
    periods: Sequence[Period], taking_part: Mapping[Period, AbstractSet[int]], figures: Figures
) -> frozenset[int]:
    """The areas that take part and have a figure in every period."""
    reporting = (
        {key for key in taking_part[period] if _known_values(figures, period, key) is not None}
        for period in periods
    )
    return frozenset.intersection(*map(frozenset, reporting))


def _known_values(figures: Figures, period: Period, key: int) -> Decimal | None:
    reported = figures.get(period, {}).get(key)
    return reported.known_value if reported else None


def _moment(
    period: Period,
    places: Mapping[int, GapArea],
    taking_part: AbstractSet[int],
    figures: Mapping[int, Datum],
    chosen: AbstractSet[int] | None,
) -> GapPeriod:
    """One period; only the chosen areas count, out of all that take part."""
    everybody: list[Decimal | None] = []
    regions: dict[str, list[Decimal | None]] = {}
    for key in taking_part:
        reported = figures.get(key)
        is_counted = reported is not None and (chosen is None or key in chosen)
        value = reported.known_value if reported and is_counted else None
        everybody.append(value)
        regions.setdefault(places[key].region, []).append(value)
    return GapPeriod(
        period=period,
        whole=Spread.of(everybody, len(everybody)),
        regions={
            name: Spread.of(regions[name], len(regions[name]))
            for name in sorted(regions, key=lambda name: (not name, name))
        },
    )


def _trend(
    moments: tuple[GapPeriod, ...], constant: frozenset[int], among: int, figures: Figures
) -> Trend:
    first, last = moments[0], moments[-1]
    later = [moment.period for moment in moments[1:]]
    return Trend(
        moments=moments,
        count=len(constant),
        among=among,
        broken=sum(
            any(figures[period][key].status == ObsStatus.BREAK for period in later)
            for key in constant
        ),
        verdict=_verdict(moments, len(constant)),
        median_pace=_pace(first, last, first.whole.median, last.whole.median),
        spread_pace=_pace(
            first, last, first.whole.interquartile_range, last.whole.interquartile_range
        ),
    )


def _verdict(moments: Sequence[GapPeriod], count: int) -> GapVerdict:
    if len(moments) < 2:
        return GapVerdict.ONE_PERIOD
    if count < FEWEST_FOR_A_TREND:
        return GapVerdict.TOO_FEW
    first, last = moments[0].whole, moments[-1].whole
    found = {
        _direction_of(first.interquartile_range, last.interquartile_range),
        _direction_of(first.variation, last.variation),
    } - {None, GapVerdict.UNCHANGED}
    # One of the two may stand still, or have no meaning where the mean is 0.
    match sorted(filter(None, found)):
        case []:
            return GapVerdict.UNCHANGED
        case [one]:
            return one
    return GapVerdict.MIXED


def _direction_of(first: Decimal | None, last: Decimal | None) -> GapVerdict | None:
    if first is None or last is None:
        return None
    if first == last:
        return GapVerdict.UNCHANGED
    return GapVerdict.WIDENED if last > first else GapVerdict.NARROWED


def _pace(
    first: GapPeriod, last: GapPeriod, before: Decimal | None, after: Decimal | None
) -> Fraction | None:
    if before is None or after is None:
        return None
    change = Fraction(after) - Fraction(before)
    return per_year(change, first.period.last_day, last.period.last_day)


def _ranks(places: Iterable[GapArea], figures: Mapping[int, Datum]) -> list[AreaRank]:
    """The highest first, equal ones by name; those without a figure are the last."""
    nothing = Datum(value=None)
    found = [AreaRank(place=place, figure=figures.get(place.key) or nothing) for place in places]
    return sorted(found, key=_highest_first)


def _highest_first(standing: AreaRank) -> tuple[bool, Decimal, str, int]:
    known, place = standing.figure.known_value, standing.place
    return (
        known is None,
        Decimal(0) if known is None else known.copy_negate(),
        place.name,
        place.key,
    )


def _lowest_first(standing: AreaRank) -> tuple[Decimal, str, int]:
    return standing.figure.known_value or Decimal(0), standing.place.name, standing.place.key
