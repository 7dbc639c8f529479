"""Columns of statistical tables by their roles, and rows into figures, whatever the format.

Figures are read one after the other: memory does not grow with the file.
"""

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from recommendations.readers.statistics.cells import (
    StatusReading,
    cell_text,
    is_period,
    read_sdmx_status,
)
from recommendations.readers.statistics.figures import (
    AreaReference,
    Use,
)
from recommendations.readers.tables import (
    Cell,
    TableError,
    fold_text,
)

Cells = Sequence[Cell]
Roles = Mapping[str, tuple[str, ...]]
"""The roles of columns, each with the headers that have it, folded."""


@dataclass(slots=True)
class RawFigure:
    """One figure as the file has it, before its period, number and status are read."""

    area: AreaReference
    period: Cell
    value: Cell
    status: str = ""
    read_status: Callable[[str], StatusReading] = read_sdmx_status
    text: str = ""
    comment: str = ""
    dimensions: Iterable[tuple[str, str]] = ()
    indicator: str = ""
    unit: str = ""
    source: str = ""
    multiplier: str = ""
    marks: frozenset[str] | None = None
    column: str = ""
    numerator: Cell = None
    denominator: Cell = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class ParseOptions:
    """What a person states about a file: its decimal mark, and the column of the figures.

    ``period`` is that of all rows, where no column has it. ``ignored`` are headers, folded, of
    columns that are not read: those of other indicators. ``replaces_invalid``: a person chose that
    invalid characters are replaced.
    """

    decimal: str = ""
    value_column: str = ""
    period: str = ""
    ignored: frozenset[str] = frozenset()
    replaces_invalid: bool = False


class SeveralColumns(TableError):
    """A file has several columns of figures: one of ``columns``, their headers, must be chosen."""

    def __init__(self, columns: Sequence[str]) -> None:
        named = ", ".join(f"“{name}”" for name in columns)
        super().__init__(_("The file has several value columns. Choose one: %s.") % named)
        self.columns = tuple(columns)


def with_values(options: ParseOptions, values: Sequence[str]) -> ParseOptions:
    """With the one of these columns of values that is meant, and without the others."""
    if len(values) > 1 and not options.value_column:
        raise SeveralColumns(values)
    if not values:
        raise TableError(_("The file has no value column."))
    chosen = options.value_column or values[0]
    others = frozenset(map(fold_text, values)) - {fold_text(chosen)}
    return replace(options, value_column=chosen, ignored=options.ignored | others)


def dimension_name(header: str) -> str:
    """The name of the dimension that a column holds, as it is kept."""
    return (fold_text(header) or header).upper().replace(" ", "_")


DESCRIBING = frozenset({"indicator", "title"})
"""Roles of which a table may have several columns: what is measured, in one word or another. The
header that comes first among those of the role counts, and the others are not read."""

JOINED = frozenset({"comment", "source"})
"""Roles of which all columns are read, one after the other."""


_USES: Mapping[str, Use] = {
    **dict.fromkeys(("ISO3", "ISO2", "M49", "NOT_STATED", "name", "code"), Use.AREA),
    **dict.fromkeys(("area_code", "area_name"), Use.AREA),
    **dict.fromkeys(("status", "flags", "flag", "nature", "marks"), Use.STATUS),
    **dict.fromkeys(("magnitude", "last", "confidentiality", "action"), Use.STATUS),
    **dict.fromkeys(("indicator", "title", "flow"), Use.SERIES),
    **dict.fromkeys(("unit", "multiplier", "scale"), Use.UNIT),
    **dict.fromkeys(("numerator", "denominator"), Use.TERM),
    **dict.fromkeys(("comment", "source"), Use.NOTE),
    **dict.fromkeys(("value", "text"), Use.VALUE),
    "period": Use.PERIOD,
    "dimensions": Use.DIMENSION,
}
"""What a column of a role is taken for; of any other role there is none."""


_TEXTS = ("status", "text", "comment", "indicator", "unit", "source", "multiplier", "title")
"""Roles of which a figure has the text."""


