"""Shapes of a chart: values by observation status, lines of series, baseline, target, legend.

Colour is never the only difference: each series has its own dash, each status its own shape.
"""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Final
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


def draw_at_least(parent: ElementTree.Element, at: Position) -> None:
    """An arrow above a value that is a lower bound."""
    x, y = at
    arrow = f"M{coordinate(x)} {coordinate(y - 7)}v-9m-3.5 3.5 3.5-3.5 3.5 3.5"
    add_element(parent, "path", d=arrow, fill="none", stroke="currentColor", stroke_width=1.6)


def draw_approximate(parent: ElementTree.Element, at: Position) -> None:
    """A sign above an approximate value."""
    x, y = at[0], at[1] - 7
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
    add_element(parent, "polyline", points=_coordinates(positions), **given)


def _coordinates(positions: Sequence[Position]) -> str:
    return " ".join(f"{coordinate(x)},{coordinate(y)}" for x, y in positions)


def draw_goal(parent: ElementTree.Element, at: Position, *, is_target: bool) -> None:
    """A ring for a baseline, a ring with a point in it for a target; both larger than a value."""
    x, y = at
    add_element(
        parent, "circle", cx=x, cy=y, r=7.5, fill="none", stroke="currentColor", stroke_width=1.4
    )
    if is_target:
        add_element(parent, "circle", cx=x, cy=y, r=2.6, fill="currentColor")


def draw_break(parent: ElementTree.Element, x: float, top: float, bottom: float) -> None:
    """A dashed vertical line where values before and after cannot be compared."""
    add_element(
        parent,
        "line",
        x1=x,
        x2=x,
        y1=top,
        y2=bottom,
        stroke="currentColor",
        stroke_width=1.4,
        stroke_dasharray="2 3",
    )


def draw_cut(canvas: Canvas, at: Position, *, is_across: bool = False) -> None:
    """A zigzag where an axis leaves zero out; ``is_across`` of a horizontal axis."""
    x, y = at
    if is_across:
        path = f"M{coordinate(x - 6)} {coordinate(y)}l2-3 4 6 4-6 2 3"
    else:
        path = f"M{coordinate(x)} {coordinate(y - 6)}l-3 2 6 4-6 4 3 2"
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
    return [(lambda canvas, x, y: draw_cut(canvas, (x, y)), 8.0, _("axis does not start at 0"))]


def status_glyph(status: str) -> Glyph:
    return lambda canvas, x, y: draw_point(canvas.root, (x, y), status)


def sign_glyph(sign: str) -> Glyph:
    return lambda canvas, x, y: canvas.text(sign, x, y + 4, "middle")


def break_glyph(canvas: Canvas, x: float, y: float) -> None:
    draw_break(canvas.root, x, y - 7, y + 7)


def hatch_glyph(canvas: Canvas, x: float, y: float) -> None:
    canvas.add("rect", x=x - 7, y=y - 5, width=14, height=10, fill=canvas.hatch())


def path_glyph(canvas: Canvas, x: float, y: float) -> None:
    draw_line(canvas.root, [(x - 12, y), (x + 12, y)], stroke_width=1.3, stroke_dasharray="6 4")
