"""Line charts of one or several series over time, and the small one of a single series."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from operator import attrgetter
from typing import Final
from xml.etree import ElementTree

from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.characters import replace_invalid
from recommendations.charts.canvas import (
    BACKGROUND,
    EDGE,
    GOAL,
    HALO,
    INK,
    LINE_HEIGHT,
    TEXT_SIZE,
    AttributeValue,
    Box,
    Canvas,
    ChartTable,
    Datum,
    Frame,
    LabelLayout,
    LinearScale,
    NumberFormat,
    Plot,
    Position,
    TableCell,
    TimeScale,
    add_element,
    coordinate,
    cut_text,
    draw_no_data,
    format_number,
    is_cut,
    isolate,
    middle_day,
    nice_ticks,
    obs_status_text,
    require_finite,
    spread_labels,
    step_name,
    text_width,
    wrap_text,
)
from recommendations.choices import ObsStatus
from recommendations.periods import Period

# ---- Shapes of a chart: values by observation status, lines of series, goals, legend, textures.
# Colour is never the only difference: each series has its own dash, each status its own shape, each
# state its own texture.

# Distinct with every kind of colour vision and on the background; the same as in charts.css.
SERIES_COLOURS: Final = ("#0b5c63", "#8f3d14", "#3355c4", "#d0559f", "#a58424", "#1b2530")
_DASHES: Final = (None, "9 4", "9 3 2 3", "5 2.5", "14 3", "9 3 2 3 2 3")


# Outlines around 0, 0. Provisional and normal values are circles, open and filled.
_SHAPES: Final = {
    ObsStatus.ESTIMATED: "M0-5.6 5.6 0 0 5.6-5.6 0z",
    ObsStatus.FORECAST: "M0-5.4 5.4 4.3H-5.4z",
    ObsStatus.IMPUTED: "M-4.2-4.2H4.2V4.2H-4.2z",
}
_CROSS: Final = "M-4-4 4 4M4-4-4 4"

_SHAPED_STATUSES: Final = (
    ObsStatus.PROVISIONAL,
    ObsStatus.ESTIMATED,
    ObsStatus.FORECAST,
    ObsStatus.IMPUTED,
    ObsStatus.LOW_RELIABILITY,
)
"""In the order of the legend."""


def series_group(canvas: Canvas, number: int) -> ElementTree.Element:
    """A group in the colour of the series of that number, from 0; the colours repeat."""
    index = number % len(SERIES_COLOURS)
    return canvas.group(class_=f"series-{index + 1}", color=SERIES_COLOURS[index])


def draw_point(
    parent: ElementTree.Element, at: Position, status: str, radius: float = 4.2
) -> ElementTree.Element:
    """A value as a shape that shows its observation status."""
    x, y = at
    ring: dict[str, AttributeValue] = {"stroke": "currentColor", "stroke_width": 2}
    open_fill: dict[str, AttributeValue] = {"class_": "chart-open", "fill": BACKGROUND}
    moved = f"translate({coordinate(x)} {coordinate(y)})"
    if status == ObsStatus.LOW_RELIABILITY:
        return add_element(parent, "path", d=_CROSS, transform=moved, fill="none", **ring)
    if status == ObsStatus.PROVISIONAL:
        return add_element(parent, "circle", cx=x, cy=y, r=radius, **open_fill, **ring)
    if shape := _SHAPES.get(ObsStatus(status)):
        return add_element(parent, "path", d=shape, transform=moved, **open_fill, **ring)
    return add_element(parent, "circle", cx=x, cy=y, r=radius, fill="currentColor")


def draw_bound(parent: ElementTree.Element, at: Position, *, is_at_least: bool) -> None:
    """An arrow above a value that is a lower bound, a sign above one that is approximate."""
    x, y = at[0], at[1] - 7
    if is_at_least:
        arrow = f"M{coordinate(x)} {coordinate(y)}v-9m-3.5 3.5 3.5-3.5 3.5 3.5"
        add_element(parent, "path", d=arrow, fill="none", stroke="currentColor", stroke_width=1.6)
    else:
        add_element(parent, "text", "≈", x=x, y=y, fill="currentColor", text_anchor="middle")


def draw_line(
    parent: ElementTree.Element,
    positions: Sequence[Position],
    number: int = 0,
    **attributes: AttributeValue,
) -> None:
    """A line through the positions, with the dash of the series of that number."""
    given: dict[str, AttributeValue] = {
        "fill": "none",
        "stroke": "currentColor",
        "stroke_width": 2.4,
        "stroke_linejoin": "round",
        "stroke_dasharray": _DASHES[number % len(_DASHES)],
        **attributes,
    }
    points = " ".join(f"{coordinate(x)},{coordinate(y)}" for x, y in positions)
    add_element(parent, "polyline", points=points, **given)


def draw_path(parent: ElementTree.Element, first: Position, last: Position) -> None:
    """A dashed straight line that no value makes: a way, a median, a diagonal."""
    draw_line(parent, [first, last], stroke_width=1.3, stroke_dasharray="6 4")


def draw_break(parent: ElementTree.Element, x: float, top: float, bottom: float) -> None:
    """A dashed vertical line where values before and after cannot be compared."""
    looks: dict[str, AttributeValue] = {"stroke": "currentColor", "stroke_width": 1.4}
    ends = {"x1": x, "x2": x, "y1": top, "y2": bottom}
    add_element(parent, "line", **ends, **looks, stroke_dasharray="2 3")


def draw_cut(
    canvas: Canvas, at: Position, ticks: Sequence[Decimal], *, is_across: bool = False
) -> None:
    """A zigzag where an axis with these ticks leaves zero out; ``is_across``: a horizontal one."""
    if not is_cut(ticks):
        return
    x, y = at
    path = f"M{coordinate(x)} {coordinate(y - 6)}l-3 2 6 4-6 4 3 2"
    if is_across:
        path = f"M{coordinate(x - 6)} {coordinate(y)}l2-3 4 6 4-6 2 3"
    canvas.add("path", class_="chart-cut", d=path, fill="none", stroke=EDGE, stroke_width=1.6)


# ---- the legend


Glyph = Callable[[Canvas, float, float], object]
LegendItem = tuple[Glyph, float, str]
"""A shape, its width in pixels, and its meaning."""


def draw_legend(canvas: Canvas, items: Sequence[LegendItem], top: float) -> float:
    """Shapes with their meaning, in lines below a chart; returns the y of its end."""
    x, y = 0.0, top + LINE_HEIGHT - 5
    for glyph, width, text in items:
        needed = width + 6 + text_width(text)
        if x and x + needed > canvas.frame.width:
            x, y = 0.0, y + LINE_HEIGHT
        glyph(canvas, x + width / 2, y - 4)
        for number, part in enumerate(wrap_text(text, canvas.frame.width - width - 6)):
            y += LINE_HEIGHT if number else 0
            canvas.text(part, x + width + 6, y)
        x += needed + 14
    return y + 5 if items else top


def status_legend(data: Iterable[Datum]) -> list[LegendItem]:
    """The shapes and signs of these values with their meaning."""
    known = [datum for datum in data if datum.is_known]
    statuses = {datum.status for datum in known}
    items = [
        (status_glyph(code), 12.0, obs_status_text(code))
        for code in _SHAPED_STATUSES
        if code in statuses
    ]
    if any(datum.is_lower_bound for datum in known):
        items.append((sign_glyph("≥"), 10.0, _("at least")))
    if any(datum.is_approximate for datum in known):
        items.append((sign_glyph("≈"), 10.0, _("approximate")))
    return items


def cut_legend(ticks: Sequence[Decimal]) -> list[LegendItem]:
    """That an axis does not begin at zero, where it does not."""
    if not is_cut(ticks):
        return []
    words = _("axis does not start at 0")
    return [(lambda canvas, x, y: draw_cut(canvas, (x, y), ticks), 8.0, words)]


def status_glyph(status: str) -> Glyph:
    return lambda canvas, x, y: draw_point(canvas.root, (x, y), status)


def sign_glyph(sign: str) -> Glyph:
    return lambda canvas, x, y: canvas.text(sign, x, y + 4, "middle")


def break_glyph(canvas: Canvas, x: float, y: float) -> None:
    draw_break(canvas.root, x, y - 7, y + 7)


def hatch_glyph(canvas: Canvas, x: float, y: float) -> None:
    canvas.add("rect", x=x - 7, y=y - 5, width=14, height=10, fill=canvas.hatch())


def path_glyph(canvas: Canvas, x: float, y: float) -> None:
    draw_path(canvas.root, (x - 12, y), (x + 12, y))


# ---- fields: which of a few states holds, told by lightness, in the colours of bars and chips

FIELDS: Final = {
    "full": "#1d3a73",
    "most": "#4a74bd",
    "some": "#a9c1e8",
    "start": BACKGROUND,
    "none": "#e3ded4",
    "good": "#17633b",
    "risk": "#e3a746",
    "off": "#a8231b",
    "stopped": "#525c68",
    "aside": "#85807a",
    "replaced": "#ebedef",
    "late-1": "#e3a746",
    "late-2": "#865000",
}
"""Colours by day, by name; in a page charts.css sets them."""


@dataclass(frozen=True, slots=True)
class State:
    """One of the states that a chart tells apart: the name of its colour, and its label."""

    field: str
    label: str

    @property
    def looks(self) -> dict[str, AttributeValue]:
        """How a rectangle of this state is drawn."""
        colours = {"fill": FIELDS[self.field], "stroke": EDGE}
        return {"class_": f"chart-edge field-{self.field}", "stroke_width": 0.6, **colours}


def draw_states(canvas: Canvas, states: Sequence[State], top: float) -> float:
    """The legend: each state with its label; returns the y of its end."""

    def glyph_of(state: State) -> Glyph:
        size = {"width": 18.0, "height": LINE_HEIGHT - 6}
        return lambda canvas, x, y: canvas.add("rect", x=x - 9, y=y - 6, **size, **state.looks)

    return draw_legend(canvas, [(glyph_of(state), 18.0, state.label) for state in states], top)


# ---- Series over time: their data, the line chart with baseline and target, and sparklines


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesPoint(Datum):
    """The value of one period."""

    period: Period

    @property
    def day(self) -> float:
        return middle_day(self.period)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Values over time.

    ``step_months`` is the interval of regular values: a longer one between two of them is a gap,
    even where no point is marked as missing.
    """

    name: str
    points: tuple[SeriesPoint, ...]
    step_months: int | None = None

    @property
    def ordered(self) -> list[SeriesPoint]:
        return sorted(self.points, key=attrgetter("period.first_day", "period.last_day"))

    @property
    def known(self) -> list[SeriesPoint]:
        return [point for point in self.ordered if point.is_known]

    def connected(self) -> list[list[SeriesPoint]]:
        """The points that a line may connect: it ends at a gap and before a series break."""
        runs: list[list[SeriesPoint]] = []
        previous: SeriesPoint | None = None
        for point in self.ordered:
            if point.is_known:
                is_break = point.status == ObsStatus.BREAK
                if previous is None or is_break or self._is_far(previous, point):
                    runs.append([])
                runs[-1].append(point)
            previous = point if point.is_known else None
        return runs

    def gaps(self) -> Iterator[tuple[float, float]]:
        """First day of each gap and the day after its last, as ordinals."""
        for point in self.ordered:
            if not point.is_known:
                yield point.period.first_day.toordinal(), point.period.last_day.toordinal() + 1
        for before, after in pairwise(self.ordered):
            if before.is_known and after.is_known and self._is_far(before, after):
                yield before.period.last_day.toordinal() + 1, after.period.first_day.toordinal()

    def breaks(self) -> Iterator[float]:
        """The days at which it breaks: half way to the first value after it, as ordinals."""
        for before, after in pairwise(self.known):
            if after.status == ObsStatus.BREAK:
                yield (before.day + after.day) / 2

    def _is_far(self, before: SeriesPoint, after: SeriesPoint) -> bool:
        if self.step_months is None:
            return False
        first, second = before.period.first_day, after.period.first_day
        months = (second.year - first.year) * 12 + second.month - first.month
        # A value that is half a step late is only late; after that one is missing in between.
        return months > 1.5 * self.step_months


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A baseline or a target: the value at the start, or the one to be reached, and its period."""

    period: Period
    value: Decimal

    def __post_init__(self) -> None:
        require_finite(self.value)


_MOST_DESCRIBED = 6

_Row = tuple[Period, int, str, tuple[TableCell, ...]]
"""Period, order within it, name of the series, and the other cells of a row of the table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineData:
    """One or several series; ``number`` writes their values."""

    series: tuple[Series, ...]
    baseline: Goal | None = None
    target: Goal | None = None
    number: NumberFormat = format_number

    @property
    def goals(self) -> list[Goal]:
        return [goal for goal in (self.baseline, self.target) if goal]

    @property
    def values(self) -> list[Decimal]:
        """Every value that is drawn."""
        drawn = [point.known for series in self.series for point in series.known]
        return drawn + [goal.value for goal in self.goals]

    @property
    def steps(self) -> str:
        return step_name(self.periods)

    @property
    def periods(self) -> list[Period]:
        """Every period on the axis, those of missing values included."""
        points = [point for series in self.series for point in series.points]
        return [point.period for point in points] + [goal.period for goal in self.goals]

    def table(self) -> ChartTable:
        """A row for each value, missing value, baseline and target, in order of time."""
        names = (_("Series"),) if len(self.series) > 1 else ()
        rows = sorted(self._rows(), key=lambda row: (row[0].first_day, row[0].code, row[1]))
        return ChartTable(
            (capfirst(_("period")), *names, _("Field"), capfirst(_("value")), capfirst(_("note"))),
            tuple(
                (period.code, *((name,) if names else ()), *cells)
                for period, _order, name, cells in rows
            ),
        )

    def _rows(self) -> Iterator[_Row]:
        if self.baseline:
            yield self.baseline.period, 0, "", (_("baseline"), self.baseline.value, "")
        for order, series in enumerate(self.series, start=1):
            for point in series.points:
                cells = (_("value"), point.known_value, point.note())
                yield point.period, order, series.name, cells
        if self.target:
            order = len(self.series) + 1
            yield self.target.period, order, "", (_("target"), self.target.value, "")

    def description(self) -> str:
        """First and last value of each series, and the target."""
        parts = []
        for series in self.series[:_MOST_DESCRIBED]:
            known, words = series.known, {"name": isolate(series.name)}
            if not known:
                parts.append(_("%(name)s: no data") % words)
                continue
            last = self._value_in_period(known[-1])
            if len(known) == 1:
                parts.append(_("%(label)s: %(value)s") % {"label": words["name"], "value": last})
                continue
            words |= {"first": self._value_in_period(known[0]), "last": last}
            parts.append(_("%(name)s: %(first)s, then %(last)s") % words)
        if more := len(self.series) - len(parts):
            parts.append(ngettext("%(n)s more", "%(n)s more", more) % {"n": more})
        if self.target:
            told = {"value": self.number(self.target.value), "period": self.target.period.code}
            parts.append(_("target %(value)s in %(period)s") % told)
        return f"{'; '.join(parts)}."

    def _value_in_period(self, point: SeriesPoint) -> str:
        values = {"value": point.text(self.number), "period": point.period.code}
        if status := point.status_text():
            return _("%(value)s in %(period)s (%(status)s)") % {**values, "status": status}
        return _("%(value)s in %(period)s") % values


