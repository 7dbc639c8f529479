"""Writing a sheet as CSV, XLSX or JSON, without holding it.

A cell that a spreadsheet program could take for a formula is written as text in every format; a
number stays a number, a negative one too. A file that was cut off shows it: the last line of CSV
has no end, the list of JSON is not closed, and a workbook does not open.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from recommendations.columns import Value
from recommendations.exports.sheets import Sheet, is_risky
from recommendations.exports.workbook import xlsx_bytes

CHUNK = 32 * 1024
"""Bytes that are worth sending."""

LINE_END = b"\r\n"


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file. ``write`` gives a sheet as pieces, however small."""

    code: str
    label: str
    content_type: str
    write: Callable[[Sheet], Iterator[bytes]]

    def chunks(self, sheet: Sheet) -> Iterator[bytes]:
        """A sheet as pieces that are worth sending; the beginning comes before a row is read."""
        pieces = self.write(sheet)
        yield next(pieces)
        yield from _joined(pieces)


def csv_bytes(sheet: Sheet) -> Iterator[bytes]:
    """CSV in UTF-8 with its mark. What is risky gets an apostrophe, which reading takes away.

    A line is ended by the piece that follows it.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(sheet.header)
    yield b"\xef\xbb\xbf" + _drained(buffer).removesuffix(LINE_END)
    for line in sheet.lines():
        writer.writerow([_csv_cell(value) for value in line])
        yield LINE_END + _drained(buffer).removesuffix(LINE_END)
    yield LINE_END


def json_bytes(sheet: Sheet) -> Iterator[bytes]:
    """JSON: a list of objects, one a line, exact numbers as they are."""
    names = [json.dumps(name) for name in sheet.header]
    yield b"["
    before = "\n"
    for line in sheet.lines():
        pairs = zip(names, line, strict=True)
        text = ", ".join(f"{name}: {_json_value(value)}" for name, value in pairs)
        yield f"{before}{{{text}}}".encode()
        before = ",\n"
    yield b"]\n" if before == "\n" else b"\n]\n"


FORMATS: dict[str, Format] = {
    found.code: found
    for found in (
        Format("csv", "CSV", "text/csv; charset=utf-8", csv_bytes),
        Format(
            "xlsx",
            "XLSX",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            xlsx_bytes,
        ),
        Format("json", "JSON", "application/json", json_bytes),
    )
}


def _joined(pieces: Iterable[bytes]) -> Iterator[bytes]:
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= CHUNK:
            yield b"".join(held)
            held, size = [], 0
    yield b"".join(held)


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
