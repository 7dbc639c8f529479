"""Textures of charts that show which of a few states holds: a pattern each, never colour alone."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from recommendations.charts.canvas import (
    BACKGROUND,
    EDGE,
    LINE_HEIGHT,
    AttributeValue,
    Canvas,
    add_element,
)
from recommendations.charts.marks import LegendItem, draw_legend


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
"""By name. “missing” is none of them: it has the hatching that means no data in every chart."""

MISSING: Final = "missing"


@dataclass(frozen=True, slots=True)
class State:
    """One of the states that a chart tells apart: its texture, and its label."""

    texture: str
    label: str

    @property
    def is_missing(self) -> bool:
        """Whether it says that nothing is known."""
        return self.texture == MISSING


class Textures:
    """The patterns of one chart; each is defined when it is first used."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._defined: set[str] = set()

    def fill(self, state: State) -> str:
        """The value of ``fill``."""
        if state.is_missing:
            return self._canvas.hatch()
        name = f"{self._canvas.frame.prefix}-{state.texture}"
        if name not in self._defined:
            self._defined.add(name)
            self._define(name, state.texture)
        return f"url(#{name})"

    def _define(self, name: str, texture: str) -> None:
        look = LOOKS[texture]
        pattern = self._canvas.add(
            "pattern", id=name, width=8, height=8, patternUnits="userSpaceOnUse"
        )
        ground: dict[str, AttributeValue] = {"class_": f"texture-{texture}", "fill": look.ground}
        add_element(pattern, "rect", width=8, height=8, **ground)
        if look.path:
            lines: dict[str, AttributeValue] = {
                "class_": f"texture-{texture}-mark",
                "d": look.path,
                "stroke": look.mark,
                "stroke_width": 2 if look.path == _DOTS else 1.5,
                "fill": "none",
            }
            add_element(pattern, "path", **lines)

    def draw_legend(self, states: tuple[State, ...], top: float) -> float:
        """Each texture with its label; returns the y of its end."""
        return draw_legend(self._canvas, [self._item(state) for state in states], top)

    def _item(self, state: State) -> LegendItem:
        def glyph(canvas: Canvas, x: float, y: float) -> None:
            size = {"width": 18.0, "height": LINE_HEIGHT - 6}
            canvas.add(
                "rect",
                class_="chart-edge",
                x=x - 9,
                y=y - 6,
                fill=self.fill(state),
                stroke=EDGE,
                **size,
            )

        return glyph, 18.0, state.label
