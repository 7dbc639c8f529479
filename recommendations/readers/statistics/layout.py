"""Which column of a statistical table says what, and one figure as its row writes it."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from recommendations.readers.statistics import quality
from recommendations.readers.statistics.figures import Place, formula
from recommendations.readers.statistics.spellings import is_period
from recommendations.readers.tables import Cell, Formula, TableError, fold

Cells = Sequence[Cell]
Roles = Mapping[str, tuple[str, ...]]
"""What a column may be taken for, each with the headers that are taken for it, folded."""


@dataclass(slots=True)
class Entry:
    """One figure as the file writes it, before its period, number and status are read."""

    place: Place
    period: Cell
    value: Cell
    status: str = ""
    read_status: Callable[[str], quality.Quality] = quality.sdmx
    text: str = ""
    comment: str = ""
    dimensions: Iterable[tuple[str, str]] = ()
    indicator: str = ""
    unit: str = ""
    source: str = ""
    multiplier: str = ""
    marks: frozenset[str] | None = None
    column: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said about a file: its decimal mark, and which column holds the figures."""

    decimal: str = ""
    value_column: str = ""


class Layout:
    """The columns of one table by their roles; ``rest`` are those without one.

    ``periods`` are columns headed by a period, where no column says the period.
    """

    def __init__(
        self,
        header: Sequence[str],
        roles: Roles,
        said: Said | None = None,
        ignored: Container[str] = (),
    ) -> None:
        said = said or Said()
        self.header = header
        self.columns: dict[str, int] = {}
        self.rest: list[int] = []
        known = {name: role for role, names in roles.items() for name in names}
        if said.value_column:
            known = {name: role for name, role in known.items() if role != "value"}
            known[fold(said.value_column)] = "value"
        for column, name in enumerate(header):
            role = known.get(fold(name))
            if role is None:
                if fold(name) not in ignored:
                    self.rest.append(column)
            elif self.columns.setdefault(role, column) != column:
                raise TableError(
                    _("Columns “%(one)s” and “%(two)s” say the same thing: leave one out.")
                    % {"one": header[self.columns[role]], "two": name}
                )
        self.periods: list[int] = []
        if not self.columns.keys() & {"period", "value"}:
            self.periods = [column for column in self.rest if is_period(header[column])]
            self.rest = [column for column in self.rest if column not in self.periods]
        self._roles = roles
        if said.value_column:
            self.need("value", names=(said.value_column,))

    def has(self, *roles: str) -> bool:
        return all(role in self.columns for role in roles)

    def need(self, *roles: str, names: Sequence[str] = ()) -> None:
        """Refuse a table that has no column for any of these roles."""
        if not self.columns.keys() & set(roles):
            names = names or [name for role in roles for name in self._roles[role]]
            named = ", ".join(f"“{name}”" for name in names)
            raise TableError(_("There is no column headed %s.") % named)

    def cell(self, cells: Cells, role: str) -> Cell:
        column = self.columns.get(role)
        return None if column is None else cells[column]

    def text(self, cells: Cells, role: str) -> str:
        """A cell as one line of text, empty where there is no such column."""
        return as_text(self.cell(cells, role))

    def dimensions(self, cells: Cells) -> Iterator[tuple[str, str]]:
        for column in self.rest:
            if text := as_text(cells[column]):
                yield self.header[column], text

    def entries(self, cells: Cells, place: Place, **changes: Any) -> Iterator[Entry]:
        """The figure of a row, or the figures of all its periods."""
        common: dict[str, Any] = {
            role: self.text(cells, role)
            for role in ("status", "text", "comment", "indicator", "unit", "source", "multiplier")
        }
        common["dimensions"] = tuple(self.dimensions(cells))
        common |= changes
        for column in self.periods:
            name = self.header[column]
            yield Entry(place, name, cells[column], column=name, **common)
        if not self.periods:
            yield Entry(place, self.cell(cells, "period"), self.cell(cells, "value"), **common)


Read = Callable[[Cells], Iterable[Entry]]
"""A row into the figures it holds; ``Refused`` where the whole row cannot be read."""


@dataclass(frozen=True, slots=True)
class Format:
    """One way in which statistics are laid out in a table.

    ``fits`` tells it by the header; ``read`` makes the reader of its rows, or raises
    ``TableError`` where a column is lacking. ``missing`` are the marks that stand for "no figure"
    in this format, beside an empty cell. ``has_points``: programs write it, with decimal points
    and no separated thousands; ``has_groups``: a person who saves it anew may separate them.
    """

    code: str
    label: str | Promise
    fits: Callable[[Sequence[str]], bool]
    read: Callable[[Sequence[str], Said], Read]
    missing: frozenset[str] = field(default_factory=frozenset)
    has_points: bool = True
    has_groups: bool = True
    is_about_one_place: bool = False


def plain(cell: Cell) -> str:
    """A cell as one line of text."""
    return "" if cell is None else " ".join(str(cell).split())


def as_text(cell: Cell) -> str:
    """A cell as one line of text; ``Refused`` where it is a formula, which says nothing certain."""
    if isinstance(cell, Formula):
        raise formula(cell)
    return plain(cell)
