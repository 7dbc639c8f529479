"""Line chart of one or several series over time, with baseline and target."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from recommendations.characters import replace_invalid
from recommendations.charts import marks
from recommendations.charts.canvas import (
    GOAL,
    HALO,
    INK,
    LINE_HEIGHT,
    Canvas,
    Frame,
    add_element,
    draw_no_data,
)
from recommendations.charts.data import (
    Goal,
    LineData,
    Series,
    SeriesPoint,
    breaks,
    connected_points,
    gaps,
)
from recommendations.charts.scales import (
    LinearScale,
    Plot,
    TimeScale,
    is_cut,
    middle_day,
    nice_ticks,
)
from recommendations.charts.text import (
    TEXT_SIZE,
    Box,
    LabelLayout,
    Position,
    cut_text,
    isolate,
    spread_labels,
    text_width,
)

_MANY = 40
"""With more values than this, points are drawn smaller."""


def line_chart(data: LineData, frame: Frame) -> SafeString:
    """One or several series over time, with baseline and target where given.

    Each value is drawn at the middle of its period. The line ends at a missing value and at a
    series break; a single value is a point. The last value is written beside it.
    """
    if not data.values:
        return draw_no_data(frame, "line")
    canvas = Canvas(frame, "line", data.description())
    canvas.draw_unit()
    chart = _laid_out(canvas, data)
    chart.draw_axes()
    chart.draw_path()
    for number, series in enumerate(data.series):
        chart.draw_series(number, series)
    chart.draw_goals()
    if len(data.series) == 1:
        chart.draw_last_value(data.series[0])
    elif _fits_beside(data, frame):
        _draw_names_beside(chart)
    legend = [*_legend(data), *marks.cut_legend(_ticks(data, frame))]
    bottom = marks.draw_legend(canvas, legend, chart.plot.bottom + 26)
    return canvas.finish(bottom + 2)


def position_of(item: SeriesPoint | Goal, day: TimeScale, height: LinearScale) -> Position:
    """Where a value, a baseline or a target is drawn."""
    value = item.known if isinstance(item, SeriesPoint) else item.value
    return day(middle_day(item.period)), height(value)


@dataclass(slots=True)
class _LineChart:
    canvas: Canvas
    data: LineData
    plot: Plot
    height: LinearScale
    day: TimeScale
    labels: LabelLayout

    def at(self, item: SeriesPoint | Goal) -> Position:
        return position_of(item, self.day, self.height)

    def draw_axes(self) -> None:
        plot = self.plot
        ticks = _ticks(self.data, self.canvas.frame)
        plot.draw_value_axis(self.canvas, ticks)
        if is_cut(ticks):
            marks.draw_cut(self.canvas, (plot.left, plot.bottom))
        plot.draw_time_axis(self.canvas, self.data.periods)
        for number, series in enumerate(self.data.series):
            group = marks.series_group(self.canvas, number)
            for day in breaks(series):
                marks.draw_break(group, self.day(day), plot.top, plot.bottom)
        if missing := _missing(self.data):
            fill = self.canvas.hatch()
            for first, last in missing:
                x = self.day(first)
                box = {"x": x, "y": plot.bottom - 8, "width": self.day(last) - x, "height": 8.0}
                self.canvas.add("rect", class_="chart-missing", fill=fill, **box)

    def draw_path(self) -> None:
        """The straight path from baseline to target; without a baseline the level of the target."""
        if target := self.data.target:
            end = self.at(target)
            start = (self.plot.left, end[1])
            positions = [self.at(self.data.baseline) if self.data.baseline else start, end]
            self.labels.reserve_line(positions)
            group = self.canvas.group(class_="chart-path", color=GOAL)
            marks.draw_line(group, positions, stroke_width=1.3, stroke_dasharray="6 4")

    def draw_series(self, number: int, series: Series) -> None:
        group = marks.series_group(self.canvas, number)
        for run in connected_points(series):
            positions = [self.at(point) for point in run]
            if len(positions) > 1:
                marks.draw_line(group, positions, number)
                self.labels.reserve_line(positions)
        radius = 4.2 if len(series.known) <= _MANY else 2.6
        for point in series.known:
            at = self.at(point)
            mark = marks.draw_point(group, at, point.status, radius)
            add_element(mark, "title", self.tooltip(series, point))
            self.labels.reserve_point(at)
            if point.is_lower_bound:
                marks.draw_at_least(group, at)
            elif point.is_approximate:
                marks.draw_approximate(group, at)
            if point.is_lower_bound or point.is_approximate:
                self.labels.reserve_point((at[0], at[1] - 12))

    def tooltip(self, series: Series, point: SeriesPoint) -> str:
        values = {"period": point.period.code, "value": point.full_text(self.data.number)}
        if len(self.data.series) > 1:
            values["name"] = isolate(series.name)
            return _("%(name)s, %(period)s: %(value)s") % values
        return _("%(period)s: %(value)s") % values

    def draw_goals(self) -> None:
        group = self.canvas.group(class_="chart-goal", color=GOAL)
        for goal, template, is_target in (
            (self.data.target, _("target %(value)s"), True),
            (self.data.baseline, _("baseline %(value)s"), False),
        ):
            if goal:
                at = self.at(goal)
                marks.draw_goal(group, at, is_target=is_target)
                self.labels.reserve_point(at, 7)
                self.draw_label(template % {"value": self.data.number(goal.value)}, at, away=12)

    def draw_last_value(self, series: Series) -> None:
        """The last value beside its point."""
        if series.known:
            text = series.known[-1].full_text(self.data.number)
            self.draw_label(text, self.at(series.known[-1]), is_strong=True)

    def draw_label(
        self, text: str, at: Position, *, is_strong: bool = False, away: float = 9
    ) -> None:
        width = text_width(text, is_strong=is_strong)
        x, y, anchor = self.labels.position(width, at, away)
        draw = self.canvas.strong_text if is_strong else self.canvas.text
        draw(text, x, y, anchor, **HALO)


def _laid_out(canvas: Canvas, data: LineData) -> _LineChart:
    """The chart with its width divided between plot and labels."""
    width, right = canvas.frame.width, 14.0
    if _fits_beside(data, canvas.frame):
        right = _width_beside(data, canvas.frame)
    elif len(data.series) > 1:
        _draw_names_above(canvas, data)
    elif _ends_with_value(data):
        text = data.series[0].known[-1].full_text(data.number)
        right = min(0.34 * width, text_width(text, is_strong=True) + 12)
    ticks = _ticks(data, canvas.frame)
    top = canvas.top + 10
    bottom = top + (170 if canvas.frame.is_narrow else 230)
    plot = Plot(Plot.label_width(canvas, ticks), top, width - right, bottom)
    labels = LabelLayout(Box(plot.left, top - 10, width, bottom - 2))
    return _LineChart(
        canvas, data, plot, plot.value_scale(ticks), plot.time_scale(data.periods), labels
    )


def _ticks(data: LineData, frame: Frame) -> list[Decimal]:
    return nice_ticks(data.values, 3 if frame.is_narrow else 4)


def _missing(data: LineData) -> list[tuple[float, float]]:
    """Gaps to hatch on the axis; those of several series would cover each other."""
    return list(gaps(data.series[0])) if len(data.series) == 1 else []


def _ends_with_value(data: LineData) -> bool:
    """Whether nothing is drawn to the right of the last value."""
    known = data.series[0].known if data.series else []
    return bool(known) and all(middle_day(period) <= known[-1].day for period in data.periods)


def _legend(data: LineData) -> Iterator[marks.LegendItem]:
    """Shapes whose meaning is not written beside them."""
    points = [point for series in data.series for point in series.known]
    yield from marks.status_legend(points)
    if any(True for series in data.series for _day in breaks(series)):
        yield marks.break_glyph, 8, _("series break")
    if _missing(data):
        yield marks.hatch_glyph, 14, _("no data")
    if data.baseline and data.target:
        yield marks.path_glyph, 24, _("linear path to the target")


# ---- names of several series, beside the plot where they fit, else above it


_MOST_BESIDE = 12
_LEADER = 20
"""Pixels of the thin line from a series to its name."""


def _fits_beside(data: LineData, frame: Frame) -> bool:
    return 1 < len(data.series) <= _MOST_BESIDE and not frame.is_narrow


def _width_beside(data: LineData, frame: Frame) -> float:
    """Pixels for the column of names; at most a third of the chart, where names are then cut."""
    needed = max(_value_width(series, data) + text_width(series.name) for series in data.series)
    return min(frame.width / 3, needed + _LEADER)


def _draw_names_beside(chart: _LineChart) -> None:
    """Last value and name of each series in a column, with a thin line to each."""
    canvas, data, plot = chart.canvas, chart.data, chart.plot
    ends = [chart.at(series.known[-1]) if series.known else None for series in data.series]
    wanted = [end[1] if end else plot.bottom for end in ends]
    heights = spread_labels(wanted, LINE_HEIGHT - 2, plot.top + 2, plot.bottom - 4)
    column = plot.right + _LEADER
    for number, (series, end, y) in enumerate(zip(data.series, ends, heights, strict=True)):
        if end:
            leader = [(end[0] + 7, end[1]), (plot.right + 4, end[1]), (column - 3, y)]
            marks.draw_line(marks.series_group(canvas, number), leader, stroke_width=1.2)
        _draw_name(canvas, series, data, (column, y + 4))


def _draw_names_above(canvas: Canvas, data: LineData) -> None:
    """A row for each series, the highest first: a sample of its line, its last value, its name."""
    for number, series in sorted(enumerate(data.series), key=_descending_last_value):
        y = canvas.top + TEXT_SIZE
        marks.draw_line(marks.series_group(canvas, number), [(1, y - 4), (33, y - 4)], number)
        _draw_name(canvas, series, data, (42, y))
        canvas.top += LINE_HEIGHT


def _descending_last_value(numbered: tuple[int, Series]) -> tuple[bool, Decimal]:
    known = numbered[1].known
    return not known, -known[-1].known if known else Decimal(0)


def _value(series: Series, data: LineData) -> str:
    return series.known[-1].text(data.number) if series.known else _("no data")


def _value_width(series: Series, data: LineData) -> float:
    return text_width(f"{_value(series, data)} ", is_strong=True)


def _draw_name(canvas: Canvas, series: Series, data: LineData, at: Position) -> None:
    """The value, then the name; not in the colour of the series, which may lack contrast."""
    name = cut_text(series.name, canvas.frame.width - at[0] - _value_width(series, data))
    text = canvas.text("", *at)
    if name != series.name:
        add_element(text, "title", series.name)
    value = _value(series, data)
    strong = add_element(text, "tspan", value, class_="chart-strong", fill=INK, font_weight=600)
    strong.tail = replace_invalid(f" {isolate(name)}")
