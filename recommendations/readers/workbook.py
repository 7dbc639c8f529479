"""Workbooks, XLS and XLSX, without letting a part of one fill the memory."""

import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import IO, Any, BinaryIO
from xml.parsers import expat

import xlrd
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from openpyxl.reader.excel import SHARED_STRINGS, ExcelReader
from openpyxl.worksheet._reader import VALUE_TAG, WorkSheetParser

from recommendations.characters import parse_int
from recommendations.readers.tables import (
    LONGEST_CELL,
    WIDEST,
    Cell,
    Formula,
    MergedRange,
    Number,
    ReadOptions,
    ShownDate,
    ShownYear,
    TableError,
    TableLines,
    named_rows,
    other_file,
    sheet_lines,
    unreadable,
)

# ---- Opening a workbook without letting a part of it fill the memory.
# openpyxl keeps most parts in memory: styles, names, relations, and of a sheet all but its rows. A
# few kilobytes can unpack to forty megabytes, which as objects take twenty times as much. So expat,
# which keeps nothing, reads each part before openpyxl may.

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
            number = parse_int(attributes.get("r", ""))
            if attributes.get("hidden") in ("1", "true") and number is not None:
                self.hidden.append(number)
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
        if top and bottom and last not in ("", first):
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
    return parse_int(address.lstrip("$ABCDEFGHIJKLMNOPQRSTUVWXYZ")) or 0


# ---- XLSX, through openpyxl's read-only mode, once the archive is known to be harmless.
# Formulas are never evaluated, and the values stored beside them may be out of date: such a cell is
# a ``Formula``, which a caller refuses where it matters.

_END_OF_LINE = re.compile(r"(?:\r|_x000D_)\n?")
"""Spreadsheet programs escape a carriage return, which XML would lose."""
_DECIMALS = re.compile(r"^0(?:\.(0+))?%?(?:_\w)?$")
_LITERALS = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
"""Literal text in a number format."""
_MOST_BINARY = 17
"""Digits that are enough to write any binary floating-point number."""


def read_xlsx(file: BinaryIO, options: ReadOptions) -> TableLines:
    """The lines of the first visible sheet, or of the one that is chosen."""
    file.seek(0)
    try:
        archive = WorkbookArchive(file)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what openpyxl leaves out: charts, rules, styles
            reader = WorkbookReader(archive)
            reader.read()
        sheets = {sheet.title: sheet for sheet in reader.wb.worksheets}
        visible = {title: each.sheet_state == "visible" for title, each in sheets.items()}
        chosen, notes = choose_title(visible, options)
        sheet = sheets[chosen]
    except TableError:
        raise
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise TableError(_("The workbook is damaged: %s.") % error) from error
    except Exception as error:
        raise TableError(unreadable(error)) from error
    where = _("Sheet “%s”") % sheet.title
    if hidden := archive.hidden.get(sheet._worksheet_path):
        words = ngettext(
            "%(n)d hidden row is read as well: %(rows)s.",
            "%(n)d hidden rows are read as well: %(rows)s.",
            len(hidden),
        )
        notes.append(words % {"n": len(hidden), "rows": named_rows(hidden)})
    merged = archive.merged.get(sheet._worksheet_path, [])
    lines = sheet_lines(_rows(sheet), where)
    return TableLines("xlsx", lines, where, notes=notes, sheet=sheet.title, merged=merged)


def visible_sheets(file: BinaryIO) -> list[str]:
    """The titles of the sheets of a workbook that are visible; none of another file."""
    file.seek(0)
    if file.read(4) != b"PK\x03\x04":
        return []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reader = WorkbookReader(WorkbookArchive(file))
            reader.read()
    except Exception:  # whoever opens it says what is wrong
        return []
    return [sheet.title for sheet in reader.wb.worksheets if sheet.sheet_state == "visible"]


def choose_title(visible: Mapping[str, bool], options: ReadOptions) -> tuple[str, list[str]]:
    """The sheet that is read, of all by their titles, and notes of those that are not."""
    wanted = options.sheet
    shown = [title for title, is_visible in visible.items() if is_visible]
    hidden = [title for title in visible if title not in shown]
    if wanted and wanted not in visible:
        raise TableError(_("The workbook has no sheet “%s”.") % wanted[:80])
    if wanted in hidden:
        raise TableError(_("Sheet “%s” is hidden. Make it visible first.") % wanted)
    if not shown:
        raise TableError(_("The workbook has no visible sheet."))
    chosen = wanted or shown[0]
    notes = [_("Hidden sheet “%s” is not read.") % title for title in hidden]
    notes += [_("Sheet “%s” is not read.") % title for title in shown if title != chosen]
    return chosen, notes


def _rows(sheet: Any) -> Iterator[tuple[int, list[Cell]]]:
    """The rows of a sheet, each up to its last cell; the size that the file states may be wrong."""
    book = sheet.parent
    last = 0
    try:
        with sheet._get_source() as source:
            parser = ExactSheetParser(
                source,
                sheet._shared_strings,
                epoch=book.epoch,
                date_formats=book._date_formats,
                timedelta_formats=book._timedelta_formats,
            )
            for number, row in parser.parse():
                if number > last and row:
                    last = number
                    width = min(max(cell["column"] for cell in row), WIDEST + 1)
                    yield number, [_cell(cell) for cell in sheet._get_row(row, 1, width)]
    finally:
        book.close()


