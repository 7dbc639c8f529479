"""Opening a workbook without letting a part of it fill the memory.

openpyxl keeps most parts in memory: styles, names, relations, and of a sheet all but its rows. A
few kilobytes can unpack to forty megabytes, which as objects take twenty times as much. So expat,
which keeps nothing, reads each part before openpyxl may.
"""

import zipfile
from enum import Enum
from typing import IO, Any, BinaryIO
from xml.parsers import expat

from django.utils.translation import gettext as _
from openpyxl.reader.excel import SHARED_STRINGS, ExcelReader
from openpyxl.worksheet._reader import VALUE_TAG, WorkSheetParser

from recommendations.readers.tables import LONGEST_CELL, MergedRange, TableError, other_file

_MOST_UNPACKED = 64 * 1024 * 1024
_MOST_STRINGS = 6 * 1024 * 1024
_MOST_OTHER = 4 * 1024 * 1024
_MOST_PARTS = 2_000
_CHUNK = 64 * 1024

_MOST_DEPTH = 50
_MOST_LINES = 200_000
_MOST_IN_A_ROW = 50_000
"""Elements; a sheet has 16,384 columns, and a cell of a list is made of two or three."""
_MOST_TEXTS = 100_000
"""Shared texts, each of two elements where it is plain."""
_MOST_ELEMENTS = 40_000
"""Elements of all parts that openpyxl keeps, and of a sheet those outside its rows."""
_LONGEST_TOKEN = 1024 * 1024
"""Bytes between two angle brackets."""


class PartRole(Enum):
    """What openpyxl uses a part for, which decides how much of it is kept in memory."""

    SHEET = "sheet"
    STRINGS = "strings"
    OTHER = "other"


