"""States month by month: how many are in each (columns), and which one holds (strips).

A month of which nothing is known is hatched. Nothing is drawn between two months, since nothing is
known of what was in between.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Final

from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from recommendations.charts.canvas import (
    EDGE,
    LINE_HEIGHT,
    AttributeValue,
    Canvas,
    Frame,
    add_element,
    draw_no_data,
    text_width,
)
from recommendations.charts.data import ChartTable
from recommendations.charts.line import State, Textures
from recommendations.charts.scales import Plot, nice_ticks
from recommendations.periods import Period, parse

_HEIGHT: Final = 220.0
_BAND: Final = 26.0
"""Pixels: of the columns, and of one strip."""


def month_text(first_day: date) -> str:
    """A month with its year."""
    return date_format(first_day, "F Y")


def _period(first_day: date) -> Period:
    return parse(f"{first_day:%Y-%m}")


def _spans(periods: Sequence[Period], plot: Plot) -> list[tuple[float, float]]:
    """The x and the width of each month; they are as wide as they are long."""
    scale = plot.time_scale(periods)
    ends = ((scale(p.first_day.toordinal()), scale(p.last_day.toordinal() + 1)) for p in periods)
    return [(start, max(0.0, end - start)) for start, end in ends]


# ---- columns


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthCounts:
    """How many are in each state at the end of a month; None: nothing is known of that month."""

    first_day: date
    counts: tuple[int, ...] | None

    @property
    def total(self) -> int | None:
        return None if self.counts is None else sum(self.counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnsData:
    """Months in their order; ``counts`` of each are those of ``states``, the lowest first."""

    states: tuple[State, ...]
    months: tuple[MonthCounts, ...]

    @property
    def used(self) -> tuple[State, ...]:
        """The states that any month has."""
        known = [month.counts for month in self.months if month.counts is not None]
        columns = zip(self.states, zip(*known, strict=True), strict=True) if known else ()
        return tuple(state for state, counts in columns if any(counts))

    def table(self) -> ChartTable:
        """A row for each month."""
        header = (capfirst(_("month")), *(state.label for state in self.states), _("Total"))
        rows = (
            (
                month_text(month.first_day),
                *(month.counts if month.counts is not None else [None] * len(self.states)),
                month.total,
            )
            for month in self.months
        )
        return ChartTable(header, tuple(rows))

    def description(self) -> str:
        """The first month that is known, and the last."""
        known = [month for month in self.months if month.counts is not None]
        ends = known[:1] + known[1:][-1:]
        return " ".join(self.month_description(month) for month in ends)

    def month_description(self, month: MonthCounts) -> str:
        """What one month has, in words."""
        words = {"month": month_text(month.first_day)}
        if month.counts is None:
            return _("%(month)s: no data.") % words
        parts = [
            _("%(label)s %(n)d") % {"label": state.label, "n": count}
            for state, count in zip(self.states, month.counts, strict=True)
            if count
        ]
        if not parts:
            return _("%(month)s: none.") % words
        return _("%(month)s: %(counts)s.") % {**words, "counts": ", ".join(parts)}


def columns_chart(data: ColumnsData, frame: Frame) -> SafeString:
    """A column a month, of one field for each state."""
    totals = [month.total for month in data.months if month.total is not None]
    if not totals:
        return draw_no_data(frame, "months")
    canvas = Canvas(frame, "months", data.description())
    canvas.draw_unit()
    ticks = nice_ticks([Decimal(0), Decimal(max(1, *totals))], 4)
    ticks = [tick for tick in ticks if tick == tick.to_integral_value()]  # numbers of things
    left = Plot.label_width(canvas, ticks)
    plot = Plot(left, canvas.top + 6, frame.width - 2, canvas.top + 6 + _HEIGHT)
    plot.draw_value_axis(canvas, ticks)
    textures, scale = Textures(canvas), plot.value_scale(ticks)
    periods = [_period(month.first_day) for month in data.months]
    for month, (x, width) in zip(data.months, _spans(periods, plot), strict=True):
        group = canvas.group(class_="chart-month")
        add_element(group, "title", data.month_description(month))
        box: dict[str, AttributeValue] = {"x": x, "width": width}
        if month.counts is None:
            size = {"y": plot.top, "height": plot.bottom - plot.top}
            add_element(group, "rect", fill=canvas.hatch(), opacity=0.45, **box, **size)
            continue
        below = 0
        for state, count in zip(data.states, month.counts, strict=True):
            if count:
                top, bottom = scale(Decimal(below + count)), scale(Decimal(below))
                fill: dict[str, AttributeValue] = {"fill": textures.fill(state), "stroke": EDGE}
                size = {"y": top, "height": bottom - top, "stroke_width": 0.6}
                add_element(group, "rect", class_="chart-edge", **box, **size, **fill)
                below += count
    plot.draw_time_axis(canvas, periods)
    return canvas.finish(textures.draw_legend(data.used[::-1], plot.bottom + 26))


# ---- strips


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """One question, and the state that answers it at the end of each month; None: not known."""

    name: str
    states: tuple[State | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StripsData:
    """Strips below each other over the same months."""

    months: tuple[date, ...]
    strips: tuple[Strip, ...]

    @property
    def used(self) -> tuple[State, ...]:
        """The states of all strips, each once."""
        found = (state for strip in self.strips for state in strip.states if state)
        return tuple(dict.fromkeys(found))

    def table(self) -> ChartTable:
        """A row for each month."""
        header = (capfirst(_("month")), *(strip.name for strip in self.strips))
        rows = (
            (month_text(month), *(state and state.label for state in at))
            for month, *at in zip(self.months, *(s.states for s in self.strips), strict=True)
        )
        return ChartTable(header, tuple(rows))

    def description(self) -> str:
        """When each strip changes."""
        found = []
        for strip in self.strips:
            runs = groupby(
                zip(self.months, strip.states, strict=True), key=lambda each: _label(each[1])
            )
            parts = [
                _("%(state)s from %(month)s") % {"state": label, "month": month_text(month)}
                for label, ((month, _state), *_rest) in runs
            ]
            told = {"name": strip.name, "states": ", ".join(parts)}
            found.append(_("%(name)s: %(states)s.") % told)
        return " ".join(found)

    def month_description(self, place: int) -> str:
        """What holds in the month of that place, in words."""
        said = "; ".join(_label(strip.states[place]) for strip in self.strips)
        words = {"month": month_text(self.months[place]), "counts": said}
        return _("%(month)s: %(counts)s.") % words


def _label(state: State | None) -> str:
    return state.label if state else _("No data")


def strips_chart(data: StripsData, frame: Frame) -> SafeString:
    """A strip for each question; its states stand above where they begin, if there is room."""
    if not data.used:
        return draw_no_data(frame, "months")
    canvas = Canvas(frame, "strips", data.description())
    textures = Textures(canvas)
    groups = []
    for place in range(len(data.months)):
        groups.append(canvas.group(class_="chart-month"))
        add_element(groups[-1], "title", data.month_description(place))
    plot = Plot(2, canvas.top, frame.width - 2, canvas.top)
    periods = [_period(month) for month in data.months]
    spans = _spans(periods, plot)
    for strip in data.strips:
        canvas.strong_text(strip.name, plot.left, canvas.top + 14)
        top = canvas.top + 2 * LINE_HEIGHT + 6
        plot = Plot(plot.left, top, plot.right, top + _BAND)
        fields = list(zip(strip.states, spans, groups, strict=True))
        # Above each run of equal months what it is, where the words fit over the run.
        for state, run in groupby(fields, key=lambda field: field[0]):
            (start, _width), *_between, (last, width) = 2 * [span for _state, span, _group in run]
            if text_width(_label(state)) <= last + width - start:
                canvas.text(_label(state), start, plot.top - 5)
        for state, (x, width), group in fields:
            fill = textures.fill(state) if state else canvas.hatch()
            box = {"x": x, "y": plot.top, "width": width, "height": _BAND}
            looks: dict[str, AttributeValue] = {"fill": fill, "stroke": EDGE, "stroke_width": 0.6}
            add_element(group, "rect", class_="chart-edge", **box, **looks)
        canvas.top = plot.bottom + 14
    plot.draw_time_axis(canvas, periods)
    return canvas.finish(textures.draw_legend(data.used, plot.bottom + 26))
