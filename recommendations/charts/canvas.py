"""An SVG chart while it is drawn, with its scales and axes, and the table beside it."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from functools import lru_cache
from itertools import pairwise
from typing import Final, Generic, Protocol, Self, TypeVar
from xml.etree import ElementTree

from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.characters import replace_invalid
from recommendations.choices import ObsStatus
from recommendations.periods import Period, PeriodKind

# ---- Text in charts: its width, numbers as labels, and labels that do not cover each other.
# The reader's font is not known, so widths are estimated, rather too wide than too narrow.

TEXT_SIZE: Final = 12.0
"""Pixels; the size of all text but the title."""

_NARROW: Final = frozenset("iljtfrI.,:;'’|!()[] ")
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL"})


def text_width(text: str, size: float = TEXT_SIZE, *, is_strong: bool = False) -> float:
    """The greatest width that a text is likely to take, in pixels where ``size`` is."""
    return size * sum(map(_em, text)) * (1.1 if is_strong else 1)


@lru_cache(maxsize=4096)
def _em(character: str) -> float:
    if character in _NARROW:
        return 0.37
    if unicodedata.east_asian_width(character) in {"W", "F"}:
        return 1.0
    if unicodedata.combining(character) or unicodedata.category(character) == "Cf":
        return 0.0
    if character.isupper():
        return 0.88 if character in "MW" else 0.7
    return 0.88 if character in "mw%" else 0.62


def cut_text(text: str, available: float, size: float = TEXT_SIZE) -> str:
    """The text, or its beginning with “…” where it does not fit."""
    if text_width(text, size) <= available:
        return text
    kept = text
    while kept and text_width(kept, size) > available - size:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"


def wrap_text(text: str, available: float, size: float = TEXT_SIZE) -> Iterator[str]:
    """The text in lines that fit; a word that is too long for a line is cut."""
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if line and text_width(longer, size) > available:
            yield line
            longer = word
        line = cut_text(longer, available, size)
    if line:
        yield line


def isolate(name: str) -> str:
    """A name for use inside a sentence: one that is written from the right does not reorder it."""
    if any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in name):
        return f"\u2068{name}\u2069"
    return name


# ---- numbers


NumberFormat = Callable[[Decimal], str]

_LARGE: Final = Decimal("1e12")
"""From here on a label is written as a power of ten; the table has every digit."""
_SMALL: Final = Decimal("1e-4")
_MOST_DECIMALS: Final = 4
_NAMED: Final[dict[int, str | Promise]] = {
    12: _("%(number)s trillion"),
    9: _("%(number)s billion"),
    6: _("%(number)s million"),
}
_RAISED: Final = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_MINUS: Final = "−"


def format_number(value: Decimal) -> str:
    """A number for a label; ``0.00001`` and ``1e12`` are written as powers of ten."""
    size = abs(value)
    if value and not _SMALL <= size < _LARGE:
        return _power(value, size.adjusted(), 2)
    return _grouped(value, min(_MOST_DECIMALS, _decimals(value)))


def tick_labels(ticks: Sequence[Decimal]) -> list[str]:
    """The labels of an axis: all with the same decimals and the same power."""
    largest = max(map(abs, ticks), default=Decimal(0))
    if largest and not Decimal("1e-3") <= largest < Decimal("1e15"):
        exponent = largest.adjusted()
        places = max((_decimals(tick.scaleb(-exponent)) for tick in ticks), default=0)
        return [_power(tick, exponent, places) if tick else "0" for tick in ticks]
    exponent, template = next(
        ((power, words) for power, words in _NAMED.items() if largest >= Decimal(10) ** power),
        (0, "%(number)s"),
    )
    scaled = [tick.scaleb(-exponent) for tick in ticks]
    places = max(map(_decimals, scaled), default=0)
    return [str(template) % {"number": _grouped(tick, places)} if tick else "0" for tick in scaled]


def _decimals(value: Decimal) -> int:
    """How many decimals are needed to write the value in full."""
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _grouped(value: Decimal, places: int) -> str:
    text = number_format(value, decimal_pos=places, use_l10n=True, force_grouping=True)
    return text.replace("-", _MINUS, 1)


def _power(value: Decimal, exponent: int, places: int) -> str:
    factor = round(value.scaleb(-exponent), places)
    shown = _grouped(factor, min(places, _decimals(factor)))
    return f"{shown}×10{str(exponent).translate(_RAISED)}"


# ---- positions of labels


Position = tuple[float, float]
"""x and y in pixels."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, in pixels; y grows downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: "Box") -> float:
        """The area that two boxes share, in square pixels."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return across * down if across > 0 and down > 0 else 0.0


@dataclass(slots=True)
class LabelLayout:
    """Positions labels one after the other inside ``bounds``, clear of what is drawn already."""

    bounds: Box
    taken: list[Box] = field(default_factory=list)

    def reserve_point(self, at: Position, around: float = 5) -> None:
        """Keep labels off a point and ``around`` pixels on each side of it."""
        x, y = at
        self.taken.append(Box(x - around, y - around, x + around, y + around))

    def reserve_line(self, positions: Sequence[Position]) -> None:
        """Keep labels off a line through these positions."""
        for (x1, y1), (x2, y2) in pairwise(positions):
            steps = max(1, int(max(abs(x2 - x1), abs(y2 - y1)) / 8))
            for step in range(steps + 1):
                x, y = x1 + (x2 - x1) * step / steps, y1 + (y2 - y1) * step / steps
                self.taken.append(Box(x - 2, y - 2, x + 2, y + 2))

    def position(self, width: float, at: Position, away: float = 9) -> tuple[float, float, str]:
        """x, base line and anchor of a label near ``at`` that covers as little as possible."""
        found, least = (*at, "start"), float("inf")
        for candidate in _candidates(at, away):
            box = _box(width, *candidate)
            area = (box.right - box.left) * (box.bottom - box.top)
            outside = area - box.overlap(self.bounds)
            # Being cut off is worse than covering a line.
            cost = sum(box.overlap(other) for other in self.taken) + 20 * outside
            if cost < least:
                found, least = candidate, cost
            if not cost:
                break
        self.taken.append(_box(width, *found))
        return found


def _candidates(at: Position, away: float) -> Iterable[tuple[float, float, str]]:
    """Positions and anchors for a label, the best first."""
    x, y = at
    for far in (away, away + 10, away + 22):
        yield x + far, y + 4, "start"
        yield x, y - far, "middle"
        yield x, y + far + 9, "middle"
        yield x - 4, y - far, "start"
        yield x + 4, y - far, "end"
        yield x - 4, y + far + 9, "start"
        yield x + 4, y + far + 9, "end"
        yield x - far, y + 4, "end"


def _box(width: float, x: float, y: float, anchor: str) -> Box:
    left = {"start": x, "middle": x - width / 2, "end": x - width}[anchor]
    return Box(left, y - 11, left + width, y + 4)


def spread_labels(wanted: Sequence[float], apart: float, low: float, high: float) -> list[float]:
    """Heights near the wanted ones, in their order and at least ``apart`` pixels from each other.

    Where they do not fit between ``low`` and ``high``, the distances are smaller and equal.
    """
    if len(wanted) < 2:
        return list(wanted)
    apart = min(apart, (high - low) / (len(wanted) - 1))
    order = sorted(range(len(wanted)), key=wanted.__getitem__)
    found = list(wanted)
    previous = low - apart
    for index in order:
        previous = found[index] = max(found[index], previous + apart)
    following = high + apart
    for index in reversed(order):
        following = found[index] = min(found[index], following - apart)
    return found


# ---- An SVG chart while it is drawn: elements, title and description, colours, size

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
    text = gettext("No data")
    canvas = Canvas(frame, kind, text)
    field = {"x": 0.5, "y": canvas.top + 0.5, "width": frame.width - 1.0, "height": height - 5.0}
    canvas.add("rect", class_="chart-empty", fill=canvas.hatch(), opacity=0.45, **field)
    centre, width = frame.width / 2, text_width(text) + 16
    box = {"x": centre - width / 2, "y": canvas.top + height / 2 - 12, "width": width, "height": 20}
    canvas.add("rect", class_="chart-open", fill=BACKGROUND, **box)
    canvas.text(text, centre, canvas.top + height / 2 + 2, "middle")
    return canvas.finish(canvas.top + height)


# ---- Scales from values and days to pixels, their ticks, and axes with few lines and labels

# Enough for any exact value: 1e15 beside 1e-9 must not be rounded together.
_DIGITS: Final = 90
_ALIKE: Final = Decimal("1e-6")
"""Values whose relative difference is smaller are drawn alike: their labels would be the same."""

_STEPS: Final = (Decimal(1), Decimal(2), Decimal(5), Decimal(10))


@dataclass(frozen=True, slots=True)
class LinearScale:
    """A linear scale: ``low`` is drawn at ``start`` and ``high`` at ``end``, both in pixels."""

    low: Decimal
    high: Decimal
    start: float
    end: float

    def __call__(self, value: Decimal) -> float:
        with localcontext(prec=_DIGITS):
            part = float((value - self.low) / (self.high - self.low))
        return self.start + part * (self.end - self.start)


def nice_ticks(values: Iterable[Decimal], most: int) -> list[Decimal]:
    """About ``most`` round steps that span all the values; at least two ticks.

    Zero is an end unless all values are in the far half of the axis from it: see ``is_cut``.
    """
    with localcontext(prec=_DIGITS):
        low, high = _ends(list(values))
        rough = (high - low) / most
        power = Decimal(1).scaleb(rough.adjusted())
        step = next(step * power for step in _STEPS if step * power >= rough)
        first = int((low / step).to_integral_value(ROUND_FLOOR))
        last = int((high / step).to_integral_value(ROUND_CEILING))
        return [step * number for number in range(first, max(last, first + 1) + 1)]


def is_cut(ticks: Sequence[Decimal]) -> bool:
    """Whether an axis leaves zero out, which its chart has to mark."""
    return not ticks[0] <= 0 <= ticks[-1]


def _ends(values: list[Decimal]) -> tuple[Decimal, Decimal]:
    low, high = min(values, default=Decimal(0)), max(values, default=Decimal(0))
    size = max(abs(low), abs(high))
    if high - low <= size * _ALIKE:
        return (min(low, Decimal(0)), max(high, Decimal(0))) if size else (Decimal(0), Decimal(1))
    if 0 < low <= high / 2:
        return Decimal(0), high
    if low / 2 <= high < 0:
        return low, Decimal(0)
    return low, high


# ---- time


def step_name(periods: Iterable[Period]) -> str:
    """What one of these is called: a year where each is one."""
    is_yearly = all(period.kind == PeriodKind.YEAR for period in periods)
    return capfirst(gettext("year") if is_yearly else gettext("period"))


def middle_day(period: Period) -> float:
    """The middle of a period as a proleptic Gregorian ordinal, with halves."""
    return (period.first_day.toordinal() + period.last_day.toordinal() + 1) / 2


@dataclass(frozen=True, slots=True)
class TimeScale:
    """A scale of days (ordinals): ``low`` is drawn at ``start`` and ``high`` at ``end``."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, day: float) -> float:
        return self.start + (day - self.low) / (self.high - self.low) * (self.end - self.start)


