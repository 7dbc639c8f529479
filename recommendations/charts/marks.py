"""Shapes that mean something: what a figure is worth, a line of a series, a baseline, a target.

A colour is never the only difference: each series has a dash of its own, and what a figure is
worth is a shape.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final
from xml.etree import ElementTree

from django.utils.translation import gettext as _

from recommendations.charts import svg, text
from recommendations.charts.canvas import GROUND, LINE, Canvas
from recommendations.charts.figures import Figure, status_word
from recommendations.charts.labels import Place
from recommendations.charts.svg import Value
from recommendations.vocabulary import ObsStatus

# Told apart with every kind of colour vision, and from the ground; charts.css holds the same.
COLOURS: Final = ("#0b5c63", "#8f3d14", "#3355c4", "#d0559f", "#a58424", "#1b2530")
_DASHES: Final = (None, "9 4", "9 3 2 3", "5 2.5", "14 3", "9 3 2 3 2 3")


# Outlines around 0, 0. Provisional and normal figures are circles, open and full.
_SHAPES: Final = {
    ObsStatus.ESTIMATED: "M0-5.6 5.6 0 0 5.6-5.6 0z",
    ObsStatus.FORECAST: "M0-5.4 5.4 4.3H-5.4z",
    ObsStatus.IMPUTED: "M-4.2-4.2H4.2V4.2H-4.2z",
}
_CROSS: Final = "M-4-4 4 4M4-4-4 4"

SHAPED: Final = (
    ObsStatus.PROVISIONAL,
    ObsStatus.ESTIMATED,
    ObsStatus.FORECAST,
    ObsStatus.IMPUTED,
    ObsStatus.LOW_RELIABILITY,
)
"""What has a shape of its own, in the order of the key."""


def series_group(canvas: Canvas, number: int) -> ElementTree.Element:
    """A group in the colour of the series of that number, from 0; the colours come round."""
    place = number % len(COLOURS)
    return canvas.group(class_=f"series-{place + 1}", color=COLOURS[place])


def point(
    parent: ElementTree.Element, at: Place, status: str, radius: float = 4.2
) -> ElementTree.Element:
    """A figure in the shape of what it is worth."""
    x, y = at
    ring: dict[str, Value] = {"stroke": "currentColor", "stroke_width": 2}
    ground: dict[str, Value] = {"class_": "chart-open", "fill": GROUND}
    moved = f"translate({svg.length(x)} {svg.length(y)})"
    if status == ObsStatus.LOW_RELIABILITY:
        return svg.add(parent, "path", d=_CROSS, transform=moved, fill="none", **ring)
    if status == ObsStatus.PROVISIONAL:
        return svg.add(parent, "circle", cx=x, cy=y, r=radius, **ground, **ring)
    if shape := _SHAPES.get(ObsStatus(status)):
        return svg.add(parent, "path", d=shape, transform=moved, **ground, **ring)
    return svg.add(parent, "circle", cx=x, cy=y, r=radius, fill="currentColor")


def at_least(parent: ElementTree.Element, at: Place) -> None:
    """An arrow above a figure: the true one is as high or higher."""
    x, y = at
    arrow = f"M{svg.length(x)} {svg.length(y - 7)}v-9m-3.5 3.5 3.5-3.5 3.5 3.5"
    svg.add(parent, "path", d=arrow, fill="none", stroke="currentColor", stroke_width=1.6)


def about(parent: ElementTree.Element, at: Place) -> None:
    """The sign of an approximate figure above it."""
    looks: dict[str, Value] = {"fill": "currentColor", "text_anchor": "middle"}
    svg.add(parent, "text", "≈", x=at[0], y=at[1] - 7, **looks)


def line(
    parent: ElementTree.Element,
    places: Sequence[Place],
    number: int = 0,
    **attributes: Value,
) -> None:
    """A line through the places, in the dash of its series."""
    given: dict[str, Value] = {
        "fill": "none",
        "stroke": "currentColor",
        "stroke_width": 2.4,
        "stroke_linejoin": "round",
        "stroke_dasharray": _DASHES[number % len(_DASHES)],
        **attributes,
    }
    svg.add(parent, "polyline", points=coordinates(places), **given)


def coordinates(places: Sequence[Place]) -> str:
    return " ".join(f"{svg.length(x)},{svg.length(y)}" for x, y in places)


def goal(parent: ElementTree.Element, at: Place, *, is_target: bool) -> None:
    """A baseline is a ring, a target a ring with a point in it; both are larger than a figure."""
    x, y = at
    svg.add(
        parent, "circle", cx=x, cy=y, r=7.5, fill="none", stroke="currentColor", stroke_width=1.4
    )
    if is_target:
        svg.add(parent, "circle", cx=x, cy=y, r=2.6, fill="currentColor")


def series_break(parent: ElementTree.Element, x: float, top: float, bottom: float) -> None:
    """A broken upright line where figures before and after cannot be compared."""
    svg.add(
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


# ---- the key


Glyph = Callable[[Canvas, float, float], object]
KeyItem = tuple[Glyph, float, str]
"""A shape, how wide it is, and what it means."""


def draw_key(canvas: Canvas, items: Sequence[KeyItem], top: float) -> float:
    """What shapes mean, in lines below a picture; returns where it ends."""
    x, y = 0.0, top + LINE - 5
    for glyph, room, words in items:
        needed = room + 6 + text.width(words)
        if x and x + needed > canvas.frame.width:
            x, y = 0.0, y + LINE
        glyph(canvas, x + room / 2, y - 4)
        for number, part in enumerate(text.wrap(words, canvas.frame.width - room - 6)):
            y += LINE if number else 0
            canvas.words(part, x + room + 6, y)
        x += needed + 14
    return y + 5 if items else top


def status_key(figures: Iterable[Figure]) -> list[KeyItem]:
    """What the shapes and signs of these figures mean."""
    known = [figure for figure in figures if figure.is_known]
    found = {figure.status for figure in known}
    items = [(status_glyph(code), 12.0, status_word(code)) for code in SHAPED if code in found]
    if any(figure.is_lower_bound for figure in known):
        items.append((sign_glyph("≥"), 10.0, _("at least")))
    if any(figure.is_approximate for figure in known):
        items.append((sign_glyph("≈"), 10.0, _("approximate")))
    return items


def status_glyph(status: str) -> Glyph:
    return lambda canvas, x, y: point(canvas.root, (x, y), status)


def sign_glyph(sign: str) -> Glyph:
    return lambda canvas, x, y: canvas.words(sign, x, y + 4, "middle")


def break_glyph(canvas: Canvas, x: float, y: float) -> None:
    series_break(canvas.root, x, y - 7, y + 7)


def hatch_glyph(canvas: Canvas, x: float, y: float) -> None:
    canvas.add("rect", x=x - 7, y=y - 5, width=14, height=10, fill=canvas.hatch())


def path_glyph(canvas: Canvas, x: float, y: float) -> None:
    line(canvas.root, [(x - 12, y), (x + 12, y)], stroke_width=1.3, stroke_dasharray="6 4")
