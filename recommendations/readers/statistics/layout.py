"""Columns of statistical tables by their roles, and rows into figures, whatever the format.

Figures are read one after the other: memory does not grow with the file.
"""

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from recommendations.characters import INVALID
from recommendations.choices import MISSING_CODES, SourceStatus
from recommendations.readers.statistics.cells import (
    StatusReading,
    cell_text,
    is_bound,
    is_missing_mark,
    is_period,
    missing_by_flags,
    one_line,
    read_decimal,
    read_eurostat_flags,
    read_period,
    read_sdmx_status,
    split_flags,
)
from recommendations.readers.statistics.figures import (
    AreaReference,
    FigureError,
    FigureRow,
    ReadCounts,
    Rejected,
)
from recommendations.readers.tables import (
    LONGEST_CELL,
    Cell,
    TableError,
    fold_text,
    is_blank,
    table_error,
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
    columns that are not read: those of other indicators.
    """

    decimal: str = ""
    value_column: str = ""
    period: str = ""
    ignored: frozenset[str] = frozenset()


DESCRIBING = frozenset({"indicator", "title"})
"""Roles of which a table may have several columns: what is measured, in one word or another. The
header that comes first among those of the role counts, and the others are not read."""

JOINED = frozenset({"comment", "source"})
"""Roles of which all columns are read, one after the other."""


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
            raise TableError(
                _("Columns “%(one)s” and “%(two)s” have the same role. Remove one.")
                % {"one": self.header[other], "two": self.header[column]}
            )
        if roles[role].index(names[1]) < roles[role].index(names[0]):
            self.columns[role] = column

    def signs(self, *roles: str) -> tuple[str, ...]:
        """The headers of the columns that have these roles, and of the first with a period."""
        columns = [self.columns[role] for role in roles if role in self.columns]
        return tuple(self.header[column] for column in (*columns, *self.periods[:1]))

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
        return RawFigure(
            area,
            self.cell(cells, "period"),
            self.cell(cells, "value"),
            status=self.text(cells, "status"),
            text=self.text(cells, "text"),
            comment=self.text(cells, "comment"),
            dimensions=tuple(self.dimensions(cells)),
            indicator=self.text(cells, "indicator"),
            unit=self.text(cells, "unit"),
            source=self.text(cells, "source"),
            multiplier=self.text(cells, "multiplier"),
            numerator=self.cell(cells, "numerator"),
            denominator=self.cell(cells, "denominator"),
            title=self.text(cells, "title"),
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


@dataclass(frozen=True, slots=True)
class StatisticsFormat:
    """A layout of statistics in a table.

    ``signs`` are the headers by which it is recognised, none where it is not; ``read`` makes the
    reader of its rows, or raises ``TableError`` where a column is missing. ``missing`` are the
    marks that mean "no figure" in this format, besides an empty cell. ``has_points``: programs
    write it, with decimal points and without separated thousands; ``has_groups``: after a person
    saved it they may be. ``has_flags``: flags of Eurostat may stand behind a value, in its cell.
    """

    code: str
    label: str | Promise
    signs: Callable[[Sequence[str]], tuple[str, ...]]
    read: Callable[[Sequence[str], ParseOptions], RowReader]
    missing: frozenset[str] = field(default_factory=frozenset)
    has_points: bool = True
    has_groups: bool = True
    has_flags: bool = False
    is_about_one_area: bool = False


# ---- rows to figures


MOST_FIGURE_ROWS = 500_000
_LONGEST_KEY = 200
"""Characters of the dimensions of one figure."""

RowT = TypeVar("RowT")


@dataclass(frozen=True, slots=True)
class ReadRules:
    """How the cells of one file are read."""

    where: str = ""
    mark: str = "."
    is_grouped: bool = False
    missing: frozenset[str] = frozenset()
    is_about_one_area: bool = False
    has_flags: bool = False


def read_figures(
    lines: Iterable[tuple[int, RowT]],
    read: Callable[[RowT], Iterable[RawFigure]],
    rules: ReadRules,
    counts: ReadCounts,
) -> Iterator[FigureRow | Rejected]:
    """Every figure of numbered rows; one that cannot be read is rejected, the others are read."""
    for line, row in lines:
        counts.lines += 1
        if counts.lines > MOST_FIGURE_ROWS:
            words = _("The file has more than %d rows. Split the file.")
            raise table_error(rules.where, words % MOST_FIGURE_ROWS)
        try:
            for raw in read(row):
                yield from _figure(raw, line, rules, counts)
        except FigureError as error:
            counts.rejected += 1
            yield Rejected(line, rules.where, str(error))
    if not counts.lines:
        raise table_error(rules.where, _("The file has a header but no rows."))


def fit_to_header(cells: Cells, width: int) -> Cells:
    """The cells of a row, as many as the header has; ``FigureError`` where it has others."""
    if len(cells) < width or not is_blank(cells[width:]):
        found = max((n for n, cell in enumerate(cells, start=1) if cell is not None), default=0)
        words = _("The row has %(found)d cells, the header has %(width)d.")
        raise FigureError(words % {"found": found, "width": width})
    for cell in cells:
        if isinstance(cell, str):
            if len(cell) > LONGEST_CELL:
                raise FigureError(_("A cell is longer than %d characters.") % LONGEST_CELL)
            if INVALID.search(cell):
                raise FigureError(_("A cell holds an invalid character."))
    return cells[:width]


def _figure(
    raw: RawFigure, line: int, rules: ReadRules, counts: ReadCounts
) -> Iterator[FigureRow | Rejected]:
    try:
        found = _read(raw, line, rules)
    except FigureError as error:
        counts.rejected += 1
        reason = f"{raw.column}: {error}" if raw.column else str(error)
        yield Rejected(line, rules.where, reason)
        return
    if found is None:
        counts.empty += 1
        return
    counts.figures += 1
    yield found


def _read(raw: RawFigure, line: int, rules: ReadRules) -> FigureRow | None:
    """A figure; ``None`` where nothing is stated, which is neither 0 nor a missing figure."""
    flags = _take_flags(raw) if rules.has_flags else ""
    value, text, is_missing = _value(raw, rules)
    status, status_note = _status(raw, flags, is_missing=is_missing)
    if is_missing and status not in MISSING_CODES:
        status = SourceStatus.MISSING
    if value is None and not text and status not in MISSING_CODES:
        return None
    if status in MISSING_CODES and (value is not None or text):
        raise FigureError(_("The row has a value and the status of a missing value."))
    if not (raw.area.code or raw.area.name or rules.is_about_one_area):
        raise FigureError(_("The row does not state an area."))
    comment = [raw.comment, status_note]
    power = _power(raw.multiplier)
    if power and text:
        raise FigureError(_("“%s” is not a number and cannot be multiplied.") % text[:40])
    if power and value is not None:
        value = _shifted(value, power)
        comment.append(_("In the file as multiples of 10^%d.") % power)
    return FigureRow(
        line,
        rules.where,
        raw.column,
        raw.area,
        read_period(raw.period),
        value,
        text,
        str(status),
        "; ".join(filter(None, comment)),
        _key(raw.dimensions),
        raw.indicator,
        raw.unit,
        raw.source,
        raw.marks,
        _term(raw.numerator, rules),
        _term(raw.denominator, rules),
        raw.title,
    )


def _take_flags(raw: RawFigure) -> str:
    """The flags behind a value in its cell, which are taken from it."""
    if not isinstance(raw.value, str):
        return ""
    raw.value, flags = split_flags(one_line(raw.value))
    return flags


def _status(raw: RawFigure, flags: str, *, is_missing: bool) -> StatusReading:
    """The status as its column states it, else as the flags behind the value do."""
    if not flags:
        return raw.read_status(raw.status)
    read, words = missing_by_flags(flags) if is_missing else read_eurostat_flags(flags)
    stated, more = raw.read_status(raw.status)
    if stated and read and stated != read:
        raise FigureError(_("The status and the flags behind the value differ."))
    return stated or read, "; ".join(filter(None, (more, words)))


def _value(raw: RawFigure, rules: ReadRules) -> tuple[Decimal | None, str, bool]:
    """Number, text, and whether the file has a mark that means "no figure"."""
    written = one_line(raw.value)
    if not written:
        return None, raw.text, False
    if is_missing_mark(written, rules.missing):
        return None, raw.text, not raw.text
    if is_bound(written, rules.mark):
        return None, written, False
    return read_decimal(raw.value, rules.mark, is_grouped=rules.is_grouped), raw.text, False


def _term(cell: Cell, rules: ReadRules) -> Decimal | None:
    """A numerator or a denominator, if there is one."""
    written = one_line(cell)
    if not written or is_missing_mark(written, rules.missing):
        return None
    return read_decimal(cell, rules.mark, is_grouped=rules.is_grouped)


def _power(text: str) -> int:
    """The exponent of SDMX's UNIT_MULT: 3 for thousands."""
    power = text.strip()
    if not power:
        return 0
    if not power.removeprefix("-").isdecimal() or len(power) > 3:
        raise FigureError(_("“%s” is not a multiplier: SDMX writes 3 for thousands.") % power[:40])
    return int(power)


def _shifted(value: Decimal, power: int) -> Decimal:
    """A number times ten to a power, exactly: arithmetic would round to 28 digits."""
    sign, digits, exponent = value.as_tuple()
    return Decimal((sign, digits, int(exponent) + power))


def _key(dimensions: Iterable[tuple[str, str]]) -> str:
    """Dimensions as one text, the same in whatever order they are given."""
    parts = []
    for name, value in dimensions:
        if "|" in value:
            raise FigureError(
                _("“%s” has a vertical bar, which separates dimensions.") % value[:40]
            )
        parts.append(((fold_text(name) or name).upper().replace(" ", "_"), value))
    key = "|".join(f"{name}={value}" for name, value in sorted(parts))
    if len(key) > _LONGEST_KEY:
        raise FigureError(_("The dimensions have more than %d characters.") % _LONGEST_KEY)
    return key
