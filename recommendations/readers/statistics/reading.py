"""What a file of statistics is read into, and the columns of its tables by their roles."""

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import zip_longest
from typing import Any

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.readers.statistics.areas import AreaReference
from recommendations.readers.statistics.cells import (
    StatusReading,
    cell_text,
    read_sdmx_status,
)
from recommendations.readers.statistics.header_words import (
    beside_periods,
    columns_named,
    folded,
    headed_periods,
    parts_of_header,
    with_signs,
)
from recommendations.readers.tables import (
    Cell,
    TableError,
    fold_text,
    locate,
    position_label,
)

# ---- Results of reading statistical files: figures as they are given, and rows that are rejected


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure and its position: ``line``, ``sheet`` and, where periods are columns, ``column``.

    ``period`` is an SDMX code, ``dimensions`` such as ``AGE=Y15T24|SEX=F``, sorted by name.
    ``obs_status`` is a code of CL_OBS_STATUS, empty where the file has none, one of
    ``MISSING_CODES`` where it states that there is no value.
    ``text`` is what is no number, such as ``<2.5``. ``unit`` is not a dimension.
    ``indicator`` is the code of what is measured, ``title`` its name, as the file has them;
    ``unit_words`` are those beside the code of a unit.
    ``marks`` is ``None`` where the format has none.
    """

    line: int
    sheet: str
    column: str
    area: AreaReference
    period: str
    value: Decimal | None
    text: str = ""
    obs_status: str = ""
    comment: str = ""
    dimensions: str = ""
    indicator: str = ""
    unit: str = ""
    source: str = ""
    marks: frozenset[str] | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    title: str = ""
    unit_words: str = ""

    @property
    def series(self) -> str:
        """What tells it from figures of something else in the file: a code, without one a name."""
        return self.indicator or self.title

    @property
    def terms(self) -> tuple[Decimal | None, Decimal | None] | None:
        """Numerator and denominator; ``None`` where the file states neither."""
        terms = (self.numerator, self.denominator)
        return None if terms == (None, None) else terms


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that could not be read, or one cell of it where periods are columns.

    ``years`` is its period where that is a range of years, which no figure here is about. The
    others are those of a ``FigureRow``, as far as they could be read.
    """

    line: int
    sheet: str
    reason: str
    years: str = ""
    series: str = ""
    unit: str = ""
    source: str = ""
    dimensions: str = ""

    def __str__(self) -> str:
        return locate(self.sheet, f"{position_label(self.line)}: {self.reason}")


@dataclass(slots=True)
class ReadCounts:
    """Progress of reading. ``empty`` counts cells without a figure, which state nothing;
    ``invalid`` rows that are rejected for a character."""

    lines: int = 0
    figures: int = 0
    empty: int = 0
    rejected: int = 0
    invalid: int = 0


class Use(TextChoices):
    """What a column of a file is taken for."""

    AREA = "area", capfirst(_("area"))
    PERIOD = "period", capfirst(_("period"))
    VALUE = "value", capfirst(_("value"))
    STATUS = "status", capfirst(_("observation status"))
    SERIES = "series", _("Series")
    UNIT = "unit", capfirst(_("unit"))
    TERM = "term", _("Numerator or denominator")
    NOTE = "note", _("Source or comment")
    DIMENSION = "dimension", _("Dimension")
    DESCRIPTION = "description", _("Only describes: kept as a comment")
    NOT_READ = "not read", _("Not read")


@dataclass(frozen=True, slots=True)
class ColumnUse:
    """A column by its header, what it is taken for, and cells of it, the first that differ."""

    header: str
    use: Use
    examples: tuple[str, ...] = ()

    @property
    def may_be_left_out(self) -> bool:
        """Whether a figure is one without this column too."""
        return self.use not in (*STATED_USES, Use.NOT_READ)


@dataclass(slots=True)
class FigureFile:
    """An open statistical file. ``rows`` can be iterated once, and ``counts`` grow with it.

    ``why`` says by what its format was recognised, empty where a person stated it.
    ``vintage`` is the day of the last update that the source states. ``is_single_precision``: its
    format has seven digits of a number, and whatever digits follow. A file that cannot be read to
    its end raises ``TableError`` from ``rows``.
    """

    format: str
    rows: Iterator[FigureRow | Rejected]
    vintage: date | None = None
    source: str = ""
    notes: list[str] = field(default_factory=list)
    counts: ReadCounts = field(default_factory=ReadCounts)
    why: str = ""
    columns: tuple[ColumnUse, ...] = ()
    is_single_precision: bool = False