# ---- the line chart


_MANY = 40
"""With more values than this, points are drawn smaller."""

_MOST_BESIDE = 12
"""Series whose names stand beside the plot; those of more, or on a phone, are above it."""

_LEADER = 20
"""Pixels of the thin line from a series to its name."""


def line_chart(data: LineData, frame: Frame) -> SafeString:
    """One or several series over time, with baseline and target where given.

    Each value is drawn at the middle of its period. The line ends at a missing value and at a
    series break; a single value is a point. The last value is written beside it.
    """
    if not data.values:
        return draw_no_data(frame, "line")
    canvas = Canvas(frame, "line", data.description())
    canvas.draw_unit()
    chart = _LineChart(canvas, data)
    chart.draw_axes()
    chart.draw_path()
    for number, series in enumerate(data.series):
        chart.draw_series(number, series)
    chart.draw_goals()
    if len(data.series) == 1:
        if known := data.series[0].known:
            text = known[-1].full_text(data.number)
            chart.draw_label(text, chart.at(known[-1]), is_strong=True)
    elif chart.has_names_beside:
        chart.draw_names_beside()
    legend = [*chart.legend(), *cut_legend(chart.ticks)]
    bottom = draw_legend(canvas, legend, chart.plot.bottom + 26)
    return canvas.finish(bottom + 2)


