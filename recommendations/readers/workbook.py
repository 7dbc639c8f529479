"""Opening a workbook so that no part of it can fill the memory.

openpyxl holds most parts whole: styles, names, relations, and of a sheet everything but its rows.
A few kilobytes can swell to forty megabytes of it, which as objects are twenty times as much. So
each part is walked through by expat, which holds nothing, before openpyxl is given it.
"""

from __future__ import annotations

import zipfile
from enum import Enum
from typing import IO, Any, BinaryIO
from xml.parsers import expat

from django.utils.translation import gettext as _
from openpyxl.reader.excel import SHARED_STRINGS, ExcelReader
from openpyxl.worksheet._reader import VALUE_TAG, WorkSheetParser

from recommendations.readers.tables import LONGEST_CELL, TableError

MOST_UNPACKED = 64 * 1024 * 1024
MOST_STRINGS = 6 * 1024 * 1024
MOST_OTHER = 4 * 1024 * 1024
MOST_PARTS = 2_000
CHUNK = 64 * 1024

MOST_DEPTH = 50
MOST_LINES = 200_000
MOST_IN_A_ROW = 50_000
"""Elements; a sheet has 16,384 columns, and a cell of a list is made of two or three."""
MOST_TEXTS = 100_000
"""Shared texts, each of two elements where it is plain."""
MOST_ELEMENTS = 40_000
"""Elements of all parts that are held whole, and of a sheet those outside its rows."""
LONGEST_TOKEN = 1024 * 1024
"""Bytes between two angle brackets."""

Merged = tuple[int, int, str]
"""First line, last line and address of a merged block."""


class Role(Enum):
    """What openpyxl takes a part for, which decides how much of it it holds."""

    SHEET = "sheet"
    STRINGS = "strings"
    OTHER = "other"