MOST_NAMED = 20
"""Columns that are named where one is to be chosen."""

UNREAD = "\0"
"""In place of the header of a column that a person states is not read."""


# ---- Columns of statistical tables by their roles, and rows into figures, whatever the format.
# Figures are read one after the other: memory does not grow with the file.

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
    unit_words: str = ""
    flags: str = ""


@dataclass(frozen=True, slots=True)
class ParseOptions:
    """What a person states about a file: its decimal mark, and which column is what.

    A stated column is that of its role whatever headers say, ``areas_beside`` name the same areas
    as it does, and ``unread`` columns have no role. ``date_order`` is that of days in figures,
    ``frequency`` how long periods are whose codes leave it open. ``period`` is that of all rows,
    where no column has it. ``ignored`` are headers, folded, of columns that are not read: those of
    other indicators. ``replaces_invalid``: a person chose that invalid characters are replaced.
    ``has_area``: they state that of rows that name none, and ``has_codes`` what codes of areas are:
    ``are_values`` where these are parts of a value.
    ``is_area`` says whether a text names an area, so that those above values are read.
    ``kept`` are names of dimensions that are parts whatever the rows show, and ``described`` of
    those that are none; without ``kept`` all are.
    """

    decimal: str = ""
    value_column: str = ""
    area_column: str = ""
    areas_beside: tuple[str, ...] = ()
    period_column: str = ""
    unread: tuple[str, ...] = ()
    date_order: str = ""
    frequency: str = ""
    period: str = ""
    ignored: frozenset[str] = frozenset()
    replaces_invalid: bool = False
    has_area: bool = False
    has_codes: bool = False
    are_values: bool = False
    is_area: Callable[[str], bool] | None = None
    kept: frozenset[str] | None = None
    described: frozenset[str] = frozenset()

    @property
    def is_of_one_area(self) -> bool:
        """Whether a person states an area for all rows of a file without any."""
        return self.has_area and not (self.has_codes or self.area_column)

    def names_area(self, text: str) -> bool:
        """Whether what stands above values is an area; none is where all are about a stated one."""
        return self.is_area is not None and not self.has_area and self.is_area(text)


class OpenColumn(TableError):
    """Which column of a table is that of a ``use`` is not known: one of ``columns`` is chosen."""

    OR_ELSE: Mapping[Use, str | Promise] = {
        Use.AREA: _("Or choose the area that the file is about."),
        Use.PERIOD: _("Or state the period of all rows."),
    }

    def __init__(self, use: Use, columns: Sequence[str]) -> None:
        named = ", ".join(f"“{name}”" for name in columns[:MOST_NAMED])
        words = gettext("Which column is “%(use)s”? Choose one: %(columns)s.")
        told = words % {"use": use.label, "columns": named}
        super().__init__(f"{told} {self.OR_ELSE.get(use, '')}".strip())
        self.use, self.columns, self.role = use, tuple(columns), use.value


class SeveralColumns(OpenColumn):
    """Several columns have one use by their headers, so that this is the table that is meant."""

    OR_ELSE: Mapping[Use, str | Promise] = {}


def with_values(options: ParseOptions, values: Sequence[str]) -> ParseOptions:
    """With the one of these columns of values that is meant, and without the others."""
    if len(values) > 1 and not options.value_column:
        raise SeveralColumns(Use.VALUE, values)
    if not values:
        raise TableError(gettext("The column %s is missing.") % f"“{Use.VALUE.label}”")
    chosen = options.value_column or values[0]
    of_chosen = {values[at] for at in columns_named(values, chosen)}
    others = [name for name in values if name not in of_chosen]
    keys = {*map(fold_text, others), *map(with_signs, others)} - {with_signs(chosen)}
    return replace(options, value_column=chosen, ignored=options.ignored | keys)


@lru_cache(maxsize=4096)
def dimension_name(header: str) -> str:
    """The name of the dimension that a column holds, as it is kept."""
    return (fold_text(header) or header).upper().replace(" ", "_")


DESCRIBING = frozenset({"indicator", "title"})
"""Roles of which a table may have several columns: what is measured, in one word or another. The
header that comes first among those of the role counts, and the others are not read."""