def _position(item: SeriesPoint | Goal, day: TimeScale, height: LinearScale) -> Position:
    """Where a value, a baseline or a target is drawn."""
    value = item.known if isinstance(item, SeriesPoint) else item.value
    return day(middle_day(item.period)), height(value)


class _LineChart:
    """A line chart while it is drawn, with its width divided between plot and labels."""

    def __init__(self, canvas: Canvas, data: LineData) -> None:
        self.canvas, self.data = canvas, data
        frame = canvas.frame
        self.has_names_beside = 1 < len(data.series) <= _MOST_BESIDE and not frame.is_narrow
        # Gaps to hatch on the axis; those of several series would cover each other.
        self.missing = list(data.series[0].gaps()) if len(data.series) == 1 else []
        right = 14.0
        if self.has_names_beside:
            # At most a third of the chart, where names are then cut.
            needed = max(self._value_width(each) + text_width(each.name) for each in data.series)
            right = min(frame.width / 3, needed + _LEADER)
        elif len(data.series) > 1:
            self._draw_names_above()
        elif (known := data.series[0].known if data.series else []) and all(
            middle_day(period) <= known[-1].day for period in data.periods
        ):  # Nothing is drawn to the right of the last value.
            text = known[-1].full_text(data.number)
            right = min(0.34 * frame.width, text_width(text, is_strong=True) + 12)
        self.ticks = nice_ticks(data.values, 3 if frame.is_narrow else 4)
        top = canvas.top + 10
        bottom = top + (170 if frame.is_narrow else 230)
        left = Plot.label_width(canvas, self.ticks)
        self.plot = Plot(left, top, frame.width - right, bottom)
        self.height = self.plot.value_scale(self.ticks)
        self.day = self.plot.time_scale(data.periods)
        self.labels = LabelLayout(Box(left, top - 10, frame.width, bottom - 2))

    def at(self, item: SeriesPoint | Goal) -> Position:
        return _position(item, self.day, self.height)

    def draw_axes(self) -> None:
        canvas, plot = self.canvas, self.plot
        plot.draw_value_axis(canvas, self.ticks)
        draw_cut(canvas, (plot.left, plot.bottom), self.ticks)
        plot.draw_time_axis(canvas, self.data.periods)
        for number, series in enumerate(self.data.series):
            group = series_group(canvas, number)
            for day in series.breaks():
                draw_break(group, self.day(day), plot.top, plot.bottom)
        fill = canvas.hatch() if self.missing else None
        for first, last in self.missing:
            x = self.day(first)
            box = {"x": x, "y": plot.bottom - 8, "width": self.day(last) - x, "height": 8.0}
            canvas.add("rect", class_="chart-missing", fill=fill, **box)

    def draw_path(self) -> None:
        """The straight path from baseline to target; without a baseline the level of the target."""
        if target := self.data.target:
            end = self.at(target)
            start = self.at(self.data.baseline) if self.data.baseline else (self.plot.left, end[1])
            self.labels.reserve_line([start, end])
            draw_path(self.canvas.group(class_="chart-path", color=GOAL), start, end)

    def draw_series(self, number: int, series: Series) -> None:
        group = series_group(self.canvas, number)
        for run in series.connected():
            positions = [self.at(point) for point in run]
            if len(positions) > 1:
                draw_line(group, positions, number)
                self.labels.reserve_line(positions)
        radius = 4.2 if len(series.known) <= _MANY else 2.6
        words = _("%(label)s: %(value)s")
        if len(self.data.series) > 1:
            words = _("%(name)s, %(period)s: %(value)s")
        for point in series.known:
            at = self.at(point)
            mark = draw_point(group, at, point.status, radius)
            told = {
                "label": point.period.code,
                "period": point.period.code,
                "value": point.full_text(self.data.number),
            }
            add_element(mark, "title", words % {**told, "name": isolate(series.name)})
            mark.set("data-at", point.period.code)
            self.labels.reserve_point(at)
            if point.is_lower_bound or point.is_approximate:
                draw_bound(group, at, is_at_least=point.is_lower_bound)
                self.labels.reserve_point((at[0], at[1] - 12))

    def draw_goals(self) -> None:
        group = self.canvas.group(class_="chart-goal", color=GOAL)
        for goal, template, is_target in (
            (self.data.target, _("target %(value)s"), True),
            (self.data.baseline, _("baseline %(value)s"), False),
        ):
            if goal:
                at = self.at(goal)
                x, y = at
                ring: dict[str, AttributeValue] = {"stroke": "currentColor", "stroke_width": 1.4}
                add_element(group, "circle", cx=x, cy=y, r=7.5, fill="none", **ring)
                if is_target:
                    add_element(group, "circle", cx=x, cy=y, r=2.6, fill="currentColor")
                self.labels.reserve_point(at, 7)
                self.draw_label(template % {"value": self.data.number(goal.value)}, at, away=12)

    def draw_label(
        self, text: str, at: Position, *, is_strong: bool = False, away: float = 9
    ) -> None:
        x, y, anchor = self.labels.position(text_width(text, is_strong=is_strong), at, away)
        draw = self.canvas.strong_text if is_strong else self.canvas.text
        draw(text, x, y, anchor, **HALO)

    def legend(self) -> Iterator[LegendItem]:
        """Shapes whose meaning is not written beside them."""
        yield from status_legend([p for series in self.data.series for p in series.known])
        if any(True for series in self.data.series for _day in series.breaks()):
            yield break_glyph, 8, _("series break")
        if self.missing:
            yield hatch_glyph, 14, _("no data")
        if self.data.baseline and self.data.target:
            yield path_glyph, 24, _("linear path to the target")

    # ---- names of several series

    def draw_names_beside(self) -> None:
        """Last value and name of each series in a column, with a thin line to each."""
        plot, every = self.plot, self.data.series
        ends = [self.at(series.known[-1]) if series.known else None for series in every]
        wanted = [end[1] if end else plot.bottom for end in ends]
        heights = spread_labels(wanted, LINE_HEIGHT - 2, plot.top + 2, plot.bottom - 4)
        column = plot.right + _LEADER
        for number, (series, end, y) in enumerate(zip(every, ends, heights, strict=True)):
            if end:
                leader = [(end[0] + 7, end[1]), (plot.right + 4, end[1]), (column - 3, y)]
                group = series_group(self.canvas, number)
                draw_line(group, leader, stroke_width=1.2)
            self._draw_name(series, (column, y + 4))

    def _draw_names_above(self) -> None:
        """A row for each, the highest first: a sample of its line, its last value, its name."""
        known = {number: series.known for number, series in enumerate(self.data.series)}
        for number in sorted(known, key=lambda n: -known[n][-1].known if known[n] else _INFINITE):
            y = self.canvas.top + TEXT_SIZE
            group = series_group(self.canvas, number)
            draw_line(group, [(1, y - 4), (33, y - 4)], number)
            self._draw_name(self.data.series[number], (42, y))
            self.canvas.top += LINE_HEIGHT

    def _value(self, series: Series) -> str:
        return series.known[-1].text(self.data.number) if series.known else _("no data")

    def _value_width(self, series: Series) -> float:
        return text_width(f"{self._value(series)} ", is_strong=True)

    def _draw_name(self, series: Series, at: Position) -> None:
        """The value, then the name; not in the colour of the series, which may lack contrast."""
        available = self.canvas.frame.width - at[0] - self._value_width(series)
        name = cut_text(series.name, available)
        text = self.canvas.text("", *at)
        if name != series.name:
            add_element(text, "title", series.name)
        value = self._value(series)
        strong = add_element(text, "tspan", value, class_="chart-strong", fill=INK, font_weight=600)
        strong.tail = replace_invalid(f" {isolate(name)}")