class Archive(zipfile.ZipFile):
    """An archive that gives out no part before it is known to be harmless."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        self.roles: dict[str, Role] = {}
        self.sheets: dict[str, str] = {}
        self.merged: dict[str, list[Merged]] = {}
        self._checked: set[tuple[str, Role]] = set()
        self._held = 0
        self._check_directory()

    def open(self, name: Any, *args: Any, **kwargs: Any) -> IO[bytes]:
        part = name.filename if isinstance(name, zipfile.ZipInfo) else str(name)
        role = self.roles.get(part, Role.OTHER)
        if (part, role) not in self._checked:
            self._checked.add((part, role))
            self._check(part, role)
        return super().open(name, *args, **kwargs)

    def _check_directory(self) -> None:
        """Python reads no more of a part than the directory says, so it can be believed."""
        parts = self.infolist()
        if any(part.flag_bits & 1 for part in parts):
            raise TableError(_("The workbook has a password: save it without one."))
        unpacked = sum(part.file_size for part in parts)
        if unpacked > MOST_UNPACKED or len(parts) > MOST_PARTS:
            raise TableError(
                _("The workbook unpacks to %(size)d MB in %(parts)d parts: that is too much.")
                % {"size": unpacked // 1024 // 1024, "parts": len(parts)}
            )
        if "[Content_Types].xml" not in {part.filename for part in parts}:
            raise TableError(_("This is an archive, but not an XLSX workbook."))

    def _check(self, part: str, role: Role) -> None:
        size = self.getinfo(part).file_size
        most = {Role.STRINGS: MOST_STRINGS, Role.OTHER: MOST_OTHER}.get(role, MOST_UNPACKED)
        walk = Walk(self._named(part), role, self._held)
        if size > most:
            walk.refuse()
        with super().open(part) as opened:
            walk.through(opened)
        if role is Role.OTHER:
            self._held = walk.elements
        self.merged[part] = walk.merged

    def _named(self, part: str) -> str:
        sheet = self.sheets.get(part)
        return _("Part “%s” of the workbook") % part[-100:] if sheet is None else sheet


class Walk:
    """One way through a part: counts, and stops where there is more than a list needs."""

    def __init__(self, where: str, role: Role, elements: int) -> None:
        self.where, self.role = where, role
        self.elements = elements if role is Role.OTHER else 0
        self.merged: list[Merged] = []
        self._depth = self._text = self._line = 0
        self._in_row: int | None = None

    def through(self, opened: IO[bytes]) -> None:
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._declare
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        fed = 0
        try:
            while chunk := opened.read(CHUNK):
                parser.Parse(chunk, False)
                fed += len(chunk)
                if fed - parser.CurrentByteIndex > LONGEST_TOKEN:
                    self.refuse()
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            words = _("%(where)s: it cannot be read (%(why)s): save it again.")
            raise TableError(words % self._told(why=error)) from error

    def refuse(self) -> None:
        words = _("%(where)s: it holds more than a list needs: save the sheet alone, or as CSV.")
        raise TableError(words % self._told())

    def _told(self, **more: object) -> dict[str, object]:
        where = self.where
        if self._line:
            where = _("%(where)s, line %(line)d") % {"where": where, "line": self._line}
        return {"where": where, **more}

    def _declare(self, *declared: Any) -> None:
        raise TableError(_("The workbook declares entities: it is not read."))

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._text = 0
        name = tag.rpartition(":")[2]
        if self.role is Role.SHEET and name == "row":
            self._line += 1
            self._in_row = 0
        elif self._in_row is not None:
            self._in_row += 1
        else:
            self.elements += 1
            if name == "mergeCell":
                self._merge(attributes.get("ref", ""))
        most = MOST_TEXTS * 2 if self.role is Role.STRINGS else MOST_ELEMENTS
        is_wide = self._in_row is not None and self._in_row > MOST_IN_A_ROW
        is_long = self._line > MOST_LINES
        if self._depth > MOST_DEPTH or self.elements > most or is_wide or is_long:
            self.refuse()

    def _end(self, tag: str) -> None:
        self._depth -= 1
        self._text = 0
        if self._in_row is not None and tag.rpartition(":")[2] == "row":
            self._in_row = None

    def _characters(self, text: str) -> None:
        self._text += len(text)
        if self._text > LONGEST_CELL:
            if self._in_row is None:
                self.refuse()
            words = _("%(where)s: a cell is longer than %(most)d characters.")
            raise TableError(words % self._told(most=LONGEST_CELL))

    def _merge(self, address: str) -> None:
        first, _colon, last = address.partition(":")
        top, bottom = _line_of(first), _line_of(last or first)
        if top and bottom:
            self.merged.append((top, bottom, address))


class Reader(ExcelReader):  # type: ignore[misc]  # openpyxl has no types
    """openpyxl's reader over an archive that looks before it gives."""

    def __init__(self, archive: Archive) -> None:
        super().__init__(archive.fp, read_only=True, keep_links=False)
        self.archive = archive

    def read_strings(self) -> None:
        found = self.package.find(SHARED_STRINGS)
        if found is not None and found.PartName.endswith("sharedStrings.xml"):
            self.archive.roles[found.PartName[1:]] = Role.STRINGS
        super().read_strings()

    def read_worksheets(self) -> None:
        for sheet, relation in self.parser.find_sheets():
            self.archive.sheets.setdefault(relation.target, _("Sheet “%s”") % sheet.name)
            self.archive.roles.setdefault(relation.target, Role.SHEET)
        super().read_worksheets()

    def read_chartsheet(self, sheet: Any, rel: Any) -> None:
        """Left out: there are no rows on it."""


class Written(float):
    """A number as openpyxl reads it, and the text that it was read from."""

    text: str


class ExactParser(WorkSheetParser):  # type: ignore[misc]  # openpyxl has no types
    """openpyxl's walk through a sheet, which also keeps what a binary number would lose."""

    def parse_cell(self, element: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().parse_cell(element)
        if found["data_type"] == "n" and isinstance(found["value"], float):
            written = Written(found["value"])
            written.text = element.findtext(VALUE_TAG).strip()
            found["value"] = written
        return found


def _line_of(address: str) -> int:
    figures = address.lstrip("$ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return int(figures) if figures.isascii() and figures.isdigit() and len(figures) < 8 else 0
