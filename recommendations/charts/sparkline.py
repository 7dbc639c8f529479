"""A line of a word's size: how one series went, its last figure marked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from django.utils.safestring import SafeString

from recommendations.charts import marks
from recommendations.charts.axes import Plot
from recommendations.charts.canvas import SOFT, Canvas, Frame, nothing
from recommendations.charts.labels import Place
from recommendations.charts.line_data import Goal, LineData
from recommendations.charts.scales import Linear, Time, middle
from recommendations.charts.series import Point, breaks, runs

WIDTH: Final = 124
HEIGHT: Final = 32
_EDGE: Final = 6.0


def sparkline(data: LineData, frame: Frame) -> SafeString:
    """The first series without axes and words: the caller writes its last figure beside it.

    Same rules as ``line``: it ends at gaps and series breaks, one figure is a point, the last one
    has the shape of what it is worth, the way from baseline to target is dashed. It is always
    ``WIDTH`` × ``HEIGHT``, whatever the frame says.
    """
    frame = replace(frame, width=WIDTH, is_standalone=False)
    if not data.series or not data.series[0].known:
        return nothing(frame, "spark", height=HEIGHT)
    canvas = Canvas(frame, "spark", data.sentence(), pad=0)
    _Spark(canvas, data).draw()
    return canvas.finish(HEIGHT)


@dataclass(frozen=True, slots=True)
class _Spark:
    canvas: Canvas
    data: LineData

    def draw(self) -> None:
        series, plot = self.data.series[0], Plot(_EDGE, _EDGE, WIDTH - _EDGE, HEIGHT - _EDGE)
        known = series.known
        goals = self.data.goals
        values = [point.known for point in known]
        height = _heights([*values, *(goal.value for goal in goals)])
        day = plot.days(self.data.periods)
        if len(goals) > 1:
            path = self.canvas.group(class_="chart-path", color=SOFT)
            places = [_at(goal, day, height) for goal in goals]
            marks.line(path, places, stroke_width=1, stroke_dasharray="3 3")
        group = marks.series_group(self.canvas, 0)
        for x in map(day, breaks(series)):
            marks.series_break(group, x, plot.top, plot.bottom)
        for run in runs(series):
            places = [_at(point, day, height) for point in run]
            if len(places) > 1:
                marks.line(group, places, stroke_width=2)
            else:
                marks.point(group, places[0], run[0].status, 2)
        marks.point(group, _at(known[-1], day, height), known[-1].status, 3.4)


def _at(what: Point | Goal, day: Time, height: Linear) -> Place:
    value = what.known if isinstance(what, Point) else what.value
    return day(middle(what.period)), height(value)


def _heights(values: Sequence[Decimal]) -> Linear:
    """The whole height for the whole range; equal values lie in the middle."""
    low, high = min(values), max(values)
    around = Decimal(1) if low == high else Decimal(0)
    return Linear(low - around, high + around, HEIGHT - _EDGE, _EDGE)
