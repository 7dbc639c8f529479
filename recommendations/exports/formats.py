"""Writing a sheet as CSV, XLSX or JSON, without holding it.

A cell that a spreadsheet program could take for a formula is written as text in every format; a
number stays a number, a negative one too.
"""

import csv
import io
import json
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from recommendations.characters import FORMULA
from recommendations.exports.sheets import Sheet, Value

MOST_IN_A_CELL = 32_767
"""Characters that a cell of a workbook may hold."""

MOST_DIGITS = 15
"""Digits of a number that a workbook keeps."""

_RISKY = re.compile(rf"'*{FORMULA}")
_PLAIN_NUMBER = re.compile(r"-\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file."""

    code: str
    label: str
    content_type: str


FORMATS: dict[str, Format] = {
    found.code: found
    for found in (
        Format("csv", "CSV", "text/csv; charset=utf-8"),
        Format("xlsx", "XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        Format("json", "JSON", "application/json"),
    )
}


def is_risky(text: str) -> bool:
    """Whether a program may take a text for a formula. A plain negative number is none."""
    return bool(_RISKY.match(text)) and not _PLAIN_NUMBER.fullmatch(text)


def csv_bytes(sheet: Sheet) -> Iterator[bytes]:
    """CSV in UTF-8 with its mark. What is risky gets an apostrophe, which reading takes away."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(sheet.header)
    yield b"\xef\xbb\xbf" + _drained(buffer)
    for line in sheet.lines():
        writer.writerow([_csv_cell(value) for value in line])
        yield _drained(buffer)


def json_bytes(sheet: Sheet) -> Iterator[bytes]:
    """JSON: a list of objects, one a line, exact numbers as they are."""
    names = [json.dumps(name) for name in sheet.header]
    before = "[\n"
    for line in sheet.lines():
        pairs = zip(names, line, strict=True)
        text = ", ".join(f"{name}: {_json_value(value)}" for name, value in pairs)
        yield f"{before}{{{text}}}".encode()
        before = ",\n"
    yield b"[]\n" if before == "[\n" else b"\n]\n"


def xlsx_file(sheet: Sheet) -> IO[bytes]:
    """A workbook of one sheet in a temporary file, open at its beginning."""
    book = Workbook(write_only=True)
    page = book.create_sheet(sheet.name[:31])
    page.append([_xlsx_cell(page, name) for name in sheet.header])
    for line in sheet.lines():
        page.append([_xlsx_cell(page, value) for value in line])
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
    book.save(file)
    book.close()
    file.seek(0)
    return file


def _drained(buffer: io.StringIO) -> bytes:
    data = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return data


def _csv_cell(value: Value) -> str:
    match value:
        case None:
            return ""
        case str():
            return f"'{value}" if is_risky(value) else value
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value, "f")
        case date():
            return value.isoformat()
    return str(value)


def _json_value(value: Value) -> str:
    match value:
        case Decimal():
            return format(value, "f")
        case date():
            return json.dumps(value.isoformat())
    return json.dumps(value, ensure_ascii=False)


def _xlsx_cell(page: WriteOnlyWorksheet, value: Value) -> Any:
    if isinstance(value, datetime):
        value = value.isoformat()  # a workbook knows no time zones
    if isinstance(value, Decimal) and len(value.as_tuple().digits) > MOST_DIGITS:
        value = format(value, "f")  # as a number it would lose the digits beyond
    if value is None or isinstance(value, bool | int | Decimal):
        return value
    if isinstance(value, date):
        cell = WriteOnlyCell(page, value)
        cell.number_format = "yyyy-mm-dd"
        return cell
    text = value if len(value) <= MOST_IN_A_CELL else f"{value[: MOST_IN_A_CELL - 1]}…"
    cell = WriteOnlyCell(page, text)
    cell.data_type = "s"  # text, whatever it looks like
    if is_risky(text):
        cell.quotePrefix = True
    return cell
