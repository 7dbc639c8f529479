"""What every picture has: its name for readers by ear, its words above and below, its ground."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeVar
from xml.etree import ElementTree

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from recommendations.charts import svg, text
from recommendations.charts.svg import Value

WIDE: Final = 680
NARROW: Final = 316
"""A panel on a phone of 375 pixels, so that text is not made smaller there."""

LINE: Final = 18.0
"""From one line of text to the next."""

Drawn = TypeVar("Drawn")

_PREFIX: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")

# The colours of a picture that stands alone. In a page charts.css says them, by class.
INK: Final = "#1b2530"
SOFT: Final = "#57616e"
FAINT: Final = "#e3ded4"
EDGE: Final = "#85807a"
GROUND: Final = "#ffffff"
HALO: Final[dict[str, Value]] = {
    "class_": "chart-halo",
    "stroke": GROUND,
    "stroke_width": 3,
    "stroke_linejoin": "round",
    "paint_order": "stroke",
}
"""Text that may stand on a line is set off from it."""

_FONT: Final = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', Arial, sans-serif"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """How a picture is named and how large it is.

    ``prefix`` begins every id, so it has to be another one for each picture of a page. ``width`` is
    in pixels, and text keeps its size. ``is_standalone`` is for a file of its own: title and
    ``note`` are then drawn as well, on white.
    """

    title: str
    prefix: str
    unit: str = ""
    note: str = ""
    width: int = WIDE
    is_standalone: bool = False

    def __post_init__(self) -> None:
        if not _PREFIX.fullmatch(self.prefix):
            raise ValueError(f"“{self.prefix}” cannot begin an id: use letters, digits and dashes.")

    @property
    def is_narrow(self) -> bool:
        return self.width < 480

    def narrow(self) -> "Frame":
        """The same for a phone, with ids of its own."""
        return replace(self, width=NARROW, prefix=f"{self.prefix}-narrow")


class Canvas:
    """A picture while it is drawn. ``top`` is where free room begins."""

    def __init__(
        self, frame: Frame, kind: str, summary: str, *, has_links: bool = False, pad: float = 4
    ) -> None:
        self.frame = frame
        self.top = pad
        self._has_hatch = False
        self.root = ElementTree.Element("svg")
        size = "narrow" if frame.is_narrow else "wide"
        attributes: dict[str, Value] = {
            "xmlns": "http://www.w3.org/2000/svg",
            "class": f"chart chart-{kind} chart-{size}",
            # Links inside an image would not be there for readers by ear.
            "role": "group" if has_links else "img",
            "direction": "ltr",
            "aria_labelledby": f"{frame.prefix}-title",
            "aria_describedby": f"{frame.prefix}-desc",
            "font_family": _FONT,
            "font_size": text.SIZE,
            "color": SOFT,
        }
        self.root.attrib.update(svg.written(attributes))
        self.add("title", frame.title, id=f"{frame.prefix}-title")
        self.add("desc", summary, id=f"{frame.prefix}-desc")
        if frame.is_standalone:
            self._draw_title()

    def add(self, tag: str, words: str = "", /, **attributes: Value) -> ElementTree.Element:
        return svg.add(self.root, tag, words, **attributes)

    def group(self, **attributes: Value) -> ElementTree.Element:
        return svg.add(self.root, "g", **attributes)

    def words(
        self, words: str, x: float, y: float, anchor: str = "start", **attributes: Value
    ) -> ElementTree.Element:
        """Quiet text; ``y`` is its base line."""
        at_end = None if anchor == "start" else anchor
        given = {"fill": "currentColor", "text_anchor": at_end, **attributes}
        return self.add("text", words, x=x, y=y, **given)

    def inside(self, words: str, x: float) -> float:
        """Where words that are centred at ``x`` stand so that none is cut off."""
        half = min(text.width(words), self.frame.width) / 2
        return max(half, min(self.frame.width - half, x))

    def strong(
        self, words: str, x: float, y: float, anchor: str = "start", **attributes: Value
    ) -> ElementTree.Element:
        """Text that is read first."""
        classes = f"chart-strong {attributes.pop('class_', '')}".strip()
        looks: dict[str, Value] = {"class_": classes, "fill": INK, "font_weight": 600}
        return self.words(words, x, y, anchor, **looks, **attributes)

    def unit_line(self) -> None:
        """The unit, once, above the picture instead of beside each figure."""
        if self.frame.unit:
            for line in text.wrap(self.frame.unit, self.frame.width):
                self.words(line, 0, self.top + text.SIZE)
                self.top += LINE
            self.top += 4

    def hatch(self) -> str:
        """The filling that means “no data” in every picture, as the value of ``fill``."""
        name = f"{self.frame.prefix}-hatch"
        if self._has_hatch:
            return f"url(#{name})"
        self._has_hatch = True
        pattern = self.add(
            "pattern",
            id=name,
            width=5,
            height=5,
            patternUnits="userSpaceOnUse",
            patternTransform="rotate(45)",
        )
        attributes: dict[str, Value] = {"stroke": EDGE, "stroke_width": 1.6}
        svg.add(pattern, "line", class_="chart-hatch", x1=1, y1=0, x2=1, y2=5, **attributes)
        return f"url(#{name})"

    def finish(self, height: float) -> SafeString:
        """The picture as text, ``height`` high and what its note needs."""
        if self.frame.is_standalone and self.frame.note:
            for line in text.wrap(self.frame.note, self.frame.width):
                height += LINE
                self.words(line, 0, height - 5)
        # On its own a picture has a margin of white around it.
        margin = 16 if self.frame.is_standalone else 0
        width, height = self.frame.width + 2 * margin, round(height + 0.49) + 2 * margin
        box = {"width": svg.length(width), "height": svg.length(height)}
        self.root.attrib.update(viewBox=f"{-margin} {-margin} {width} {height}", **box)
        if margin:
            ground = ElementTree.Element("rect", svg.written({"x": -margin, "y": -margin}) | box)
            ground.set("fill", GROUND)
            self.root.insert(2, ground)
        return svg.markup(self.root)

    def _draw_title(self) -> None:
        for line in text.wrap(self.frame.title, self.frame.width, 16):
            self.strong(line, 0, self.top + 16, font_size=16)
            self.top += 22
        self.top += 4


def nothing(frame: Frame, kind: str, *, height: float = 64) -> SafeString:
    """The picture of no data at all: one everywhere, a hatched field with the words."""
    words = _("No data")
    canvas = Canvas(frame, kind, words)
    field = {"x": 0.5, "y": canvas.top + 0.5, "width": frame.width - 1.0, "height": height - 5.0}
    canvas.add("rect", class_="chart-empty", fill=canvas.hatch(), opacity=0.45, **field)
    middle, room = frame.width / 2, text.width(words) + 16
    canvas.add(
        "rect",
        class_="chart-open",
        fill=GROUND,
        x=middle - room / 2,
        y=canvas.top + height / 2 - 12,
        width=room,
        height=20,
    )
    canvas.words(words, middle, canvas.top + height / 2 + 2, "middle")
    return canvas.finish(canvas.top + height)


def in_both_widths(
    draw: Callable[[Drawn, Frame], SafeString], data: Drawn, frame: Frame
) -> SafeString:
    """A picture in both sizes; charts.css shows the one that there is room for."""
    pictures = draw(data, frame), draw(data, frame.narrow())
    return format_html('<div class="chart-pair">{}{}</div>', *pictures)
