"""The gap as pictures and as the tables that say the same."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from functools import partial
from typing import Any, Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from recommendations.charts import (
    Chart,
    ChartTable,
    DataT,
    Frame,
    LineData,
    NumberFormat,
    Range,
    RangesData,
    RankedArea,
    RankedData,
    Series,
    SeriesPoint,
    Tile,
    TilesData,
    line_chart,
    range_chart,
    ranking_chart,
    tile_chart,
)
from recommendations.periods import MONTHS, PeriodKind
from recommendations.queries.indicators.gap import AreaRank, Gap, GapPeriod
from recommendations.queries.indicators.gap_text import ratio
from recommendations.queries.indicators.spread import range_of

NAMES: Final = ("trend", "ranking", "regions", "map")
"""The pictures, in the order of the page."""

MANY: Final = 20
"""A ranking of more rows than this is folded."""


def gap_charts(
    gap: Gap, about: str, unit: str, number: NumberFormat, kind: PeriodKind
) -> dict[str, Chart[Any]]:
    """All charts of a gap by name; ``about`` is the title of the indicator."""
    trend, period = gap.trend, gap.last.period.code
    chart = partial(_chart, about=about, unit=unit, number=number)
    charts = (
        chart(
            "trend",
            _("Gap over time"),
            line_chart,
            _Trend(series=_lines(trend.moments, kind), number=number, moments=trend.moments),
            note=_compared(trend.count, trend.among),
            formats={RATIO_AT: ratio},
        ),
        chart(
            "ranking",
            _("Areas ranked, %s") % period,
            ranking_chart,
            _ranking(gap.standings, number),
            is_folded=len(gap.standings) > MANY,
        ),
        chart(
            "regions",
            _("Spread of the values"),
            range_chart,
            _ranges(gap, number),
            note=_("Each region in each period, with the number of areas that have data."),
            is_folded=True,
        ),
        chart(
            "map",
            _("Values by country in %s") % period,
            tile_chart,
            TilesData(tiles=tuple(_tiles(gap)), unit=unit, number=number),
            note=_("One tile per country, in its approximate location. The number is the class."),
            is_folded=True,
        ),
    )
    return {each.name: each for each in charts}


def _compared(count: int, among: int) -> str:
    """Which areas the trend is about."""
    text = _("Only the %(count)d of %(among)d areas with data in every period.")
    return text % {"count": count, "among": among}


def _chart(
    name: str,
    heading: str,
    draw: Callable[[DataT, Frame], SafeString],
    data: DataT,
    *,
    about: str,
    unit: str,
    number: NumberFormat,
    note: str = "",
    is_folded: bool = False,
    formats: dict[int, NumberFormat] | None = None,
) -> Chart[DataT]:
    title = _("%(about)s: %(heading)s") % {"about": about, "heading": heading}
    frame = Frame(title=title, prefix=f"gap-{name}", unit=unit, note=note)
    return Chart(name, heading, draw, data, frame, is_folded, number, formats or {})


def region_name(name: str) -> str:
    return name or _("Unknown region")


def _ranges(gap: Gap, number: NumberFormat) -> RangesData:
    """All areas together, then region by region."""
    found = []
    for moment in gap.moments:
        shown = {_("All areas shown"): moment.whole}
        shown |= {region_name(name): spread for name, spread in moment.regions.items()}
        found += [range_of(name, moment.period, spread) for name, spread in shown.items()]
    return RangesData(ranges=tuple(_in_order(found, gap.last)), number=number)


def _in_order(found: Sequence[Range], last: GapPeriod) -> Iterable[Range]:
    """Regions in the order of the last moment, whichever came first."""
    names = [_("All areas shown"), *map(region_name, last.regions)]
    places = {name: place for place, name in enumerate(names)}
    return sorted(found, key=lambda item: places.get(item.region, len(places)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trend(LineData):
    """Lines whose table says more than they draw: all that is known of each moment."""

    moments: tuple[GapPeriod, ...]

    def table(self) -> ChartTable:
        header = (
            *(_("Period"), _("Areas with data"), _("Countries and regions"), _("Lowest")),
            *(_("Lower quartile"), _("Median"), _("Upper quartile"), _("Highest")),
            *(
                _("Interquartile range"),
                _("Coefficient of variation"),
                _("Range of regional medians"),
            ),
        )
        return ChartTable(header, tuple(_row(moment) for moment in self.moments))


RATIO_AT: Final = 9
"""Where the coefficient of variation stands in a row of the trend."""


def _row(moment: GapPeriod) -> tuple[str | int | Decimal | None, ...]:
    whole = moment.whole
    return (
        *(moment.period.code, whole.count, whole.among, whole.minimum),
        *(whole.lower_quartile, whole.median, whole.upper_quartile, whole.maximum),
        *(whole.interquartile_range, whole.variation, moment.between_regions),
    )


def _lines(moments: Sequence[GapPeriod], kind: PeriodKind) -> tuple[Series, ...]:
    lines = {
        _("Interquartile range"): [moment.whole.interquartile_range for moment in moments],
        _("Range of regional medians"): [moment.between_regions for moment in moments],
        _("Median"): [moment.whole.median for moment in moments],
    }
    return tuple(
        Series(
            name=name,
            points=tuple(
                SeriesPoint(period=moment.period, value=value)
                for moment, value in zip(moments, values, strict=True)
            ),
            step_months=MONTHS.get(kind),
        )
        for name, values in lines.items()
        if any(value is not None for value in values)
    )


def _ranking(standings: Sequence[AreaRank], number: NumberFormat) -> RankedData:
    areas = (
        RankedArea(name=standing.place.name, **asdict(standing.figure)) for standing in standings
    )
    return RankedData(areas=tuple(areas), number=number)


def _tiles(gap: Gap) -> Iterator[Tile]:
    taken: set[str] = set()
    for standing in sorted(gap.standings, key=lambda standing: standing.place.code):
        place = standing.place
        # Without an ISO code, the end of its own; all of it where another has that already.
        short = place.iso3 or place.code.rpartition("-")[2].upper()
        label = place.code if short in taken else short
        taken.add(label)
        figure = asdict(standing.figure)
        period = gap.last.period.code
        yield Tile(iso3=label, name=place.name, period=period, href=place.url, **figure)
