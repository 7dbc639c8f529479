"""Sparkline: one series as a small line, its last value marked."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from django.utils.safestring import SafeString

from recommendations.charts import marks
from recommendations.charts.canvas import GOAL, Canvas, Frame, draw_no_data
from recommendations.charts.data import LineData, breaks, connected_points
from recommendations.charts.line import position_of
from recommendations.charts.scales import LinearScale, Plot

WIDTH: Final = 124
HEIGHT: Final = 32
_EDGE: Final = 6.0


def sparkline(data: LineData, frame: Frame) -> SafeString:
    """The first series without axes and text; a page writes the last value beside it.

    Same rules as ``line_chart``: the line ends at gaps and series breaks, a single value is a
    point, the last one shows its observation status, the path from baseline to target is dashed.
    It is always ``WIDTH`` × ``HEIGHT`` pixels, whatever the frame says.
    """
    frame = replace(frame, width=WIDTH, is_standalone=False)
    if not data.series or not data.series[0].known:
        return draw_no_data(frame, "spark", height=HEIGHT)
    canvas = Canvas(frame, "spark", data.description(), pad=0)
    _draw(canvas, data)
    return canvas.finish(HEIGHT)


def _draw(canvas: Canvas, data: LineData) -> None:
    series, plot = data.series[0], Plot(_EDGE, _EDGE, WIDTH - _EDGE, HEIGHT - _EDGE)
    known, goals = series.known, data.goals
    height = _value_scale([*(p.known for p in known), *(goal.value for goal in goals)])
    day = plot.time_scale(data.periods)
    if len(goals) > 1:
        path = canvas.group(class_="chart-path", color=GOAL)
        ends = [position_of(goal, day, height) for goal in goals]
        marks.draw_line(path, ends, stroke_width=1, stroke_dasharray="3 3")
    group = marks.series_group(canvas, 0)
    for x in map(day, breaks(series)):
        marks.draw_break(group, x, plot.top, plot.bottom)
    for run in connected_points(series):
        positions = [position_of(point, day, height) for point in run]
        if len(positions) > 1:
            marks.draw_line(group, positions, stroke_width=2)
        else:
            marks.draw_point(group, positions[0], run[0].status, 2)
    marks.draw_point(group, position_of(known[-1], day, height), known[-1].status, 3.4)


def _value_scale(values: Sequence[Decimal]) -> LinearScale:
    """The whole height for the whole range; equal values are in the middle."""
    low, high = min(values), max(values)
    margin = Decimal(1) if low == high else Decimal(0)
    return LinearScale(low - margin, high + margin, HEIGHT - _EDGE, _EDGE)
