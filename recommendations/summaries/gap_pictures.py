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


_Kind = tuple[str, str, str, Callable[[Any, Frame], SafeString], Any]
"""Name, heading, note, what draws it, and of what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture with its table: on the page, or as a file of its own.

    ``heading`` stands above it on the page; ``title`` says also what is measured.
    """

    name: str
    heading: str
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
    trend, period = gap.trend, gap.last.period.code
    kinds: tuple[_Kind, ...] = (
        (
            "regions",
            _("How far areas lie apart"),
            _("Each region in each period; below, how many areas have a figure, of how many."),
            ranges,
            _ranges(gap, number),
        ),
        (
            "trend",
            _("Median and spread of the same areas"),
            _("Only the %(count)d of %(among)d areas with a figure in every period.")
            % {"count": trend.count, "among": trend.among},
            line,
            _Trend(series=_lines(trend.moments, kind), number=number, moments=trend.moments),
        ),
        (
            "map",
            _("Where each country stood in %s") % period,
            _("A tile a country, roughly where it lies; the number is its class."),
            tiles,
            TilesData(tiles=tuple(_tiles(gap)), unit=unit, number=number),
        ),
        ("ranking", _("Areas in order, %s") % period, "", ranked, _ranking(gap.standings, number)),
    )
    return {found[0]: _picture(found, about, unit, number) for found in kinds}


def _picture(found: _Kind, about: str, unit: str, number: Number) -> Picture:
    name, heading, note, draw, data = found
    table = table_of(data)
    return Picture(
        name=name,
        heading=heading,
        title=_("%(about)s: %(heading)s") % {"about": about, "heading": heading},
        note=note,
        unit=unit,
        table=table,
        is_long=name == "ranking" and len(table.rows) > MANY,
        ratio_at=RATIO_AT if name == "trend" else -1,
        _data=data,
        _draw=draw,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trend(LineData):
    """Lines whose table says more than they draw: all that is known of each moment."""

    moments: tuple[Moment, ...]

    def table(self) -> Table:
        header = (
            *(_("Period"), _("Areas with a figure"), _("Areas"), _("Lowest")),
            *(_("Lower quartile"), _("Median"), _("Upper quartile"), _("Highest")),
            *(_("Interquartile range"), _("Coefficient of variation"), _("Between regions")),
        )
        return Table(header, tuple(_row(moment) for moment in self.moments))


RATIO_AT: Final = 9
"""Where the coefficient of variation stands in a row of the trend."""


def _row(moment: Moment) -> tuple[str | int | Decimal | None, ...]:
    whole = moment.whole
    return (
        *(moment.period.code, whole.count, whole.among, whole.minimum),
        *(whole.lower_quartile, whole.median, whole.upper_quartile, whole.maximum),
        *(whole.interquartile_range, whole.variation, moment.between_regions),
    )


def _lines(moments: Sequence[Moment], kind: Kind) -> tuple[Series, ...]:
    lines = {
        _("Median"): [moment.whole.median for moment in moments],
        _("Middle half"): [moment.whole.interquartile_range for moment in moments],
        _("Between regions"): [moment.between_regions for moment in moments],
    }
    return tuple(
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


def _ranking(standings: Sequence[Standing], number: Number) -> RankedData:
    areas = (Ranked(name=standing.place.name, **_figure(standing)) for standing in standings)
    return RankedData(areas=tuple(areas), number=number)


def _tiles(gap: Gap) -> Iterator[Tile]:
    taken: set[str] = set()
    for standing in sorted(gap.standings, key=lambda standing: standing.place.code):
        place = standing.place
        # Without an ISO code, the end of its own; all of it where another has that already.
        short = place.iso3 or place.code.rpartition("-")[2].upper()
        label = place.code if short in taken else short
        taken.add(label)
        figure = _figure(standing)
        period = gap.last.period.code
        yield Tile(iso3=label, name=place.name, period=period, href=place.url, **figure)


def _figure(standing: Standing) -> dict[str, Any]:
    found = standing.figure
    return {
        "value": found.known,
        "status": found.status,
        "is_lower_bound": found.is_lower_bound,
        "is_approximate": found.is_approximate,
    }
