"""XLSX, through openpyxl's read-only mode, once the archive is known to be harmless.

Formulas are never evaluated, and the values stored beside them may be out of date: such a cell is
a ``Formula``, which a caller refuses where it matters.
"""

import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.readers.tables import (
    MOST_COLUMNS,
    Cell,
    Formula,
    MergedRange,
    Number,
    ReadOptions,
    TableError,
    TableLines,
    is_blank,
)
from recommendations.readers.workbook import (
    ExactSheetParser,
    WorkbookArchive,
    WorkbookReader,
)

_END_OF_LINE = re.compile(r"(?:\r|_x000D_)\n?")
"""Spreadsheet programs escape a carriage return, which XML would lose."""
_DECIMALS = re.compile(r"^0(?:\.(0+))?%?(?:_\w)?$")
_LITERALS = re.compile(r'"[^"]*"|\\.')
"""Literal text in a number format."""
_MOST_BINARY = 17
"""Digits that are enough to write any binary floating-point number."""


def read_xlsx(file: BinaryIO, options: ReadOptions) -> TableLines:
    """The lines of the first visible sheet, or of the one that is chosen."""
    file.seek(0)
    try:
        archive = WorkbookArchive(file)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what openpyxl leaves out: charts, rules, styles
            reader = WorkbookReader(archive)
            reader.read()
        sheet, notes = _choose_sheet(reader.wb, options)
    except TableError:
        raise
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise TableError(_("The workbook is damaged: %s.") % error) from error
    except Exception as error:
        raise TableError(_unreadable(error)) from error
    where = _("Sheet “%s”") % sheet.title
    merged = archive.merged.get(sheet._worksheet_path, [])
    notes += hidden_notes(archive.hidden.get(sheet._worksheet_path, []))
    lines = _lines(sheet, where, [] if options.joins_headings else merged)
    return TableLines(
        "xlsx",
        lines,
        where,
        notes=notes,
        sheet=sheet.title,
        merged=merged if options.joins_headings else [],
    )


MOST_HIDDEN = 20


def hidden_notes(rows: Sequence[int]) -> list[str]:
    """That rows which the sheet does not show are read all the same."""
    if not rows:
        return []
    named = ", ".join(str(number) for number in rows[:MOST_HIDDEN])
    if len(rows) > MOST_HIDDEN:
        named = _("%(rows)s and more") % {"rows": named}
    words = ngettext(
        "%(n)d hidden row is read as well: %(rows)s.",
        "%(n)d hidden rows are read as well: %(rows)s.",
        len(rows),
    )
    return [words % {"n": len(rows), "rows": named}]


def visible_sheets(file: BinaryIO) -> list[str]:
    """The titles of the sheets of a workbook that are visible; none of another file."""
    file.seek(0)
    if file.read(4) != b"PK\x03\x04":
        return []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reader = WorkbookReader(WorkbookArchive(file))
            reader.read()
    except Exception:  # whoever opens it says what is wrong
        return []
    return [sheet.title for sheet in reader.wb.worksheets if sheet.sheet_state == "visible"]


def _unreadable(error: Exception) -> str:
    return _(
        "The workbook cannot be read (%s): open it in a spreadsheet program and save it again."
    ) % (type(error).__name__)


def _choose_sheet(book: Any, options: ReadOptions) -> tuple[Any, list[str]]:
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    visible = {title: sheet.sheet_state == "visible" for title, sheet in sheets.items()}
    chosen, notes = choose_title(visible, options)
    return sheets[chosen], notes


def choose_title(visible: Mapping[str, bool], options: ReadOptions) -> tuple[str, list[str]]:
    """The sheet that is read, of all by their titles, and notes of those that are not."""
    wanted = options.sheet
    shown = [title for title, is_visible in visible.items() if is_visible]
    hidden = [title for title in visible if title not in shown]
    if wanted and wanted not in visible:
        raise TableError(_("The workbook has no sheet “%s”.") % wanted[:80])
    if wanted in hidden:
        raise TableError(_("Sheet “%s” is hidden. Make it visible first.") % wanted)
    if not shown:
        raise TableError(_("The workbook has no visible sheet."))
    chosen = wanted or shown[0]
    notes = [_("Hidden sheet “%s” is not read.") % title for title in hidden]
    notes += [_("Sheet “%s” is not read.") % title for title in shown if title != chosen]
    return chosen, notes


def _lines(
    sheet: Any, where: str, merged: list[MergedRange]
) -> Iterator[tuple[int, Sequence[Cell]]]:
    is_header_read = False
    width = 1
    ranges = sorted(merged, reverse=True)
    try:
        for number, cells in _rows(sheet):
            line = [_cell(cell) for cell in cells]
            if not is_blank(line):
                check_merged(ranges, number, where, is_header=not is_header_read)
                is_header_read, width = True, max(width, len(line))
            yield number, line + [None] * (width - len(line))
    except TableError:
        raise
    except Exception as error:
        raise TableError(f"{where}: {_unreadable(error)}") from error
    finally:
        sheet.parent.close()


def _rows(sheet: Any) -> Iterator[tuple[int, Sequence[Any]]]:
    """The rows of a sheet, each up to its last cell; the size that the file states may be wrong."""
    book = sheet.parent
    last = 0
    with sheet._get_source() as source:
        parser = ExactSheetParser(
            source,
            sheet._shared_strings,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        for number, row in parser.parse():
            if number > last and row:
                last = number
                width = min(max(cell["column"] for cell in row), MOST_COLUMNS + 1)
                yield number, sheet._get_row(row, 1, width)


def check_merged(ranges: list[MergedRange], line: int, where: str, *, is_header: bool) -> None:
    """Refuse a line that a merged range covers; ranges that begin before it are removed."""
    while ranges and ranges[-1][0] <= line:
        _top, bottom, address = ranges.pop()
        if bottom >= line:
            words = (
                _("%(where)s: the header is merged at %(address)s: one cell for each column.")
                if is_header
                else _("%(where)s, line %(line)d: cells are merged at %(address)s: undo that.")
            )
            raise TableError(words % {"where": where, "address": address, "line": line})


def _cell(cell: Any) -> Cell:
    value = cell.value
    match value:
        case None | "":
            return None
        case bool():
            return value
        case datetime():
            return value.date() if value.time() == time.min else str(value)
        case date():
            return value
        case time() | timedelta():
            return str(value)
        case int() | float() | Decimal():
            return Number(shown_number(value, str(cell.number_format or "")), _stored(value))
        case str():
            is_text = cell.data_type not in ("f", "e")
            return _END_OF_LINE.sub("\n", value) if is_text else Formula(value)
    return Formula(str(getattr(value, "text", "") or value))  # array formulas and data tables


def shown_number(value: float | Decimal, format_code: str) -> str:
    """A number as its cell shows it: 111.1 under 0.00 is “111.10”, and 0.5 under 0% is “50%”."""
    number, sign = Decimal(str(value)), ""
    if "%" in _LITERALS.sub("", format_code):
        number, sign = number * 100, "%"
    if found := _DECIMALS.match(format_code):
        return f"{number:.{len(found[1] or '')}f}{sign}"
    if sign:
        return f"{number}{sign}"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _stored(value: float | Decimal) -> str:
    """A number with all its digits.

    Programs with binary numbers write 1.1 as 1.1000000000000001; more digits than that were written
    by a program with decimal numbers and are kept.
    """
    text = getattr(value, "text", "")
    digits = re.sub(r"[eE].*|[^0-9]", "", text).lstrip("0")
    return text if len(digits) > _MOST_BINARY else str(value)
