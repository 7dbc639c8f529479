"""Opening a file of statistics in the format that its content has."""

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import BinaryIO

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from recommendations.characters import replace_invalid
from recommendations.readers.opening import check_size, open_lines
from recommendations.readers.statistics import plain_tables, sdg, sdmx, world_bank
from recommendations.readers.statistics.agencies import read_agencies
from recommendations.readers.statistics.cells import DECIMAL_MARKS
from recommendations.readers.statistics.plain_tables import SAMPLE, FileNames, complete
from recommendations.readers.statistics.reading import (
    Cells,
    ColumnUse,
    FigureFile,
    ParseOptions,
    RawFigure,
    ReadRules,
    SeveralColumns,
    StatisticsFormat,
    Use,
    fit_to_header,
    read_figures,
)
from recommendations.readers.tables import (
    MOST_ABOVE,
    MOST_COLUMNS,
    ReadOptions,
    TableError,
    TableLines,
    filled,
    fold_text,
    locate,
    note_on_title,
    one_line,
    read_header,
)
from recommendations.readers.workbook import visible_sheets

MOST_PERIODS = 2_000
"""Columns of a table of periods: a century of months, and more."""

EXAMPLES, LONGEST_EXAMPLE = 3, 60
"""Cells of a column that are shown, and characters of each."""

MOST_SHEETS = 20
"""Sheets that are looked through for values."""

LARGEST_STATISTICS_FILE = 50 * 1024 * 1024
"""Bytes of a file of statistics, at most; it is read as a stream, so more than for a list."""

