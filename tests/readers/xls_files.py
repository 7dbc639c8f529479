"""Workbooks of Excel before 2007, written as little as they can be: no library here writes them.

Records of BIFF8 in one stream of a compound file (MS-XLS, MS-CFB). Strings, numbers, truth values,
errors, days and merged cells; a sheet may be hidden.
"""

import struct
from collections.abc import Mapping, Sequence
from datetime import date

SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_PLAIN, _DAY, _PERCENT, _TWO = 1, 2, 3, 4
"""Cell formats: the first is of a style, and no cell has it."""

_FONT = struct.pack("<HHHHHBBBBBB", 200, 0, 0, 400, 0, 0, 0, 0, 0, 1, 0) + b"A"

FORMATS = {_PLAIN: 0, _DAY: 14, _PERCENT: 9, _TWO: 2}
"""Numbers of Excel's own number formats: General, a day, 0%, 0.00."""


class Error:
    """A cell with an error: #N/A."""


class Percent(float):
    """A number that is shown as a percentage."""


class TwoPlaces(float):
    """A number that is shown with two decimals."""


def xls_bytes(
    sheets: Mapping[str, Sequence[Sequence[object]]],
    *,
    hidden: Sequence[str] = (),
    merged: Sequence[tuple[int, int, int, int]] = (),
) -> bytes:
    """A workbook; ``merged`` are ranges of every sheet: first and last row and column, from 0."""
    bodies = [_sheet(lines, merged) for lines in sheets.values()]
    names = list(sheets)
    start = len(_globals(names, [0] * len(names), hidden))
    offsets = [start + sum(map(len, bodies[:n])) for n in range(len(bodies))]
    return _compound(_globals(names, offsets, hidden) + b"".join(bodies))


def _record(code: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", code, len(data)) + data


def _globals(names: Sequence[str], offsets: Sequence[int], hidden: Sequence[str]) -> bytes:
    parts = [_begin(0x0005), _record(0x0042, struct.pack("<H", 1200))]
    parts += [_record(0x0031, _FONT)]
    parts.append(_format(0, 0xFFF5))
    parts += [_format(FORMATS[each], 0x0001) for each in sorted(FORMATS)]
    for name, offset in zip(names, offsets, strict=True):
        head = struct.pack("<IBBBB", offset, name in hidden, 0, len(name), 1)
        parts.append(_record(0x0085, head + name.encode("utf-16-le")))
    return b"".join([*parts, _record(0x000A)])


def _begin(kind: int) -> bytes:
    return _record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 0x0600))


def _format(number: int, kind: int) -> bytes:
    return _record(0x00E0, struct.pack("<HHHBBBBIIH", 0, number, kind, 0, 0, 0, 0, 0, 0, 0))


def _sheet(lines: Sequence[Sequence[object]], merged: Sequence[tuple[int, int, int, int]]) -> bytes:
    parts = [_begin(0x0010)]
    for row, line in enumerate(lines):
        parts += [_cell(row, column, value) for column, value in enumerate(line)]
    if merged:
        ranges = b"".join(struct.pack("<HHHH", *each) for each in merged)
        parts.append(_record(0x00E5, struct.pack("<H", len(merged)) + ranges))
    return b"".join([*parts, _record(0x000A)])


def _cell(row: int, column: int, value: object) -> bytes:
    def at(form: int) -> bytes:
        return struct.pack("<HHH", row, column, form)

    match value:
        case None:
            return b""
        case bool():
            return _record(0x0205, at(_PLAIN) + struct.pack("<BB", value, 0))
        case Error():
            return _record(0x0205, at(_PLAIN) + struct.pack("<BB", 0x2A, 1))
        case date():
            days = (value - date(1899, 12, 30)).days
            return _record(0x0203, at(_DAY) + struct.pack("<d", days))
        case int() | float():
            forms = {Percent: _PERCENT, TwoPlaces: _TWO}
            form = forms.get(type(value), _PLAIN)
            return _record(0x0203, at(form) + struct.pack("<d", value))
    text = str(value)
    head = at(_PLAIN) + struct.pack("<HB", len(text), 1)
    return _record(0x0204, head + text.encode("utf-16-le"))


def _compound(stream: bytes) -> bytes:
    """A compound file of one stream, at least as long as none of the short ones is."""
    padded = stream.ljust(4096, b"\0")
    padded += b"\0" * (-len(padded) % SECTOR)
    count = len(padded) // SECTOR
    table = [_FAT, _END, *range(3, count + 2), _END]
    header = struct.pack(
        "<8s16sHHHHH6sIIIIIIIIII",
        *(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6, b""),
        *(0, 1, 1, 0, 4096, _END, 0, _END, 0, 0),
    )
    header += struct.pack("<I", _FREE) * 108
    entries = [_entry("Root Entry", 5, 1, _END, 0), _entry("Workbook", 2, _FREE, 2, len(padded))]
    fat = struct.pack(f"<{len(table)}I", *table).ljust(SECTOR, b"\xff")
    return header + fat + b"".join(entries).ljust(SECTOR, b"\0") + padded


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    written = name.encode("utf-16-le")
    numbers = (len(written) + 2, kind, 1, _FREE, _FREE, child)
    head = written.ljust(64, b"\0") + struct.pack("<HBBIII", *numbers)
    return head + bytes(16 + 4 + 16) + struct.pack("<IQ", start, size)