BESIDES = frozenset({"unit", "status"})
"""Roles of which such another column has none, as of a label of the status beside its code."""

JOINED = frozenset({"comment", "source"})
"""Roles of which all columns are read, one after the other."""


_PERIODS = frozenset({"period", "year", "time", "time period"})
"""Headers of periods beside which another one is not that of a value."""

_OF_FIGURES = ("value", "numerator", "denominator")

PART = "PART"
"""The dimension of what stands beside a period in a header, which no header names."""

_USES: Mapping[str, Use] = {
    **dict.fromkeys(("area_code", "area_name", "ISO3", "ISO2", "M49", "NOT_STATED"), Use.AREA),
    **dict.fromkeys(("status", "status_words", "reason", "flags", "nature", "marks"), Use.STATUS),
    **dict.fromkeys(("estimates_after", "confidentiality", "action"), Use.STATUS),
    **dict.fromkeys(("indicator", "title", "flow"), Use.SERIES),
    **dict.fromkeys(("unit", "unit_words", "multiplier", "scale"), Use.UNIT),
    **dict.fromkeys(("numerator", "denominator"), Use.TERM),
    **dict.fromkeys(("comment", "source"), Use.NOTE),
    **dict.fromkeys(("value", "text", "prefix", "shown"), Use.VALUE),
    "period": Use.PERIOD,
    "dimensions": Use.DIMENSION,
}
"""What a column of a role is taken for; of any other role there is none."""


STATED_USES = (Use.AREA, Use.PERIOD, Use.VALUE)
"""Uses of which a person may state the column."""


_TEXTS = (
    *("status", "text", "comment", "indicator", "title", "unit", "unit_words", "source"),
    "multiplier",
)
"""Roles of which a figure has the text."""


_CODED_AREAS = ("area_code", "ISO3", "ISO2", "M49", "NOT_STATED")
_WORDS = {
    "indicator": "title",
    "unit": "unit_words",
    **dict.fromkeys(_CODED_AREAS, "area_name"),
}
"""What the words beside the codes of a role are, where they are read."""


def _with_stated(
    roles: Roles, options: ParseOptions, header: Sequence[str], names: Sequence[str]
) -> dict[str, str]:
    """The role of each header, folded as in ``names``; those of stated columns are theirs alone."""
    known = {name: role for role, names in roles.items() for name in names}
    areas = [role for role in ("NOT_STATED", "area_name", *_CODED_AREAS) if role in roles]
    for stated, own in (
        (options.area_column, areas),
        (options.period_column, ["period"]),
        (options.value_column, ["value"]),
    ):
        if columns := columns_named(header, stated):
            plain = names[columns[0]]
            role = known.get(plain, "")
            gone = [role] if role in own else own
            known = {name: of for name, of in known.items() if of not in gone}
            known[plain] = role if role in own else own[0]
    return known


def _words_beside(plain: str, known: Sequence[str], role: str | None) -> str:
    """The header of the codes that a column has words for: “sex” of “sex label” and “sex name”,
    “sex id” of “sex”; of those with a role “obs status” of “observation status”."""
    if role in BESIDES:
        return next((name for name in known if _abbreviates(name, plain)), "")
    ends = (" label", " name") if role is None else ()
    stems = [plain.removesuffix(end) for end in ends if plain.endswith(end)]
    stems += [f"{plain} id"] if role is None else []
    return next((stem for stem in stems if stem in known), "")


def _abbreviates(code: str, words: str) -> bool:
    pairs = zip_longest(code.split(), words.replace(" of ", " ").split(), fillvalue="")
    return code != words and all(short and of.startswith(short) for short, of in pairs)


