"""Workbooks to be filled in: an empty list, a reporting round; and rows that were rejected."""

import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from recommendations.actions.imports.spreadsheet.plans import CODES, DATE_FIELDS
from recommendations.choices import Confidence, ImplementationStatus
from recommendations.columns import Column, Field, Value
from recommendations.exports.formats import Sheet, is_risky
from recommendations.queries.round_sheets import CONFIDENCES, DAYS, FIXED, STATUSES, Values
from recommendations.queries.round_sheets import Column as SheetColumn
from recommendations.readers import Cell, Table, TableRow

# ---- Files for whoever imports a list: an empty one to fill in, and the rows that were rejected

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

TEMPLATE = (
    *(Field.EXTERNAL_ID, Field.TITLE, Field.QUOTED_TEXT, Field.SUMMARY, Field.MODALITY),
    *(Field.NATURE, Field.PRIORITY, Field.LEAD, Field.LEAD_OFFICER, Field.REVIEWER),
    *(Field.CONTRIBUTORS, Field.ADDRESSEES, Field.THEMES, Field.OPENED_ON),
    *(Field.TARGET_DATE, Field.INTERVAL_MONTHS),
    *(Field.REPORTED_STATUS, Field.REPORTED_ON, Field.CONFIDENCE, Field.REPORTED_NOTE),
    *(Field.COMPLETED_ON, Field.EVIDENCE),
)
"""Columns of the file to fill in; their headings are proposed as these fields."""

OFFERED = {
    **CODES,
    Field.REPORTED_STATUS: ImplementationStatus.choices,
    Field.CONFIDENCE: Confidence.choices,
}
"""Choices of which a cell offers the labels."""

ROWS = 2_000
"""Rows for which lists are offered."""

_HEAD = PatternFill("solid", fgColor="E2F0EF")
_WIDE = frozenset({Field.TITLE, Field.QUOTED_TEXT, Field.SUMMARY, Field.REPORTED_NOTE})


def template_workbook() -> bytes:
    """An XLSX file with the headings of a list; numbers stay texts, so that 7.10 is no 7.1."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = _("Recommendations")[:31]
    for place, field in enumerate(TEMPLATE, 1):
        head = sheet.cell(1, place, str(field.label))
        head.font, head.fill = Font(bold=True), _HEAD
        head.alignment = Alignment(wrap_text=True, vertical="top")
        letter = get_column_letter(place)
        column = sheet.column_dimensions[letter]
        column.width = 42 if field in _WIDE else 20
        column.number_format = "yyyy-mm-dd" if field in DATE_FIELDS else "@"
        if choices := OFFERED.get(field):
            _offer(sheet, letter, [str(label) for _code, label in choices], ROWS + 1)
    sheet.freeze_panes = "C2"
    outlet = io.BytesIO()
    book.save(outlet)
    return outlet.getvalue()


def _offer(sheet: Any, letter: str, labels: list[str], last: int, **told: Any) -> None:
    """A list to choose from in a column. Labels hold no comma, which would part them."""
    rule = DataValidation(type="list", formula1=f'"{",".join(labels)}"', allow_blank=True, **told)
    rule.add(f"{letter}2:{letter}{last}")
    sheet.add_data_validation(rule)


def rejected_sheet(table: Table, reasons: Mapping[int, str]) -> Sheet:
    """The rows of a table with these numbers as they came, and a column with the reason of each."""

    def of(index: int) -> Column:
        return Column(table.header[index], lambda row: _value(row.cells[index]))

    def rows() -> Iterator[TableRow]:
        return (row for row in table.rows if row.number in reasons)

    columns = [of(index) for index in range(len(table.header))]
    why = Column(_("Rejected because"), lambda row: reasons[row.number])
    return Sheet("rejected", [why, *columns], rows())


def _value(cell: Cell) -> Value:
    """A cell as its file shows it: a number as a text, with all that it shows."""
    return cell if cell is None or isinstance(cell, date) else str(cell)


# ---- The spreadsheet of a round for one organisation, as a workbook to be filled in.
# Few rows, with lists to choose from and locked cells, so openpyxl writes it whole. Every text is a
# text, whatever it looks like: none is taken for a formula.

_WIDTHS = {SheetColumn.REFERENCE: 12, SheetColumn.TITLE: 36, SheetColumn.ASKS: 48}
_GREY = PatternFill("solid", fgColor="EBEDEF")
_TOP = Alignment(wrap_text=True, vertical="top")


def round_workbook(rows: Iterable[Values], for_whom: str) -> bytes:
    """An XLSX file with a row for each request; what is fixed is locked, without a password.

    ``for_whom`` says for which readers it was made: beside each current status that is chosen,
    and in the properties of the file.
    """
    book = Workbook()
    book.properties.description = for_whom
    sheet: Any = book.active
    sheet.title = _("Updates")[:31]
    for place, column in enumerate(SheetColumn, 1):
        head = sheet.cell(1, place)
        _write(head, str(column.label))
        head.font, head.fill, head.alignment = Font(bold=True), _HEAD, _TOP
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = _WIDTHS.get(column, 22)
        sheet.column_dimensions[letter].hidden = column == SheetColumn.CHECK
    last = 1
    for last, row in enumerate(rows, 2):
        for place, column in enumerate(SheetColumn, 1):
            cell = sheet.cell(last, place)
            _write(cell, row.get(column))
            cell.alignment = _TOP
            is_locked = column in FIXED or column == SheetColumn.CHECK
            cell.protection = Protection(locked=is_locked)
            if is_locked:
                cell.fill = _GREY
            elif column in DAYS:
                cell.number_format = "yyyy-mm-dd"
    if last > 1:
        for column, choices in (
            (SheetColumn.STATUS, STATUSES),
            (SheetColumn.CONFIDENCE, CONFIDENCES),
        ):
            told = {"error": _("Choose an option from the list."), "showErrorMessage": True}
            labels = [str(each.label) for each in choices]
            _offer(sheet, _letter(column), labels, last, errorTitle=str(column.label), **told)
        _tell(sheet, SheetColumn.NOW_STATUS, for_whom, last)
    sheet.freeze_panes = "C2"
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = False
    outlet = io.BytesIO()
    book.save(outlet)
    return outlet.getvalue()


def _write(cell: Any, value: str | date | None) -> None:
    if isinstance(value, date):
        cell.value, cell.number_format = value, "yyyy-mm-dd"
    elif value:
        cell.value = value
        cell.data_type = "s"  # A text that begins with “=” is no formula.
        cell.quotePrefix = is_risky(value)


def _letter(column: SheetColumn) -> str:
    return str(get_column_letter(list(SheetColumn).index(column) + 1))


def _tell(sheet: Any, column: SheetColumn, words: str, last: int) -> None:
    """Words of at most 255 characters that stand beside a chosen cell of a column."""
    rule = DataValidation(promptTitle=str(column.label), prompt=words, showInputMessage=True)
    rule.add(f"{_letter(column)}1:{_letter(column)}{last}")
    sheet.add_data_validation(rule)
