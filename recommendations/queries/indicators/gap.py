"""The gap between areas in one indicator: how far apart they lie, by region and over time.

Computed from the figures of the areas themselves. What is missing moves nothing; how many areas
have a figure, of how many, stands beside each number. Whether the gap narrowed is only asked of
areas that have a figure in every period shown: else a change of who reports would look like one.
Five queries, however many areas, years and revisions.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Value
from django.urls import reverse

from recommendations import permissions
from recommendations.audit.rewind import Past
from recommendations.charts import Datum
from recommendations.choices import WORLD, AreaKind, Measure, ObsStatus, RegionLevel, Relation
from recommendations.models import Area, GroupMembership, Indicator, IndicatorLink, Observation
from recommendations.models.areas import is_fictional_area
from recommendations.periods import Period, PeriodKind, parse
from recommendations.permissions import Person
from recommendations.queries.indicators.values import Spread, difference, per_year

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
    is_demonstration: bool = False


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
    # Those that take part and have a figure in every period.
    constant = frozenset.intersection(
        *(
            frozenset(key for key in found if _known(figures, period, key) is not None)
            for period, found in taking_part.items()
        )
    )

    def moments(chosen: AbstractSet[int]) -> tuple[GapPeriod, ...]:
        return tuple(_moment(p, places, taking_part[p], figures, chosen) for p in periods)

    followed = moments(constant)
    last = periods[-1]
    shown, found = constant if is_constant else taking_part[last], figures.get(last, {})
    nothing = Datum(value=None)
    by_name = sorted((places[key] for key in shown), key=lambda place: (place.name, place.key))
    ranks = [AreaRank(place=place, figure=found.get(place.key) or nothing) for place in by_name]
    # Sorting keeps the order of equal ones, also where it is reversed.
    lowest = sorted((r for r in ranks if r.figure.is_known), key=lambda rank: rank.figure.known)
    highest = sorted(lowest, key=lambda rank: rank.figure.known, reverse=True)
    ends = min(MOST_AT_AN_END, len(highest) // 2)
    beyond = highest[:ends]
    return Gap(
        moments=followed if is_constant else moments(places.keys()),
        trend=_trend(followed, constant, len(taking_part[last]), figures),
        standings=(*highest, *(rank for rank in ranks if not rank.figure.is_known)),
        highest=tuple(beyond),
        lowest=tuple([rank for rank in lowest if rank not in beyond][:ends]),
    )


def _known(figures: Figures, period: Period, key: int) -> Decimal | None:
    reported = figures.get(period, {}).get(key)
    return reported.known_value if reported else None


def _moment(
    period: Period,
    places: Mapping[int, GapArea],
    taking_part: AbstractSet[int],
    figures: Figures,
    chosen: AbstractSet[int],
) -> GapPeriod:
    """One period; only the chosen areas count, out of all that take part."""
    regions: dict[str, list[Decimal | None]] = defaultdict(list)
    for key in taking_part:
        value = _known(figures, period, key) if key in chosen else None
        regions[places[key].region].append(value)
    return GapPeriod(
        period=period,
        whole=Spread.of((value for found in regions.values() for value in found), len(taking_part)),
        regions={
            name: Spread.of(regions[name], len(regions[name]))
            for name in sorted(regions, key=lambda name: (not name, name))
        },
    )


def _trend(
    moments: tuple[GapPeriod, ...], constant: frozenset[int], among: int, figures: Figures
) -> Trend:
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
        median_pace=_pace(moments, "median"),
        spread_pace=_pace(moments, "interquartile_range"),
    )


def _verdict(moments: Sequence[GapPeriod], count: int) -> GapVerdict:
    if len(moments) < 2:
        return GapVerdict.ONE_PERIOD
    if count < FEWEST_FOR_A_TREND:
        return GapVerdict.TOO_FEW
    first, last = moments[0].whole, moments[-1].whole
    pairs = (
        (first.interquartile_range, last.interquartile_range),
        (first.variation, last.variation),
    )
    # One of the two may stand still, or have no meaning where the mean is 0.
    changes = {
        GapVerdict.WIDENED if after > before else GapVerdict.NARROWED
        for before, after in pairs
        if before is not None and after is not None and before != after
    }
    if len(changes) > 1:
        return GapVerdict.MIXED
    return changes.pop() if changes else GapVerdict.UNCHANGED


def _pace(moments: Sequence[GapPeriod], measure: str) -> Fraction | None:
    """How a measure of all areas together changed a year."""
    first, last = moments[0], moments[-1]
    before, after = getattr(first.whole, measure), getattr(last.whole, measure)
    if before is None or after is None:
        return None
    change = Fraction(after) - Fraction(before)
    return per_year(change, first.period.last_day, last.period.last_day)


# ---- the rows that it is computed from


USUAL_PERIODS: Final = 20
"""How many are shown, the newest, where nobody asks for others."""

MOST_PERIODS: Final = 60

_COUNTED: Final = (Measure.UNIT, Measure.PERCENTAGE)
"""Measures of which a median says something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GapQuery:
    """What the gap is asked of.

    Without a group all countries take part that have a figure in the periods shown; with
    ``countries`` these alone, of a group those that belong to it. Years are those in which periods
    end. With ``known`` it is what stood here at that moment, with ``until`` of periods that were
    over on that day.
    """

    group: int | None = None
    countries: frozenset[int] = frozenset()
    level: str = RegionLevel.REGION
    from_year: int | None = None
    to_year: int | None = None
    is_constant: bool = False
    known: datetime | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class GapResult:
    """The gap, or none where no figure fits; ``left_out`` counts periods that are too many."""

    gap: Gap | None = None
    left_out: int = 0


