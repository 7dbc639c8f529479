"""A map of equal tiles: one a country in its rough place, so that small states are seen too."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final
from xml.etree import ElementTree

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from recommendations.charts import marks, svg, text
from recommendations.charts.canvas import EDGE, FAINT, GROUND, INK, LINE, Canvas, Frame, nothing
from recommendations.charts.places import COLUMNS, GRID, ONLY_WHEN_GIVEN, PARTS, ROWS, Part, Place
from recommendations.charts.svg import Value
from recommendations.charts.tile_data import Tile, TilesData, class_words, classes_of

# From the lowest class to the highest: ground, and the ink on it. charts.css holds the same.
COLOURS: Final = (
    ("#e3f0ef", "#1b2530"),
    ("#b4d8d6", "#1b2530"),
    ("#78b6b4", "#1b2530"),
    ("#2b7f83", "#ffffff"),
    ("#08474d", "#ffffff"),
)
_SHADES: Final = ((3,), (2, 4), (1, 3, 5), (1, 2, 4, 5), (1, 2, 3, 4, 5))
"""Which of them so many classes use."""

_PITCH: Final = Place(27, 33)
_GAP: Final = 2
_SIZE: Final = 11.0
_HALO: Final[dict[str, Value]] = {"stroke": GROUND, "stroke_width": 4, "paint_order": "stroke"}


def tiles(data: TilesData, frame: Frame) -> SafeString:
    """The map: a class is a lightness and its number, hatched is no data, empty is not asked for.

    On a phone the parts of the world stand below each other. What has no place on the grid stands
    below the map.
    """
    if not data.tiles:
        return nothing(frame, "tiles")
    has_links = any(tile.href for tile in data.tiles)
    if not frame.is_narrow:
        frame = replace(frame, width=max(frame.width, COLUMNS * _PITCH.column))
    canvas = Canvas(frame, "tiles", data.sentence(), has_links=has_links)
    canvas.unit_line()
    picture = _Map(canvas, data, classes_of(data), {tile.iso3: tile for tile in data.tiles})
    canvas.top = marks.draw_key(canvas, list(picture.key()), canvas.top - 4) + 8
    if frame.is_narrow:
        picture.draw_parts()
    elif picture.parts:
        picture.draw_world()
    picture.draw_elsewhere()
    return canvas.finish(canvas.top)


@dataclass(frozen=True, slots=True)
class _Map:
    canvas: Canvas
    data: TilesData
    classes: dict[str, int]
    tiles: dict[str, Tile]

    @property
    def shades(self) -> tuple[int, ...]:
        """The shade of each class, from 1: few classes are as far apart as many."""
        most = max(self.classes.values(), default=1)
        return _SHADES[most - 1]

    @property
    def parts(self) -> list[Part]:
        """All parts of the world, on a phone only those that a country was given of.

        None where all that was given lies elsewhere.
        """
        if not self.canvas.frame.is_narrow and self.tiles.keys() & GRID.keys():
            return list(PARTS)
        return [part for part in PARTS if self.tiles.keys() & part.places.keys()]

    def key(self) -> Iterator[marks.KeyItem]:
        """The classes, and what the other tiles mean."""
        for number, words in class_words(self.data, self.classes):
            yield self._class_glyph(number), 18, words
        if len(self.data.known) < len(self.tiles):
            yield marks.hatch_glyph, 18, _("no data")
        drawn = {code for part in self.parts for code in part.places}
        if drawn - self.tiles.keys() - ONLY_WHEN_GIVEN:
            yield _empty_glyph, 18, _("not among these countries")

    def draw_world(self) -> None:
        left = (self.canvas.frame.width - COLUMNS * _PITCH.column) / 2
        self._draw(GRID, max(0.0, left))
        self.canvas.top += ROWS * _PITCH.row

    def draw_parts(self) -> None:
        """The parts of the world, one below the other."""
        for part in self.parts:
            self._head(str(part.name))
            self._draw(part.places, 0)
            rows = 1 + max(place.row for place in part.places.values())
            self.canvas.top += rows * _PITCH.row + 8

    def draw_elsewhere(self) -> None:
        """Areas without a place on the grid, in rows of their own."""
        codes = sorted(self.tiles.keys() - GRID.keys())
        if codes:
            self._head(_("Other areas"))
            columns = max(1, int(self.canvas.frame.width / _PITCH.column))
            places = {code: Place(n % columns, n // columns) for n, code in enumerate(codes)}
            self._draw(places, 0)
            self.canvas.top += (1 + (len(codes) - 1) // columns) * _PITCH.row + 4

    def _head(self, words: str) -> None:
        self.canvas.strong(words, 0, self.canvas.top + text.SIZE)
        self.canvas.top += LINE + 2

    def _draw(self, places: dict[str, Place], left: float) -> None:
        for code, place in places.items():
            x = left + place.column * _PITCH.column
            y = self.canvas.top + place.row * _PITCH.row
            if tile := self.tiles.get(code):
                self._draw_tile(tile, x, y)
            elif code not in ONLY_WHEN_GIVEN:
                _draw_empty(self.canvas, _box(x, y))

    def _class_glyph(self, number: int) -> marks.Glyph:
        def draw(canvas: Canvas, x: float, y: float) -> None:
            shade = self.shades[number - 1]
            fill, ink = COLOURS[shade - 1]
            group = canvas.group(class_=f"tile tile-{shade}")
            svg.add(group, "rect", fill=fill, x=x - 9, y=y - 8, width=18, height=16, rx=3)
            looks: dict[str, Value] = {"text_anchor": "middle", "font_weight": 600}
            svg.add(group, "text", str(number), x=x, y=y + 4, fill=ink, **looks)

        return draw

    def _draw_tile(self, tile: Tile, x: float, y: float) -> None:
        number, said = self.classes.get(tile.iso3), self.data.said(tile)
        shade = self.shades[number - 1] if number else 0
        name = {"class_": f"tile tile-{shade or 'none'}"}
        if tile.href:
            group = self.canvas.add("a", href=tile.href, aria_label=said, **name)
        else:
            group = self.canvas.group(**name)
        svg.add(group, "title", said)
        if number:
            fill, ink = COLOURS[shade - 1]
            # The lightest is hardly darker than its ground.
            edge = COLOURS[1][0] if shade == 1 else None
            svg.add(group, "rect", fill=fill, stroke=edge, **_box(x, y))
            _write(group, tile.iso3, x, y + 14, fill=ink)
            _write(group, str(number), x, y + 26, fill=ink, font_weight=600)
        else:
            hatch = self.canvas.hatch()
            svg.add(group, "rect", class_="chart-hatched", fill=hatch, stroke=EDGE, **_box(x, y))
            _write(group, tile.iso3, x, y + 19, fill=INK, **_HALO)


def _box(x: float, y: float) -> dict[str, Value]:
    # Half a pixel in, so that an edge of one pixel is sharp.
    return {
        "x": x + 0.5,
        "y": y + 0.5,
        "width": _PITCH.column - _GAP - 1,
        "height": _PITCH.row - _GAP - 1,
        "rx": 3,
    }


def _write(group: ElementTree.Element, words: str, x: float, y: float, **attributes: Value) -> None:
    room = _PITCH.column - _GAP - 2
    is_wide = text.width(words, _SIZE) > room
    svg.add(
        group,
        "text",
        words,
        x=x + (_PITCH.column - _GAP) / 2,
        y=y,
        font_size=_SIZE,
        text_anchor="middle",
        textLength=room if is_wide else None,
        lengthAdjust="spacingAndGlyphs" if is_wide else None,
        **attributes,
    )


def _empty_glyph(canvas: Canvas, x: float, y: float) -> None:
    _draw_empty(canvas, {"x": x - 8.5, "y": y - 7.5, "width": 17, "height": 15, "rx": 3})


def _draw_empty(canvas: Canvas, box: dict[str, Value]) -> None:
    canvas.add("rect", class_="chart-elsewhere", fill="none", stroke=FAINT, **box)
