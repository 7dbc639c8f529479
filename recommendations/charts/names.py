"""The names of several series: beside the plot where there is room, else above it."""

from collections.abc import Callable
from decimal import Decimal

from django.utils.translation import gettext as _

from recommendations.charts import marks, svg, text
from recommendations.charts.axes import Plot
from recommendations.charts.canvas import INK, LINE, Canvas, Frame
from recommendations.charts.labels import Place, spread
from recommendations.charts.line_data import LineData
from recommendations.charts.series import Point, Series
from recommendations.charts.svg import Value

_MOST_BESIDE = 12
_LEADER = 20


def fit_beside(data: LineData, frame: Frame) -> bool:
    return 1 < len(data.series) <= _MOST_BESIDE and not frame.is_narrow


def room_beside(data: LineData, frame: Frame) -> float:
    """What the column needs; a third of the picture at most, then names are cut."""
    needed = max(_value_room(series, data) + text.width(series.name) for series in data.series)
    return min(frame.width / 3, needed + _LEADER)


def draw_beside(canvas: Canvas, data: LineData, plot: Plot, at: Callable[[Point], Place]) -> None:
    """Last figure and name of each series in a column, each led to by a thin line."""
    ends = [at(series.known[-1]) if series.known else None for series in data.series]
    wanted = [end[1] if end else plot.bottom for end in ends]
    heights = spread(wanted, LINE - 2, plot.top + 2, plot.bottom - 4)
    column = plot.right + _LEADER
    for number, (series, end, y) in enumerate(zip(data.series, ends, heights, strict=True)):
        if end:
            way = [(end[0] + 7, end[1]), (plot.right + 4, end[1]), (column - 3, y)]
            marks.line(marks.series_group(canvas, number), way, stroke_width=1.2)
        _write(canvas, series, data, (column, y + 4))


def draw_above(canvas: Canvas, data: LineData) -> None:
    """A line for each series, the highest first: how it is drawn, its last figure, its name."""
    for number, series in sorted(enumerate(data.series), key=_by_last):
        y = canvas.top + text.SIZE
        marks.line(marks.series_group(canvas, number), [(1, y - 4), (33, y - 4)], number)
        _write(canvas, series, data, (42, y))
        canvas.top += LINE


def _by_last(numbered: tuple[int, Series]) -> tuple[bool, Decimal]:
    known = numbered[1].known
    return not known, -known[-1].known if known else Decimal(0)


def _value(series: Series, data: LineData) -> str:
    return series.known[-1].words(data.number) if series.known else _("no data")


def _value_room(series: Series, data: LineData) -> float:
    return text.width(f"{_value(series, data)} ", is_strong=True)


def _write(canvas: Canvas, series: Series, data: LineData, at: Place) -> None:
    """The figure, then the name; in ink, since the colour of a series may be too faint to read."""
    name = text.cut(series.name, canvas.frame.width - at[0] - _value_room(series, data))
    words = canvas.words("", *at)
    if name != series.name:
        svg.add(words, "title", series.name)
    looks: dict[str, Value] = {"class_": "chart-strong", "fill": INK, "font_weight": 600}
    strong = svg.add(words, "tspan", _value(series, data), **looks)
    strong.tail = svg.clean(f" {text.isolate(name)}")
