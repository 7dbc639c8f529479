"""The spreadsheet of a round for one organisation, as a workbook to be filled in.

Few rows, with lists to choose from and locked cells, so openpyxl writes it whole. Every text is a
text, whatever it looks like: none is taken for a formula.
"""

import io
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from recommendations.exports.sheets import is_risky
from recommendations.queries.rounds.sheet import (
    CONFIDENCES,
    DAYS,
    FIXED,
    STATUSES,
    Column,
    Values,
)

_WIDTHS = {Column.REFERENCE: 12, Column.TITLE: 36, Column.ASKS: 48}
_GREY = PatternFill("solid", fgColor="EBEDEF")
_HEAD = PatternFill("solid", fgColor="E2F0EF")
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
    for place, column in enumerate(Column, 1):
        head = sheet.cell(1, place)
        _write(head, str(column.label))
        head.font, head.fill, head.alignment = Font(bold=True), _HEAD, _TOP
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = _WIDTHS.get(column, 22)
        sheet.column_dimensions[letter].hidden = column == Column.CHECK
    last = 1
    for last, row in enumerate(rows, 2):
        for place, column in enumerate(Column, 1):
            cell = sheet.cell(last, place)
            _write(cell, row.get(column))
            cell.alignment = _TOP
            is_locked = column in FIXED or column == Column.CHECK
            cell.protection = Protection(locked=is_locked)
            if is_locked:
                cell.fill = _GREY
            elif column in DAYS:
                cell.number_format = "yyyy-mm-dd"
    if last > 1:
        _offer(sheet, Column.STATUS, [str(status.label) for status in STATUSES], last)
        _offer(sheet, Column.CONFIDENCE, [str(each.label) for each in CONFIDENCES], last)
        _tell(sheet, Column.NOW_STATUS, for_whom, last)
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


def _tell(sheet: Any, column: Column, words: str, last: int) -> None:
    """Words of at most 255 characters that stand beside a chosen cell of a column."""
    rule = DataValidation(promptTitle=str(column.label), prompt=words, showInputMessage=True)
    letter = get_column_letter(list(Column).index(column) + 1)
    rule.add(f"{letter}1:{letter}{last}")
    sheet.add_data_validation(rule)


def _offer(sheet: Any, column: Column, labels: list[str], last: int) -> None:
    """A list to choose from in a column. Labels hold no comma, which would part them."""
    rule = DataValidation(type="list", formula1=f'"{",".join(labels)}"', allow_blank=True)
    rule.error, rule.errorTitle = _("Choose a value of the list."), str(column.label)
    rule.showErrorMessage = True
    letter = get_column_letter(list(Column).index(column) + 1)
    rule.add(f"{letter}2:{letter}{last}")
    sheet.add_data_validation(rule)