class Layout:
    """The columns of one table by their roles; ``rest`` are those without one.

    ``periods`` are ``headed_periods``, where no column holds the period, ``beside`` the columns of
    notes and sources on a year, with their roles; one without a header behind such a column has its
    ``flags``. Words beside their codes are not read, but for the name
    of an area and of what is measured: they end as ``_words_beside`` says, or differ from the
    header of the codes in case alone. A second column of units or statuses is a dimension, where it
    says something else. Raises ``TableError`` where two columns have one role, unless it is one of
    ``DESCRIBING`` or ``JOINED``, and with options ``SeveralColumns`` where periods have several
    measures below them.
    """

    def __init__(
        self,
        header: Sequence[str],
        roles: Roles,
        options: ParseOptions | None = None,
        ignored: Container[str] = (),
    ) -> None:
        is_read, options = options is not None, options or ParseOptions()
        self.header, self._is_of_one_area = header, options.is_of_one_area
        self.columns: dict[str, int] = {}
        self.joined: dict[str, list[int]] = defaultdict(list)
        self.rest: list[int] = []
        names = folded(header)
        known = _with_stated(roles, options, header, names)
        words: list[tuple[str, int]] = []
        self._same: list[str] = []
        for column, name in enumerate(names):
            role = known.get(name)
            if name and name in names[:column]:
                words.append((role or "", column))
            elif codes := _words_beside(name, names, role):
                words.append((_WORDS.get(known.get(codes, ""), ""), column))
            elif role is not None:
                self._place(role, column, roles)
            elif name not in ignored and header[column] != UNREAD:
                self.rest.append(column)
        self._free_periods(options)
        for role in self._same:
            raise SeveralColumns(_USES[role], [header[at] for at in self.joined[role]])
        self._place_words(words, names)
        self.periods: dict[int, tuple[str, str, str]] = {}
        self._measure = ""
        self.flags: dict[int, int] = {}
        self.beside: dict[str, dict[int, str]] = defaultdict(dict)
        if not self.columns.keys() & {"period", "value"}:
            self._find_periods(options.value_column, is_read=is_read)
        self._roles = roles
        self._texts = [role for role in _TEXTS if role in self.columns]
        self._other_units = {*self.joined.get("unit", ())} - {self.columns.get("unit")}
        value = "" if self._measure else options.value_column
        for stated in filter(None, (options.area_column, options.period_column, value)):
            if not columns_named(header, stated):
                raise TableError(gettext("The column %s is missing.") % f"“{stated}”")

    def _place(self, role: str, column: int, roles: Roles) -> None:
        """Give a column its role, in which another one may stand already."""
        self.joined[role].append(column)
        other = self.columns.setdefault(role, column)
        if other == column or role in JOINED:
            return
        names = [fold_text(self.header[each]) for each in (other, column)]
        if role == "period" and len(_PERIODS & {*names}) == 1 and {*names} != {"date", "year"}:
            # The day on which a period ends, or another year, such as that of a survey.
            self.columns[role], weaker = (other, 1) if names[0] in _PERIODS else (column, 0)
            self.rest += [(other, column)[weaker]] if names[weaker] != "date" else []
            return
        if _USES.get(role) in STATED_USES:
            self._same.append(role)
            return
        if role not in (*DESCRIBING, *BESIDES):
            words = gettext("Columns “%(one)s” and “%(two)s” have the same role. Remove one.")
            raise TableError(words % {"one": self.header[other], "two": self.header[column]})
        if roles[role].index(names[1]) < roles[role].index(names[0]):
            self.columns[role], column = column, other
        if role in BESIDES:
            self.rest.append(column)

    def _free_periods(self, options: ParseOptions) -> None:
        """Where several columns are headed by periods none beside these is that, or a value."""
        headed = [at for at in self.rest if parts_of_header(self.header[at])[0]]
        if len(headed) < 2 or options.period_column or options.value_column:
            return
        for role in ("period", "value"):
            self.columns.pop(role, None)
            self.rest = sorted({*self.rest, *self.joined.pop(role, ())})
            self._same = [each for each in self._same if each != role]

    def _place_words(self, words: Iterable[tuple[str, int]], names: Sequence[str]) -> None:
        """Give columns of words beside codes of a role their own; others are not read."""
        for role, column in words:
            role = _WORDS.get(role, role if role in (*_OF_FIGURES, *_WORDS.values()) else "")
            if role in _OF_FIGURES or (role and role not in self.columns):
                self._place(role, column, {role: (names[column],)})

    def _find_periods(self, chosen: str, *, is_read: bool) -> None:
        """Tell the columns of periods, and those of their flags, from dimensions.

        Parts beside periods, such as women and men, have the same periods, and more than one. Where
        they have not, the words are those of several measures, of which one is read.
        """
        header = (*self.header, "end")
        headed = headed_periods(header)
        self.periods = {column: headed[column] for column in self.rest if column in headed}
        found: dict[str, set[str]] = defaultdict(set)
        for period, words, _series in self.periods.values():
            found[words].add(period)
        measures = [*filter(None, found)]
        self._measure = next((measures[at] for at in columns_named(measures, chosen)), "")
        same = {frozenset(each) for each in found.values()}
        are_parts = "" in found or len(found) < 2 or (len(same) == 1 and len(min(same)) > 1)
        if self._measure:
            self.periods = {
                at: (period, "", words)
                for at, (period, words, _series) in self.periods.items()
                if words == self._measure
            }
        elif is_read and not are_parts:
            raise SeveralColumns(Use.VALUE, [*found])
        self.flags = {at: at + 1 for at in self.periods if not header[at + 1]}
        beside = beside_periods(header) if self.periods else {}
        for at, (year, role) in beside.items():
            self.beside[year][at] = role
        self.rest = [at for at in self.rest if header[at] and at not in {*headed, *beside}]

    def signs(self, *roles: str) -> tuple[str, ...]:
        """The headers of the columns that have these roles, and of the first with a period."""
        columns = [self.columns[role] for role in roles if role in self.columns]
        return tuple(self.header[column] for column in (*columns, *[*self.periods][:1]))

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
        for column in self.flags.values():
            found[column] = Use.STATUS
        for column in (at for beside in self.beside.values() for at in beside):
            found[column] = Use.NOTE
        return found

    def has(self, *roles: str) -> bool:
        return all(role in self.columns for role in roles)

    def require(self, *roles: str) -> None:
        """Raises ``TableError`` for a table that lacks a column for one of these roles."""
        for role in roles:
            self.require_any(role)

    def has_area(self, *roles: str) -> bool:
        """Whether a column has one of these roles, or a person states the area of all rows."""
        return self._is_of_one_area or not self.columns.keys().isdisjoint(roles)

    def require_area(self, *roles: str) -> None:
        """Raises ``TableError`` for a table that does not have the area of its rows so."""
        if not self.has_area(*roles):
            self.require_any(*roles)

    def require_any(self, *roles: str, names: Sequence[str] = ()) -> None:
        """Raises ``TableError`` for a table that has no column for any of these roles."""
        if not self.columns.keys() & set(roles):
            use = _USES.get(roles[0])
            if use in STATED_USES and self.rest:
                raise OpenColumn(use, [self.header[at] for at in self.rest])
            names = names or [name for role in roles for name in self._roles[role]]
            named = ", ".join(f"“{name}”" for name in names)
            raise TableError(gettext("The column %s is missing.") % named)

    def cell(self, cells: Cells, role: str) -> Cell:
        column = self.columns.get(role)
        return None if column is None else cells[column]

    def text(self, cells: Cells, role: str) -> str:
        """A cell as one line of text, empty where there is no such column."""
        column = self.columns.get(role)
        if column is None:
            return ""
        if role in JOINED and len(self.joined[role]) > 1:
            texts = (cell_text(cells[column]) for column in self.joined[role])
            return "; ".join(filter(None, texts))
        return cell_text(cells[column])

    def dimensions(self, cells: Cells) -> Iterator[tuple[str, str]]:
        for column in self.rest:
            text = cell_text(cells[column])
            is_told = column in self._other_units and text == self.text(cells, "unit")
            if text and not is_told:
                yield self.header[column], text

    def raw_figure(self, cells: Cells, area: AreaReference) -> RawFigure:
        """The figure of a row that has a period and a value."""
        texts: dict[str, Any] = {role: self.text(cells, role) for role in self._texts}
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
        for column, (period, part, series) in self.periods.items():
            name = self.header[column]
            found = replace(raw, period=period, value=cells[column], column=name)
            found.indicator = raw.indicator or series
            if part:
                found.dimensions = (*raw.dimensions, (PART, part))
            if column in self.flags:
                found.flags = cell_text(cells[self.flags[column]])
            for at, of in self.beside.get(period, {}).items():
                setattr(
                    found, of, "; ".join(filter(None, (getattr(raw, of), cell_text(cells[at]))))
                )
            yield found


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
    saved it they may be. ``has_flags``: flags of Eurostat may stand behind a value, in its cell or
    the next one, where others have marks of notes.
    ``decimal`` is its decimal mark, where thousands may be separated by the other one.
    ``names_parts``: its columns without a role are parts of a value, whatever stands there.
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
    is_single_precision: bool = False
    names_parts: bool = True
