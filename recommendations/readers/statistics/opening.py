"""Opening a file of statistics in the format that its content has."""

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Any, BinaryIO

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from recommendations.characters import replace_invalid
from recommendations.periods import PeriodKind
from recommendations.readers.opening import check_size, packed_tables, read_lines, unpacked
from recommendations.readers.statistics import plain_tables, sdg, sdmx, world_bank
from recommendations.readers.statistics.agencies import read_agencies
from recommendations.readers.statistics.cells import (
    BOTH_MARKS,
    DECIMAL_MARKS,
    FigureError,
    are_two_years,
    heads_values,
    is_missing_mark,
    is_period,
    possible_marks,
    read_period,
    split_letter,
    without_percent,
)
from recommendations.readers.statistics.describing import Columns, code_columns, described
from recommendations.readers.statistics.figures import (
    MOST_FIGURE_ROWS,
    ReadRules,
    fit_to_header,
    read_figures,
)
from recommendations.readers.statistics.header_words import columns_named, headed_periods
from recommendations.readers.statistics.headings import (
    ABOVE,
    SAMPLE,
    FirstLines,
    heads,
    split_notes,
    title_in,
    titles_of_blocks,
    without_notes,
)
from recommendations.readers.statistics.plain_tables import FileNames, complete
from recommendations.readers.statistics.reading import (
    PART,
    STATED_USES,
    UNREAD,
    Cells,
    ColumnUse,
    FigureFile,
    OpenColumn,
    ParseOptions,
    RawFigure,
    RowReader,
    SeveralColumns,
    StatisticsFormat,
    Use,
    dimension_name,
)
from recommendations.readers.statistics.shapes import Head
from recommendations.readers.tables import (
    WIDEST,
    Cell,
    Line,
    Number,
    ReadOptions,
    Spans,
    TableError,
    TableLines,
    filled,
    fold_text,
    is_blank,
    locate,
    note_on_headings,
    note_on_title,
    one_line,
    read_header,
    refuse_merged,
    repeated_header,
)
from recommendations.readers.workbook import visible_sheets

EXAMPLES, LONGEST_EXAMPLE = 3, 60
"""Cells of a column that are shown, and characters of each."""

LONGEST_NOTE = 500
"""Characters of what is told of the cells of a column."""

MOST_SHEETS = 20
"""Sheets that are looked through for values."""

LARGEST_STATISTICS_FILE = 50 * 1024 * 1024
"""Bytes of a file of statistics, at most; it is read as a stream, so more than for a list."""

