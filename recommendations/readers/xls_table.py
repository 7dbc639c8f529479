"""XLS, the workbooks of Excel before 2007, through xlrd.

Offices still publish them. xlrd does not tell which cells are formulas: their stored results are
read, and a note says so. The chosen sheet is held in memory, so such files have a limit of their
own.
"""

import io
from collections.abc import Iterator
from datetime import datetime, time
from typing import Any, BinaryIO

import xlrd
from django.utils.translation import gettext as _

from recommendations.readers.tables import (
    MOST_COLUMNS,
    Cell,
    Formula,
    Number,
    ReadOptions,
    TableError,
    TableLines,
    sheet_lines,
    unreadable,
)
from recommendations.readers.xlsx_table import choose_title, shown_number

SIGNATURE = b"\xd0\xcf\x11\xe0"
LARGEST_XLS = 10 * 1024 * 1024
"""Bytes of such a file; in memory it takes many times as much."""


def read_xls(file: BinaryIO, options: ReadOptions) -> TableLines:
    """The lines of the first visible sheet, or of the one that is chosen."""
    if file.seek(0, 2) > LARGEST_XLS:
        words = _("The XLS workbook has more than %d MB. Save it as XLSX or CSV.")
        raise TableError(words % (LARGEST_XLS // 1024 // 1024))
    file.seek(0)
    content = file.read()
    try:
        book = xlrd.open_workbook(
            file_contents=content,
            logfile=io.StringIO(),
            on_demand=True,
            formatting_info=True,
            ragged_rows=True,
        )
        # Asked of each sheet before it is loaded: only the chosen one is.
        visible = dict(zip(book.sheet_names(), book._sheet_visibility, strict=False))
        title, notes = choose_title({name: not hidden for name, hidden in visible.items()}, options)
        sheet = book.sheet_by_name(title)
    except TableError:
        raise
    except xlrd.XLRDError as error:
        raise TableError(
            _("The workbook is no XLS workbook or has a password. Save it as XLSX or CSV.")
        ) from error
    except Exception as error:  # a damaged file: xlrd raises whatever comes first
        raise TableError(unreadable(error)) from error
    where = _("Sheet “%s”") % title
    notes.append(_("Formulas of an XLS workbook are read by their stored results."))
    # Merged cells: lines from 1, both ends included.
    merged = [
        (top + 1, bottom, f"{xlrd.cellname(top, left)}:{xlrd.cellname(bottom - 1, right - 1)}")
        for top, bottom, left, right in sheet.merged_cells
    ]
    lines = sheet_lines(_rows(book, sheet), where)
    return TableLines("xls", lines, where, notes=notes, sheet=title, merged=merged)


def _rows(book: Any, sheet: Any) -> Iterator[tuple[int, list[Cell]]]:
    for number in range(sheet.nrows):
        cells = sheet.row(number)[: MOST_COLUMNS + 1]
        yield number + 1, [_cell(cell, book) for cell in cells]


def _cell(cell: Any, book: Any) -> Cell:
    match cell.ctype:
        case xlrd.XL_CELL_TEXT:
            return str(cell.value) or None
        case xlrd.XL_CELL_NUMBER:
            code = book.format_map[book.xf_list[cell.xf_index].format_key].format_str
            return Number(shown_number(cell.value, code), shown_number(cell.value, ""))
        case xlrd.XL_CELL_DATE:
            try:
                found: datetime = xlrd.xldate_as_datetime(cell.value, book.datemode)
            except (xlrd.xldate.XLDateError, OverflowError, ValueError):
                return Formula(str(cell.value))
            return found.date() if found.time() == time.min else str(found)
        case xlrd.XL_CELL_BOOLEAN:
            return bool(cell.value)
        case xlrd.XL_CELL_ERROR:
            return Formula(xlrd.error_text_from_code.get(cell.value, "#ERROR"))
    return None