def measured_in_several(indicator: str = "pk") -> Exists:
    """Whether an indicator has numbers for two countries at least, for a filter or annotation.

    ``indicator`` is the column that holds its key. Codes of a rank or a category are no numbers.
    """
    figures = _figures().filter(indicator=OuterRef(indicator), indicator__measure__in=_COUNTED)
    another = _figures().filter(indicator=OuterRef("indicator")).exclude(area=OuterRef("area"))
    return Exists(figures.filter(Exists(another)))


def indicators_with_gap(person: Person) -> QuerySet[Any]:
    """Those that can be asked for, what a recommendation is for before the others."""
    aims = IndicatorLink.objects.filter(
        indicator=OuterRef("pk"), removed_at__isnull=True, relation=Relation.OUTCOME
    )
    if not permissions.can_read_internally(person):
        aims = aims.filter(recommendation__published_at__isnull=False)
    return (
        Indicator.objects.visible_to(person)
        .filter(measured_in_several())
        .annotate(is_outcome=Exists(aims))
        .order_by("-is_outcome", "code", "pk")
    )


class AreaIndex:
    """All areas with where they lie, read at once; names are in the language of the reader."""

    def __init__(self, person: Person) -> None:
        shown = Area.objects.visible_to(person).filter(pk=OuterRef("pk"))
        is_inside = permissions.can_read_internally(person)
        rows = Area.objects.localised().annotate(
            is_open=Value(True) if is_inside else Exists(shown)
        )
        names = ("pk", "code", "iso3", "m49", "kind", "parent_id", "shown_name", "is_open")
        self._areas: dict[int, Any] = {
            row.pk: row for row in rows.order_by("shown_name", "pk").values_list(*names, named=True)
        }

        every = self._areas.values()
        self.countries = [row for row in every if row.kind == AreaKind.COUNTRY]
        self.groups = [row for row in every if row.kind == AreaKind.GROUP and row.is_open]
        """Those that the reader may ask for."""

    def places(self, level: str) -> dict[int, GapArea]:
        """Every country, with the name of its region at this level."""
        return {
            row.pk: GapArea(
                key=row.pk,
                code=row.code,
                iso3=row.iso3,
                name=row.shown_name,
                region=self._region(row, level),
                url=reverse("area-detail", args=[row.code]) if row.is_open else "",
                is_demonstration=is_fictional_area(row.code),
            )
            for row in self.countries
        }

    def _region(self, row: Any, level: str) -> str:
        """Its region, or its sub-region where that is asked for and it has one."""
        above: list[Any] = []
        seen = {row.pk}
        while (row := self._areas.get(row.parent_id)) is not None and row.pk not in seen:
            seen.add(row.pk)
            # The world is no region of itself.
            if row.kind == AreaKind.REGION and row.m49 != WORLD:
                above.insert(0, row)
        depth = 1 if level == RegionLevel.SUB_REGION else 0
        chosen = above[min(depth, len(above) - 1)] if above else None
        return chosen.shown_name if chosen else ""