_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\{|\[\s*[\[{\]])")

_BEFORE_AGENCIES = (
    *(plain_tables.TRACKER, world_bank.WORLD_BANK, sdmx.SDMX_CSV, sdg.UN_SDG),
    sdmx.EUROSTAT,
)
_AFTER_AGENCIES = (sdg.OPEN_SDG_WIDE, plain_tables.OWID, sdg.OPEN_SDG, plain_tables.PLAIN)
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
    decimal: str = "",
    value_column: str = "",
    options: ReadOptions | None = None,
    replaces_invalid: bool = False,
) -> FigureFile:
    """Open a file of statistics; ``TableError`` says what is wrong and where.

    ``format`` is one of ``statistics_formats``, ``decimal`` a point or a comma, ``value_column`` a
    header; what is not given is detected. ``name`` is that of the file, ``options`` are its sheet
    and encoding. Invalid characters are replaced (``replaces_invalid``), or reject their row.
    Raises ``SeveralColumns`` where a ``value_column`` must be chosen. While the file of an agency
    is wrong no format is detected: a table of that agency would be taken for another one.
    """
    if format not in ("", *statistics_formats()):
        raise TableError(_("“%s” is not a supported format.") % format[:40])
    if decimal and decimal not in DECIMAL_MARKS:
        raise TableError(_("The decimal mark is a point or a comma."))
    check_size(file, LARGEST_STATISTICS_FILE)
    file.seek(0)
    start = file.read(1024)
    if world_bank.is_api_answer(start) or format == world_bank.API_CODE:
        return world_bank.open_api_answer(file, replaces_invalid=replaces_invalid)
    if not format and (faults := agency_faults()):
        told = _(
            "The description of a format on this site is wrong, so no format is detected. "
            "%(fault)s An operator corrects it. Until then, state the format of your file."
        )
        raise TableError(told % {"fault": faults[0]})
    stated = ParseOptions(decimal, value_column, replaces_invalid=replaces_invalid)
    kind = "list.json" if _JSON.match(start) else name

    def opened(options: ReadOptions | None) -> FigureFile:
        lines = open_lines(file, kind, options, LARGEST_STATISTICS_FILE)
        return _open_table(lines, format, stated, FileNames(name, lines.sheet))

    try:
        return opened(options)
    except SeveralColumns:
        raise
    except TableError as error:
        sheets = [] if options and options.sheet else visible_sheets(file)[1:]
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
    for sheet in sheets[:MOST_SHEETS]:
        try:
            opened(replace(options, sheet=sheet))
        except TableError as refused:
            if not isinstance(refused, SeveralColumns):
                continue
        found.append(sheet)
    if not found:
        raise error
    if len(found) > 1:
        named = ", ".join(f"“{sheet}”" for sheet in found)
        raise TableError(_("Several sheets have values. Choose one: %s.") % named) from error
    return opened(replace(options, sheet=found[0]))


def _open_table(
    lines: TableLines, code: str, options: ParseOptions, names: FileNames
) -> FigureFile:
    numbered: Iterator[tuple[int, Cells]]
    numbered = ((line, cells) for line, _number, cells in lines.unmerged())
    file = FigureFile("", iter(()), notes=lines.notes)
    (line, cells), numbered = _header_of(numbered, file, lines)
    ids = sdmx.component_ids(cells)
    is_sdmx = code == sdmx.SDMX_CSV.code or (not code and sdmx.signs_of_sdmx(ids))
    # Workbooks are read up to the columns that a list may have.
    most = MOST_PERIODS if lines.kind == "csv" else MOST_COLUMNS
    header = read_header(ids if is_sdmx else cells, line, lines.where, most)
    sample = _Sample(numbered)
    try:
        found, options, why = _recognise(header, code, options, names, sample.rows)
        read, uses = found.read(header, options)
    except TableError as error:
        words = _("Line %(line)d: %(why)s") % {"line": line, "why": error}
        error.args = (locate(lines.where, words),)
        raise
    rules = _rules(found, lines, options)
    unread = {column for column, use in enumerate(uses) if use is Use.NOT_READ}

    def read_fit(cells: Cells) -> Iterable[RawFigure]:
        replaces = options.replaces_invalid
        return read(fit_to_header(cells, header, unread, replaces_invalid=replaces))

    file.format, file.why = found.code, why
    file.rows = read_figures(sample.all(), read_fit, rules, file.counts)
    file.columns = _columns(header, uses, sample.rows())
    return file


def _header_of(
    numbered: Iterator[tuple[int, Cells]], file: FigureFile, lines: TableLines
) -> tuple[tuple[int, Cells], Iterator[tuple[int, Cells]]]:
    """The first row of several filled cells, and the rows below; titles above it are told.

    The World Bank's files have their source and their day above it.
    """
    titles: list[tuple[int, Cells]] = []
    for line, cells in numbered:
        first, second = (replace_invalid(one_line(cell)) for cell in (*cells, None, None)[:2])
        if fold_text(first) == "data source":
            file.source = second
            continue
        if fold_text(first) == "last updated date":
            with suppress(ValueError):
                file.vintage = date.fromisoformat(second)
            continue
        if len(filled(cells)) > 1 or len(titles) == MOST_ABOVE:
            for at, title in titles:
                text = one_line(filled(title)[0])[:LONGEST_EXAMPLE]
                lines.notes.append(note_on_title(at, replace_invalid(text)))
            return (line, cells), numbered
        titles.append((line, cells))
    if not titles:
        raise lines.empty_error()
    return titles[0], iter(titles[1:])


def _columns(
    header: Sequence[str], uses: Sequence[Use], rows: Sequence[Cells]
) -> tuple[ColumnUse, ...]:
    """What each column is taken for, with cells of the first rows as examples."""
    found = []
    for column, (name, use) in enumerate(zip(header, uses, strict=True)):
        cells = (one_line(cells[column])[:LONGEST_EXAMPLE] for cells in rows if column < len(cells))
        told = dict.fromkeys(replace_invalid(cell) for cell in cells if cell)
        found.append(ColumnUse(name, use, tuple(itertools.islice(told, EXAMPLES))))
    return tuple(found)


class _Sample:
    """The first rows of a table, which may be looked at before all are read.

    Where the table breaks among them, it does so once the rows before were read.
    """

    def __init__(self, numbered: Iterator[tuple[int, Cells]]) -> None:
        self._first: list[tuple[int, Cells]] = []
        self._rest = numbered
        self._is_read = False
        self._break: TableError | None = None

    def rows(self) -> list[Cells]:
        if not self._is_read:
            self._is_read = True
            try:
                for numbered in itertools.islice(self._rest, SAMPLE):
                    self._first.append(numbered)
            except TableError as error:
                self._break = error
        return [cells for _line, cells in self._first]

    def all(self) -> Iterator[tuple[int, Cells]]:
        yield from self._first
        if self._break is not None:
            raise self._break
        yield from self._rest


def _recognise(
    header: Sequence[str],
    code: str,
    options: ParseOptions,
    names: FileNames,
    sample: Callable[[], Sequence[Cells]],
) -> tuple[StatisticsFormat, ParseOptions, str]:
    """The format of a table, how it is read, and why; a plain table may leave something out."""
    fault: TableError | None = None
    try:
        detected, why = (code, "") if code else detect_format(header)
    except TableError as error:
        fault, detected, why = error, plain_tables.PLAIN.code, ""
    found = _tables()[detected]
    if fault or (found is plain_tables.PLAIN and not found.signs(header)):
        if completed := complete(header, options, names, sample):
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


def _rules(found: StatisticsFormat, lines: TableLines, options: ParseOptions) -> ReadRules:
    """Programs write decimal points and commas between cells; semicolons mean a person saved it."""
    is_written = found.has_points and lines.delimiter in (",", "")
    is_as_prescribed = is_written and not (options.decimal or found.decimal)
    return ReadRules(
        lines.where,
        "." if is_as_prescribed else options.decimal or found.decimal,
        is_grouped=found.has_groups and not is_as_prescribed,
        missing=found.missing,
        is_about_one_area=found.is_about_one_area,
        has_flags=found.has_flags,
    )
