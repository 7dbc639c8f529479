"""A quiet grid: few lines, few labels, text in the colour of the text around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from recommendations.charts import text
from recommendations.charts.canvas import FAINT, Canvas
from recommendations.charts.numbers import tick_labels
from recommendations.charts.scales import Linear, Time, middle, time_ticks
from recommendations.periods import Period


@dataclass(frozen=True, slots=True)
class Plot:
    """The field that figures are drawn in."""

    left: float
    top: float
    right: float
    bottom: float

    def heights(self, ticks: Sequence[Decimal]) -> Linear:
        """The scale of figures, from the lowest tick to the highest."""
        return Linear(ticks[0], ticks[-1], self.bottom, self.top)

    def days(self, periods: Sequence[Period]) -> Time:
        """The scale of time, from the first day of all to the last."""
        first = min(period.first_day for period in periods).toordinal()
        last = max(period.last_day for period in periods).toordinal()
        return Time(first, last + 1, self.left, self.right)


def label_room(canvas: Canvas, ticks: Sequence[Decimal]) -> float:
    """What the labels of a value axis need beside the plot; never more than a third of it."""
    return min(canvas.frame.width / 3, max(map(text.width, tick_labels(ticks))) + 8)


def value_axis(
    canvas: Canvas, plot: Plot, ticks: Sequence[Decimal], *, has_labels: bool = True
) -> None:
    """A faint line for each tick, and its figure before it."""
    scale = plot.heights(ticks)
    for tick, label in zip(ticks, tick_labels(ticks), strict=True):
        y = scale(tick)
        canvas.add(
            "line", class_="chart-grid", x1=plot.left, x2=plot.right, y1=y, y2=y, stroke=FAINT
        )
        if has_labels:
            canvas.words(label, plot.left - 8, y + 4, "end")


def time_axis(
    canvas: Canvas, plot: Plot, periods: Sequence[Period], *, room: float = 44
) -> list[float]:
    """Labels of time below the plot, one in ``room`` at most; returns where they stand."""
    scale = plot.days(periods)
    ticks = time_ticks(periods, max(1, int((plot.right - plot.left) / room) - 1))
    inside = [(day, label) for day, label in ticks if scale.low <= day <= scale.high]
    if not inside:
        first = min(periods, key=lambda period: period.first_day)
        inside = [(middle(first), first.code)]
    for day, label in inside:
        x = scale(day)
        ends = {"y1": plot.bottom, "y2": plot.bottom + 4}
        canvas.add("line", class_="chart-grid", x1=x, x2=x, stroke=FAINT, **ends)
        canvas.words(label, canvas.inside(label, x), plot.bottom + 18, "middle")
    return [scale(day) for day, _label in inside]
