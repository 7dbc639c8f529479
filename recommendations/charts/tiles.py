"""The grid of the tile map: a cell for each country, near those of its neighbours.

All tiles have one size and no borders are drawn. A cell says nothing about the status of a country
or territory, or about its frontiers. The codes are those of
ISO 3166-1 alpha-3: the 193 members of the United Nations, the two observer states, and Hong Kong,
Macao and Taiwan as that list has them; XKX (Kosovo) is a code for users of the list.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import ClassVar, Final, NamedTuple
from xml.etree import ElementTree

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.charts import line as marks
from recommendations.charts.canvas import (
    BACKGROUND,
    EDGE,
    FAINT,
    INK,
    LINE_HEIGHT,
    TEXT_SIZE,
    AttributeValue,
    Canvas,
    ChartTable,
    Datum,
    Frame,
    NumberFormat,
    add_element,
    draw_no_data,
    format_number,
    isolate,
    text_width,
)


class GridCell(NamedTuple):
    """Column and row, from 0."""

    column: int
    row: int


class WorldRegion(NamedTuple):
    """A region: the cell of its corner on the map of the world, and its own cells by ISO code."""

    name: str | Promise
    corner: GridCell
    cells: dict[str, GridCell]


def _region(name: str | Promise, corner: GridCell, *rows: str) -> WorldRegion:
    lines = ((row, enumerate(codes.split())) for row, codes in enumerate(rows))
    cells = ((code, GridCell(column, row)) for row, line in lines for column, code in line)
    return WorldRegion(name, corner, {code: cell for code, cell in cells if code != "-"})


WORLD_REGIONS: Final = (
    _region(
        gettext_lazy("Americas"),
        GridCell(0, 4),
        "-   CAN -   -   -   -   -   -  ",
        "-   USA -   -   BHS -   -   -  ",
        "MEX BLZ -   CUB HTI DOM KNA ATG",
        "GTM HND -   JAM -   -   DMA LCA",
        "SLV NIC -   -   -   -   VCT BRB",
        "-   CRI PAN -   -   -   GRD TTO",
        "-   -   COL VEN GUY SUR -   -  ",
        "-   -   ECU PER BRA -   -   -  ",
        "-   -   -   BOL PRY -   -   -  ",
        "-   -   -   CHL ARG URY -   -  ",
    ),
    _region(
        gettext_lazy("Europe"),
        GridCell(8, 0),
        "ISL -   -   NOR SWE FIN -   -  ",
        "-   -   -   DNK -   EST -   -  ",
        "IRL GBR -   -   -   LVA RUS -  ",
        "-   BEL NLD DEU POL LTU BLR -  ",
        "-   FRA LUX LIE CZE SVK UKR -  ",
        "-   AND MCO CHE AUT HUN ROU MDA",
        "PRT ESP ITA SVN HRV SRB BGR -  ",
        "-   -   VAT SMR BIH MNE XKX MKD",
        "-   -   -   MLT -   ALB GRC -  ",
    ),
    _region(
        gettext_lazy("Africa"),
        GridCell(8, 9),
        "-   MAR DZA TUN LBY EGY -   -   -   -  ",
        "CPV MRT MLI BFA NER TCD SDN ERI DJI -  ",
        "SEN GMB GIN CIV GHA NGA CAF SSD ETH SOM",
        "GNB SLE LBR TGO BEN CMR COG UGA KEN -  ",
        "-   -   -   STP GNQ GAB COD RWA TZA SYC",
        "-   -   -   -   -   AGO ZMB BDI MWI COM",
        "-   -   -   -   -   NAM BWA ZWE MOZ MDG",
        "-   -   -   -   -   -   ZAF LSO SWZ MUS",
    ),
    _region(
        gettext_lazy("Asia"),
        GridCell(16, 4),
        "-   -   -   -   -   KAZ KGZ MNG -   PRK -  ",
        "-   -   GEO AZE TKM UZB TJK CHN -   KOR JPN",
        "CYP TUR ARM IRN AFG PAK NPL BTN MAC HKG TWN",
        "LBN SYR IRQ KWT -   IND BGD MMR LAO VNM PHL",
        "ISR PSE JOR BHR QAT -   -   THA KHM -   -  ",
        "-   -   SAU ARE -   MDV LKA -   MYS BRN -  ",
        "-   -   YEM OMN -   -   -   -   SGP IDN TLS",
    ),
    _region(
        gettext_lazy("Oceania"),
        GridCell(22, 12),
        "PLW FSM MHL KIR -  ",
        "-   PNG NRU TUV -  ",
        "-   SLB VUT FJI WSM",
        "AUS -   -   TON -  ",
        "-   -   NZL -   -  ",
    ),
)

GRID: Final[dict[str, GridCell]] = {
    code: GridCell(region.corner.column + cell.column, region.corner.row + cell.row)
    for region in WORLD_REGIONS
    for code, cell in region.cells.items()
}
"""The cell of every country on the map of the world."""

ONLY_WHEN_GIVEN: Final = frozenset({"XKX"})
"""Not in ISO's list, so a list of areas may lack it: no empty tile is drawn for it."""

