"""Shapes of a chart: values by observation status, lines of series, goals, legend, textures.

Colour is never the only difference: each series has its own dash, each status its own shape, each
state its own texture.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple
from xml.etree import ElementTree

from django.utils.translation import gettext as _

from recommendations.charts.canvas import (
    BACKGROUND,
    EDGE,
    LINE_HEIGHT,
    AttributeValue,
    Canvas,
    add_element,
    coordinate,
)
from recommendations.charts.data import Datum, obs_status_text
from recommendations.charts.scales import is_cut
from recommendations.charts.text import Position, text_width, wrap_text
from recommendations.choices import ObsStatus

# Distinct with every kind of colour vision and on the background; the same as in charts.css.
SERIES_COLOURS: Final = ("#0b5c63", "#8f3d14", "#3355c4", "#d0559f", "#a58424", "#1b2530")
_DASHES: Final = (None, "9 4", "9 3 2 3", "5 2.5", "14 3", "9 3 2 3 2 3")


# Outlines around 0, 0. Provisional and normal values are circles, open and filled.
_SHAPES: Final = {
    ObsStatus.ESTIMATED: "M0-5.6 5.6 0 0 5.6-5.6 0z",
    ObsStatus.FORECAST: "M0-5.4 5.4 4.3H-5.4z",
    ObsStatus.IMPUTED: "M-4.2-4.2H4.2V4.2H-4.2z",
}
_CROSS: Final = "M-4-4 4 4M4-4-4 4"

_SHAPED_STATUSES: Final = (
    ObsStatus.PROVISIONAL,
    ObsStatus.ESTIMATED,
    ObsStatus.FORECAST,
    ObsStatus.IMPUTED,
    ObsStatus.LOW_RELIABILITY,
)
"""In the order of the legend."""


def series_group(canvas: Canvas, number: int) -> ElementTree.Element:
    """A group in the colour of the series of that number, from 0; the colours repeat."""
    index = number % len(SERIES_COLOURS)
    return canvas.group(class_=f"series-{index + 1}", color=SERIES_COLOURS[index])


def draw_point(
    parent: ElementTree.Element, at: Position, status: str, radius: float = 4.2
) -> ElementTree.Element:
    """A value as a shape that shows its observation status."""
    x, y = at
    ring: dict[str, AttributeValue] = {"stroke": "currentColor", "stroke_width": 2}
    open_fill: dict[str, AttributeValue] = {"class_": "chart-open", "fill": BACKGROUND}
    moved = f"translate({coordinate(x)} {coordinate(y)})"
    if status == ObsStatus.LOW_RELIABILITY:
        return add_element(parent, "path", d=_CROSS, transform=moved, fill="none", **ring)
    if status == ObsStatus.PROVISIONAL:
        return add_element(parent, "circle", cx=x, cy=y, r=radius, **open_fill, **ring)
    if shape := _SHAPES.get(ObsStatus(status)):
        return add_element(parent, "path", d=shape, transform=moved, **open_fill, **ring)
    return add_element(parent, "circle", cx=x, cy=y, r=radius, fill="currentColor")


def draw_bound(parent: ElementTree.Element, at: Position, *, is_at_least: bool) -> None:
    """An arrow above a value that is a lower bound, a sign above one that is approximate."""
    x, y = at[0], at[1] - 7
    if is_at_least:
        arrow = f"M{coordinate(x)} {coordinate(y)}v-9m-3.5 3.5 3.5-3.5 3.5 3.5"
        add_element(parent, "path", d=arrow, fill="none", stroke="currentColor", stroke_width=1.6)
    else:
        add_element(parent, "text", "≈", x=x, y=y, fill="currentColor", text_anchor="middle")


def draw_line(
    parent: ElementTree.Element,
    positions: Sequence[Position],
    number: int = 0,
    **attributes: AttributeValue,
) -> None:
    """A line through the positions, with the dash of the series of that number."""
    given: dict[str, AttributeValue] = {
        "fill": "none",
        "stroke": "currentColor",
        "stroke_width": 2.4,
        "stroke_linejoin": "round",
        "stroke_dasharray": _DASHES[number % len(_DASHES)],
        **attributes,
    }
    points = " ".join(f"{coordinate(x)},{coordinate(y)}" for x, y in positions)
    add_element(parent, "polyline", points=points, **given)


def draw_path(parent: ElementTree.Element, first: Position, last: Position) -> None:
    """A dashed straight line that no value makes: a way, a median, a diagonal."""
    draw_line(parent, [first, last], stroke_width=1.3, stroke_dasharray="6 4")


def draw_goal(parent: ElementTree.Element, at: Position, *, is_target: bool) -> None:
    """A ring for a baseline, a ring with a point in it for a target; both larger than a value."""
    x, y = at
    ring: dict[str, AttributeValue] = {"stroke": "currentColor", "stroke_width": 1.4}
    add_element(parent, "circle", cx=x, cy=y, r=7.5, fill="none", **ring)
    if is_target:
        add_element(parent, "circle", cx=x, cy=y, r=2.6, fill="currentColor")


def draw_break(parent: ElementTree.Element, x: float, top: float, bottom: float) -> None:
    """A dashed vertical line where values before and after cannot be compared."""
    looks: dict[str, AttributeValue] = {"stroke": "currentColor", "stroke_width": 1.4}
    ends = {"x1": x, "x2": x, "y1": top, "y2": bottom}
    add_element(parent, "line", **ends, **looks, stroke_dasharray="2 3")


def draw_cut(
    canvas: Canvas, at: Position, ticks: Sequence[Decimal], *, is_across: bool = False
) -> None:
    """A zigzag where an axis with these ticks leaves zero out; ``is_across``: a horizontal one."""
    if not is_cut(ticks):
        return
    x, y = at
    path = f"M{coordinate(x)} {coordinate(y - 6)}l-3 2 6 4-6 4 3 2"
    if is_across:
        path = f"M{coordinate(x - 6)} {coordinate(y)}l2-3 4 6 4-6 2 3"
    canvas.add("path", class_="chart-cut", d=path, fill="none", stroke=EDGE, stroke_width=1.6)


# ---- the legend


Glyph = Callable[[Canvas, float, float], object]
LegendItem = tuple[Glyph, float, str]
"""A shape, its width in pixels, and its meaning."""


def draw_legend(canvas: Canvas, items: Sequence[LegendItem], top: float) -> float:
    """Shapes with their meaning, in lines below a chart; returns the y of its end."""
    x, y = 0.0, top + LINE_HEIGHT - 5
    for glyph, width, text in items:
        needed = width + 6 + text_width(text)
        if x and x + needed > canvas.frame.width:
            x, y = 0.0, y + LINE_HEIGHT
        glyph(canvas, x + width / 2, y - 4)
        for number, part in enumerate(wrap_text(text, canvas.frame.width - width - 6)):
            y += LINE_HEIGHT if number else 0
            canvas.text(part, x + width + 6, y)
        x += needed + 14
    return y + 5 if items else top


def status_legend(data: Iterable[Datum]) -> list[LegendItem]:
    """The shapes and signs of these values with their meaning."""
    known = [datum for datum in data if datum.is_known]
    statuses = {datum.status for datum in known}
    items = [
        (status_glyph(code), 12.0, obs_status_text(code))
        for code in _SHAPED_STATUSES
        if code in statuses
    ]
    if any(datum.is_lower_bound for datum in known):
        items.append((sign_glyph("≥"), 10.0, _("at least")))
    if any(datum.is_approximate for datum in known):
        items.append((sign_glyph("≈"), 10.0, _("approximate")))
    return items


def cut_legend(ticks: Sequence[Decimal]) -> list[LegendItem]:
    """That an axis does not begin at zero, where it does not."""
    if not is_cut(ticks):
        return []
    words = _("axis does not start at 0")
    return [(lambda canvas, x, y: draw_cut(canvas, (x, y), ticks), 8.0, words)]


def status_glyph(status: str) -> Glyph:
    return lambda canvas, x, y: draw_point(canvas.root, (x, y), status)


def sign_glyph(sign: str) -> Glyph:
    return lambda canvas, x, y: canvas.text(sign, x, y + 4, "middle")


def break_glyph(canvas: Canvas, x: float, y: float) -> None:
    draw_break(canvas.root, x, y - 7, y + 7)


def hatch_glyph(canvas: Canvas, x: float, y: float) -> None:
    canvas.add("rect", x=x - 7, y=y - 5, width=14, height=10, fill=canvas.hatch())


def path_glyph(canvas: Canvas, x: float, y: float) -> None:
    draw_path(canvas.root, (x - 12, y), (x + 12, y))


# ---- textures: which of a few states holds, a pattern each


class _Look(NamedTuple):
    """Ground and marks by day; in a page charts.css sets them, by the name of the texture."""

    ground: str
    mark: str
    path: str = ""


_RISING: Final = "M0 8 8 0M-2 2 2-2M6 10 10 6"
_FALLING: Final = "M0 0 8 8M-2 6 2 10M6-2 10 2"
_DOTS: Final = "M1 2h2M5 6h2"
_LEVEL: Final = "M0 2H8M0 6H8"
_UPRIGHT: Final = "M2 0V8M6 0V8"

LOOKS: Final = {
    "full": _Look("#08474d", "#08474d"),
    "most": _Look("#2b7f83", "#ffffff", _RISING),
    "some": _Look("#b4d8d6", "#1b2530", _DOTS),
    "start": _Look(BACKGROUND, BACKGROUND),
    "good": _Look("#2b7f83", "#2b7f83"),
    "risk": _Look("#fcefd6", "#865000", _RISING),
    "off": _Look("#a8231b", "#ffffff", _FALLING + _RISING),
    "stopped": _Look("#525c68", "#ffffff", _LEVEL),
    "aside": _Look("#ebedef", "#525c68", _UPRIGHT),
    "replaced": _Look("#ebedef", "#525c68", _FALLING),
    "late-1": _Look("#fcefd6", "#865000", _DOTS),
    "late-2": _Look("#865000", "#ffffff", _RISING),
}
"""By name."""

MISSING: Final = "missing"
"""Nothing is known: no texture, but the hatching that means no data in every chart."""


@dataclass(frozen=True, slots=True)
class State:
    """One of the states that a chart tells apart: its texture, and its label."""

    texture: str
    label: str


class Textures:
    """The patterns of one chart; each is defined when it is first used."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._defined: set[str] = set()

    def fill(self, state: State) -> str:
        """The value of ``fill``."""
        if state.texture == MISSING:
            return self._canvas.hatch()
        name = f"{self._canvas.frame.prefix}-{state.texture}"
        if name not in self._defined:
            self._defined.add(name)
            self._define(name, state.texture)
        return f"url(#{name})"

    def _define(self, name: str, texture: str) -> None:
        look, size = LOOKS[texture], {"width": 8, "height": 8}
        pattern = self._canvas.add("pattern", id=name, **size, patternUnits="userSpaceOnUse")
        looks = {"class_": f"texture-{texture}", "fill": look.ground}
        add_element(pattern, "rect", **size, **looks)
        if look.path:
            width = 2 if look.path == _DOTS else 1.5
            lines = {"class_": f"texture-{texture}-mark", "d": look.path, "stroke": look.mark}
            add_element(pattern, "path", **lines, stroke_width=width, fill="none")

    def draw_legend(self, states: Sequence[State], top: float) -> float:
        """Each texture with its label; returns the y of its end."""

        def glyph_of(state: State) -> Glyph:
            size = {"width": 18.0, "height": LINE_HEIGHT - 6}
            return lambda canvas, x, y: canvas.add(
                "rect",
                class_="chart-edge",
                x=x - 9,
                y=y - 6,
                fill=self.fill(state),
                stroke=EDGE,
                **size,
            )

        items = [(glyph_of(state), 18.0, state.label) for state in states]
        return draw_legend(self._canvas, items, top)
