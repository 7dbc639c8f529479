"""Ranking: areas in the order of their value, each a dot on one scale."""

from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from recommendations.charts import marks
from recommendations.charts.canvas import (
    FAINT,
    HALO,
    LINE_HEIGHT,
    SOFT,
    AttributeValue,
    Canvas,
    Frame,
    add_element,
    draw_no_data,
)
from recommendations.charts.chart import ChartTable
from recommendations.charts.data import Datum
from recommendations.charts.scales import LinearScale, Plot, is_cut, nice_ticks
from recommendations.charts.text import (
    NumberFormat,
    Position,
    cut_text,
    format_number,
    isolate,
    text_width,
    tick_labels,
    wrap_text,
)

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

    @property
    def known(self) -> list[RankedArea]:
        """Areas with a value, the highest first, equal ones by name."""
        known = (area for area in self.areas if area.is_known)
        return sorted(known, key=lambda area: (-area.known, area.name))

    @property
    def missing(self) -> list[str]:
        return sorted(area.name for area in self.areas if not area.is_known)

    @property
    def median(self) -> Decimal:
        return median(area.known for area in self.known)

    def table(self) -> ChartTable:
        """A row for each area, the highest first; those without a value are the last."""
        missing = sorted((a for a in self.areas if not a.is_known), key=lambda area: area.name)
        rows = ((area.name, area.known_value, area.note()) for area in (*self.known, *missing))
        return ChartTable((_("Area"), _("Value"), _("Note")), tuple(rows))

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


@dataclass(frozen=True, slots=True)
class _Row:
    area: RankedArea
    lines: list[str]

    @property
    def height(self) -> float:
        return _ROW_HEIGHT + _LINE_DISTANCE * (len(self.lines) - 1)


def ranking_chart(data: RankedData, frame: Frame) -> SafeString:
    """A row for each area with a value, the median marked; the others are named below."""
    if not data.known:
        return draw_no_data(frame, "ranked")
    canvas = Canvas(frame, "ranked", data.description())
    canvas.draw_unit()
    bottom = _draw_rows(canvas, data)
    legend = [*marks.status_legend(data.known), *marks.cut_legend(_ticks(data, frame))]
    bottom = marks.draw_legend(canvas, legend, bottom)
    return canvas.finish(_draw_missing(canvas, data, bottom) + 2)


def _ticks(data: RankedData, frame: Frame) -> list[Decimal]:
    return nice_ticks([area.known for area in data.known], 3 if frame.is_narrow else 5)


def _draw_rows(canvas: Canvas, data: RankedData) -> float:
    width = canvas.frame.width
    ticks = _ticks(data, canvas.frame)
    names = min(0.4 * width, max(text_width(area.name) for area in data.known)) + 8
    values = max(text_width(area.text(data.number)) for area in data.known) + 14
    top = canvas.top + 2 * LINE_HEIGHT + 4
    rows = [_Row(area, _lines(area.name, names - 6)) for area in data.known]
    bottom = top + sum(row.height for row in rows)
    plot = Plot(names + 8, top, width - min(0.3 * width, values), bottom)
    scale = LinearScale(ticks[0], ticks[-1], plot.left, plot.right)
    _draw_scale(canvas, plot, scale, ticks, is_long=len(rows) > _MANY)
    _draw_median(canvas, plot, scale, data)
    for row in rows:
        at = scale(row.area.known), top + row.height / 2
        _draw_row(canvas, row, data.number, at, names)
        top += row.height
    return bottom + (LINE_HEIGHT + 4 if len(rows) > _MANY else 6)


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
    if is_cut(ticks):
        marks.draw_cut(canvas, (plot.left - 8, plot.top - LINE_HEIGHT), is_across=True)
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


def _draw_median(canvas: Canvas, plot: Plot, scale: LinearScale, data: RankedData) -> None:
    x = scale(data.median)
    group = canvas.group(class_="chart-median", color=SOFT)
    ends = [(x, plot.top), (x, plot.bottom)]
    marks.draw_line(group, ends, stroke_width=1.3, stroke_dasharray="6 4")
    label = _("median %(value)s") % {"value": data.number(data.median)}
    canvas.text(label, canvas.centre_inside(label, x), plot.top - 4, "middle", **HALO)


def _draw_row(canvas: Canvas, row: _Row, number: NumberFormat, at: Position, names: float) -> None:
    x, y = at
    area = row.area
    leader: dict[str, AttributeValue] = {
        "stroke": FAINT,
        "stroke_dasharray": "1 3",
        "stroke_width": 1.4,
    }
    canvas.add("line", class_="chart-grid", x1=names + 4, x2=x - 7, y1=y, y2=y, **leader)
    for index, line in enumerate(row.lines):
        line_y = y + 4 + (index - (len(row.lines) - 1) / 2) * _LINE_DISTANCE
        text = canvas.text(line, names, line_y, "end")
        if line.endswith("…"):
            add_element(text, "title", area.name)
    group = marks.series_group(canvas, 0)
    mark = marks.draw_point(group, at, area.status, 4.4)
    named = {"name": isolate(area.name), "value": area.full_text(number)}
    add_element(mark, "title", _("%(name)s: %(value)s") % named)
    canvas.text(area.text(number), x + 11, y + 4, "start", **HALO)


def _draw_missing(canvas: Canvas, data: RankedData, top: float) -> float:
    """The names of areas without a value; returns the y of their end."""
    if not data.missing:
        return top
    text = _("No data (%(count)d): %(names)s") % {
        "count": len(data.missing),
        "names": ", ".join(map(isolate, data.missing)),
    }
    y = top + LINE_HEIGHT
    marks.hatch_glyph(canvas, 7, y - 4)
    for line in wrap_text(text, canvas.frame.width - 22):
        canvas.text(line, 20, y)
        y += LINE_HEIGHT
    return y - LINE_HEIGHT + 6
