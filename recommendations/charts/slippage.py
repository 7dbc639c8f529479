"""Slippage chart: each date that was stated for one thing, against the day on which it was stated.

A date that is kept is a level line until it meets the diagonal, where the day has come; one that
moves away as time goes by steps up. Also known as a milestone trend chart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Final

from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.charts import line
from recommendations.charts.canvas import (
    EDGE,
    FAINT,
    HALO,
    INK,
    Canvas,
    Frame,
    add_element,
    draw_no_data,
    text_width,
)
from recommendations.charts.data import ChartTable
from recommendations.charts.scales import Plot, TimeScale, time_ticks
from recommendations.choices import ObsStatus
from recommendations.periods import Period, parse

_HEIGHT: Final = 240.0
"""Pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedDate:
    """The date that was stated on a day; None: that there is none."""

    stated_on: date
    target: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SlippageData:
    """Stated dates in their order; the last one holds until ``until``."""

    stated: tuple[StatedDate, ...]
    until: date

    @property
    def first(self) -> date | None:
        """The first date that was stated."""
        return next((each.target for each in self.stated if each.target), None)

    def moved(self, each: StatedDate) -> int | None:
        """Days after the first date, negative before it; None without a date."""
        if each.target is None or self.first is None:
            return None
        return (each.target - self.first).days

    def table(self) -> ChartTable:
        """A row for each stated date."""
        header = (_("Stated on"), _("Target date"), _("Days after the original target date"))
        rows = (
            (
                _written(each.stated_on),
                _written(each.target) if each.target else _("No target date"),
                self.moved(each),
            )
            for each in self.stated
        )
        return ChartTable(header, tuple(rows))

    def description(self) -> str:
        """Each stated date in words."""
        return " ".join(self.point_text(each) for each in self.stated)

    def point_text(self, each: StatedDate) -> str:
        """One stated date in words."""
        words = {"day": _written(each.stated_on), "target": each.target and _written(each.target)}
        moved = self.moved(each)
        if moved is None:
            return _("Stated on %(day)s: no target date.") % words
        if not moved:
            return _("Stated on %(day)s: %(target)s.") % words
        text = ngettext(
            "Stated on %(day)s: %(target)s, %(n)d day after the original target date.",
            "Stated on %(day)s: %(target)s, %(n)d days after the original target date.",
            abs(moved),
        )
        if moved < 0:
            text = ngettext(
                "Stated on %(day)s: %(target)s, %(n)d day before the original target date.",
                "Stated on %(day)s: %(target)s, %(n)d days before the original target date.",
                abs(moved),
            )
        return text % {**words, "n": abs(moved)}


def _written(day: date) -> str:
    return date_format(day, "j F Y")


def slippage_chart(data: SlippageData, frame: Frame) -> SafeString:
    """Days of stating from left to right, stated dates from below to above."""
    known = [each.target for each in data.stated if each.target]
    if not known:
        return draw_no_data(frame, "slippage")
    canvas = Canvas(frame, "slippage", data.description())
    days = [data.stated[0].stated_on, max(data.until, data.stated[-1].stated_on)]
    across = [parse(day.isoformat()) for day in days]
    # The day of stating is inside, so that the diagonal shows how far away the date was.
    up = [parse(day.isoformat()) for day in (min(*known, days[0]), max(*known, days[1]))]
    ticks = _ticks(up, 5)
    left = max(text_width(label) for _day, label in ticks) + 10
    canvas.text(_("Target date"), 0, canvas.top + 12)
    plot = Plot(left, canvas.top + 26, frame.width - 8, canvas.top + 26 + _HEIGHT)
    low, high = up[0].first_day.toordinal(), up[1].last_day.toordinal() + 1
    rise = TimeScale(low, high, plot.bottom, plot.top)
    for day, label in ticks:
        plot.draw_level(canvas, rise(day), label)
    scale = plot.time_scale(across)
    _draw_days(canvas, plot, scale, _ticks(across, int((plot.right - left) / 90)))
    # Where the day of stating is the stated date.
    meets, leaves = max(scale.low, rise.low), min(scale.high, rise.high)
    if meets < leaves:
        group = canvas.group(class_="chart-path", color=EDGE)
        line.draw_path(group, *((scale(day), rise(day)) for day in (meets, leaves)))
    _draw_stated(canvas, data, scale, rise)
    items: list[line.LegendItem] = [
        (line.status_glyph(ObsStatus.NORMAL), 12.0, _("Target date stated")),
        (line.path_glyph, 26.0, _("Target date reached")),
    ]
    return canvas.finish(line.draw_legend(canvas, items, plot.bottom + 44))


def _ticks(ends: Sequence[Period], most: int) -> list[tuple[float, str]]:
    """Days inside with their labels: at least two, where two months begin there."""
    low, high = ends[0].first_day.toordinal(), ends[1].last_day.toordinal()
    found: list[tuple[float, str]] = []
    for tries in range(most, most + 8):
        found = [(day, label) for day, label in time_ticks(ends, tries) if low <= day <= high]
        if len(found) > 1:
            return found
    return found or [(low, _written(ends[0].first_day))]


def _draw_days(
    canvas: Canvas, plot: Plot, scale: TimeScale, ticks: list[tuple[float, str]]
) -> None:
    """The axis of the days of stating; a label that would cover another one is left out."""
    free = 0.0
    for day, label in ticks:
        x, half = scale(day), text_width(label) / 2
        centre = canvas.centre_inside(label, x)
        if centre - half >= free:
            canvas.text(label, centre, plot.bottom + 18, "middle")
            free = centre + half + 6
        ends = {"y1": plot.bottom, "y2": plot.bottom + 4}
        canvas.add("line", class_="chart-grid", x1=x, x2=x, stroke=FAINT, **ends)
    canvas.text(_("Day on which it was stated"), plot.right, plot.bottom + 36, "end")


def _draw_stated(canvas: Canvas, data: SlippageData, scale: TimeScale, rise: TimeScale) -> None:
    """Level while a date holds; a step where another was stated; nothing where there is none."""
    group = line.series_group(canvas, 0)
    ends = [each.stated_on for each in data.stated[1:]] + [data.until]
    pairs = zip(data.stated, ends, strict=True)
    for has_date, run in groupby(pairs, key=lambda pair: pair[0].target is not None):
        if has_date:
            days = [
                (day, each.target)
                for each, end in run
                for day in (each.stated_on, max(end, each.stated_on))
                if each.target
            ]
            line.draw_line(group, [(scale(x.toordinal()), rise(y.toordinal())) for x, y in days])
    for each in data.stated:
        if each.target:
            at = scale(each.stated_on.toordinal()), rise(each.target.toordinal())
            mark = line.draw_point(group, at, ObsStatus.NORMAL)
            add_element(mark, "title", data.point_text(each))
    last = data.stated[-1]
    if last.target:
        x, y = scale.end, rise(last.target.toordinal())
        looks = {**HALO, "class_": f"chart-strong {HALO['class_']}", "fill": INK}
        canvas.text(date_format(last.target, "j M Y"), x, y - 8, "end", **looks)