class WorkbookArchive(zipfile.ZipFile):
    """An archive of which a part can be opened only once it is known to be harmless."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        self.roles: dict[str, PartRole] = {}
        self.sheets: dict[str, str] = {}
        self.merged: dict[str, list[MergedRange]] = {}
        self.hidden: dict[str, list[int]] = {}
        self._checked: set[tuple[str, PartRole]] = set()
        self._kept_elements = 0
        self._check_directory()

    def open(self, name: Any, *args: Any, **kwargs: Any) -> IO[bytes]:
        part = name.filename if isinstance(name, zipfile.ZipInfo) else str(name)
        role = self.roles.get(part, PartRole.OTHER)
        if (part, role) not in self._checked:
            self._checked.add((part, role))
            self._check(part, role)
        return super().open(name, *args, **kwargs)

    def _check_directory(self) -> None:
        """Sizes in the directory are reliable: Python reads no more of a part than it states."""
        parts = self.infolist()
        if any(part.flag_bits & 1 for part in parts):
            raise TableError(_("The workbook has a password. Save it without a password."))
        unpacked = sum(part.file_size for part in parts)
        if unpacked > _MOST_UNPACKED or len(parts) > _MOST_PARTS:
            raise TableError(
                _("The workbook is too large: %(size)d MB in %(parts)d parts.")
                % {"size": unpacked // 1024 // 1024, "parts": len(parts)}
            )
        names = {part.filename for part in parts}
        if "word/document.xml" in names:
            raise TableError(other_file("Word"))
        if "[Content_Types].xml" not in {part.filename for part in parts}:
            raise TableError(
                _("This is an archive, not an XLSX workbook. Unpack it and choose the file in it.")
            )

    def _check(self, part: str, role: PartRole) -> None:
        size = self.getinfo(part).file_size
        most = {PartRole.STRINGS: _MOST_STRINGS, PartRole.OTHER: _MOST_OTHER}.get(
            role, _MOST_UNPACKED
        )
        where = self.sheets.get(part) or _("Part “%s” of the workbook") % part[-100:]
        scanner = PartScanner(where, role, self._kept_elements)
        if size > most:
            scanner.refuse()
        with super().open(part) as opened:
            scanner.scan(opened)
        if role is PartRole.OTHER:
            self._kept_elements = scanner.elements
        self.merged[part] = scanner.merged
        self.hidden[part] = scanner.hidden


class PartScanner:
    """Counts the elements of a part; ``TableError`` where there are more than a list needs."""

    def __init__(self, where: str, role: PartRole, elements: int) -> None:
        self.where, self.role = where, role
        self.elements = elements if role is PartRole.OTHER else 0
        self.merged: list[MergedRange] = []
        self.hidden: list[int] = []
        """Rows that are not shown, as far as they are numbered; a filter hides rows as well."""
        self._depth = self._text = self._line = 0
        self._in_row: int | None = None

    def scan(self, opened: IO[bytes]) -> None:
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._declare
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        fed = 0
        try:
            while chunk := opened.read(_CHUNK):
                parser.Parse(chunk, False)
                fed += len(chunk)
                if fed - parser.CurrentByteIndex > _LONGEST_TOKEN:
                    self.refuse()
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            words = _("%(where)s cannot be read (%(why)s). Save the workbook again.")
            raise TableError(words % self._details(why=error)) from error

    def refuse(self) -> None:
        words = _("%(where)s contains too much content. Save the sheet alone, or as CSV.")
        raise TableError(words % self._details())

    def _details(self, **more: object) -> dict[str, object]:
        where = self.where
        if self._line:
            where = _("%(where)s, line %(line)d") % {"where": where, "line": self._line}
        return {"where": where, **more}

    def _declare(self, *declared: Any) -> None:
        raise TableError(_("The workbook declares XML entities and cannot be read."))

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._text = 0
        name = tag.rpartition(":")[2]
        if self.role is PartRole.SHEET and name == "row":
            self._line += 1
            self._in_row = 0
            number = attributes.get("r", "")
            if attributes.get("hidden") in ("1", "true") and number.isdigit():
                self.hidden.append(int(number))
        elif self._in_row is not None:
            self._in_row += 1
        else:
            self.elements += 1
            if name == "mergeCell":
                self._merge(attributes.get("ref", ""))
        most = _MOST_TEXTS * 2 if self.role is PartRole.STRINGS else _MOST_ELEMENTS
        is_wide = self._in_row is not None and self._in_row > _MOST_IN_A_ROW
        is_long = self._line > _MOST_LINES
        if self._depth > _MOST_DEPTH or self.elements > most or is_wide or is_long:
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
            raise TableError(words % self._details(most=LONGEST_CELL))

    def _merge(self, address: str) -> None:
        first, _colon, last = address.partition(":")
        top, bottom = _line_of(first), _line_of(last or first)
        if top and bottom:
            self.merged.append((top, bottom, address))


class WorkbookReader(ExcelReader):  # type: ignore[misc]  # openpyxl has no types
    """openpyxl's reader over an archive that checks its parts."""

    def __init__(self, archive: WorkbookArchive) -> None:
        super().__init__(archive.fp, read_only=True, keep_links=False)
        self.archive = archive

    def read_strings(self) -> None:
        found = self.package.find(SHARED_STRINGS)
        if found is not None and found.PartName.endswith("sharedStrings.xml"):
            self.archive.roles[found.PartName[1:]] = PartRole.STRINGS
        super().read_strings()

    def read_worksheets(self) -> None:
        for sheet, relation in self.parser.find_sheets():
            self.archive.sheets.setdefault(relation.target, _("Sheet “%s”") % sheet.name)
            self.archive.roles.setdefault(relation.target, PartRole.SHEET)
        super().read_worksheets()

    def read_chartsheet(self, sheet: object, rel: Any) -> None:
        """Not read: it has no rows."""


class ExactFloat(float):
    """A number as openpyxl reads it, and the text it was read from."""

    text: str


class ExactSheetParser(WorkSheetParser):  # type: ignore[misc]  # openpyxl has no types
    """openpyxl's scanner through a sheet, which also keeps what a binary number would lose."""

    def parse_cell(self, element: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().parse_cell(element)
        if found["data_type"] == "n" and isinstance(found["value"], float):
            exact = ExactFloat(found["value"])
            exact.text = element.findtext(VALUE_TAG).strip()
            found["value"] = exact
        return found


def _line_of(address: str) -> int:
    figures = address.lstrip("$ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return int(figures) if figures.isascii() and figures.isdigit() and len(figures) < 8 else 0
