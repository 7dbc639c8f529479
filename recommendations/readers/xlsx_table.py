"""XLSX, through openpyxl's read-only mode, once the archive itself is known to be harmless.

Formulas are never worked out, and the values a program once kept beside them may be out of date:
such a cell is handed on as ``Formula``, for the caller to refuse where it matters.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from recommendations.readers.tables import (
    MOST_COLUMNS,
    Asked,
    Cell,
    Formula,
    Lines,
    Number,
    TableError,
    is_blank,
)
from recommendations.readers.workbook import Archive, ExactParser, Merged, Reader

_END_OF_LINE = re.compile(r"(?:\r|_x000D_)\n?")
"""Spreadsheet programs write a carriage return out, for XML would lose it."""
_PLACES = re.compile(r"^0(?:\.(0+))?%?(?:_\w)?$")
_WORDS = re.compile(r'"[^"]*"|\\.')
"""What a format shows as it stands."""
_MOST_BINARY = 17
"""Digits that a program which counts in binary needs to write a number down."""


def read_xlsx(file: BinaryIO, asked: Asked) -> Lines:
    """The lines of the first sheet that is shown, or on the one that is asked for."""
    file.seek(0)
    try:
        archive = Archive(file)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what openpyxl leaves out: charts, rules, styles
            reader = Reader(archive)
            reader.read()
        sheet, notes = _choose(reader.wb, asked.sheet)
    except TableError:
        raise
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise TableError(_("The workbook is damaged: %s.") % error) from error
    except Exception as error:
        raise TableError(_unreadable(error)) from error
    where = _("Sheet “%s”") % sheet.title
    lines = _lines(sheet, where, archive.merged.get(sheet._worksheet_path, []))
    return Lines("xlsx", lines, where, notes=notes)


def _unreadable(error: Exception) -> str:
    return _(
        "The workbook cannot be read (%s): open it in a spreadsheet program and save it again."
    ) % (type(error).__name__)


def _choose(book: Any, asked: str) -> tuple[Any, list[str]]:
    sheets = {sheet.title: sheet for sheet in book.worksheets}
    shown = [title for title, sheet in sheets.items() if sheet.sheet_state == "visible"]
    hidden = [title for title in sheets if title not in shown]
    if asked and asked not in sheets:
        raise TableError(_("There is no sheet “%s”.") % asked[:80])
    if asked in hidden:
        raise TableError(_("Sheet “%s” is hidden: show it, so that everybody sees it.") % asked)
    if not shown:
        raise TableError(_("The workbook has no sheet that is shown."))
    chosen = asked or shown[0]
    notes = [_("Hidden sheet “%s” is not read.") % title for title in hidden]
    notes += [_("Sheet “%s” is not read.") % title for title in shown if title != chosen]
    return sheets[chosen], notes


def _lines(sheet: Any, where: str, merged: list[Merged]) -> Iterator[tuple[int, Sequence[Cell]]]:
    is_header_read = False
    width = 1
    blocks = sorted(merged, reverse=True)
    try:
        for number, cells in _rows(sheet):
            line = [_cell(cell) for cell in cells]
            if not is_blank(line):
                _check_merged(blocks, number, where, is_header=not is_header_read)
                is_header_read, width = True, max(width, len(line))
            yield number, line + [None] * (width - len(line))
    except TableError:
        raise
    except Exception as error:
        raise TableError(f"{where}: {_unreadable(error)}") from error
    finally:
        sheet.parent.close()


def _rows(sheet: Any) -> Iterator[tuple[int, Sequence[Any]]]:
    """Rows that the sheet has, each as wide as its last cell; the file's own size may be wrong."""
    book = sheet.parent
    last = 0
    with sheet._get_source() as source:
        parser = ExactParser(
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


def _check_merged(blocks: list[Merged], line: int, where: str, *, is_header: bool) -> None:
    """Refuse a line that a block covers; blocks that begin before it are taken off the list."""
    while blocks and blocks[-1][0] <= line:
        _top, bottom, address = blocks.pop()
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
            return Number(_shown(value, str(cell.number_format or "")), _stored(value))
        case str():
            is_taken = cell.data_type not in ("f", "e")
            return _END_OF_LINE.sub("\n", value) if is_taken else Formula(value)
    return Formula(str(getattr(value, "text", "") or value))  # array formulas and data tables


def _shown(value: float | Decimal, format_code: str) -> str:
    """A number as its cell shows it: 111.1 under 0.00 is “111.10”, and 0.5 under 0% is “50%”."""
    number, sign = Decimal(str(value)), ""
    if "%" in _WORDS.sub("", format_code):
        number, sign = number * 100, "%"
    if found := _PLACES.match(format_code):
        return f"{number:.{len(found[1] or '')}f}{sign}"
    if sign:
        return f"{number}{sign}"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _stored(value: float | Decimal) -> str:
    """A number with all its digits.

    A program that counts in binary writes 1.1 as 1.1000000000000001; more digits than it needs for
    that were written by one that counts in decimals, and are kept as they stand.
    """
    text = getattr(value, "text", "")
    digits = re.sub(r"[eE].*|[^0-9]", "", text).lstrip("0")
    return text if len(digits) > _MOST_BINARY else str(value)
