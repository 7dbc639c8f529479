"""Files for whoever imports a list: an empty one to fill in, and the rows that were rejected."""

import io
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from recommendations.actions.imports.spreadsheet.maps import CODES, DATE_FIELDS
from recommendations.choices import Confidence, ImplementationStatus
from recommendations.columns import Column, Field, Value
from recommendations.exports.sheets import Sheet
from recommendations.readers import Cell, Table, TableRow

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

TEMPLATE = (
    *(Field.EXTERNAL_ID, Field.TITLE, Field.QUOTED_TEXT, Field.SUMMARY, Field.MODALITY),
    *(Field.NATURE, Field.PRIORITY, Field.LEAD, Field.LEAD_OFFICER, Field.CONTRIBUTORS),
    *(Field.ADDRESSEES, Field.THEMES, Field.OPENED_ON, Field.TARGET_DATE, Field.INTERVAL_MONTHS),
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
            sheet.add_data_validation(_offered(letter, [str(label) for _code, label in choices]))
    sheet.freeze_panes = "C2"
    outlet = io.BytesIO()
    book.save(outlet)
    return outlet.getvalue()


def _offered(letter: str, labels: list[str]) -> DataValidation:
    """A list to choose from. Labels hold no comma, which would part them."""
    rule = DataValidation(type="list", formula1=f'"{",".join(labels)}"', allow_blank=True)
    rule.add(f"{letter}2:{letter}{ROWS + 1}")
    return rule


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