class Layout:
    """The columns of one table by their roles; ``rest`` are those without one.

    ``periods`` are columns headed by a period, where no column holds the period. Raises
    ``TableError`` where two columns have one role, unless it is one of ``DESCRIBING`` or
    ``JOINED``.
    """

    def __init__(
        self,
        header: Sequence[str],
        roles: Roles,
        options: ParseOptions | None = None,
        ignored: Container[str] = (),
    ) -> None:
        options = options or ParseOptions()
        self.header = header
        self.columns: dict[str, int] = {}
        self.joined: dict[str, list[int]] = defaultdict(list)
        self.rest: list[int] = []
        known = {name: role for role, names in roles.items() for name in names}
        if options.value_column:
            known = {name: role for name, role in known.items() if role != "value"}
            known[fold_text(options.value_column)] = "value"
        for column, name in enumerate(header):
            role = known.get(fold_text(name))
            if role is None:
                if fold_text(name) not in ignored:
                    self.rest.append(column)
            else:
                self._place(role, column, roles)
        self.periods: list[int] = []
        if not self.columns.keys() & {"period", "value"}:
            self.periods = [column for column in self.rest if is_period(header[column])]
            self.rest = [column for column in self.rest if column not in self.periods]
        self._roles = roles
        if options.value_column:
            self.require_any("value", names=(options.value_column,))

    def _place(self, role: str, column: int, roles: Roles) -> None:
        """Give a column its role, in which another one may stand already."""
        self.joined[role].append(column)
        other = self.columns.setdefault(role, column)
        if other == column or role in JOINED:
            return
        names = [fold_text(self.header[each]) for each in (other, column)]
        if role not in DESCRIBING:
            words = _("Columns “%(one)s” and “%(two)s” have the same role. Remove one.")
            raise TableError(words % {"one": self.header[other], "two": self.header[column]})
        if roles[role].index(names[1]) < roles[role].index(names[0]):
            self.columns[role] = column

    def signs(self, *roles: str) -> tuple[str, ...]:
        """The headers of the columns that have these roles, and of the first with a period."""
        columns = [self.columns[role] for role in roles if role in self.columns]
        return tuple(self.header[column] for column in (*columns, *self.periods[:1]))

    def uses(self) -> list[Use]:
        """What each column is taken for, in the order of the header."""
        found = [Use.NOT_READ] * len(self.header)
        for role, columns in self.joined.items():
            for column in columns if role in JOINED else [self.columns[role]]:
                found[column] = _USES.get(role, Use.NOT_READ)
        for column in self.rest:
            found[column] = Use.DIMENSION
        for column in self.periods:
            found[column] = Use.VALUE
        return found

    def has(self, *roles: str) -> bool:
        return all(role in self.columns for role in roles)

    def require(self, *roles: str) -> None:
        """Raises ``TableError`` for a table that lacks a column for one of these roles."""
        for role in roles:
            self.require_any(role)

    def require_any(self, *roles: str, names: Sequence[str] = ()) -> None:
        """Raises ``TableError`` for a table that has no column for any of these roles."""
        if not self.columns.keys() & set(roles):
            names = names or [name for role in roles for name in self._roles[role]]
            named = ", ".join(f"“{name}”" for name in names)
            raise TableError(_("The column %s is missing.") % named)

    def cell(self, cells: Cells, role: str) -> Cell:
        column = self.columns.get(role)
        return None if column is None else cells[column]

    def text(self, cells: Cells, role: str) -> str:
        """A cell as one line of text, empty where there is no such column."""
        if role in JOINED and len(self.joined[role]) > 1:
            texts = (cell_text(cells[column]) for column in self.joined[role])
            return "; ".join(filter(None, texts))
        return cell_text(self.cell(cells, role))

    def dimensions(self, cells: Cells) -> Iterator[tuple[str, str]]:
        for column in self.rest:
            if text := cell_text(cells[column]):
                yield self.header[column], text

    def raw_figure(self, cells: Cells, area: AreaReference) -> RawFigure:
        """The figure of a row that has a period and a value."""
        texts: dict[str, Any] = {role: self.text(cells, role) for role in _TEXTS}
        return RawFigure(
            area,
            self.cell(cells, "period"),
            self.cell(cells, "value"),
            dimensions=tuple(self.dimensions(cells)),
            numerator=self.cell(cells, "numerator"),
            denominator=self.cell(cells, "denominator"),
            **texts,
        )

    def raw_figures(self, cells: Cells, area: AreaReference) -> Iterator[RawFigure]:
        """The figure of a row, or one for each column of a period."""
        raw = self.raw_figure(cells, area)
        if not self.periods:
            yield raw
        for column in self.periods:
            name = self.header[column]
            yield replace(raw, period=name, value=cells[column], column=name)


RowReader = Callable[[Cells], Iterable[RawFigure]]
"""From a row to its figures; raises ``FigureError`` where the whole row cannot be read."""

HeaderReader = Callable[[Sequence[str], ParseOptions], tuple[RowReader, Sequence[Use]]]
"""From a header to the reader of its rows, and what each column is taken for."""


@dataclass(frozen=True, slots=True)
class StatisticsFormat:
    """A layout of statistics in a table.

    ``signs`` are the headers by which it is recognised, none where it is not; ``read`` makes the
    reader of its rows, or raises ``TableError`` where a column is missing. ``missing`` are the
    marks that mean "no figure" in this format, besides an empty cell. ``has_points``: programs
    write it, with decimal points and without separated thousands; ``has_groups``: after a person
    saved it they may be. ``has_flags``: flags of Eurostat may stand behind a value, in its cell.
    ``decimal`` is its decimal mark, where thousands may be separated by the other one.
    """

    code: str
    label: str | Promise
    signs: Callable[[Sequence[str]], tuple[str, ...]]
    read: HeaderReader
    missing: frozenset[str] = field(default_factory=frozenset)
    has_points: bool = True
    has_groups: bool = True
    has_flags: bool = False
    is_about_one_area: bool = False
    decimal: str = ""
