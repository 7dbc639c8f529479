"""What a line picture is drawn from, as a table and in a sentence."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from recommendations.charts.figures import finite, status_word
from recommendations.charts.numbers import Formatter, plain
from recommendations.charts.series import Point, Series
from recommendations.charts.tables import Cell, Table
from recommendations.charts.text import isolate
from recommendations.periods import Period

_MOST_IN_A_SENTENCE = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A baseline or a target: the value that is left, or is to be reached, at a time."""

    period: Period
    value: Decimal

    def __post_init__(self) -> None:
        finite(self.value)


class _Row(NamedTuple):
    """One row of the table; it sorts by its first fields."""

    day: date
    order: int
    period: str
    name: str
    what: str
    value: Decimal | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineData:
    """One or several series; ``number`` writes their figures."""

    series: tuple[Series, ...]
    baseline: Goal | None = None
    target: Goal | None = None
    number: Formatter = plain

    @property
    def goals(self) -> list[Goal]:
        return [goal for goal in (self.baseline, self.target) if goal]

    @property
    def values(self) -> list[Decimal]:
        """Every value that is drawn."""
        drawn = [point.known for series in self.series for point in series.known]
        return drawn + [goal.value for goal in self.goals]

    @property
    def periods(self) -> list[Period]:
        """Every period on the axis: a missing figure has its place there too."""
        points = [point for series in self.series for point in series.points]
        return [point.period for point in points] + [goal.period for goal in self.goals]

    def table(self) -> Table:
        """A row for each figure, missing, baseline or target, in order of time."""
        has_names = len(self.series) > 1
        names = (_("Series"),) if has_names else ()
        header = (_("Period"), *names, _("What"), _("Value"), _("Note"))
        return Table(header, tuple(_cells(row, has_names) for row in sorted(self._rows(), key=_at)))

    def sentence(self) -> str:
        """Where each series began and stands, and where it should be."""
        parts = [self._said(series) for series in self.series[:_MOST_IN_A_SENTENCE]]
        if more := len(self.series) - len(parts):
            parts.append(_("%(number)d more") % {"number": more})
        if self.target:
            parts.append(
                _("target %(value)s in %(period)s")
                % {"value": self.number(self.target.value), "period": self.target.period.code}
            )
        return f"{'; '.join(parts)}."

    def _said(self, series: Series) -> str:
        known, name = series.known, isolate(series.name)
        if not known:
            return _("%(name)s: no data") % {"name": name}
        last = _in_words(known[-1], self.number)
        if len(known) == 1:
            return _("%(name)s: %(figure)s") % {"name": name, "figure": last}
        return _("%(name)s: %(first)s, then %(last)s") % {
            "name": name,
            "first": _in_words(known[0], self.number),
            "last": last,
        }

    def _rows(self) -> Iterator[_Row]:
        for order, series in enumerate(self.series, start=1):
            for point in series.points:
                note = point.note()
                yield _row(point.period, order, series.name, _("figure"), point.cell, note)
        for goal, order, what in (
            (self.baseline, 0, _("baseline")),
            (self.target, len(self.series) + 1, _("target")),
        ):
            if goal:
                yield _row(goal.period, order, "", what, goal.value, "")


def _row(
    period: Period, order: int, name: str, what: str, value: Decimal | None, note: str
) -> _Row:
    return _Row(period.first_day, order, period.code, name, what, value, note)


def _at(row: _Row) -> tuple[date, str, int]:
    return row.day, row.period, row.order


def _cells(row: _Row, has_names: bool) -> tuple[Cell, ...]:
    names = (row.name,) if has_names else ()
    return (row.period, *names, row.what, row.value, row.note)


def _in_words(point: Point, number: Formatter) -> str:
    words = {"value": point.words(number), "period": point.period.code}
    if status := status_word(point.status):
        return _("%(value)s in %(period)s (%(status)s)") % {**words, "status": status}
    return _("%(value)s in %(period)s") % words
