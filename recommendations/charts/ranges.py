"""How far areas lie apart within each region, over time: one small picture a region."""

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

from recommendations.charts import marks, svg, text
from recommendations.charts.axes import Plot, label_room, time_axis, value_axis
from recommendations.charts.canvas import LINE, Canvas, Frame, nothing
from recommendations.charts.figures import finite
from recommendations.charts.labels import Place
from recommendations.charts.numbers import Formatter, plain
from recommendations.charts.scales import Linear, Time, middle, nice_ticks
from recommendations.charts.svg import Value
from recommendations.charts.tables import Table
from recommendations.charts.text import isolate
from recommendations.periods import Period

Five = tuple[Decimal | None, Decimal | None, Decimal | None, Decimal | None, Decimal | None]
"""Lowest, lower quartile, median, upper quartile, highest."""

_BESIDE = 20.0
"""Between two pictures in a row."""

_NARROWEST: Final = 150.0
"""So that the name of a region can be read above its picture."""

_BAND: Final = "#cfe3e2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """How the areas of a region lie in one period; None is not known, never 0.

    ``count`` of ``among`` areas have a figure. Quartiles that too few areas allow are None.
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
        finite(*self.five)

    @property
    def five(self) -> Five:
        return (
            self.minimum,
            self.lower_quartile,
            self.median,
            self.upper_quartile,
            self.maximum,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RangesData:
    """Ranges of regions, which are shown in the order in which they first come."""

    ranges: tuple[Range, ...]
    number: Formatter = plain

    @property
    def values(self) -> list[Decimal]:
        return [value for found in self.ranges for value in found.five if value is not None]

    def by_region(self) -> dict[str, list[Range]]:
        """The ranges of each region in order of time."""
        regions: dict[str, list[Range]] = {}
        for found in self.ranges:
            regions.setdefault(found.region, []).append(found)
        for ranges in regions.values():
            ranges.sort(key=lambda found: (found.period.first_day, found.period.last_day))
        return regions

    def table(self) -> Table:
        """A row for each region and period."""
        header = (
            *(_("Region"), _("Period"), _("Areas with a figure"), _("Areas"), _("Lowest")),
            *(_("Lower quartile"), _("Median"), _("Upper quartile"), _("Highest")),
        )
        rows = (
            (found.region, found.period.code, found.count, found.among, *found.five)
            for ranges in self.by_region().values()
            for found in ranges
        )
        return Table(header, tuple(rows))

    def sentence(self) -> str:
        """The last median of each region, with its coverage."""
        said = []
        for region, ranges in self.by_region().items():
            known = [found for found in ranges if found.median is not None]
            if not known:
                said.append(_("%(name)s: no data") % {"name": isolate(region)})
                continue
            last = known[-1]
            words = _("%(name)s: median %(value)s in %(period)s, %(count)d of %(among)d areas")
            said.append(
                words
                % {
                    "name": isolate(region),
                    "value": self.number(last.median or Decimal(0)),
                    "period": last.period.code,
                    "count": last.count,
                    "among": last.among,
                }
            )
        return f"{'; '.join(said)}."


def ranges(data: RangesData, frame: Frame) -> SafeString:
    """A small picture for each region on one common scale.

    A thin line runs from the lowest to the highest, a box from quartile to quartile, a line joins
    the medians of neighbouring periods; below each stands how many areas have a figure, of how
    many. The last median is written beside it.
    """
    if not data.values:
        return nothing(frame, "ranges")
    canvas = Canvas(frame, "ranges", data.sentence())
    canvas.unit_line()
    ticks = nice_ticks(data.values, 4)
    regions = data.by_region()
    columns = _columns(data, frame)
    before = label_room(canvas, ticks)
    room = (frame.width - before - _BESIDE * (columns - 1)) / columns
    top = canvas.top
    for place, (region, found) in enumerate(regions.items()):
        column = place % columns
        if place and not column:
            top = canvas.top
        left = before + column * (room + _BESIDE)
        plot = Plot(left, top + LINE + 8, left + room, top + LINE + 8 + 130)
        panel = _Panel(canvas, data, plot, ticks, _periods(data), _last_room(data))
        panel.draw(region, found, has_labels=not column)
        canvas.top = max(canvas.top, plot.bottom + 2 * LINE + 18)
    bottom = marks.draw_key(canvas, list(_key()), canvas.top - 8)
    return canvas.finish(bottom + 2)


def _periods(data: RangesData) -> list[Period]:
    return [found.period for found in data.ranges]


def _last_room(data: RangesData) -> float:
    """What the last median of each region needs beside its box, the same in all of them."""
    lasts = [found[-1].median for found in data.by_region().values()]
    written = (data.number(median) for median in lasts if median is not None)
    return max((text.width(words, is_strong=True) for words in written), default=0) + 4


def _columns(data: RangesData, frame: Frame) -> int:
    """So many pictures in a row that year and coverage fit below every second box."""
    labels = _period_room(data) * len(set(_periods(data))) / 2
    needed = max(_NARROWEST, labels + 60)
    return max(1, min(3, len(data.by_region()), int(frame.width / needed)))


@dataclass(frozen=True, slots=True)
class _Panel:
    canvas: Canvas
    data: RangesData
    plot: Plot
    ticks: Sequence[Decimal]
    periods: Sequence[Period]
    label_room: float

    def draw(self, region: str, found: list[Range], *, has_labels: bool) -> None:
        plot, canvas = self.plot, self.canvas
        name = text.cut(region, (plot.right - plot.left) / 1.1)
        heading = canvas.strong(name, plot.left, plot.top - 12)
        if name != region:
            svg.add(heading, "title", region)
        value_axis(canvas, plot, self.ticks, has_labels=has_labels)
        last = next((item for item in reversed(found) if item.median is not None), None)
        label = self.data.number(last.median) if last and last.median is not None else ""
        # The last median is written to the right of its box.
        inner = Plot(plot.left, plot.top, plot.right - self.label_room, plot.bottom)
        ticks = time_axis(canvas, inner, self.periods, room=_period_room(self.data))
        height, day = inner.heights(self.ticks), inner.days(self.periods)
        wide = _box_width(self.periods, day)
        group = marks.series_group(canvas, 0)
        for item in found:
            whole = svg.add(group, "g")
            svg.add(whole, "title", self.said(item))
            _draw_range(whole, item.five, day(middle(item.period)), height, wide)
        for places in _median_runs(found, self.periods, day, height):
            marks.line(group, places, stroke_width=1.6)
        self._write_coverage(found, day, ticks)
        if last and last.median is not None:
            x = day(middle(last.period)) + wide / 2 + 6
            canvas.strong(label, x, height(last.median) + 4)
        elif not label:
            middle_of = (plot.left + plot.right) / 2
            canvas.words(_("No data"), middle_of, (plot.top + plot.bottom) / 2, "middle")

    def said(self, item: Range) -> str:
        """What a pointer that rests on a range is told."""
        words = {"period": item.period.code, "count": item.count, "among": item.among}
        if item.median is None:
            return _("%(period)s: %(count)d of %(among)d areas") % words
        words["median"] = self.data.number(item.median)
        return _("%(period)s: median %(median)s, %(count)d of %(among)d areas") % words

    def _write_coverage(self, found: list[Range], day: Time, ticks: list[float]) -> None:
        """“8/9” below the labels of time, else as many as fit; the table has them all."""
        y, free = self.plot.bottom + 18 + LINE, float("inf")
        places = [(day(middle(item.period)), item) for item in reversed(found)]
        labelled = [place for place in places if any(abs(place[0] - x) < 2 for x in ticks)]
        for x, item in labelled or places:
            words, half = _coverage(item), text.width(_coverage(item)) / 2
            if x + half < free:
                self.canvas.words(words, x, y, "middle")
                free = x - half - 4


def _coverage(item: Range) -> str:
    words = {"count": item.count, "among": item.among}
    return pgettext("areas with a figure, of all", "%(count)d/%(among)d") % words


def _period_room(data: RangesData) -> float:
    """What a year and the coverage need below a box."""
    return max(34.0, *(text.width(_coverage(item)) + 5 for item in data.ranges))


def _box_width(periods: Sequence[Period], day: Time) -> float:
    """Half of the way between the two nearest periods, 4 to 16 pixels."""
    places = sorted({day(middle(period)) for period in periods})
    nearest = min((after - before for before, after in pairwise(places)), default=32.0)
    return max(4.0, min(16.0, nearest / 2))


def _draw_range(
    parent: ElementTree.Element, five: Five, x: float, height: Linear, wide: float
) -> None:
    """Whiskers, box and median of one period, as far as they are known."""
    low, lower, median, upper, high = (None if value is None else height(value) for value in five)
    line: dict[str, Value] = {"stroke": "currentColor", "fill": "none"}
    if low is not None and high is not None:
        cap, left = svg.length(wide / 2), svg.length(x - wide / 4)
        ends = "".join(f"M{left} {svg.length(y)}h{cap}" for y in (low, high))
        stem = f"M{svg.length(x)} {svg.length(low)}V{svg.length(high)}"
        svg.add(parent, "path", d=ends + stem, stroke_width=1.2, **line)
    if lower is not None and upper is not None:
        box = {"x": x - wide / 2, "y": upper, "width": wide, "height": lower - upper}
        svg.add(parent, "rect", class_="chart-band", fill=_BAND, stroke="currentColor", **box)
    if median is None:
        return
    if low == high:
        # One area, or all alike: nothing is spread.
        svg.add(parent, "circle", cx=x, cy=median, r=3.6, fill="currentColor")
        return
    places = [(x - wide / 2 - 1, median), (x + wide / 2 + 1, median)]
    marks.line(parent, places, stroke_width=3)


def _median_runs(
    found: list[Range], every: Sequence[Period], day: Time, height: Linear
) -> Iterator[list[Place]]:
    """The medians that a line may join: a period that others have and this one lacks is a gap."""
    medians = {item.period: item.median for item in found}
    run: list[Place] = []
    for period in sorted(set(every), key=attrgetter("first_day", "last_day")):
        median = medians.get(period)
        if median is not None:
            run.append((day(middle(period)), height(median)))
            continue
        if len(run) > 1:
            yield run
        run = []
    if len(run) > 1:
        yield run


def _key() -> Iterator[marks.KeyItem]:
    yield _glyph, 14, _("lowest to highest, middle half of the areas, median")
    yield marks.sign_glyph("8/9"), 26, _("areas with a figure, of all in the region")


def _glyph(canvas: Canvas, x: float, y: float) -> None:
    group = marks.series_group(canvas, 0)
    five = (Decimal(0), Decimal(1), Decimal(2), Decimal(3), Decimal(4))
    _draw_range(group, five, x, Linear(five[0], five[-1], y + 8, y - 8), 12)