_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\{|\[\s*[\[{\]])")

_BEFORE_AGENCIES = (plain_tables.TRACKER, sdmx.SDMX_CSV, sdmx.EUROSTAT)
_AFTER_AGENCIES = (sdg.OPEN_SDG_WIDE, sdg.OPEN_SDG, plain_tables.PLAIN)
_BUILT_IN = (
    *(found.code for found in (*_BEFORE_AGENCIES, *_AFTER_AGENCIES)),
    world_bank.API_CODE,
)


def _tables() -> dict[str, StatisticsFormat]:
    """In the order in which they are tried: the most specific first."""
    agencies, _faults = read_agencies(_BUILT_IN)
    return {found.code: found for found in (*_BEFORE_AGENCIES, *agencies, *_AFTER_AGENCIES)}


def statistics_formats() -> dict[str, str | Promise]:
    """Labels of all formats by their code; a file of an agency that is wrong is none of them."""
    labels = {code: found.label for code, found in _tables().items()}
    return {**labels, world_bank.API_CODE: world_bank.API_LABEL}


def agency_faults() -> tuple[str, ...]:
    """What is wrong with files of agencies, in sentences that say what to do."""
    return read_agencies(_BUILT_IN)[1]


def open_figures(
    file: BinaryIO,
    name: str = "",
    *,
    format: str = "",
    options: ReadOptions | None = None,
    **told: Any,
) -> FigureFile:
    """Open a file of statistics; ``TableError`` says what is wrong and where.

    ``format`` is one of ``statistics_formats``, without it that is detected. ``name`` is that of
    the file, ``options`` are its sheet and encoding, and ``told`` are ``ParseOptions``. Invalid
    characters are replaced or reject their row; so does an area that is not named, unless a person
    states it. Of a plain table the columns that tell no rows apart are comments, if it is said
    which dimensions are kept.
    Raises ``OpenColumn`` where a column must be chosen. While the file of an agency is wrong no
    format is detected: a table of that agency would be taken for another one.
    """
    if format not in ("", *statistics_formats()):
        raise TableError(_("“%s” is not a supported format.") % format[:40])
    stated = ParseOptions(**told)
    if stated.decimal and stated.decimal not in DECIMAL_MARKS:
        raise TableError(_("The decimal mark is a point or a comma."))
    check_size(file, LARGEST_STATISTICS_FILE)
    file.seek(0)
    start = file.read(1024)
    if world_bank.is_api_answer(start) or format == world_bank.API_CODE:
        return world_bank.open_api_answer(file, replaces_invalid=stated.replaces_invalid)
    if not format and (faults := agency_faults()):
        words = _(
            "The description of a format on this site is wrong, so no format is detected. "
            "%(fault)s An operator corrects it. Until then, state the format of your file."
        )
        raise TableError(words % {"fault": faults[0]})
    kind = "list.json" if _JSON.match(start) else name

    def opened(options: ReadOptions | None) -> FigureFile:
        alone = unpacked(file, kind, options or ReadOptions(), LARGEST_STATISTICS_FILE)
        again = partial(read_lines, *alone)  # for all passes through it
        named = options.sheet if packed and options else name
        return _open_table(again, format, stated, named)

    packed = packed_tables(file)
    try:
        return opened(options)
    except SeveralColumns:
        raise
    except TableError as error:
        # The first sheet of a workbook was looked at already.
        sheets = [] if options and options.sheet else packed or visible_sheets(file)[1:]
        return _of_another_sheet(sheets, options or ReadOptions(), opened, error)


def _of_another_sheet(
    sheets: Sequence[str],
    options: ReadOptions,
    opened: Callable[[ReadOptions], FigureFile],
    error: TableError,
) -> FigureFile:
    """The one sheet of these that has values, where the first one has none: a page of notes, say.

    Raises ``error`` where none has any, and names them where several have.
    """
    found = []
    asked = [error] if isinstance(error, OpenColumn) else []
    for sheet in sheets[:MOST_SHEETS]:
        try:
            opened(replace(options, sheet=sheet))
        except TableError as refused:
            if not isinstance(refused, SeveralColumns):
                asked += [refused] if isinstance(refused, OpenColumn) else []
                continue
        found.append(sheet)
    if not found:
        raise next(iter(asked), error)
    if len(found) > 1:
        named = ", ".join(f"“{sheet}”" for sheet in found)
        raise TableError(_("Several sheets have values. Choose one: %s.") % named) from error
    return opened(replace(options, sheet=found[0]))


def _open_table(
    again: Callable[[], TableLines], code: str, options: ParseOptions, name: str
) -> FigureFile:
    """The table of a file, which is read twice where the cells decide what they mean."""
    lines = again()
    file = FigureFile("", iter(()), notes=lines.notes)
    first = FirstLines(lines)
    if not first.first:
        raise lines.empty_error()
    table, fault = None, None
    names = FileNames(name, lines.sheet)
    for head in heads(first.first, options.names_area):
        try:
            table = _Table(head, lines, first, again, options.unread)
            found, settled, why, (read, uses) = _settled(table, code, options, names)
            table.take_uses(uses, settled)
            options = settled
            break
        except SeveralColumns as error:
            raise (table.located(error) if table else error) from None
        except TableError as error:
            told = table.located(error) if table else error
            is_asked = not code and isinstance(told, OpenColumn)
            fault = told if is_asked and not isinstance(fault, OpenColumn) else fault or told
            table = None
    if table is None:
        raise fault or lines.empty_error()
    _tell_above(first.first[: head.place], table, file, lines)
    rules = _rules(found, lines, options, table, uses)
    header, unread = table.header, {at for at, use in enumerate(uses) if use is Use.NOT_READ}
    below = iter(first.first[head.place + 1 :][:SAMPLE])
    sample = [cells for *_at, cells in (head.reshape or iter)(below)][:SAMPLE]
    more = _unnamed(sample, uses)

    at = {use: column for column, use in reversed([*enumerate(uses)])}

    def read_fit(cells: Cells) -> Iterable[RawFigure]:
        replaces = options.replaces_invalid
        cells = cells[: len(header)] if len(cells) == len(header) + more else cells
        cells = fit_to_header(cells, header, unread, replaces_invalid=replaces)
        if Use.PERIOD in at and (Use.VALUE not in at or cells[at[Use.VALUE]] is None):
            told = filled(cells)
            if told == [cells[at[Use.PERIOD]]] and not heads_values(one_line(told[0])):
                table.section = one_line(told[0])
                file.counts.empty += 1
                return ()
        found = read(cells)
        found = _of_section(table.section, found) if table.section else found
        return described(found, describing) if describing else found

    describing = frozenset[str]()
    may_describe = not found.names_parts or bool(options.area_column or options.period_column)
    if may_describe or found.is_about_one_area:
        describing = table.describing(read_fit, uses, options, if_measured=not may_describe)
        named = zip(header, uses, strict=True)
        uses = [Use.DESCRIPTION if name in describing else use for name, use in named]

    file.format, file.why = found.code, why
    file.is_single_precision = found.is_single_precision
    numbered = _telling_headings(table.rows(first, lines), uses[0], options, lines.notes)
    file.rows = read_figures(numbered, read_fit, rules, file.counts)
    others = [_("Column %d") % (len(header) + n) for n in range(1, more + 1)]
    file.columns = _columns(table.names, uses, [*others, *head.unread], sample)
    return file


def _telling_headings(
    rows: Iterable[tuple[int, Cells]], use: Use, options: ParseOptions, notes: list[str]
) -> Iterator[tuple[int, Cells]]:
    """Rows, and a note on those that have only words in their first cell, which is no period, and
    are no areas: they may say what those below them are about."""
    found: list[int] = []
    last: list[int] = []
    for line, cells in rows:
        text = title_in(cells)
        is_named = use is Use.PERIOD or (options.is_area is not None and options.is_area(text))
        if text and not is_named:
            last.append(line)
        elif last and len(filled(cells)) > 1:
            found, last = [*found, *last], []
        yield line, cells
    notes += note_on_headings(found)


def _of_section(section: str, found: Iterable[RawFigure]) -> Iterator[RawFigure]:
    """Figures of rows below a row that has, in place of a period, the part that they are of."""
    for raw in found:
        raw.dimensions = (*raw.dimensions, (PART, section))
        yield raw


def _unnamed(rows: Sequence[Cells], uses: Sequence[Use]) -> int:
    """Columns behind the last header that all of these rows have. Nothing says what they are.

    Only where one column has the period of a row: no value is taken for that of another period.
    """
    widths = {len(cells) for cells in rows if len(filled(cells)) > 1}
    return max(0, widths.pop() - len(uses)) if len(widths) == 1 and Use.PERIOD in uses else 0


class _Table:
    """A table below a header, and what all of its cells show, for which it is read once more."""

    def __init__(
        self,
        head: Head,
        lines: TableLines,
        first: FirstLines,
        again: Callable[[], TableLines],
        unread: Sequence[str] = (),
    ) -> None:
        self.head, self._again = head, again
        self._last_opened: FirstLines | None = first
        self._facts: dict[int, _Facts] = {}
        self.ids = sdmx.component_ids(head.cells)
        self._where, self._told = lines.where, lines.notes
        self._notes: set[str] = set()
        self._areas: list[int] = []
        self._noted: dict[str, str] = {}
        self.titles = titles_of_blocks(first.first, head)
        self.section = ""
        """The part that the rows are of which are read now, as a row above them has it."""
        if not (head.values or head.reshape):
            refuse_merged(
                sorted(lines.merged, reverse=True), head.line, lines.where, is_header=True
            )
        named = self.ids if sdmx.signs_of_sdmx(self.ids) else head.cells
        self.names = self.header = read_header(
            named, head.line, lines.where, WIDEST, of_statistics=True, may_lack=bool(head.values)
        )
        texts = list(map(one_line, named))
        self._repeated = [
            (texts.index(texts[at]), at)
            for at, name in enumerate(self.header)
            if name != texts[at][: len(name)]
        ]
        self.leave_out(unread)

    def leave_out(self, names: Iterable[str]) -> None:
        """Read no column of these names."""
        gone = {at for name in names for at in columns_named(self.header, name)}
        self.header = tuple(UNREAD if at in gone else of for at, of in enumerate(self.header))

    def take_ids(self) -> None:
        """Take the ids of SDMX for the headers."""
        pairs = zip(self.header, self.ids, strict=False)
        self.header = tuple(name if name == UNREAD else of for name, of in pairs)

    def take_uses(self, uses: Sequence[Use], options: ParseOptions) -> None:
        """Refuse two columns of one name where the first is needed, and not chosen among them.

        Below a table of periods notes may follow, whose numbers no name of an area has.
        """
        if Use.PERIOD not in uses and Use.VALUE in uses and not self.head.reshape:
            self.head = replace(self.head, values=self.head.values or uses.index(Use.VALUE))
        chosen = {options.area_column, options.period_column, options.value_column}
        for first, column in self._repeated:
            name, use = self.names[first], uses[first]
            if use in (Use.DIMENSION, Use.NOT_READ) or name in chosen:
                continue
            if use in STATED_USES and (use is not Use.VALUE or Use.PERIOD in uses):
                raise SeveralColumns(use, [name, self.names[column]])
            raise repeated_header(first + 1, column + 1, name)
        self._areas = [at for at, use in enumerate(uses) if use is Use.AREA]
        self._noted = self._names_with_notes()
        if self._noted:
            told = ", ".join(f"“{text}” = “{name}”" for text, name in self._noted.items())
            self._told.append(_noted(Use.AREA.label, told))

    def _names_with_notes(self) -> dict[str, str]:
        """Names of areas that have numbers of notes behind them, with those names alone.

        All of the numbers are listed below the table, and no two names are the same without them.
        """
        first = self._last_opened.first if self._last_opened and self.head.values else []
        if not any(split_notes(one_line(of))[1] for *_at, cells in first for of in cells[:1]):
            return {}
        rows = self._all_rows()
        texts = {one_line(of[at]) for of in rows for at in self._areas if at < len(of)}
        split = {text: split_notes(text) for text in texts}
        noted = {text for text, (_name, of) in split.items() if of and self._notes.issuperset(of)}
        plain = Counter(split[text][0] if text in noted else text for text in texts)
        return {text: name for text in sorted(noted) if plain[name := split[text][0]] == 1}

    def located(self, error: TableError) -> TableError:
        """An error with the line of the header, and with the columns to choose from."""
        error.headers = tuple(filter(None, self.names))
        words = _("Line %(line)d: %(why)s") % {"line": self.head.line, "why": error}
        error.args = (locate(self._where, words),)
        return error

    def rows(self, first: FirstLines, lines: TableLines) -> Iterator[tuple[int, Cells]]:
        """The rows below the header; from the beginning where the file was read meanwhile."""
        if first is not self._last_opened:
            lines = self._again()
            self._last_opened = first = FirstLines(lines)
        below = self._told_apart(first, lines)
        if self.head.values:
            below = without_notes(below, self.head, self._notes)
        for line, _number, cells in (self.head.reshape or iter)(below):
            if self._noted:
                told = [self._noted.get(one_line(cell), cell) for cell in cells]
                cells = [of if at in self._areas else cells[at] for at, of in enumerate(told)]
            yield line, cells

    def _told_apart(self, first: FirstLines, lines: TableLines) -> Iterator[Line]:
        """The lines without those that repeat the header, as on each page of a print, and without
        the titles above these, which say what the lines below are about."""
        last, _number, headings = first.first[self.head.place]
        spans = Spans([each for each in lines.merged if each[0] > last], last)
        repeated, title = [*headings], None
        self.section = self.titles[0] if self.titles else ""
        for line, number, cells in first.below(self.head.place):
            found = spans.fill(line, cells)
            if spans.ranges and len(filled(found)) > 1:
                refuse_merged(spans.ranges, line, lines.where)
            if [*found] == repeated:
                self.section = title_in(title[-1], self.titles) if title else self.section
                title = None
                continue
            yield from [title] if title else []
            title = (line, number, found) if title_in(found, self.titles) else None
            yield from [] if title else [(line, number, found)]
        yield from [title] if title else []

    def _facts_of(self, columns: Sequence[int]) -> dict[int, "_Facts"]:
        """What the cells of these columns show; the file is read where that is not known yet."""
        if not self._facts.keys() >= {*columns}:
            self._facts = {column: _Facts() for column in columns}
            for cells in self._all_rows():
                for column, fact in self._facts.items():
                    if column < len(cells):
                        fact.add(cells[column])
        return self._facts

    def _facts_of_values(self, uses: Sequence[Use]) -> list["_Facts"]:
        columns = [at for at, use in enumerate(uses) if use is Use.VALUE]
        return [fact for at, fact in self._facts_of(columns).items() if at in columns]

    def _all_rows(self) -> Iterator[Cells]:
        """The cells of every row, for which the file is opened once more."""
        lines = self._again()
        self._last_opened = FirstLines(lines)
        with suppress(TableError):  # it is told when the rows are read
            for _line, cells in self.rows(self._last_opened, lines):
                yield cells

    def describing(
        self,
        read: Callable[[Cells], Iterable[RawFigure]],
        uses: Sequence[Use],
        options: ParseOptions,
        *,
        if_measured: bool,
    ) -> frozenset[str]:
        """The headers of the columns that only describe what the others tell apart, or of those
        with bounds and the like alone."""
        headed = {at: name for at, name in enumerate(self.header) if uses[at] is Use.DIMENSION}
        if options.kept is None or not headed:
            return frozenset()
        columns = Columns(headed.values(), options.kept)
        for cells in itertools.islice(self._all_rows(), MOST_FIGURE_ROWS):
            with suppress(FigureError):
                # Where periods are columns, those of a row are of the same parts.
                for raw in itertools.islice(read(cells), None if Use.PERIOD in uses else 1):
                    if Use.PERIOD not in uses or not is_blank([raw.value]):
                        columns.add(raw)
        told = (name for name in headed.values() if dimension_name(name) in options.described)
        return columns.describing(if_measured=if_measured) | {*told}

    def are_numbers(self, column: int) -> bool:
        """Whether a column has as many numbers as other texts; one cell never decides that."""
        fact = self._facts_of(range(len(self.header)))[column]
        return 0 < fact.numbers >= fact.others

    def with_periods(self, columns: Sequence[int]) -> list[int]:
        """Those of these columns in which most cells of the first rows are periods; notes may stand
        below them."""
        texts: dict[int, list[str]] = {at: [] for at in columns}
        for cells in itertools.islice(self._all_rows(), SAMPLE):
            for at in columns:
                texts[at] += filter(None, map(one_line, cells[at : at + 1]))
        return [at for at in columns if 2 * sum(map(is_period, texts[at])) > len(texts[at])]

    def codes_among(self, columns: Sequence[int], chosen: str) -> list[int]:
        """Those of these columns of numbers that hold codes, beside the chosen one of values."""
        others = [at for at in columns if self.header[at] != chosen]
        given = [at for at in range(len(self.header)) if at not in columns]
        given = [at for at in given if self.header[at] != UNREAD]
        if len(columns) < 2:
            return []
        return code_columns(self._all_rows, others, given, is_one=not chosen)

    def has_same_periods(self, names: Sequence[str]) -> bool:
        """Whether each row has one period in all of these columns."""
        columns = [self.header.index(name) for name in names]
        for cells in self._all_rows():
            found = {one_line(cells[at]) for at in columns if at < len(cells)}
            if (
                len(found) > 1
                and len({read_period(text) for text in found if is_period(text)}) != 1
            ):
                return False
        return True

    def say_the_same(self, columns: Sequence[int]) -> bool:
        """Whether each of these columns alone tells the rows apart as all of them do.

        Not by so few rows as women, men and both could head.
        """
        told = {
            tuple(one_line(cells[at]) for at in columns if at < len(cells))
            for cells in self._all_rows()
        }
        are_same = all(len(set(texts)) == len(told) for texts in zip(*told, strict=False))
        return are_same and len(told) > 3

    def have_two_years(self, uses: Sequence[Use]) -> bool:
        """Whether each period that looks like a month may be two years."""
        if Use.PERIOD not in uses:
            return are_two_years(period for period, *_of in headed_periods(self.header).values())
        at = uses.index(Use.PERIOD)
        sizes = (SAMPLE, None)  # all only where the first rows may be so
        rows = (itertools.islice(self._all_rows(), size) for size in sizes)
        cells = ((one_line(cell) for row in each for cell in row[at : at + 1]) for each in rows)
        return all(map(are_two_years, cells))

    def are_percent(self, uses: Sequence[Use]) -> bool:
        """Whether behind all values stands a percent sign, which is their unit."""
        facts = self._facts_of_values(uses)
        return any(fact.percents for fact in facts) and all(
            fact.percents == fact.numbers for fact in facts
        )

    def are_lettered(self, uses: Sequence[Use]) -> bool:
        """Whether all values are numbers, and behind some of them stands a letter."""
        facts = self._facts_of_values(uses)
        letters = set[str]().union(*(fact.letters for fact in facts))
        are_others = any(fact.others != fact.lettered for fact in facts)
        if not letters or are_others or not any(fact.numbers for fact in facts):
            return False
        self._told.append(_noted(Use.DESCRIPTION.label, ", ".join(sorted(letters))))
        return True

    def marks(self, uses: Sequence[Use]) -> dict[str, str]:
        """The decimal mark of each column of figures: as its cells show, else those of the others.

        A column in which some cells have decimal points and others decimal commas has none.
        """
        found: dict[str, set[str]] = {}
        facts = self._facts_of([at for at, use in enumerate(uses) if use in (Use.VALUE, Use.TERM)])
        for use, name in ((Use.VALUE, "value"), (Use.TERM, "term")):
            columns = [at for at, each in enumerate(uses) if each is use]
            found |= {self.header[at]: facts[at].marks for at in columns}
            found[name] = set().union(*(facts[at].marks for at in columns))
        every = set().union(*found.values())
        agreed = every.pop() if len(every) == 1 else BOTH_MARKS
        return {
            name: next(iter(shown)) if len(shown) == 1 else BOTH_MARKS if shown else agreed
            for name, shown in found.items()
        }


@dataclass(slots=True)
class _Facts:
    """How many cells of a column are numbers, and the decimal marks that some of them must have."""

    numbers: int = 0
    percents: int = 0
    others: int = 0
    lettered: int = 0
    letters: set[str] = field(default_factory=set)
    marks: set[str] = field(default_factory=set)

    def add(self, cell: Cell) -> None:
        plain, before = without_percent(cell), self.numbers
        self._add(plain)
        self.percents += plain is not cell and self.numbers > before

    def _add(self, cell: Cell) -> None:
        if isinstance(cell, Number):
            self.numbers += 1
        elif isinstance(cell, str | Number):
            text, letter = split_letter(one_line(cell))
            marks = possible_marks(text)
            if len(marks) == 1:
                self.marks.add(marks)
            if marks and not letter:
                self.numbers += 1
            elif text and not is_missing_mark(text):
                self.others += 1
                self.lettered += bool(letter)
                self.letters |= {*letter}
        elif cell is not None:
            self.others += 1


def _noted(label: str | Promise, value: str) -> str:
    return _("%(label)s: %(value)s") % {"label": label, "value": value[:LONGEST_NOTE]}


def _tell_above(above: Sequence[Line], table: _Table, file: FigureFile, lines: TableLines) -> None:
    """Tell what stands above the header; the World Bank's files have their source and day there."""
    if table.titles:
        told = ", ".join(dict.fromkeys(filter(None, table.titles)))
        lines.notes.append(_noted(Use.DIMENSION.label, replace_invalid(told)))
        above = above[: len(above) - bool(table.titles[0])]
    words = _("“%s”: empty cells repeat the one above.")
    lines.notes += [words % name for name in table.head.filled]
    for line, _number, cells in above:
        texts = [replace_invalid(one_line(cell)) for cell in filled(cells)]
        if fold_text(texts[0]) == ABOVE[0]:
            file.source = texts[1] if len(texts) > 1 else ""
        elif fold_text(texts[0]) == ABOVE[1]:
            with suppress(ValueError):
                file.vintage = date.fromisoformat(texts[-1])
        elif line < table.head.line:
            lines.notes.append(note_on_title(line, " · ".join(texts)[:LONGEST_EXAMPLE]))


def _columns(
    header: Sequence[str], uses: Sequence[Use], unread: Sequence[str], rows: Sequence[Cells]
) -> tuple[ColumnUse, ...]:
    """What each column is taken for, with cells of the first rows as examples."""
    found, named = [], zip((*header, *unread), (*uses, *[Use.NOT_READ] * len(unread)), strict=True)
    for column, (name, use) in enumerate(named):
        cells = (one_line(cells[column])[:LONGEST_EXAMPLE] for cells in rows if column < len(cells))
        told = dict.fromkeys(replace_invalid(cell) for cell in cells if cell)
        if told and not name and use is Use.NOT_READ:
            name = _("Column %d") % (column + 1)
        found.append(ColumnUse(name, use, tuple(itertools.islice(told, EXAMPLES))))
    return tuple(found)


def _settled(
    table: _Table, code: str, options: ParseOptions, names: FileNames
) -> tuple[StatisticsFormat, ParseOptions, str, tuple[RowReader, Sequence[Use]]]:
    """The format of a table, how it is read, why, and its reader; columns that say the same in all
    rows are one. Raises ``OpenColumn`` where a person must choose."""
    try:
        found, options, why = _recognise(table, code, options, names)
        return found, options, why, found.read(table.header, options)
    except SeveralColumns as error:
        if error.use is Use.PERIOD and table.has_same_periods(error.columns):
            table.leave_out(error.columns[1:])
        elif error.use is Use.AREA and not options.area_column:
            columns = [table.header.index(name) for name in error.columns]
            if not table.say_the_same(columns):
                raise
            options = replace(options, area_column=error.columns[-1])
        else:
            raise
    return _settled(table, code, options, names)


def _recognise(
    table: _Table, code: str, options: ParseOptions, names: FileNames
) -> tuple[StatisticsFormat, ParseOptions, str]:
    """The format of a table, how it is read, and why; a plain table may leave something out."""
    if code == sdmx.SDMX_CSV.code:
        table.take_ids()
    fault: TableError | None = None
    try:
        detected, why = (code, "") if code else detect_format(table.header)
    except TableError as error:
        fault, detected, why = error, plain_tables.PLAIN.code, ""
    found, is_stated = _tables()[detected], bool(options.area_column or options.period_column)
    if options.area_column and found is sdg.OPEN_SDG:
        found = plain_tables.PLAIN
    if found is not plain_tables.PLAIN:
        return found, options, why
    completed, header = None, table.header
    if fault and not is_stated and sdg.is_of_one_area(header):
        completed = complete(header, options, names, table, is_of_one_area=True)
    if completed:
        return sdg.OPEN_SDG, *completed
    if fault or is_stated or not found.signs(header):
        beside = plain_tables.areas_beside(header, options.area_column, table)
        options = replace(options, areas_beside=beside)
        if completed := complete(header, options, names, table):
            return found, *completed
    if fault:
        raise fault
    return found, options, why


def detect_format(header: Sequence[str]) -> tuple[str, str]:
    """The code of the format of a table with this header, and why; ``TableError`` if there is none.

    A format of which the header has two columns for one role is not that of the file: only where
    no other fits, the first of these faults is raised.
    """
    fault: TableError | None = None
    for code, found in _tables().items():
        try:
            signs = found.signs(header)
        except TableError as error:
            fault = fault or error
            continue
        if signs:
            named = ", ".join(f"“{name}”" for name in signs)
            told = {"format": found.label, "columns": named}
            return code, _("Recognised as “%(format)s” by the columns %(columns)s.") % told
    if fault is not None:
        raise fault
    raise TableError(
        _(
            "The format is not recognised. A table needs columns such as “area”, “period” and "
            "“value”. Name the columns so in the first row, or download the data as CSV."
        )
    )


def _rules(
    found: StatisticsFormat,
    lines: TableLines,
    options: ParseOptions,
    table: _Table,
    uses: Sequence[Use],
) -> ReadRules:
    """Programs write decimal points and commas between cells; semicolons mean a person saved it.

    What neither the format nor a person states, all cells of a column decide together. Where a
    person states the mark, the other one separates thousands.
    """
    is_written = found.has_points and lines.delimiter in (",", "")
    stated = options.decimal or found.decimal
    is_as_prescribed = is_written and not stated
    marks = {"value": "." if is_as_prescribed else stated, "term": stated or "."}
    if not (is_as_prescribed or stated):
        marks = table.marks(uses)
    told = {".": _("Point: 1.7"), ",": _("Comma: 1,7")}
    shown = {options.decimal} if stated or is_as_prescribed else {*marks.values()}
    lines.notes += [_noted(_("Decimal mark"), told[mark]) for mark in sorted(shown & told.keys())]
    return ReadRules(
        lines.where,
        marks,
        is_grouped=bool(options.decimal) or (found.has_groups and not is_as_prescribed),
        missing=found.missing,
        is_about_one_area=found.is_about_one_area or options.has_area,
        has_flags=found.has_flags,
        has_all_flags=found.has_points,
        date_order=options.date_order,
        frequency=options.frequency,
        are_percent=not found.has_points and table.are_percent(uses),
        have_two_years=not found.has_points
        and options.frequency != PeriodKind.MONTH
        and table.have_two_years(uses),
        has_letters=not found.has_points and table.are_lettered(uses),
        headers={use: table.names[at] for at, use in reversed([*enumerate(uses)])},
    )
