"""An SVG chart while it is drawn: elements, title and description, colours, size."""

import re
from dataclasses import dataclass, replace
from typing import Final
from xml.etree import ElementTree

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from recommendations.characters import replace_invalid
from recommendations.charts.text import TEXT_SIZE, text_width, wrap_text

WIDE: Final = 680
"""Pixels."""

NARROW: Final = 316
"""A panel on a phone of 375 pixels, so that text is not made smaller there."""

LINE_HEIGHT: Final = 18.0
"""Pixels from one line of text to the next."""

AttributeValue = str | float | None

_PREFIX: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")

# The colours of a chart that is a file of its own. In a page charts.css sets them, by class.
INK: Final = "#1b2530"
SOFT: Final = "#57616e"
FAINT: Final = "#e3ded4"
EDGE: Final = "#85807a"
GOAL: Final = "#7d4a00"
"""Baseline, target and the way between them."""
BACKGROUND: Final = "#ffffff"
HALO: Final[dict[str, AttributeValue]] = {
    "class_": "chart-halo",
    "stroke": BACKGROUND,
    "stroke_width": 3,
    "stroke_linejoin": "round",
    "paint_order": "stroke",
}
"""Attributes of text that may overlap a line."""

_FONT: Final = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', Arial, sans-serif"


# ---- elements


def coordinate(value: float) -> str:
    """A coordinate with two decimals at most: a hundredth of a pixel is never seen."""
    short = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if short == "-0" else short


def add_element(
    parent: ElementTree.Element, tag: str, text: str = "", /, **attributes: AttributeValue
) -> ElementTree.Element:
    """Append an element. ``stroke_width`` is written ``stroke-width``; None is left out."""
    element = ElementTree.SubElement(parent, tag, xml_attributes(attributes))
    if text:
        element.text = replace_invalid(text)
    return element


def xml_attributes(attributes: dict[str, AttributeValue]) -> dict[str, str]:
    """Names and values of attributes as XML has them."""
    return {
        name.rstrip("_").replace("_", "-"): (
            replace_invalid(value) if isinstance(value, str) else coordinate(value)
        )
        for name, value in attributes.items()
        if value is not None
    }