_INFINITE: Final = Decimal("Infinity")


# ---- the sparkline


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
    series, plot = data.series[0], Plot(_EDGE, _EDGE, WIDTH - _EDGE, HEIGHT - _EDGE)
    known, goals = series.known, data.goals
    values = [*(point.known for point in known), *(goal.value for goal in goals)]
    # The whole height for the whole range; equal values are in the middle.
    low, high = min(values), max(values)
    margin = Decimal(1) if low == high else Decimal(0)
    height = LinearScale(low - margin, high + margin, plot.bottom, plot.top)
    day = plot.time_scale(data.periods)
    if len(goals) > 1:
        path = canvas.group(class_="chart-path", color=GOAL)
        ends = [_position(goal, day, height) for goal in goals]
        draw_line(path, ends, stroke_width=1, stroke_dasharray="3 3")
    group = series_group(canvas, 0)
    for x in map(day, series.breaks()):
        draw_break(group, x, plot.top, plot.bottom)
    for run in series.connected():
        positions = [_position(point, day, height) for point in run]
        if len(positions) > 1:
            draw_line(group, positions, stroke_width=2)
        else:
            draw_point(group, positions[0], run[0].status, 2)
    draw_point(group, _position(known[-1], day, height), known[-1].status, 3.4)
    return canvas.finish(HEIGHT)