def _cell(cell: Any) -> Cell:
    value = cell.value
    match value:
        case None | "":
            return None
        case bool():
            return value
        case datetime():
            return _as_shown(value, str(cell.number_format or ""))
        case date():
            return value
        case time() | timedelta():
            return str(value)
        case int() | float() | Decimal():
            return Number(shown_number(value, str(cell.number_format or "")), _stored(value))
        case str():
            is_text = cell.data_type not in ("f", "e")
            return _END_OF_LINE.sub("\n", value) if is_text else Formula(value)
    return Formula(str(getattr(value, "text", "") or value))  # array formulas and data tables


def shown_number(value: float | Decimal, format_code: str) -> str:
    """A number as its cell shows it: 111.1 under 0.00 is “111.10”, and 0.5 under 0% is “50%”."""
    number, sign = Decimal(str(value)), ""
    if "%" in _LITERALS.sub("", format_code):
        number, sign = number * 100, "%"
    if found := _DECIMALS.match(format_code):
        return f"{number:.{len(found[1] or '')}f}{sign}"
    if sign:
        return f"{number}{sign}"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _as_shown(value: datetime, format_code: str) -> Cell:
    """A day, as its cell shows it; with a time a text."""
    if value.time() != time.min:
        return str(value)
    letters = _LITERALS.sub("", format_code).casefold()
    if "y" not in letters or "d" in letters:
        return value.date()
    kind = ShownDate if "m" in letters else ShownYear
    return kind(value.year, value.month, value.day)


def _stored(value: float | Decimal) -> str:
    """A number with all its digits.

    Programs with binary numbers write 1.1 as 1.1000000000000001; more digits than that were written
    by a program with decimal numbers and are kept.
    """
    text = getattr(value, "text", "")
    digits = re.sub(r"[eE].*|[^0-9]", "", text).lstrip("0")
    return text if len(digits) > _MOST_BINARY else str(value)


# ---- XLS, the workbooks of Excel before 2007, through xlrd.
# Offices still publish them. xlrd does not tell which cells are formulas: their stored results are
# read, and a note says so. The chosen sheet is held in memory, so such files have a limit of their
# own.

SIGNATURE = b"\xd0\xcf\x11\xe0"
LARGEST_XLS = 10 * 1024 * 1024
"""Bytes of such a file; in memory it takes many times as much."""


def read_xls(file: BinaryIO, options: ReadOptions) -> TableLines:
    """The lines of the first visible sheet, or of the one that is chosen."""
    if file.seek(0, 2) > LARGEST_XLS:
        words = _("The XLS workbook has more than %d MB. Save it as XLSX or CSV.")
        raise TableError(words % (LARGEST_XLS // 1024 // 1024))
    file.seek(0)
    content = file.read()
    try:
        book = xlrd.open_workbook(
            file_contents=content,
            logfile=io.StringIO(),
            on_demand=True,
            formatting_info=True,
            ragged_rows=True,
            # Some writers let streams overlap, which Excel opens.
            ignore_workbook_corruption=True,
        )
        # Asked of each sheet before it is loaded: only the chosen one is.
        visible = dict(zip(book.sheet_names(), book._sheet_visibility, strict=False))
        title, notes = choose_title({name: not hidden for name, hidden in visible.items()}, options)
        sheet = book.sheet_by_name(title)
    except TableError:
        raise
    except xlrd.XLRDError as error:
        raise TableError(
            _("The workbook is no XLS workbook or has a password. Save it as XLSX or CSV.")
        ) from error
    except Exception as error:  # a damaged file: xlrd raises whatever comes first
        raise TableError(unreadable(error)) from error
    where = _("Sheet “%s”") % title
    notes.append(_("Formulas of an XLS workbook are read by their stored results."))
    # Merged cells: lines from 1, both ends included.
    merged = [
        (top + 1, bottom, f"{xlrd.cellname(top, left)}:{xlrd.cellname(bottom - 1, right - 1)}")
        for top, bottom, left, right in sheet.merged_cells
    ]
    lines = sheet_lines(_xls_table_rows(book, sheet), where)
    return TableLines("xls", lines, where, notes=notes, sheet=title, merged=merged)


def _xls_table_rows(book: Any, sheet: Any) -> Iterator[tuple[int, list[Cell]]]:
    for number in range(sheet.nrows):
        cells = sheet.row(number)[: WIDEST + 1]
        yield number + 1, [_xls_table_cell(cell, book) for cell in cells]


def _xls_format(cell: Any, book: Any) -> str:
    return str(book.format_map[book.xf_list[cell.xf_index].format_key].format_str)


def _xls_table_cell(cell: Any, book: Any) -> Cell:
    match cell.ctype:
        case xlrd.XL_CELL_TEXT:
            return str(cell.value) or None
        case xlrd.XL_CELL_NUMBER:
            shown = shown_number(cell.value, _xls_format(cell, book))
            return Number(shown, shown_number(cell.value, ""))
        case xlrd.XL_CELL_DATE:
            try:
                found: datetime = xlrd.xldate_as_datetime(cell.value, book.datemode)
            except (xlrd.xldate.XLDateError, OverflowError, ValueError):
                return Formula(str(cell.value))
            return _as_shown(found, _xls_format(cell, book))
        case xlrd.XL_CELL_BOOLEAN:
            return bool(cell.value)
        case xlrd.XL_CELL_ERROR:
            return Formula(xlrd.error_text_from_code.get(cell.value, "#ERROR"))
    return None
