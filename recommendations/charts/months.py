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
from django.utils.translation import ngettext

from recommendations.charts import line
from recommendations.charts.canvas import (
    EDGE,
    FAINT,
    HALO,
    INK,
    LINE_HEIGHT,
    AttributeValue,
    Canvas,
    ChartTable,
    Frame,
    Plot,
    TimeScale,
    add_element,
    cut_text,
    draw_no_data,
    nice_ticks,
    spread_labels,
    text_width,
    time_ticks,
)
from recommendations.charts.line import State, draw_states
from recommendations.choices import ObsStatus
from recommendations.periods import Period, parse

_HEIGHT: Final = 220.0
_BAND: Final = 26.0
"""Pixels: of the columns, and of one strip."""

_BESIDE: Final = 224.0
"""Pixels for what the last month has, the same in charts below each other."""


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
    def steps(self) -> str:
        return capfirst(_("month"))

    @property
    def used(self) -> tuple[State, ...]:
        """The states that any month has."""
        known = [month.counts for month in self.months if month.counts is not None]
        columns = zip(self.states, zip(*known, strict=True), strict=True) if known else ()
        return tuple(state for state, counts in columns if any(counts))

    @property
    def last_counts(self) -> list[tuple[State, Decimal, str]]:
        """Each state of the last month, the middle of its field, and its count with its label."""
        found, below = [], 0
        for state, count in zip(self.states, self.months[-1].counts or (), strict=False):
            if count:
                found.append((state, below + Decimal(count) / 2, f"{count} {state.label}"))
            below += count
        return found

    def table(self) -> ChartTable:
        """A row for each month."""
        header = (self.steps, *(state.label for state in self.states), _("Total"))
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
    beside = [] if frame.is_narrow else data.last_counts
    right = _BESIDE if beside else 2
    plot = Plot(left, canvas.top + 6, frame.width - right, canvas.top + 6 + _HEIGHT)
    plot.draw_value_axis(canvas, ticks)
    scale = plot.value_scale(ticks)
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
                add_element(group, "rect", **box, y=top, height=bottom - top, **state.looks)
                below += count
    wanted = [scale(middle) + 4 for _state, middle, _words in beside]
    heights = spread_labels(wanted, LINE_HEIGHT, plot.top + 8, plot.bottom)
    for (_state, _middle, words), y in zip(beside, heights, strict=True):
        canvas.text(cut_text(words, right - 6), plot.right + 6, y)
    plot.draw_time_axis(canvas, periods)
    # What stands beside its field needs no legend.
    named = {state for state, _middle, _words in beside}
    legend = [state for state in data.used[::-1] if state not in named]
    return canvas.finish(draw_states(canvas, legend, plot.bottom + 26))


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
    def steps(self) -> str:
        return capfirst(_("month"))

    @property
    def used(self) -> tuple[State, ...]:
        """The states of all strips, each once."""
        found = (state for strip in self.strips for state in strip.states if state)
        return tuple(dict.fromkeys(found))

    def table(self) -> ChartTable:
        """A row for each month."""
        header = (self.steps, *(strip.name for strip in self.strips))
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
            box = {"x": x, "y": plot.top, "width": width, "height": _BAND}
            looks = state.looks if state else {"fill": canvas.hatch(), "class_": "chart-edge"}
            add_element(group, "rect", **box, **looks)
        canvas.top = plot.bottom + 14
    plot.draw_time_axis(canvas, periods)
    return canvas.finish(draw_states(canvas, data.used, plot.bottom + 26))


# ---- Slippage chart: each date that was stated for one thing, against the day on which that was.
# A date that is kept is a level line until it meets the diagonal, where the day has come; one that
# moves away as time goes by steps up. Also known as a milestone trend chart.

_STEPS_HEIGHT: Final = 240.0
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
    def steps(self) -> str:
        return _("Stated on")

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
        header = (self.steps, _("Target date"), _("Days after the original target date"))
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
    plot = Plot(left, canvas.top + 26, frame.width - 8, canvas.top + 26 + _STEPS_HEIGHT)
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
