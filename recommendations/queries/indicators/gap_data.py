"""The rows that the gap is computed from: five queries, however many areas, years and revisions."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Value
from django.urls import reverse

from recommendations import permissions
from recommendations.audit.rewind import Past
from recommendations.charts import Datum
from recommendations.choices import AreaKind, Measure, RegionLevel, Relation
from recommendations.models import Area, GroupMembership, Indicator, IndicatorLink, Observation
from recommendations.periods import Period, PeriodKind, parse
from recommendations.permissions import Person
from recommendations.queries.indicators.gap import Figures, Gap, GapArea, Members, gap_of

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


@dataclass(frozen=True, slots=True, kw_only=True)
class GapResult:
    """The gap, or none where no figure fits; ``left_out`` counts periods that are too many."""

    gap: Gap | None
    kind: PeriodKind = PeriodKind.YEAR
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

    @cached_property
    def groups(self) -> list[tuple[int, str, str]]:
        """Key, code and name of each group that the reader may ask for."""
        found = (row for row in self._areas.values() if row.kind == AreaKind.GROUP and row.is_open)
        return [(row.pk, row.code, row.shown_name) for row in found]

    @cached_property
    def countries(self) -> list[tuple[int, str, str]]:
        """Key, code and name of each country."""
        found = (row for row in self._areas.values() if row.kind == AreaKind.COUNTRY)
        return [(row.pk, row.code, row.shown_name) for row in found]

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
            )
            for row in self._areas.values()
            if row.kind == AreaKind.COUNTRY
        }

    def _region(self, row: Any, level: str) -> str:
        """Its region, or its sub-region where that is asked for and it has one."""
        above: list[Any] = []
        seen = {row.pk}
        while (row := self._areas.get(row.parent_id)) is not None and row.pk not in seen:
            seen.add(row.pk)
            # The world is no region of itself.
            if row.kind == AreaKind.REGION and row.m49 != "001":
                above.insert(0, row)
        depth = 1 if level == RegionLevel.SUB_REGION else 0
        chosen = above[min(depth, len(above) - 1)] if above else None
        return chosen.shown_name if chosen else ""


def find_gap(indicator_id: int, atlas: AreaIndex, asked: GapQuery) -> GapResult:
    """The gap of one indicator in periods of one frequency: years where there are any."""
    of_indicator = _figures(asked.known).filter(indicator=indicator_id)
    every = _periods(of_indicator)
    if not every:
        return GapResult(gap=None)
    kind = _kind(every)
    asked_for = [period for period in every if period.kind == kind and _is_within(period, asked)]
    has_years = asked.from_year is not None
    shown = sorted(asked_for)[-(MOST_PERIODS if has_years else USUAL_PERIODS) :]
    if not shown:
        return GapResult(gap=None, kind=kind)
    figures = _read(indicator_id, shown, asked.known)
    places = atlas.places(asked.level)
    members = _taking_part(asked, figures)
    left_out = len(asked_for) - len(shown) if has_years else 0
    # A period in which nobody who takes part has a figure is none of this group.
    shown = [period for period in shown if _reporting(figures[period]) & members(period)]
    if not shown:
        return GapResult(gap=None, kind=kind)
    gap = gap_of(shown, places, members, figures, is_constant=asked.is_constant)
    return GapResult(gap=gap, kind=kind, left_out=left_out)


def _figures(known: datetime | None = None) -> QuerySet[Observation]:
    """Numbers for a country as a whole, of any revision; none that was withdrawn by then."""
    numbers = Observation.objects.filter(
        dimensions="", area__kind=AreaKind.COUNTRY, value__isnull=False
    )
    return numbers.standing(known).order_by()


def _periods(figures: QuerySet[Observation]) -> list[Period]:
    return [parse(code) for code in figures.values_list("period", flat=True).distinct()]


def _kind(periods: Iterable[Period]) -> PeriodKind:
    """Years before all others; else what there is most of, the longer first."""
    counted = Counter(period.kind for period in periods)
    if PeriodKind.YEAR in counted:
        return PeriodKind.YEAR
    return max(PeriodKind, key=lambda kind: counted[kind])


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
    chosen = asked.countries
    if not asked.group:
        return (lambda _period: chosen) if chosen else _all_reporting(figures)
    of_group = _members(asked.group, asked.known)
    return (lambda period: of_group(period) & chosen) if chosen else of_group


def _members(group: int, known: datetime | None) -> Members:
    """Who belongs to a group on the last day of a period; with ``known``, as the record had it."""
    rows = GroupMembership.objects.filter(group=group).order_by()
    if known is None:
        stood = list(rows.living())
    else:
        then = Past(known).back(list(rows))
        stood = [row for row in then if row.removed_at is None or row.removed_at > known]
    spans = [(row.member_id, row.valid_from, row.valid_to) for row in stood]

    def on(period: Period) -> frozenset[int]:
        day = period.last_day
        return frozenset(member for member, first, last in spans if _holds(day, first, last))

    return on


def _holds(day: date, first: date | None, last: date | None) -> bool:
    return (first is None or first <= day) and (last is None or day <= last)


def _all_reporting(figures: Mapping[Period, Mapping[int, Datum]]) -> Members:
    """All that have a figure in one of the periods shown."""
    found = frozenset().union(*map(_reporting, figures.values()))
    return lambda _period: found


def _reporting(figures: Mapping[int, Datum]) -> frozenset[int]:
    return frozenset(key for key, figure in figures.items() if figure.is_known)
