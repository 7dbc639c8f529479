"""The gap as pictures and as the tables that say the same."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from recommendations.charts import (
    Frame,
    LineData,
    Point,
    Range,
    RangesData,
    Ranked,
    RankedData,
    Series,
    Table,
    Tile,
    TilesData,
    in_both_widths,
    line,
    ranges,
    ranked,
    table_of,
    tiles,
)
from recommendations.periods import Kind
from recommendations.summaries.gap import Gap, Moment, Standing
from recommendations.summaries.gap_words import Number, ratio

NAMES: Final = ("regions", "trend", "map", "ranking")
"""The pictures, in the order of the page."""

MANY: Final = 40
"""A ranking of more rows than this is folded."""

_MONTHS: Final = {Kind.YEAR: 12, Kind.HALF_YEAR: 6, Kind.QUARTER: 3, Kind.MONTH: 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture with its table: on the page, or as a file of its own."""

    name: str
    title: str
    note: str
    unit: str
    table: Table
    is_long: bool = False
    ratio_at: int = -1
    """The column that holds no figures but coefficients of variation, if there is one."""
    _data: Any = field(repr=False)
    _draw: Callable[[Any, Frame], SafeString] = field(repr=False)
    _number: Number = field(repr=False)

    def on_page(self) -> SafeString:
        """In both widths."""
        return in_both_widths(self._draw, self._data, self._frame())

    def as_file(self) -> str:
        """An SVG that stands alone: with its title and its note."""
        return str(self._draw(self._data, self._frame(is_standalone=True)))

    def rows(self) -> Iterator[list[str]]:
        """The table as a page shows it; a missing figure is empty."""
        for row in self.table.rows:
            yield [self._shown(cell, place) for place, cell in enumerate(row)]

    def _frame(self, **more: Any) -> Frame:
        return Frame(
            title=self.title, prefix=f"gap-{self.name}", unit=self.unit, note=self.note, **more
        )

    def _shown(self, cell: Any, place: int) -> str:
        if isinstance(cell, Decimal):
            return ratio(cell) if place == self.ratio_at else self._number(cell)
        return "" if cell is None else str(cell)


def pictures(gap: Gap, about: str, unit: str, number: Number, kind: Kind) -> dict[str, Picture]:
    """All pictures of a gap; ``about`` is the title of the indicator."""
    words = {"about": about, "period": gap.last.period.code}
    shared: dict[str, Any] = {"_number": number}
    ranges_data, ranking = _ranges(gap, number), _ranking(gap.standings, number)
    trend_data = _trend(gap.trend.moments, number, kind)
    found = (
        Picture(
            name="regions",
            title=_("%(about)s: how far areas lie apart") % words,
            note=_("Each region in each period; below, how many areas have a figure, of how many."),
            unit=unit,
            table=table_of(ranges_data),
            _data=ranges_data,
            _draw=ranges,
            **shared,
        ),
        Picture(
            name="trend",
            title=_("%(about)s: median and spread of the same areas") % words,
            note=_("Only the %(count)d of %(among)d areas with a figure in every period.")
            % {"count": gap.trend.count, "among": gap.trend.among},
            unit=unit,
            table=_trend_table(gap.trend.moments),
            ratio_at=9,
            _data=trend_data,
            _draw=line,
            **shared,
        ),
        _map(gap, words, unit, number),
        Picture(
            name="ranking",
            title=_("%(about)s: areas in order, %(period)s") % words,
            note="",
            unit=unit,
            table=table_of(ranking),
            is_long=len(gap.standings) > MANY,
            _data=ranking,
            _draw=ranked,
            **shared,
        ),
    )
    return {picture.name: picture for picture in found}


def _map(gap: Gap, words: dict[str, str], unit: str, number: Number) -> Picture:
    data = TilesData(
        tiles=tuple(_tiles(gap.standings, gap.last.period.code)), unit=unit, number=number
    )
    return Picture(
        name="map",
        title=_("%(about)s: where each country stood in %(period)s") % words,
        note=_("A tile a country, roughly where it lies; the number is its class."),
        unit=unit,
        table=table_of(data),
        _data=data,
        _draw=tiles,
        _number=number,
    )


def region_name(name: str) -> str:
    return name or _("Region not known")


def _ranges(gap: Gap, number: Number) -> RangesData:
    """All areas together, then region by region."""
    found = []
    for moment in gap.moments:
        shown = {_("All areas shown"): moment.whole}
        shown |= {region_name(name): spread for name, spread in moment.regions.items()}
        found += [
            Range(
                region=name,
                period=moment.period,
                count=spread.count,
                among=spread.among,
                minimum=spread.minimum,
                lower_quartile=spread.lower_quartile,
                median=spread.median,
                upper_quartile=spread.upper_quartile,
                maximum=spread.maximum,
            )
            for name, spread in shown.items()
        ]
    return RangesData(ranges=tuple(_in_order(found, gap.last)), number=number)


def _in_order(found: Sequence[Range], last: Moment) -> Iterable[Range]:
    """Regions in the order of the last moment, whichever came first."""
    names = [_("All areas shown"), *map(region_name, last.regions)]
    places = {name: place for place, name in enumerate(names)}
    return sorted(found, key=lambda item: places.get(item.region, len(places)))


def _trend(moments: Sequence[Moment], number: Number, kind: Kind) -> LineData:
    lines = {
        _("Median"): [moment.whole.median for moment in moments],
        _("Middle half"): [moment.whole.interquartile_range for moment in moments],
        _("Between regions"): [moment.between_regions for moment in moments],
    }
    series = tuple(
        Series(
            name=name,
            points=tuple(
                Point(period=moment.period, value=value)
                for moment, value in zip(moments, values, strict=True)
            ),
            step_months=_MONTHS.get(kind),
        )
        for name, values in lines.items()
        if any(value is not None for value in values)
    )
    return LineData(series=series, number=number)


def _trend_table(moments: Sequence[Moment]) -> Table:
    header = (
        *(_("Period"), _("Areas with a figure"), _("Areas"), _("Lowest"), _("Lower quartile")),
        *(_("Median"), _("Upper quartile"), _("Highest"), _("Interquartile range")),
        *(_("Coefficient of variation"), _("Between regions")),
    )
    rows = []
    for moment in moments:
        whole = moment.whole
        five = (whole.minimum, whole.lower_quartile, whole.median)
        rest = (whole.upper_quartile, whole.maximum, whole.interquartile_range)
        apart = (whole.variation, moment.between_regions)
        rows.append((moment.period.code, whole.count, whole.among, *five, *rest, *apart))
    return Table(header, tuple(rows))


def _ranking(standings: Sequence[Standing], number: Number) -> RankedData:
    areas = (Ranked(name=standing.place.name, **_figure(standing)) for standing in standings)
    return RankedData(areas=tuple(areas), number=number)


def _tiles(standings: Sequence[Standing], period: str) -> Iterator[Tile]:
    taken: set[str] = set()
    for standing in sorted(standings, key=lambda standing: standing.place.code):
        place = standing.place
        # Without an ISO code, the end of its own; all of it where another has that already.
        short = place.iso3 or place.code.rpartition("-")[2].upper()
        label = place.code if short in taken else short
        taken.add(label)
        figure = _figure(standing)
        yield Tile(iso3=label, name=place.name, period=period, href=place.url, **figure)


def _figure(standing: Standing) -> dict[str, Any]:
    found = standing.figure
    return {
        "value": found.known,
        "status": found.status,
        "is_lower_bound": found.is_lower_bound,
        "is_approximate": found.is_approximate,
    }
