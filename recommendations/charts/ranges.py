"""Range chart: the spread of areas within each region over time, a panel for each region."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from operator import attrgetter
from typing import Final
from xml.etree import ElementTree

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from recommendations.charts import marks
from recommendations.charts.canvas import (
    LINE_HEIGHT,
    AttributeValue,
    Canvas,
    Frame,
    add_element,
    coordinate,
    draw_no_data,
)
from recommendations.charts.chart import ChartTable
from recommendations.charts.data import require_finite
from recommendations.charts.scales import (
    LinearScale,
    Plot,
    TimeScale,
    is_cut,
    middle_day,
    nice_ticks,
)
from recommendations.charts.text import (
    NumberFormat,
    Position,
    cut_text,
    format_number,
    isolate,
    text_width,
)
from recommendations.periods import Period

FiveNumbers = tuple[Decimal | None, Decimal | None, Decimal | None, Decimal | None, Decimal | None]
"""Minimum, lower quartile, median, upper quartile, maximum."""

_GUTTER = 20.0
"""Pixels between two panels in a row."""

_HEIGHT: Final = 130.0
_HEIGHT_ALONE: Final = 210.0
"""Pixels of a panel, and of one that has no other beside it."""

_NARROWEST: Final = 150.0
"""Pixels; narrower panels would cut the names of regions."""

_BAND: Final = "#cfe3e2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """The spread of the areas of a region in one period; None is not known, never 0.

    ``count`` of ``among`` areas have a value. Quartiles of too few areas are None.
    """

    region: str
    period: Period
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
    def five_numbers(self) -> FiveNumbers:
        return (self.minimum, self.lower_quartile, self.median, self.upper_quartile, self.maximum)


@dataclass(frozen=True, slots=True, kw_only=True)
class RangesData:
    """Ranges of regions, which are shown in the order in which they first occur."""

    ranges: tuple[Range, ...]
    number: NumberFormat = format_number

    @property
    def values(self) -> list[Decimal]:
        return [value for found in self.ranges for value in found.five_numbers if value is not None]

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
        header = (
            *(
                _("Region"),
                _("Period"),
                _("Areas with data"),
                _("Countries and regions"),
                _("Lowest"),
            ),
            *(_("Lower quartile"), _("Median"), _("Upper quartile"), _("Highest")),
        )
        rows = (
            (found.region, found.period.code, found.count, found.among, *found.five_numbers)
            for ranges in self.by_region().values()
            for found in ranges
        )
        return ChartTable(header, tuple(rows))

    def description(self) -> str:
        """The last median of each region, with its coverage."""
        parts = []
        for region, ranges in self.by_region().items():
            known = [found for found in ranges if found.median is not None]
            if not known:
                parts.append(_("%(name)s: no data") % {"name": isolate(region)})
                continue
            last = known[-1]
            template = _("%(name)s: median %(value)s in %(period)s, %(count)d of %(among)d areas")
            parts.append(
                template
                % {
                    "name": isolate(region),
                    "value": self.number(last.median or Decimal(0)),
                    "period": last.period.code,
                    "count": last.count,
                    "among": last.among,
                }
            )
        return f"{'; '.join(parts)}."


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
    regions = data.by_region()
    columns = _columns(data, frame)
    axis_width = Plot.label_width(canvas, ticks)
    width = (frame.width - axis_width - _GUTTER * (columns - 1)) / columns
    top = canvas.top
    for index, (region, found) in enumerate(regions.items()):
        column = index % columns
        if index and not column:
            top = canvas.top
        left = axis_width + column * (width + _GUTTER)
        height = _HEIGHT if len(regions) > 1 else _HEIGHT_ALONE
        plot = Plot(left, top + LINE_HEIGHT + 8, left + width, top + LINE_HEIGHT + 8 + height)
        panel = _Panel(canvas, data, plot, ticks, _periods(data), _last_label_width(data))
        panel.draw(region, found, has_labels=not column)
        canvas.top = max(canvas.top, plot.bottom + 2 * LINE_HEIGHT + 18)
    legend = [*_legend(), *marks.cut_legend(ticks)]
    bottom = marks.draw_legend(canvas, legend, canvas.top - 8)
    return canvas.finish(bottom + 2)


def _periods(data: RangesData) -> list[Period]:
    return [found.period for found in data.ranges]


def _last_label_width(data: RangesData) -> float:
    """Pixels for the last median beside its box, the same in every panel."""
    lasts = [found[-1].median for found in data.by_region().values()]
    written = (data.number(median) for median in lasts if median is not None)
    return max((text_width(label, is_strong=True) for label in written), default=0) + 4


def _columns(data: RangesData, frame: Frame) -> int:
    """So many panels in a row that year and coverage fit below every second box."""
    labels = _period_label_width(data) * len(set(_periods(data))) / 2
    needed = max(_NARROWEST, labels + 60)
    return max(1, min(3, len(data.by_region()), int(frame.width / needed)))


@dataclass(frozen=True, slots=True)
class _Panel:
    canvas: Canvas
    data: RangesData
    plot: Plot
    ticks: Sequence[Decimal]
    periods: Sequence[Period]
    last_label_width: float

    def draw(self, region: str, found: list[Range], *, has_labels: bool) -> None:
        plot, canvas = self.plot, self.canvas
        name = cut_text(region, (plot.right - plot.left) / 1.1)
        heading = canvas.strong_text(name, plot.left, plot.top - 12)
        if name != region:
            add_element(heading, "title", region)
        plot.draw_value_axis(canvas, self.ticks, has_labels=has_labels)
        if is_cut(self.ticks):
            marks.draw_cut(canvas, (plot.left, plot.bottom))
        last = next((item for item in reversed(found) if item.median is not None), None)
        label = self.data.number(last.median) if last and last.median is not None else ""
        inner = Plot(plot.left, plot.top, plot.right - self.last_label_width, plot.bottom)
        ticks = inner.draw_time_axis(
            canvas, self.periods, label_width=_period_label_width(self.data)
        )
        height, day = inner.value_scale(self.ticks), inner.time_scale(self.periods)
        width = _box_width(self.periods, day)
        group = marks.series_group(canvas, 0)
        for item in found:
            element = add_element(group, "g")
            add_element(element, "title", self.tooltip(item))
            _draw_range(element, item.five_numbers, day(middle_day(item.period)), height, width)
        for positions in _median_runs(found, self.periods, day, height):
            marks.draw_line(group, positions, stroke_width=1.6)
        self._draw_coverage(found, day, ticks)
        if last and last.median is not None:
            x = day(middle_day(last.period)) + width / 2 + 6
            canvas.strong_text(label, x, height(last.median) + 4)
        elif not label:
            centre = (plot.left + plot.right) / 2
            canvas.text(_("No data"), centre, (plot.top + plot.bottom) / 2, "middle")

    def tooltip(self, item: Range) -> str:
        values = {"period": item.period.code, "count": item.count, "among": item.among}
        if item.median is None:
            return _("%(period)s: %(count)d of %(among)d areas") % values
        values["median"] = self.data.number(item.median)
        return _("%(period)s: median %(median)s, %(count)d of %(among)d areas") % values

    def _draw_coverage(self, found: list[Range], day: TimeScale, ticks: list[float]) -> None:
        """“8/9” below the labels of time, else as many as fit; the table has all of them."""
        y, free = self.plot.bottom + 18 + LINE_HEIGHT, float("inf")
        columns = [(day(middle_day(item.period)), item) for item in reversed(found)]
        labelled = [(x, item) for x, item in columns if any(abs(x - tick) < 2 for tick in ticks)]
        for x, item in labelled or columns:
            label, half = _coverage(item), text_width(_coverage(item)) / 2
            if x + half < free:
                self.canvas.text(label, x, y, "middle")
                free = x - half - 4


def _coverage(item: Range) -> str:
    counts = {"count": item.count, "among": item.among}
    return pgettext("areas with a figure, of all", "%(count)d/%(among)d") % counts


def _period_label_width(data: RangesData) -> float:
    """Pixels for a year and the coverage below a box."""
    return max(34.0, *(text_width(_coverage(item)) + 5 for item in data.ranges))


def _box_width(periods: Sequence[Period], day: TimeScale) -> float:
    """Half of the distance between the two nearest periods, 4 to 16 pixels."""
    columns = sorted({day(middle_day(period)) for period in periods})
    nearest = min((after - before for before, after in pairwise(columns)), default=32.0)
    return max(4.0, min(16.0, nearest / 2))


def _draw_range(
    parent: ElementTree.Element,
    five_numbers: FiveNumbers,
    x: float,
    height: LinearScale,
    width: float,
) -> None:
    """Whiskers, box and median of one period, as far as they are known."""
    low, lower, median, upper, high = (
        None if value is None else height(value) for value in five_numbers
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


def _median_runs(
    found: list[Range], every: Sequence[Period], day: TimeScale, height: LinearScale
) -> Iterator[list[Position]]:
    """The medians that a line may connect: a period that only other regions have is a gap."""
    medians = {item.period: item.median for item in found}
    run: list[Position] = []
    for period in sorted(set(every), key=attrgetter("first_day", "last_day")):
        median = medians.get(period)
        if median is not None:
            run.append((day(middle_day(period)), height(median)))
            continue
        if len(run) > 1:
            yield run
        run = []
    if len(run) > 1:
        yield run


def _legend() -> Iterator[marks.LegendItem]:
    yield _range_glyph, 14, _("lowest to highest, interquartile range, median")
    yield marks.sign_glyph("8/9"), 26, _("areas with data, of all areas in the region")


def _range_glyph(canvas: Canvas, x: float, y: float) -> None:
    group = marks.series_group(canvas, 0)
    five_numbers = (Decimal(0), Decimal(1), Decimal(2), Decimal(3), Decimal(4))
    height = LinearScale(five_numbers[0], five_numbers[-1], y + 8, y - 8)
    _draw_range(group, five_numbers, x, height, 12)
