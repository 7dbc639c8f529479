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
from recommendations.charts.data import ChartTable, Datum
from recommendations.charts.scales import LinearScale, Plot, nice_ticks
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
    def missing(self) -> list[RankedArea]:
        return sorted((a for a in self.areas if not a.is_known), key=lambda area: area.name)

    @property
    def median(self) -> Decimal:
        return median(area.known for area in self.known)

    def table(self) -> ChartTable:
        """A row for each area, the highest first; those without a value are the last."""
        every = (*self.known, *self.missing)
        rows = ((area.name, area.known_value, area.note()) for area in every)
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
    named = {"name": isolate(area.name), "value": area.full_text(number)}
    add_element(mark, "title", _("%(name)s: %(value)s") % named)
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
