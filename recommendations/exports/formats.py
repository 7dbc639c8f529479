"""What an export is made of, written as CSV, XLSX or JSON without holding it."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice
from operator import add
from typing import Any
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel

from recommendations.characters import FORMULA, replace_invalid
from recommendations.columns import Column, Value

# ---- What an export is made of: named columns, and rows that are read a batch at a time

BATCH = 500
"""Rows that are held at once."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A list that is ready to be written; ``rows`` can be read once."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Any]

    @property
    def header(self) -> list[str]:
        return [column.name for column in self.columns]

    def lines(self) -> Iterator[list[Value]]:
        """The cells of each row. An empty text is missing; invalid characters are replaced."""
        return (cells_of(self.columns, row) for row in self.rows)


def cells_of(columns: Iterable[Column], row: Any) -> list[Value]:
    """What the columns have of a row."""
    return [_cell(column.value(row)) for column in columns]


def _cell(value: Value) -> Value:
    return (replace_invalid(value) or None) if isinstance(value, str) else value


_RISKY = re.compile(rf"'*{FORMULA}")
_PLAIN_NUMBER = re.compile(r"-\d+(?:\.\d+)?")


def is_risky(text: str) -> bool:
    """Whether a program may take a text for a formula. A plain negative number is none."""
    return bool(_RISKY.match(text)) and not _PLAIN_NUMBER.fullmatch(text)


def in_batches(rows: Iterable[Any]) -> Iterator[list[Any]]:
    """Rows, a batch at a time, for what is asked for a batch at once."""
    remaining = iter(rows)
    while batch := list(islice(remaining, BATCH)):
        yield batch


# ---- A workbook, written while its rows are read.
# openpyxl writes one into a file, of which the first byte can be sent once the last row is read,
# and makes a tree of XML of each cell. The few parts that a list needs are written here, into an
# archive that is sent as it grows. Its directory comes last: no program opens a file that was cut
# off.

MOST_IN_A_CELL = 32_767
"""Characters that a cell of a workbook may hold."""

MOST_DIGITS = 15
"""Digits of a number that a workbook keeps."""

MOST_LINES = 1_048_576
"""Rows that a page of a workbook may have."""

MOST_BYTES = 1024**3
"""Bytes of XML in a page, about: from twice as many on, programs would have to know ZIP64."""

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"

_PLAIN, _DAY, _QUOTED = "", ' s="1"', ' s="2"'
"""How a cell is shown, as an attribute that names one of the styles below."""

_STYLES = f"""{_XML}<styleSheet xmlns="{_MAIN}">\
<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy-mm-dd"/></numFmts>\
<fonts count="1"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>\
<fills count="2"><fill><patternFill patternType="none"/></fill>\
<fill><patternFill patternType="gray125"/></fill></fills>\
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>\
<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>\
<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1"/></cellXfs>\
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"""


class _Outlet(io.RawIOBase):
    """What an archive writes into: it holds what was not taken yet, and cannot go back."""

    def __init__(self) -> None:
        super().__init__()
        self._held: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._held.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        taken, self._held = b"".join(self._held), []
        return taken


def xlsx_bytes(sheet: Sheet) -> Iterator[bytes]:
    """A workbook of one page, or of as many as the rows need."""
    outlet = _Outlet()
    names: list[str] = []
    with ZipFile(outlet, "w") as archive:
        relations = _relations([("officeDocument", "xl/workbook.xml")])
        archive.writestr(_part("_rels/.rels"), relations)
        archive.writestr(_part("xl/styles.xml"), _STYLES)
        lines: Iterator[Sequence[Value]] = chain([sheet.header], sheet.lines())
        for first in lines:
            names.append(sheet.name[:31] if not names else f"{sheet.name[:25]} {len(names) + 1}")
            with archive.open(_part(f"xl/worksheets/sheet{len(names)}.xml"), "w") as part:
                for piece in _page(chain([first], lines)):
                    part.write(piece)
                    yield outlet.take()
        for name, text in _directory(names):
            archive.writestr(_part(name), text)
    yield outlet.take()


def _part(name: str) -> ZipInfo:
    """A part without the time at which it is written: the same rows make the same file."""
    part = ZipInfo(name)
    part.compress_type = ZIP_DEFLATED
    return part


def _page(lines: Iterable[Sequence[Value]]) -> Iterator[bytes]:
    """The XML of a page, a row at a time, of as many rows as it may have."""
    letters: list[str] = []
    size = 0
    yield f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>'.encode()
    for number, line in enumerate(lines, 1):
        letters = letters or [get_column_letter(place) for place in range(1, len(line) + 1)]
        pairs = zip(letters, line, strict=True)
        cells = [
            _workbook_cell(f"{letter}{number}", value)
            for letter, value in pairs
            if value is not None
        ]
        piece = f'<row r="{number}">{"".join(cells)}</row>'.encode()
        yield piece
        size += len(piece)
        if number == MOST_LINES or size > MOST_BYTES:
            break
    yield b"</sheetData></worksheet>"


