"""XLSX, through openpyxl's read-only mode, once the archive is known to be harmless.

Formulas are never evaluated, and the values stored beside them may be out of date: such a cell is
a ``Formula``, which a caller refuses where it matters.
"""

import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.readers.tables import (
    MOST_COLUMNS,
    Cell,
    Formula,
    Number,
    ReadOptions,
    TableError,
    TableLines,
    named_rows,
    sheet_lines,
    unreadable,
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
        sheets = {sheet.title: sheet for sheet in reader.wb.worksheets}
        visible = {title: each.sheet_state == "visible" for title, each in sheets.items()}
        chosen, notes = choose_title(visible, options)
        sheet = sheets[chosen]
    except TableError:
        raise
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise TableError(_("The workbook is damaged: %s.") % error) from error
    except Exception as error:
        raise TableError(unreadable(error)) from error
    where = _("Sheet “%s”") % sheet.title
    if hidden := archive.hidden.get(sheet._worksheet_path):
        words = ngettext(
            "%(n)d hidden row is read as well: %(rows)s.",
            "%(n)d hidden rows are read as well: %(rows)s.",
            len(hidden),
        )
        notes.append(words % {"n": len(hidden), "rows": named_rows(hidden)})
    merged = archive.merged.get(sheet._worksheet_path, [])
    lines = sheet_lines(_rows(sheet), where)
    return TableLines("xlsx", lines, where, notes=notes, sheet=sheet.title, merged=merged)


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


def _rows(sheet: Any) -> Iterator[tuple[int, list[Cell]]]:
    """The rows of a sheet, each up to its last cell; the size that the file states may be wrong."""
    book = sheet.parent
    last = 0
    try:
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
                    yield number, [_cell(cell) for cell in sheet._get_row(row, 1, width)]
    finally:
        book.close()


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
