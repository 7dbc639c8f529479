"""Areas in the order of their value, each a dot on one common scale."""

from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from recommendations.charts import marks, svg, text
from recommendations.charts.axes import Plot
from recommendations.charts.canvas import FAINT, HALO, LINE, SOFT, Canvas, Frame, nothing
from recommendations.charts.figures import Figure
from recommendations.charts.labels import Place
from recommendations.charts.numbers import Formatter, plain, tick_labels
from recommendations.charts.scales import Linear, nice_ticks
from recommendations.charts.svg import Value
from recommendations.charts.tables import Table
from recommendations.charts.text import isolate

_ROW: Final = 20.0
_BETWEEN: Final = 14.0
_MOST_LINES: Final = 3
_MANY: Final = 20
"""With more rows than this, the scale is written below them too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked(Figure):
    """An area and its figure."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedData:
    """Areas, in any order; ``number`` writes their figures."""

    areas: tuple[Ranked, ...]
    number: Formatter = plain

    @property
    def known(self) -> list[Ranked]:
        """Areas with a figure, the highest first, equal ones by name."""
        known = (area for area in self.areas if area.is_known)
        return sorted(known, key=lambda area: (-area.known, area.name))

    @property
    def missing(self) -> list[str]:
        return sorted(area.name for area in self.areas if not area.is_known)

    @property
    def median(self) -> Decimal:
        return median(area.known for area in self.known)

    def table(self) -> Table:
        """A row for each area, the highest first; those without a figure are the last."""
        missing = sorted((a for a in self.areas if not a.is_known), key=lambda area: area.name)
        rows = ((area.name, area.cell, area.note()) for area in (*self.known, *missing))
        return Table((_("Area"), _("Value"), _("Note")), tuple(rows))

    def sentence(self) -> str:
        """The ends and the middle, and how many are missing."""
        first, last = self.known[0], self.known[-1]
        return _(
            "%(count)d areas from %(lowest)s (%(last)s) to %(highest)s (%(first)s), "
            "median %(median)s; %(missing)d without data."
        ) % {
            "count": len(self.known),
            "lowest": last.words(self.number),
            "last": isolate(last.name),
            "highest": first.words(self.number),
            "first": isolate(first.name),
            "median": self.number(self.median),
            "missing": len(self.missing),
        }


@dataclass(frozen=True, slots=True)
class _Row:
    area: Ranked
    lines: list[str]

    @property
    def height(self) -> float:
        return _ROW + _BETWEEN * (len(self.lines) - 1)


def ranked(data: RankedData, frame: Frame) -> SafeString:
    """A row for each area with a figure, the median marked; the others are named below."""
    if not data.known:
        return nothing(frame, "ranked")
    canvas = Canvas(frame, "ranked", data.sentence())
    canvas.unit_line()
    bottom = _draw_rows(canvas, data)
    bottom = marks.draw_key(canvas, marks.status_key(data.known), bottom)
    return canvas.finish(_name_missing(canvas, data, bottom) + 2)


def _draw_rows(canvas: Canvas, data: RankedData) -> float:
    width = canvas.frame.width
    ticks = nice_ticks([area.known for area in data.known], 3 if canvas.frame.is_narrow else 5)
    names = min(0.4 * width, max(text.width(area.name) for area in data.known)) + 8
    figures = max(text.width(area.words(data.number)) for area in data.known) + 14
    figures = min(0.3 * width, figures)
    top = canvas.top + 2 * LINE + 4
    rows = [_Row(area, _lines(area.name, names - 6)) for area in data.known]
    bottom = top + sum(row.height for row in rows)
    plot = Plot(names + 8, top, width - figures, bottom)
    scale = Linear(ticks[0], ticks[-1], plot.left, plot.right)
    _draw_scale(canvas, plot, scale, ticks, is_long=len(rows) > _MANY)
    _draw_median(canvas, plot, scale, data)
    for row in rows:
        at = scale(row.area.known), top + row.height / 2
        _draw_row(canvas, row, row.area.words(data.number), at, names)
        top += row.height
    return bottom + (LINE + 4 if len(rows) > _MANY else 6)


def _lines(name: str, room: float) -> list[str]:
    lines = list(text.wrap(name, room))
    if len(lines) > _MOST_LINES:
        rest = " ".join(lines[_MOST_LINES - 1 :])
        lines[_MOST_LINES - 1 :] = [text.cut(rest, room)]
    return lines


def _draw_scale(
    canvas: Canvas, plot: Plot, scale: Linear, ticks: list[Decimal], *, is_long: bool
) -> None:
    labels = tick_labels(ticks)
    # Labels as wide as the way between ticks would run into each other: then only the ends.
    apart = scale(ticks[1]) - scale(ticks[0])
    is_crowded = max(map(text.width, labels)) + 8 > apart
    for place, (tick, label) in enumerate(zip(ticks, labels, strict=True)):
        x = scale(tick)
        ends: dict[str, Value] = {"y1": plot.top - LINE, "y2": plot.bottom + 2}
        canvas.add("line", class_="chart-grid", x1=x, x2=x, stroke=FAINT, **ends)
        if is_crowded and place not in {0, len(ticks) - 1}:
            continue
        x = canvas.inside(label, x)
        canvas.words(label, x, plot.top - LINE - 5, "middle")
        if is_long:
            canvas.words(label, x, plot.bottom + LINE, "middle")


def _draw_median(canvas: Canvas, plot: Plot, scale: Linear, data: RankedData) -> None:
    x = scale(data.median)
    group = canvas.group(class_="chart-path", color=SOFT)
    marks.line(group, [(x, plot.top), (x, plot.bottom)], stroke_width=1.3, stroke_dasharray="6 4")
    words = _("median %(value)s") % {"value": data.number(data.median)}
    canvas.words(words, canvas.inside(words, x), plot.top - 4, "middle", **HALO)


def _draw_row(canvas: Canvas, row: _Row, figure: str, at: Place, names: float) -> None:
    x, y = at
    area = row.area
    # Leads the eye from the name to its dot.
    lead: dict[str, Value] = {"stroke": FAINT, "stroke_dasharray": "1 3", "stroke_width": 1.4}
    canvas.add("line", class_="chart-grid", x1=names + 4, x2=x - 7, y1=y, y2=y, **lead)
    for number, line in enumerate(row.lines):
        words = canvas.words(
            line, names, y + 4 + (number - (len(row.lines) - 1) / 2) * _BETWEEN, "end"
        )
        if line.endswith("…"):
            svg.add(words, "title", area.name)
    group = marks.series_group(canvas, 0)
    marks.point(group, at, area.status, 4.4)
    canvas.words(figure, x + 11, y + 4, "start", **HALO)


def _name_missing(canvas: Canvas, data: RankedData, top: float) -> float:
    """Areas without a figure, by name: they have no place on the scale."""
    if not data.missing:
        return top
    words = _("No data (%(count)d): %(names)s") % {
        "count": len(data.missing),
        "names": ", ".join(map(isolate, data.missing)),
    }
    y = top + LINE
    marks.hatch_glyph(canvas, 7, y - 4)
    for line in text.wrap(words, canvas.frame.width - 22):
        canvas.words(line, 20, y)
        y += LINE
    return y - LINE + 6