def _workbook_cell(place: str, value: Value) -> str:
    if isinstance(value, datetime):
        value = value.isoformat()  # a workbook knows no time zones
    if isinstance(value, Decimal) and len(value.as_tuple().digits) > MOST_DIGITS:
        value = format(value, "f")  # as a number it would lose the digits beyond
    match value:
        case bool():
            return f'<c r="{place}" t="b"><v>{value:d}</v></c>'
        case int() | Decimal():
            return f'<c r="{place}"><v>{float(value):.16g}</v></c>'
        case date():
            return f'<c r="{place}"{_DAY}><v>{to_excel(value)}</v></c>'
    text = str(value)
    if len(text) > MOST_IN_A_CELL:
        text = f"{text[: MOST_IN_A_CELL - 1]}…"
    style = _QUOTED if is_risky(text) else _PLAIN
    # Text, whatever it looks like.
    return (
        f'<c r="{place}"{style} t="inlineStr"><is>'
        f'<t xml:space="preserve">{escape(text)}</t></is></c>'
    )


def _directory(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The parts that say which pages there are."""
    pages = [f"worksheets/sheet{number}.xml" for number in range(1, len(names) + 1)]
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="rId{number}"/>'
        for number, name in enumerate(names, 1)
    )
    yield (
        "xl/workbook.xml",
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}"><sheets>{listed}</sheets></workbook>',
    )
    links = [*(("worksheet", page) for page in pages), ("styles", "styles.xml")]
    yield "xl/_rels/workbook.xml.rels", _relations(links)
    kinds = [("workbook", "sheet.main"), ("styles", "styles")]
    parts = [(f"{name}.xml", kind) for name, kind in kinds]
    parts += [(page, "worksheet") for page in pages]
    overrides = "".join(
        f'<Override PartName="/xl/{part}" ContentType="{_TYPES}.{kind}+xml"/>'
        for part, kind in parts
    )
    relations = "application/vnd.openxmlformats-package.relationships+xml"
    yield (
        "[Content_Types].xml",
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="{relations}"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>',
    )


def _relations(links: Iterable[tuple[str, str]]) -> str:
    found = "".join(
        f'<Relationship Id="rId{number}" Type="{_LINKS}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(links, 1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{found}</Relationships>'


# ---- Writing a sheet as CSV, XLSX or JSON, without holding it.
# A cell that a spreadsheet program could take for a formula is written as text in every format; a
# number stays a number, a negative one too. A file that was cut off shows it: the last line of CSV
# has no end, the list of JSON is not closed, and a workbook does not open.

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
        held: list[bytes] = []
        size = 0
        for piece in pieces:
            held.append(piece)
            size += len(piece)
            if size >= CHUNK:
                yield b"".join(held)
                held, size = [], 0
        yield b"".join(held)


def csv_bytes(sheet: Sheet) -> Iterator[bytes]:
    """CSV in UTF-8 with its mark. What is risky gets an apostrophe, which reading takes away.

    A line is ended by the piece that follows it.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(sheet.header)
    yield b"\xef\xbb\xbf" + _drained(buffer).removesuffix(LINE_END)
    for line in sheet.lines():
        writer.writerow([csv_cell(value) for value in line])
        yield LINE_END + _drained(buffer).removesuffix(LINE_END)
    yield LINE_END


def json_bytes(sheet: Sheet) -> Iterator[bytes]:
    """JSON: a list of objects, one a line, exact numbers as they are."""
    yield b"["
    before = "\n"
    for text in json_objects(sheet):
        yield f"{before}{text}".encode()
        before = ",\n"
    yield b"]\n" if before == "\n" else b"\n]\n"


def json_objects(sheet: Sheet) -> Iterator[str]:
    """Each row as an object."""
    names = [f"{json.dumps(name)}: " for name in sheet.header]
    for line in sheet.lines():
        yield f"{{{', '.join(map(add, names, map(_json_value, line)))}}}"


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


def _drained(buffer: io.StringIO) -> bytes:
    data = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return data


def csv_cell(value: Value) -> str:
    """A cell as CSV has it; a text that a program could take for a formula with an apostrophe."""
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


_quote = json.encoder.encode_basestring


def _json_value(value: Value) -> str:
    match value:
        case str():
            return _quote(value)
        case None:
            return "null"
        case Decimal():
            return format(value, "f")
        case date():
            return f'"{value.isoformat()}"'
    return json.dumps(value)