def time_ticks(periods: Sequence[Period], most: int) -> list[tuple[float, str]]:
    """At most ``most`` + 1 days with their labels.

    Where every period is a year, a label is at the middle of its year and so below its value; else
    the label of a year or a month is at its first day.
    """
    first = min(period.first_day for period in periods)
    last = max(period.last_day for period in periods)
    if all(period.kind == PeriodKind.YEAR for period in periods):
        return [(day + 182, label) for day, label in _years(first.year, last.year, most)]
    if (last - first).days > 900:
        return _years(first.year + (first > date(first.year, 1, 31)), last.year, most)
    return _months(first, last, most)


def _years(first: int, last: int, most: int) -> list[tuple[float, str]]:
    step = next(
        step * 10**power
        for power in range(5)
        for step in (1, 2, 5)
        if (last - first) / (step * 10**power) <= most
    )
    # Counted from the last year, so that it has a label.
    years = range(last, first - 1, -step)
    return [(date(year, 1, 1).toordinal(), str(year)) for year in reversed(years)]


def _months(first: date, last: date, most: int) -> list[tuple[float, str]]:
    # “Jun 2018” is longer than a year.
    most = max(1, most * 2 // 3)
    start, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    step = next(step for step in (1, 3, 6, 12, 24) if (end - start) / step <= most or step == 24)
    days = [date(month // 12, month % 12 + 1, 1) for month in range(start, end + 1, step)]
    return [(day.toordinal(), date_format(day, "M Y")) for day in days]


# ---- axes


@dataclass(frozen=True, slots=True)
class Plot:
    """The area in which data are drawn, in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def value_scale(self, ticks: Sequence[Decimal]) -> LinearScale:
        """From the lowest tick at the bottom to the highest at the top."""
        return LinearScale(ticks[0], ticks[-1], self.bottom, self.top)

    def time_scale(self, periods: Sequence[Period]) -> TimeScale:
        """From the first day of all periods to the last."""
        first = min(period.first_day for period in periods).toordinal()
        last = max(period.last_day for period in periods).toordinal()
        return TimeScale(first, last + 1, self.left, self.right)

    @staticmethod
    def label_width(canvas: Canvas, ticks: Sequence[Decimal]) -> float:
        """Pixels for the labels of a value axis; at most a third of the chart."""
        return min(canvas.frame.width / 3, max(map(text_width, tick_labels(ticks))) + 8)

    def draw_value_axis(
        self, canvas: Canvas, ticks: Sequence[Decimal], *, has_labels: bool = True
    ) -> None:
        """A faint line for each tick, and its label on the left."""
        scale = self.value_scale(ticks)
        for tick, label in zip(ticks, tick_labels(ticks), strict=True):
            self.draw_level(canvas, scale(tick), label if has_labels else "")

    def draw_level(self, canvas: Canvas, y: float, label: str) -> None:
        """A faint line across, and its label on the left."""
        ends = {"x1": self.left, "x2": self.right, "y1": y, "y2": y}
        canvas.add("line", class_="chart-grid", **ends, stroke=FAINT)
        if label:
            canvas.text(label, self.left - 8, y + 4, "end")

    def draw_time_axis(
        self, canvas: Canvas, periods: Sequence[Period], *, label_width: float = 44
    ) -> list[float]:
        """Labels of time below the plot, one in ``label_width`` pixels at most; returns their x."""
        scale = self.time_scale(periods)
        ticks = time_ticks(periods, max(1, int((self.right - self.left) / label_width) - 1))
        inside = [(day, label) for day, label in ticks if scale.low <= day <= scale.high]
        if not inside:
            first = min(periods, key=lambda period: period.first_day)
            inside = [(middle_day(first), first.code)]
        ends = {"y1": self.bottom, "y2": self.bottom + 4}
        for day, label in inside:
            x = scale(day)
            canvas.add("line", class_="chart-grid", x1=x, x2=x, stroke=FAINT, **ends)
            canvas.text(label, canvas.centre_inside(label, x), self.bottom + 18, "middle")
        return [scale(day) for day, _label in inside]


# ---- A chart with the table that holds the same data, and a value with its observation status

TableCell = str | int | Decimal | None


@dataclass(frozen=True, slots=True)
class ChartTable:
    """A header and rows of the same length; None is a missing value.

    ``formats`` write the numbers of some columns, by index, where a page does not as of the others.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[TableCell, ...], ...]
    formats: dict[int, NumberFormat] = field(default_factory=dict)


class ChartData(Protocol):
    """What a chart is drawn from. Its ``number``, where it has one, writes its values.

    ``steps`` is what its values are read by, one after the other: a year, a month; empty where
    each value is written in the chart. Marks of one step have one ``data-at``.
    """

    def table(self) -> ChartTable: ...

    @property
    def steps(self) -> str: ...


DataT = TypeVar("DataT", bound=ChartData)


@dataclass(frozen=True, slots=True)
class Chart(Generic[DataT]):
    """A chart that is ready to be drawn. ``name`` is its name in addresses of files.

    ``heading`` is shown above it in a page; ``frame.title`` also says what is measured.
    """

    name: str
    heading: str
    draw: Callable[[DataT, Frame], SafeString]
    data: DataT
    frame: Frame
    is_folded: bool = False

    @classmethod
    def of(
        cls,
        page: str,
        about: str,
        name: str,
        heading: str,
        draw: Callable[[DataT, Frame], SafeString],
        data: DataT,
        *,
        unit: str = "",
        note: str = "",
        is_folded: bool = False,
    ) -> Self:
        """One of several of a page ``about`` something, which its title names."""
        title = gettext("%(label)s: %(value)s") % {"label": about, "value": heading}
        frame = Frame(title=title, prefix=f"{page}-{name}", unit=unit, note=note)
        return cls(name, heading, draw, data, frame, is_folded)

    @property
    def in_page(self) -> SafeString:
        """In both widths."""
        return in_both_widths(self.draw, self.data, self.frame)

    @property
    def steps(self) -> str:
        return self.data.steps

    @property
    def table(self) -> ChartTable:
        """Exact values; a page formats them."""
        return self.data.table()

    def rows(self) -> Iterator[list[str]]:
        """The rows of the table as text; a missing value says so."""
        table, number = self.table, getattr(self.data, "number", str)
        for row in table.rows:
            yield [
                table.formats.get(column, number)(cell)
                if isinstance(cell, Decimal)
                else gettext("No data")
                if cell is None
                else str(cell)
                for column, cell in enumerate(row)
            ]

    def as_file(self, note: str = "") -> str:
        """An SVG file with title and note; ``note`` replaces that of the frame."""
        frame = replace(self.frame, is_standalone=True, note=note or self.frame.note)
        return str(self.draw(self.data, frame))


def in_both_widths(
    draw: Callable[[DataT, Frame], SafeString], data: DataT, frame: Frame
) -> SafeString:
    """A chart in both sizes; charts.css shows the one that fits the window."""
    charts = draw(data, frame), draw(data, frame.narrow())
    return format_html('<div class="chart-pair">{}{}</div>', *charts)


# ---- values


_OBS_STATUS_TEXT: Final[dict[str, str | Promise]] = {
    ObsStatus.BREAK: _("series break"),
    ObsStatus.MISSING: _("missing"),
}
"""In fewer words than the label beside a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Datum:
    """One value with its SDMX observation status; ``value`` None is missing, never 0.

    A value whose status is “missing” counts as missing. Raises ``ValueError`` for NaN or infinity.
    """

    value: Decimal | None
    status: str = ObsStatus.NORMAL
    is_lower_bound: bool = False
    is_approximate: bool = False
    is_unconfirmed: bool = False

    def __post_init__(self) -> None:
        require_finite(self.value)

    @property
    def is_known(self) -> bool:
        return self.value is not None and self.status != ObsStatus.MISSING

    @property
    def known(self) -> Decimal:
        """The value; raises ``ValueError`` where it is missing."""
        if self.value is None or not self.is_known:
            raise ValueError("This value is missing.")
        return self.value

    @property
    def known_value(self) -> Decimal | None:
        """The value, or None where it is missing."""
        return self.value if self.is_known else None

    def text(self, number: NumberFormat) -> str:
        """The value with its marks: “≥” for a lower bound, “≈” for an approximate one."""
        signs = f"{'≥' if self.is_lower_bound else ''}{'≈' if self.is_approximate else ''}"
        return f"{signs} {number(self.known)}" if signs else number(self.known)

    def full_text(self, number: NumberFormat, unit: str = "") -> str:
        """The same with its unit and its observation status."""
        text = f"{self.text(number)} {unit}".strip()
        if status := self.status_text():
            return gettext("%(first)s, %(second)s") % {"first": text, "second": status}
        return text

    def status_text(self) -> str:
        """Observation status, and that it is not confirmed yet; empty for most values."""
        unconfirmed = gettext("unconfirmed") if self.is_unconfirmed else ""
        return ", ".join(filter(None, (obs_status_text(self.status), unconfirmed)))

    def note(self) -> str:
        """Status and marks as text, for a table."""
        notes = (
            self.status_text(),
            gettext("at least") if self.is_lower_bound else "",
            gettext("approximate") if self.is_approximate else "",
        )
        return ", ".join(filter(None, notes))


def require_finite(*values: Decimal | None) -> None:
    """Raises ``ValueError`` for NaN and infinity: a missing value is None."""
    for value in values:
        if value is not None and not value.is_finite():
            raise ValueError(f"{value} is no number: give None where one is missing.")


def obs_status_text(status: str) -> str:
    """The label of an observation status, within a sentence; empty for a normal value."""
    if status == ObsStatus.NORMAL or status not in ObsStatus.values:
        return ""
    return str(_OBS_STATUS_TEXT.get(status) or ObsStatus(status).label.lower())
