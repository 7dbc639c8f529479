"""Figures over time as lines, towards a target where there is one."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from recommendations.charts import marks, names, svg, text
from recommendations.charts.axes import Plot, label_room, time_axis, value_axis
from recommendations.charts.canvas import HALO, SOFT, Canvas, Frame, nothing
from recommendations.charts.labels import Box, Labels, Place
from recommendations.charts.line_data import Goal, LineData
from recommendations.charts.scales import Linear, Time, middle, nice_ticks
from recommendations.charts.series import Point, Series, breaks, gaps, runs

_MANY = 40
"""With more figures than this, points are drawn smaller."""


def line(data: LineData, frame: Frame) -> SafeString:
    """One or several series over time, with baseline and target where given.

    Each figure stands in the middle of its period. The line ends at a missing figure and at a
    series break; one known figure is a point. The last figure is written beside it.
    """
    if not data.values:
        return nothing(frame, "line")
    canvas = Canvas(frame, "line", data.sentence())
    canvas.unit_line()
    picture = _laid_out(canvas, data)
    picture.draw_ground()
    picture.draw_path()
    for number, series in enumerate(data.series):
        picture.draw_series(number, series)
    picture.draw_goals()
    if len(data.series) == 1:
        picture.write_last(data.series[0])
    elif names.fit_beside(data, frame):
        names.draw_beside(canvas, data, picture.plot, picture.at)
    bottom = marks.draw_key(canvas, list(_key(data)), picture.plot.bottom + 26)
    return canvas.finish(bottom + 2)


@dataclass(slots=True)
class _Picture:
    canvas: Canvas
    data: LineData
    plot: Plot
    height: Linear
    day: Time
    labels: Labels

    def at(self, what: Point | Goal) -> Place:
        value = what.known if isinstance(what, Point) else what.value
        return self.day(middle(what.period)), self.height(value)

    def draw_ground(self) -> None:
        plot = self.plot
        value_axis(self.canvas, plot, _ticks(self.data, self.canvas.frame))
        time_axis(self.canvas, plot, self.data.periods)
        for number, series in enumerate(self.data.series):
            group = marks.series_group(self.canvas, number)
            for day in breaks(series):
                marks.series_break(group, self.day(day), plot.top, plot.bottom)
        if missing := _missing(self.data):
            fill = self.canvas.hatch()
            for first, last in missing:
                x = self.day(first)
                box = {"x": x, "y": plot.bottom - 8, "width": self.day(last) - x, "height": 8.0}
                self.canvas.add("rect", class_="chart-missing", fill=fill, **box)

    def draw_path(self) -> None:
        """The straight way from baseline to target."""
        if self.data.baseline and self.data.target:
            places = [self.at(self.data.baseline), self.at(self.data.target)]
            self.labels.keep_line_clear(places)
            group = self.canvas.group(class_="chart-path", color=SOFT)
            marks.line(group, places, stroke_width=1.3, stroke_dasharray="6 4")

    def draw_series(self, number: int, series: Series) -> None:
        group = marks.series_group(self.canvas, number)
        for run in runs(series):
            places = [self.at(point) for point in run]
            if len(places) > 1:
                marks.line(group, places, number)
                self.labels.keep_line_clear(places)
        for point in series.known:
            at = self.at(point)
            mark = marks.point(group, at, point.status, 4.2 if len(series.known) <= _MANY else 2.6)
            svg.add(mark, "title", self.said(series, point))
            self.labels.keep_clear(at)
            if point.is_lower_bound:
                marks.at_least(group, at)
            elif point.is_approximate:
                marks.about(group, at)
            if point.is_lower_bound or point.is_approximate:
                self.labels.keep_clear((at[0], at[1] - 12))

    def said(self, series: Series, point: Point) -> str:
        """What a pointer that rests on a figure is told."""
        words = {"period": point.period.code, "value": point.full_words(self.data.number)}
        if len(self.data.series) > 1:
            words["name"] = text.isolate(series.name)
            return _("%(name)s, %(period)s: %(value)s") % words
        return _("%(period)s: %(value)s") % words

    def draw_goals(self) -> None:
        group = self.canvas.group(class_="chart-goal", color=SOFT)
        for goal, words, is_target in (
            (self.data.target, _("target %(value)s"), True),
            (self.data.baseline, _("baseline %(value)s"), False),
        ):
            if goal:
                at = self.at(goal)
                marks.goal(group, at, is_target=is_target)
                self.labels.keep_clear(at, 7)
                self.write(words % {"value": self.data.number(goal.value)}, at, away=12)

    def write_last(self, series: Series) -> None:
        """The last figure beside its point."""
        if series.known:
            words = series.known[-1].full_words(self.data.number)
            self.write(words, self.at(series.known[-1]), is_strong=True)

    def write(self, words: str, at: Place, *, is_strong: bool = False, away: float = 9) -> None:
        room = text.width(words, is_strong=is_strong)
        x, y, anchor = self.labels.place(room, at, away)
        write = self.canvas.strong if is_strong else self.canvas.words
        write(words, x, y, anchor, **HALO)


def _laid_out(canvas: Canvas, data: LineData) -> _Picture:
    """The picture with its room shared out between labels and plot."""
    width, right = canvas.frame.width, 14.0
    if names.fit_beside(data, canvas.frame):
        right = names.room_beside(data, canvas.frame)
    elif len(data.series) > 1:
        names.draw_above(canvas, data)
    elif _ends_with_figure(data):
        words = data.series[0].known[-1].full_words(data.number)
        right = min(0.34 * width, text.width(words, is_strong=True) + 12)
    ticks = _ticks(data, canvas.frame)
    top = canvas.top + 10
    bottom = top + (170 if canvas.frame.is_narrow else 230)
    plot = Plot(label_room(canvas, ticks), top, width - right, bottom)
    labels = Labels(Box(plot.left, top - 10, width, bottom - 2))
    return _Picture(canvas, data, plot, plot.heights(ticks), plot.days(data.periods), labels)


def _ticks(data: LineData, frame: Frame) -> list[Decimal]:
    return nice_ticks(data.values, 3 if frame.is_narrow else 4)


def _missing(data: LineData) -> list[tuple[float, float]]:
    """What is hatched on the axis; several series would hide each other's gaps there."""
    return list(gaps(data.series[0])) if len(data.series) == 1 else []


def _ends_with_figure(data: LineData) -> bool:
    """Whether nothing is drawn to the right of the last figure."""
    known = data.series[0].known if data.series else []
    return bool(known) and all(middle(period) <= known[-1].day for period in data.periods)


def _key(data: LineData) -> Iterator[marks.KeyItem]:
    """What shapes mean that are not named where they stand."""
    points = [point for series in data.series for point in series.known]
    yield from marks.status_key(points)
    if any(True for series in data.series for _day in breaks(series)):
        yield marks.break_glyph, 8, _("series break")
    if _missing(data):
        yield marks.hatch_glyph, 14, _("no data")
    if data.baseline and data.target:
        yield marks.path_glyph, 24, _("straight path to the target")