# ---- the chart


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Title, ids and size of a chart.

    ``prefix`` begins every id, so it must be unique in a page. ``width`` is in pixels, and text
    keeps its size. ``is_standalone`` is for a file of its own: title and ``note`` are then drawn
    as well, on white. Raises ``ValueError`` for a prefix that cannot begin an id.
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
    """A chart while it is drawn. ``top`` is the y coordinate from which nothing is drawn yet."""

    def __init__(
        self, frame: Frame, kind: str, description: str, *, has_links: bool = False, pad: float = 4
    ) -> None:
        self.frame = frame
        self.top = pad
        self._has_hatch = False
        self.root = ElementTree.Element("svg")
        size = "narrow" if frame.is_narrow else "wide"
        attributes: dict[str, AttributeValue] = {
            "xmlns": "http://www.w3.org/2000/svg",
            "class": f"chart chart-{kind} chart-{size}",
            # Screen readers do not see links inside an image.
            "role": "group" if has_links else "img",
            "direction": "ltr",
            "aria_labelledby": f"{frame.prefix}-title",
            "aria_describedby": f"{frame.prefix}-desc",
            "font_family": _FONT,
            "font_size": TEXT_SIZE,
            "color": SOFT,
        }
        self.root.attrib.update(xml_attributes(attributes))
        self.add("title", frame.title, id=f"{frame.prefix}-title")
        self.add("desc", description, id=f"{frame.prefix}-desc")
        if frame.is_standalone:
            for line in wrap_text(frame.title, frame.width, 16):
                self.strong_text(line, 0, self.top + 16, font_size=16)
                self.top += 22
            self.top += 4

    def add(self, tag: str, text: str = "", /, **attributes: AttributeValue) -> ElementTree.Element:
        return add_element(self.root, tag, text, **attributes)

    def group(self, **attributes: AttributeValue) -> ElementTree.Element:
        return add_element(self.root, "g", **attributes)

    def text(
        self, text: str, x: float, y: float, anchor: str = "start", **attributes: AttributeValue
    ) -> ElementTree.Element:
        """Text in the colour of the page's text; ``y`` is its base line."""
        at_end = None if anchor == "start" else anchor
        given = {"fill": "currentColor", "text_anchor": at_end, **attributes}
        return self.add("text", text, x=x, y=y, **given)

    def strong_text(
        self, text: str, x: float, y: float, anchor: str = "start", **attributes: AttributeValue
    ) -> ElementTree.Element:
        classes = f"chart-strong {attributes.pop('class_', '')}".strip()
        looks: dict[str, AttributeValue] = {"class_": classes, "fill": INK, "font_weight": 600}
        return self.text(text, x, y, anchor, **looks, **attributes)

    def centre_inside(self, text: str, x: float) -> float:
        """The x nearest to ``x`` at which a centred text is not cut off by the chart's edges."""
        half = min(text_width(text), self.frame.width) / 2
        return max(half, min(self.frame.width - half, x))

    def draw_unit(self) -> None:
        """The unit, once, above the chart instead of beside each value."""
        if self.frame.unit:
            for line in wrap_text(self.frame.unit, self.frame.width):
                self.text(line, 0, self.top + TEXT_SIZE)
                self.top += LINE_HEIGHT
            self.top += 4

    def hatch(self) -> str:
        """The value of ``fill`` for the pattern that means “no data” in every chart."""
        name = f"{self.frame.prefix}-hatch"
        if not self._has_hatch:
            self._has_hatch = True
            size, units = {"width": 5, "height": 5}, "userSpaceOnUse"
            turned = {"patternUnits": units, "patternTransform": "rotate(45)"}
            pattern = self.add("pattern", id=name, **size, **turned)
            ends = {"x1": 1, "y1": 0, "x2": 1, "y2": 5}
            looks: dict[str, AttributeValue] = {"stroke": EDGE, "stroke_width": 1.6}
            add_element(pattern, "line", class_="chart-hatch", **ends, **looks)
        return f"url(#{name})"

    def finish(self, height: float) -> SafeString:
        """The chart as markup, safe in HTML and in a file; the note is added to ``height``."""
        if self.frame.is_standalone and self.frame.note:
            for line in wrap_text(self.frame.note, self.frame.width):
                height += LINE_HEIGHT
                self.text(line, 0, height - 5)
        # A file of its own has a white margin.
        margin = 16 if self.frame.is_standalone else 0
        width, height = self.frame.width + 2 * margin, round(height + 0.49) + 2 * margin
        size = {"width": coordinate(width), "height": coordinate(height)}
        self.root.attrib.update(viewBox=f"{-margin} {-margin} {width} {height}", **size)
        if margin:
            corner = xml_attributes({"x": -margin, "y": -margin})
            background = ElementTree.Element("rect", corner | size)
            background.set("fill", BACKGROUND)
            self.root.insert(2, background)
        return SafeString(ElementTree.tostring(self.root, encoding="unicode"))


def draw_no_data(frame: Frame, kind: str, *, height: float = 64) -> SafeString:
    """The chart of no data at all, the same for every kind: a hatched field with “No data”."""
    text = _("No data")
    canvas = Canvas(frame, kind, text)
    field = {"x": 0.5, "y": canvas.top + 0.5, "width": frame.width - 1.0, "height": height - 5.0}
    canvas.add("rect", class_="chart-empty", fill=canvas.hatch(), opacity=0.45, **field)
    centre, width = frame.width / 2, text_width(text) + 16
    box = {"x": centre - width / 2, "y": canvas.top + height / 2 - 12, "width": width, "height": 20}
    canvas.add("rect", class_="chart-open", fill=BACKGROUND, **box)
    canvas.text(text, centre, canvas.top + height / 2 + 2, "middle")
    return canvas.finish(canvas.top + height)