COLUMNS: Final = 1 + max(cell.column for cell in GRID.values())
ROWS: Final = 1 + max(cell.row for cell in GRID.values())


# ---- Tile map: a tile of equal size for each country, near its neighbours, so that small ones show

_MOST_CLASSES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile(Datum):
    """The value of a country, its period, and the address that its tile links to."""

    iso3: str
    name: str
    period: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TilesData:
    """Countries in any order; those that are not given are drawn as empty tiles.

    ``unit`` follows each value; each class holds about as many countries as the others. Raises
    ``ValueError`` for a country that is given twice.
    """

    tiles: tuple[Tile, ...]
    unit: str = ""
    number: NumberFormat = format_number
    steps: ClassVar = ""

    def __post_init__(self) -> None:
        counted = Counter(tile.iso3 for tile in self.tiles)
        if twice := [code for code, times in counted.items() if times > 1]:
            raise ValueError(f"Given twice: {', '.join(twice)}.")

    @property
    def known(self) -> list[Tile]:
        return [tile for tile in self.tiles if tile.is_known]

    def table(self) -> ChartTable:
        """A row for each country by name, with the class that its tile shows."""
        classes = classes_of(self)
        header = (
            _("Country"),
            capfirst(_("code")),
            capfirst(_("period")),
            capfirst(_("value")),
            _("Class"),
            capfirst(_("note")),
        )
        rows = (
            (
                tile.name,
                tile.iso3,
                tile.period,
                tile.known_value,
                classes.get(tile.iso3),
                tile.note(),
            )
            for tile in sorted(self.tiles, key=lambda tile: tile.name)
        )
        return ChartTable(header, tuple(rows))

    def description(self) -> str:
        """How many countries have data, minimum and maximum."""
        values = [tile.known for tile in self.known]
        if not values:
            return _("No data for any of %(all)d countries.") % {"all": len(self.tiles)}
        return _(
            "%(known)d of %(all)d countries have data, from %(lowest)s to %(highest)s %(unit)s."
        ) % {
            "known": len(values),
            "all": len(self.tiles),
            "lowest": self.number(min(values)),
            "highest": self.number(max(values)),
            "unit": self.unit,
        }

    def tooltip(self, tile: Tile) -> str:
        """“Name: value unit (period)”, or that there is no data."""
        values = {"name": isolate(tile.name), "period": tile.period}
        if not tile.is_known:
            return _("%(name)s: no data") % values
        values["value"] = tile.full_text(self.number, self.unit)
        if tile.period:
            return _("%(name)s: %(value)s (%(period)s)") % values
        return _("%(label)s: %(value)s") % {"label": values["name"], "value": values["value"]}


