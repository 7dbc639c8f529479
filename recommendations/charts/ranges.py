"""Areas beside each other: their spread by region over time, and their ranking."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from itertools import groupby, pairwise
from operator import attrgetter
from statistics import median
from typing import Any, ClassVar, Final, Self
from xml.etree import ElementTree

from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from recommendations.charts import line as marks
from recommendations.charts.canvas import (
    FAINT,
    HALO,
    LINE_HEIGHT,
    SOFT,
    AttributeValue,
    Canvas,
    ChartTable,
    Datum,
    Frame,
    LinearScale,
    NumberFormat,
    Plot,
    Position,
    add_element,
    coordinate,
    cut_text,
    draw_no_data,
    format_number,
    isolate,
    middle_day,
    nice_ticks,
    require_finite,
    step_name,
    text_width,
    tick_labels,
    wrap_text,
)
from recommendations.periods import Period

# ---- Range chart: the spread of areas within each region over time, a panel for each region

_GUTTER = 20.0
"""Pixels between two panels in a row."""

_HEIGHT: Final = 130.0
_HEIGHT_ALONE: Final = 210.0
"""Pixels of a panel, and of one that has no other beside it."""

_NARROWEST: Final = 150.0
"""Pixels; narrower panels would cut the names of regions."""

_BAND: Final = "#cfe3e2"


@dataclass(frozen=True, slots=True, kw_only=True)
class FiveNumbers:
    """How the values of ``count`` of ``among`` areas lie; None is not known, never 0.

    Quartiles of too few areas are None.
    """

    count: int
    among: int
    minimum: Decimal | None = None
    lower_quartile: Decimal | None = None
    median: Decimal | None = None
    upper_quartile: Decimal | None = None
    maximum: Decimal | None = None

    def __post_init__(self) -> None:
        require_finite(*self.five_numbers)

    @property
    def five_numbers(self) -> tuple[Decimal | None, ...]:
        return (self.minimum, self.lower_quartile, self.median, self.upper_quartile, self.maximum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Range(FiveNumbers):
    """The spread of the areas of a region in one period."""

    region: str
    period: Period

    @classmethod
    def of(cls, region: str, period: Period, spread: FiveNumbers) -> Self:
        known = {each.name: getattr(spread, each.name) for each in fields(FiveNumbers)}
        return cls(region=region, period=period, **known)


@dataclass(frozen=True, slots=True, kw_only=True)
class RangesData:
    """Ranges of regions, which are shown in the order in which they first occur."""

    ranges: tuple[Range, ...]
    number: NumberFormat = format_number

    @property
    def values(self) -> list[Decimal]:
        return [value for found in self.ranges for value in found.five_numbers if value is not None]

    @property
    def steps(self) -> str:
        return step_name(found.period for found in self.ranges)

    def by_region(self) -> dict[str, list[Range]]:
        """The ranges of each region in order of time."""
        regions: dict[str, list[Range]] = {}
        for found in self.ranges:
            regions.setdefault(found.region, []).append(found)
        for ranges in regions.values():
            ranges.sort(key=lambda found: (found.period.first_day, found.period.last_day))
        return regions

    def table(self) -> ChartTable:
        """A row for each region and period."""
        rows = (
            (found.region, found.period.code, found.count, found.among, *found.five_numbers)
            for ranges in self.by_region().values()
            for found in ranges
        )
        return ChartTable((_("Region"), *range_header()), tuple(rows))

    def description(self) -> str:
        """The last median of each region, with its coverage."""
        parts = []
        for region, ranges in self.by_region().items():
            words, told = _("%(name)s: no data"), {"name": isolate(region)}
            if known := [found for found in ranges if found.median is not None]:
                words = _("%(name)s: median %(value)s in %(period)s, %(count)d of %(among)d areas")
                told |= self.words_of(known[-1])
            parts.append(words % told)
        return f"{'; '.join(parts)}."

    def words_of(self, found: Range) -> dict[str, Any]:
        """What a sentence may say of a range; no ``value`` where it has no median."""
        told = {"period": found.period.code, "count": found.count, "among": found.among}
        return told if found.median is None else {**told, "value": self.number(found.median)}


def range_header() -> tuple[str, ...]:
    """The headers of a period, its coverage and its five numbers."""
    coverage = capfirst(_("period")), _("Areas with data"), _("Countries and regions"), _("Lowest")
    return (*coverage, _("Lower quartile"), _("Median"), _("Upper quartile"), _("Highest"))


def range_chart(data: RangesData, frame: Frame) -> SafeString:
    """A panel for each region, all on one scale.

    A thin line from minimum to maximum, a box from quartile to quartile, a line through the medians
    of consecutive periods; below each, how many areas have a value, of how many. The last median
    is written beside it.
    """
    if not data.values:
        return draw_no_data(frame, "ranges")
    canvas = Canvas(frame, "ranges", data.description())
    canvas.draw_unit()
    ticks = nice_ticks(data.values, 4)
    regions, periods = data.by_region(), [found.period for found in data.ranges]
    # So many panels in a row that year and coverage fit below every second box.
    label_width = max(34.0, *(text_width(_coverage(item)) + 5 for item in data.ranges))
    needed = max(_NARROWEST, label_width * len(set(periods)) / 2 + 60)
    columns = max(1, min(3, len(regions), int(frame.width / needed)))
    # For the last median beside its box, the same in every panel.
    lasts = (found[-1].median for found in regions.values())
    written = (data.number(median) for median in lasts if median is not None)
    last_width = max((text_width(label, is_strong=True) for label in written), default=0) + 4
    axis_width = Plot.label_width(canvas, ticks)
    width = (frame.width - axis_width - _GUTTER * (columns - 1)) / columns
    height = _HEIGHT if len(regions) > 1 else _HEIGHT_ALONE
    top = canvas.top
    for index, (region, found) in enumerate(regions.items()):
        column = index % columns
        if index and not column:
            top = canvas.top
        left = axis_width + column * (width + _GUTTER)
        plot = Plot(left, top + LINE_HEIGHT + 8, left + width, top + LINE_HEIGHT + 8 + height)
        panel = _Panel(canvas, data, plot, ticks, periods, label_width)
        panel.draw(region, found, last_width, has_labels=not column)
        canvas.top = max(canvas.top, plot.bottom + 2 * LINE_HEIGHT + 18)
    coverage = _coverage(data.ranges[-1])
    legend: list[marks.LegendItem] = [
        (_range_glyph, 14, _("lowest to highest, interquartile range, median")),
        (
            marks.sign_glyph(coverage),
            text_width(coverage),
            _("areas with data, of all areas in the region"),
        ),
        *marks.cut_legend(ticks),
    ]
    bottom = marks.draw_legend(canvas, legend, canvas.top - 8)
    return canvas.finish(bottom + 2)


@dataclass(frozen=True, slots=True)
class _Panel:
    """``label_width`` is that of a year and the coverage below a box."""

    canvas: Canvas
    data: RangesData
    plot: Plot
    ticks: Sequence[Decimal]
    periods: Sequence[Period]
    label_width: float

    def draw(self, region: str, found: list[Range], last_width: float, *, has_labels: bool) -> None:
        plot, canvas = self.plot, self.canvas
        name = cut_text(region, (plot.right - plot.left) / 1.1)
        heading = canvas.strong_text(name, plot.left, plot.top - 12)
        if name != region:
            add_element(heading, "title", region)
        plot.draw_value_axis(canvas, self.ticks, has_labels=has_labels)
        marks.draw_cut(canvas, (plot.left, plot.bottom), self.ticks)
        inner = Plot(plot.left, plot.top, plot.right - last_width, plot.bottom)
        ticks = inner.draw_time_axis(canvas, self.periods, label_width=self.label_width)
        height, scale = inner.value_scale(self.ticks), inner.time_scale(self.periods)
        places = {period: scale(middle_day(period)) for period in self.periods}
        # Half of the distance between the two nearest periods, 4 to 16 pixels.
        columns = pairwise(sorted(set(places.values())))
        nearest = min((after - before for before, after in columns), default=32.0)
        width = max(4.0, min(16.0, nearest / 2))
        group = marks.series_group(canvas, 0)
        for item in found:
            element = add_element(group, "g", data_at=item.period.code)
            add_element(element, "title", self.tooltip(item))
            _draw_range(element, item, places[item.period], height, width)
        # A line through the medians has a gap where only other regions have a period.
        medians, zero = {item.period: item.median for item in found}, Decimal(0)
        every = sorted(places, key=attrgetter("first_day", "last_day"))
        for is_known, run in groupby(every, key=lambda each: medians.get(each) is not None):
            known = [(places[each], height(medians[each] or zero)) for each in run if is_known]
            if len(known) > 1:
                marks.draw_line(group, known, stroke_width=1.6)
        self._draw_coverage([(places[item.period], item) for item in reversed(found)], ticks)
        last = next((item for item in reversed(found) if item.median is not None), None)
        if last and (median := last.median) is not None:
            x = places[last.period] + width / 2 + 6
            canvas.strong_text(self.data.number(median), x, height(median) + 4)
        else:
            centre = (plot.left + plot.right) / 2
            canvas.text(_("No data"), centre, (plot.top + plot.bottom) / 2, "middle")

    def tooltip(self, item: Range) -> str:
        words = _("%(period)s: %(count)d of %(among)d areas")
        if item.median is not None:
            words = _("%(period)s: median %(median)s, %(count)d of %(among)d areas")
        told = self.data.words_of(item)
        text = words % {**told, "median": told.get("value")}
        if len(self.data.by_region()) == 1:
            return text
        return _("%(label)s: %(value)s") % {"label": isolate(item.region), "value": text}

    def _draw_coverage(self, columns: list[tuple[float, Range]], ticks: list[float]) -> None:
        """“8/9” below the labels of time, else as many as fit; the table has all of them."""
        y, free = self.plot.bottom + 18 + LINE_HEIGHT, float("inf")
        labelled = [(x, item) for x, item in columns if any(abs(x - tick) < 2 for tick in ticks)]
        for x, item in labelled or columns:
            label, half = _coverage(item), text_width(_coverage(item)) / 2
            if x + half < free:
                self.canvas.text(label, x, y, "middle")
                free = x - half - 4


def _coverage(item: Range) -> str:
    counts = {"count": item.count, "among": item.among}
    return pgettext("areas with a figure, of all", "%(count)d/%(among)d") % counts


def _draw_range(
    parent: ElementTree.Element, numbers: FiveNumbers, x: float, height: LinearScale, width: float
) -> None:
    """Whiskers, box and median of one period, as far as they are known."""
    low, lower, median, upper, high = (
        None if value is None else height(value) for value in numbers.five_numbers
    )
    line: dict[str, AttributeValue] = {"stroke": "currentColor", "fill": "none"}
    if low is not None and high is not None:
        cap, left = coordinate(width / 2), coordinate(x - width / 4)
        ends = "".join(f"M{left} {coordinate(y)}h{cap}" for y in (low, high))
        stem = f"M{coordinate(x)} {coordinate(low)}V{coordinate(high)}"
        add_element(parent, "path", d=ends + stem, stroke_width=1.2, **line)
    if lower is not None and upper is not None:
        box = {"x": x - width / 2, "y": upper, "width": width, "height": lower - upper}
        add_element(parent, "rect", class_="chart-band", fill=_BAND, stroke="currentColor", **box)
    if median is None:
        return
    if low == high:
        # One area, or equal values: there is no spread.
        add_element(parent, "circle", cx=x, cy=median, r=3.6, fill="currentColor")
        return
    positions = [(x - width / 2 - 1, median), (x + width / 2 + 1, median)]
    marks.draw_line(parent, positions, stroke_width=3)


def _range_glyph(canvas: Canvas, x: float, y: float) -> None:
    names = ("minimum", "lower_quartile", "median", "upper_quartile", "maximum")
    numbers = {name: Decimal(value) for value, name in enumerate(names)}
    height = LinearScale(Decimal(0), Decimal(4), y + 8, y - 8)
    group = marks.series_group(canvas, 0)
    _draw_range(group, FiveNumbers(count=5, among=5, **numbers), x, height, 12)


# ---- Ranking: areas in the order of their value, each a dot on one scale

_ROW_HEIGHT: Final = 20.0
_LINE_DISTANCE: Final = 14.0
_MOST_LINES: Final = 3
_MANY: Final = 20
"""With more rows than this, the scale is drawn below them too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedArea(Datum):
    """The value of an area."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedData:
    """Areas, in any order; ``number`` writes their values."""

    areas: tuple[RankedArea, ...]
    number: NumberFormat = format_number
    steps: ClassVar = ""

    @property
    def known(self) -> list[RankedArea]:
        """Areas with a value, the highest first, equal ones by name."""
        known = (area for area in self.areas if area.is_known)
        return sorted(known, key=lambda area: (-area.known, area.name))

    @property
    def missing(self) -> list[RankedArea]:
        return sorted((a for a in self.areas if not a.is_known), key=lambda area: area.name)

    @property
    def median(self) -> Decimal:
        return median(area.known for area in self.known)

    def table(self) -> ChartTable:
        """A row for each area, the highest first; those without a value are the last."""
        every = (*self.known, *self.missing)
        rows = ((area.name, area.known_value, area.note()) for area in every)
        return ChartTable(
            (capfirst(_("area")), capfirst(_("value")), capfirst(_("note"))), tuple(rows)
        )

    def description(self) -> str:
        """Minimum, maximum and median, and how many are missing."""
        first, last = self.known[0], self.known[-1]
        return _(
            "%(count)d areas from %(lowest)s (%(last)s) to %(highest)s (%(first)s), "
            "median %(median)s; %(missing)d without data."
        ) % {
            "count": len(self.known),
            "lowest": last.text(self.number),
            "last": isolate(last.name),
            "highest": first.text(self.number),
            "first": isolate(first.name),
            "median": self.number(self.median),
            "missing": len(self.missing),
        }


def ranking_chart(data: RankedData, frame: Frame) -> SafeString:
    """A row for each area with a value, the median marked; the others are named below."""
    if not data.known:
        return draw_no_data(frame, "ranked")
    canvas = Canvas(frame, "ranked", data.description())
    canvas.draw_unit()
    known, is_long = data.known, len(data.known) > _MANY
    ticks = nice_ticks([area.known for area in known], 3 if frame.is_narrow else 5)
    names = min(0.4 * frame.width, max(text_width(area.name) for area in known)) + 8
    values = max(text_width(area.text(data.number)) for area in known) + 14
    top = canvas.top + 2 * LINE_HEIGHT + 4
    rows = [(area, _lines(area.name, names - 6)) for area in known]
    heights = [_ROW_HEIGHT + _LINE_DISTANCE * (len(lines) - 1) for _area, lines in rows]
    plot = Plot(names + 8, top, frame.width - min(0.3 * frame.width, values), top + sum(heights))
    scale = LinearScale(ticks[0], ticks[-1], plot.left, plot.right)
    _draw_scale(canvas, plot, scale, ticks, is_long=is_long)
    group = canvas.group(class_="chart-median", color=SOFT)
    x = scale(data.median)
    marks.draw_path(group, (x, plot.top), (x, plot.bottom))
    label = _("median %(value)s") % {"value": data.number(data.median)}
    canvas.text(label, canvas.centre_inside(label, x), plot.top - 4, "middle", **HALO)
    for (area, lines), height in zip(rows, heights, strict=True):
        _draw_row(canvas, area, lines, data.number, (scale(area.known), top + height / 2), names)
        top += height
    legend = [*marks.status_legend(known), *marks.cut_legend(ticks)]
    bottom = plot.bottom + (LINE_HEIGHT + 4 if is_long else 6)
    bottom = marks.draw_legend(canvas, legend, bottom)
    if data.missing:
        bottom = _draw_missing(canvas, [isolate(area.name) for area in data.missing], bottom)
    return canvas.finish(bottom + 2)


def _lines(name: str, available: float) -> list[str]:
    lines = list(wrap_text(name, available))
    if len(lines) > _MOST_LINES:
        rest = " ".join(lines[_MOST_LINES - 1 :])
        lines[_MOST_LINES - 1 :] = [cut_text(rest, available)]
    return lines


def _draw_scale(
    canvas: Canvas, plot: Plot, scale: LinearScale, ticks: list[Decimal], *, is_long: bool
) -> None:
    labels = tick_labels(ticks)
    marks.draw_cut(canvas, (plot.left - 8, plot.top - LINE_HEIGHT), ticks, is_across=True)
    # Labels wider than the distance of ticks would overlap: then only the ends have one.
    distance = scale(ticks[1]) - scale(ticks[0])
    is_crowded = max(map(text_width, labels)) + 8 > distance
    for index, (tick, label) in enumerate(zip(ticks, labels, strict=True)):
        x = scale(tick)
        ends = {"y1": plot.top - LINE_HEIGHT, "y2": plot.bottom + 2}
        canvas.add("line", class_="chart-grid", x1=x, x2=x, stroke=FAINT, **ends)
        if is_crowded and index not in {0, len(ticks) - 1}:
            continue
        x = canvas.centre_inside(label, x)
        canvas.text(label, x, plot.top - LINE_HEIGHT - 5, "middle")
        if is_long:
            canvas.text(label, x, plot.bottom + LINE_HEIGHT, "middle")


def _draw_row(
    canvas: Canvas,
    area: RankedArea,
    lines: list[str],
    number: NumberFormat,
    at: Position,
    names: float,
) -> None:
    x, y = at
    leader: dict[str, AttributeValue] = {"stroke": FAINT, "stroke_dasharray": "1 3"}
    ends = {"x1": names + 4, "x2": x - 7, "y1": y, "y2": y}
    canvas.add("line", class_="chart-grid", **ends, **leader, stroke_width=1.4)
    for index, line in enumerate(lines):
        line_y = y + 4 + (index - (len(lines) - 1) / 2) * _LINE_DISTANCE
        text = canvas.text(line, names, line_y, "end")
        if line.endswith("…"):
            add_element(text, "title", area.name)
    mark = marks.draw_point(marks.series_group(canvas, 0), at, area.status, 4.4)
    named = {"label": isolate(area.name), "value": area.full_text(number)}
    add_element(mark, "title", _("%(label)s: %(value)s") % named)
    canvas.text(area.text(number), x + 11, y + 4, "start", **HALO)


def _draw_missing(canvas: Canvas, names: list[str], top: float) -> float:
    """The names of areas without a value; returns the y of their end."""
    told = {"count": len(names), "names": ", ".join(names)}
    y = top + LINE_HEIGHT
    marks.hatch_glyph(canvas, 7, y - 4)
    for line in wrap_text(_("No data (%(count)d): %(names)s") % told, canvas.frame.width - 22):
        canvas.text(line, 20, y)
        y += LINE_HEIGHT
    return y - LINE_HEIGHT + 6