def find_gap(indicator_id: int, atlas: AreaIndex, asked: GapQuery) -> GapResult:
    """The gap of one indicator in periods of one frequency: years where there are any."""
    figures = _figures(asked.known).filter(indicator=indicator_id)
    every = [parse(code) for code in figures.values_list("period", flat=True).distinct()]
    # Years before all others; else what there is most of, the longer first.
    counted = Counter(period.kind for period in every)
    has_most = max(PeriodKind, key=lambda kind: counted[kind])
    kind = PeriodKind.YEAR if counted[PeriodKind.YEAR] else has_most
    asked_for = [period for period in every if period.kind == kind and _is_within(period, asked)]
    has_years = asked.from_year is not None
    shown = sorted(asked_for)[-(MOST_PERIODS if has_years else USUAL_PERIODS) :]
    if not shown:
        return GapResult()
    found = _read(indicator_id, shown, asked.known)
    members = _taking_part(asked, found)
    left_out = len(asked_for) - len(shown) if has_years else 0
    # A period in which nobody who takes part has a figure is none of this group.
    shown = [period for period in shown if _reporting(found[period]) & members(period)]
    if not shown:
        return GapResult()
    places = atlas.places(asked.level)
    gap = gap_of(shown, places, members, found, is_constant=asked.is_constant)
    return GapResult(gap, left_out)


def _figures(known: datetime | None = None) -> QuerySet[Observation]:
    """Numbers for a country as a whole, of any revision; none that was withdrawn by then."""
    numbers = Observation.objects.filter(
        dimensions="", area__kind=AreaKind.COUNTRY, value__isnull=False
    )
    return numbers.standing(known).order_by()


def _is_within(period: Period, asked: GapQuery) -> bool:
    year = period.last_day.year
    is_late = asked.from_year is None or asked.from_year <= year
    is_over = asked.until is None or period.last_day <= asked.until
    return is_late and is_over and (asked.to_year is None or year <= asked.to_year)


_MARKS = ("is_lower_bound", "is_approximate", "is_unconfirmed")
_UNCONFIRMED = ExpressionWrapper(
    Q(asks_confirmation=True, confirmation__isnull=True), BooleanField()
)


def _read(indicator_id: int, periods: Sequence[Period], known: datetime | None) -> Figures:
    """The last revisions for these periods; one that took a figure back counts, as missing."""
    rows = (
        Observation.objects.filter(
            indicator=indicator_id,
            dimensions="",
            area__kind=AreaKind.COUNTRY,
            period__in=[period.code for period in periods],
        )
        .latest_revisions(known)
        .order_by()
        .annotate(is_unconfirmed=_UNCONFIRMED)
        .values_list("period", "area", "value", "obs_status", *_MARKS)
    )
    by_code = {period.code: period for period in periods}
    found: dict[Period, dict[int, Datum]] = defaultdict(dict)
    for code, area, value, status, *marks in rows:
        marked: dict[str, bool] = dict(zip(_MARKS, marks, strict=True))
        found[by_code[code]][area] = Datum(value=value, status=status, **marked)
    return found


def _taking_part(asked: GapQuery, figures: Figures) -> Members:
    """The countries that are chosen, or who belongs to a group on the last day of a period.

    With ``known`` as the record had it; else all that have a figure in a period shown.
    """
    if not asked.group:
        found = asked.countries or frozenset().union(*map(_reporting, figures.values()))
        return lambda _period: found
    rows = GroupMembership.objects.filter(group=asked.group).order_by()
    if asked.known is None:
        stood = list(rows.living())
    else:
        then = Past(asked.known).back(list(rows))
        stood = [row for row in then if row.removed_at is None or row.removed_at > asked.known]

    def on(period: Period) -> frozenset[int]:
        day = period.last_day
        members = frozenset(
            row.member_id
            for row in stood
            if (row.valid_from or date.min) <= day <= (row.valid_to or date.max)
        )
        return members & asked.countries if asked.countries else members

    return on


def _reporting(figures: Mapping[int, Datum]) -> frozenset[int]:
    return frozenset(key for key, figure in figures.items() if figure.is_known)