def classes_of(data: TilesData) -> dict[str, int]:
    """The class of each country with a value, from 1; equal values are in one class."""
    known = sorted(data.known, key=lambda tile: tile.known)
    found: dict[str, int] = {}
    number, fifth = 0, -1
    for _value, group in groupby(known, lambda tile: tile.known):
        # Equal values are in the class of the first of them.
        if (reached := len(found) * _MOST_CLASSES // len(known)) != fifth:
            number, fifth = number + 1, reached
        found.update((tile.iso3, number) for tile in group)
    return found


# ---- drawing


# From the lowest class to the highest: fill and text colour; the same as in charts.css.
CLASS_COLOURS: Final = (
    ("#e3f0ef", "#1b2530"),
    ("#b4d8d6", "#1b2530"),
    ("#78b6b4", "#1b2530"),
    ("#2b7f83", "#ffffff"),
    ("#08474d", "#ffffff"),
)
_SHADES: Final = ((3,), (2, 4), (1, 3, 5), (1, 2, 4, 5), (1, 2, 3, 4, 5))
"""The shades that so many classes use, from 1."""

_TILE_WIDTH: Final = 27
_TILE_HEIGHT: Final = 33
_GAP: Final = 2
_FONT_SIZE: Final = 11.0
_HALO: Final[dict[str, AttributeValue]] = {
    "stroke": BACKGROUND,
    "stroke_width": 4,
    "paint_order": "stroke",
}


def tile_chart(data: TilesData, frame: Frame) -> SafeString:
    """A map: a class is a lightness and a number, hatched is no data, empty is not given.

    On a phone the regions are below each other. Areas that are not on the grid are below the map.
    """
    if not data.tiles:
        return draw_no_data(frame, "tiles")
    has_links = any(tile.href for tile in data.tiles)
    if not frame.is_narrow:
        frame = replace(frame, width=max(frame.width, COLUMNS * _TILE_WIDTH))
    canvas = Canvas(frame, "tiles", data.description(), has_links=has_links)
    canvas.draw_unit()
    tile_map = _TileMap(canvas, data, classes_of(data), {tile.iso3: tile for tile in data.tiles})
    canvas.top = marks.draw_legend(canvas, list(tile_map.legend()), canvas.top - 4) + 8
    if frame.is_narrow:
        for region in tile_map.regions:
            tile_map.draw_heading(str(region.name))
            tile_map.draw_tiles(region.cells, 0)
            canvas.top += (1 + max(cell.row for cell in region.cells.values())) * _TILE_HEIGHT + 8
    elif tile_map.regions:
        tile_map.draw_tiles(GRID, max(0.0, (frame.width - COLUMNS * _TILE_WIDTH) / 2))
        canvas.top += ROWS * _TILE_HEIGHT
    if codes := sorted(tile_map.tiles.keys() - GRID.keys()):
        tile_map.draw_heading(_("Other areas"))
        columns = max(1, int(frame.width / _TILE_WIDTH))
        cells = {code: GridCell(n % columns, n // columns) for n, code in enumerate(codes)}
        tile_map.draw_tiles(cells, 0)
        canvas.top += (1 + (len(codes) - 1) // columns) * _TILE_HEIGHT + 4
    return canvas.finish(canvas.top)


@dataclass(frozen=True, slots=True)
class _TileMap:
    canvas: Canvas
    data: TilesData
    classes: dict[str, int]
    tiles: dict[str, Tile]

    @property
    def shades(self) -> tuple[int, ...]:
        """The shade of each class, from 1; few classes use shades that are further apart."""
        most = max(self.classes.values(), default=1)
        return _SHADES[most - 1]

    @property
    def regions(self) -> list[WorldRegion]:
        """All regions, on a phone only those of which a country was given.

        None where no country that was given is on the grid.
        """
        if not self.canvas.frame.is_narrow and self.tiles.keys() & GRID.keys():
            return list(WORLD_REGIONS)
        return [region for region in WORLD_REGIONS if self.tiles.keys() & region.cells.keys()]

    def legend(self) -> Iterator[marks.LegendItem]:
        """Each class with its lowest and highest value, and the meaning of the other tiles."""
        number = self.data.number
        for found in sorted(set(self.classes.values())):
            values = [t.known for t in self.data.known if self.classes[t.iso3] == found]
            ends = {"low": number(min(values)), "high": number(max(values))}
            is_one = ends["low"] == ends["high"]
            label = ends["low"] if is_one else _("%(low)s to %(high)s") % ends
            yield self._class_glyph(found), 18, label
        if len(self.data.known) < len(self.tiles):
            yield marks.hatch_glyph, 18, _("no data")
        drawn = {code for region in self.regions for code in region.cells}
        if drawn - self.tiles.keys() - ONLY_WHEN_GIVEN:
            yield _empty_glyph, 18, _("not among these countries")

    def draw_heading(self, text: str) -> None:
        self.canvas.strong_text(text, 0, self.canvas.top + TEXT_SIZE)
        self.canvas.top += LINE_HEIGHT + 2

    def draw_tiles(self, cells: dict[str, GridCell], left: float) -> None:
        for code, cell in cells.items():
            x = left + cell.column * _TILE_WIDTH
            y = self.canvas.top + cell.row * _TILE_HEIGHT
            if tile := self.tiles.get(code):
                self._draw_tile(tile, x, y)
            elif code not in ONLY_WHEN_GIVEN:
                _draw_empty(self.canvas, _rectangle(x, y))

    def _class_glyph(self, number: int) -> marks.Glyph:
        def draw(canvas: Canvas, x: float, y: float) -> None:
            shade = self.shades[number - 1]
            fill, ink = CLASS_COLOURS[shade - 1]
            group = canvas.group(class_=f"tile tile-{shade}")
            add_element(group, "rect", fill=fill, x=x - 9, y=y - 8, width=18, height=16, rx=3)
            text = add_element(group, "text", str(number), x=x, y=y + 4, fill=ink)
            text.attrib |= {"text-anchor": "middle", "font-weight": "600"}

        return draw

    def _draw_tile(self, tile: Tile, x: float, y: float) -> None:
        number, label = self.classes.get(tile.iso3), self.data.tooltip(tile)
        shade = self.shades[number - 1] if number else 0
        name = {"class_": f"tile tile-{shade or 'none'}"}
        if tile.href:
            group = self.canvas.add("a", href=tile.href, aria_label=label, **name)
        else:
            group = self.canvas.group(**name)
        add_element(group, "title", label)
        if number:
            fill, ink = CLASS_COLOURS[shade - 1]
            # The lightest shade has little contrast with the background.
            edge = CLASS_COLOURS[1][0] if shade == 1 else None
            add_element(group, "rect", fill=fill, stroke=edge, **_rectangle(x, y))
            _draw_text(group, tile.iso3, x, y + 14, fill=ink)
            _draw_text(group, str(number), x, y + 26, fill=ink, font_weight=600)
        else:
            hatch = self.canvas.hatch()
            add_element(
                group, "rect", class_="chart-hatched", fill=hatch, stroke=EDGE, **_rectangle(x, y)
            )
            _draw_text(group, tile.iso3, x, y + 19, fill=INK, **_HALO)


def _rectangle(x: float, y: float) -> dict[str, AttributeValue]:
    # On half pixels, so that an edge of one pixel is sharp.
    return {
        "x": x + 0.5,
        "y": y + 0.5,
        "width": _TILE_WIDTH - _GAP - 1,
        "height": _TILE_HEIGHT - _GAP - 1,
        "rx": 3,
    }


def _draw_text(
    group: ElementTree.Element, text: str, x: float, y: float, **attributes: AttributeValue
) -> None:
    available = _TILE_WIDTH - _GAP - 2
    is_wide = text_width(text, _FONT_SIZE) > available
    add_element(
        group,
        "text",
        text,
        x=x + (_TILE_WIDTH - _GAP) / 2,
        y=y,
        font_size=_FONT_SIZE,
        text_anchor="middle",
        textLength=available if is_wide else None,
        lengthAdjust="spacingAndGlyphs" if is_wide else None,
        **attributes,
    )


def _empty_glyph(canvas: Canvas, x: float, y: float) -> None:
    _draw_empty(canvas, {"x": x - 8.5, "y": y - 7.5, "width": 17, "height": 15, "rx": 3})


def _draw_empty(canvas: Canvas, box: dict[str, AttributeValue]) -> None:
    canvas.add("rect", class_="chart-elsewhere", fill="none", stroke=FAINT, **box)
