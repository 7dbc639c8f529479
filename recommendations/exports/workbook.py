"""A workbook, written while its rows are read.

openpyxl writes one into a file, of which the first byte can be sent once the last row is read, and
makes a tree of XML of each cell. The few parts that a list needs are written here, into an archive
that is sent as it grows. Its directory comes last: no program opens a file that was cut off.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from typing import Any
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel

from recommendations.columns import Value
from recommendations.exports.sheets import Sheet, is_risky

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
        cells = [_cell(f"{letter}{number}", value) for letter, value in pairs if value is not None]
        piece = f'<row r="{number}">{"".join(cells)}</row>'.encode()
        yield piece
        size += len(piece)
        if number == MOST_LINES or size > MOST_BYTES:
            break
    yield b"</sheetData></worksheet>"


def _cell(place: str, value: Value) -> str:
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
