"""Tables that files are read into, and the headings of lists as offices have them."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import chain, islice

from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from openpyxl.utils import range_boundaries

from recommendations.characters import INVALID, fold_text, invalid_code, replace_invalid

# ---- Tables that files are read into: a header, and rows of cells with their line in the file.
# Rows are read one after the other and none is kept, so memory does not grow with the file.

MOST_TABLE_ROWS = 20_000
MOST_COLUMNS = 200
WIDEST = 2_000
"""Columns of a table of periods, at most: a century of months, and more."""
MOST_BLANK = 20_000
"""Blank rows one after the other."""
LONGEST_CELL = 100_000
"""Characters of one cell; more than any column of the tracker takes, so that it can say so."""


class TableError(Exception):
    """A file cannot be read as a table. ``str`` of it names the line or the sheet, and why.

    ``headers`` are those of the table, where it has any, and ``role`` is what none of them is.
    """

    headers: tuple[str, ...] = ()
    role: str = ""


@dataclass(frozen=True, slots=True)
class Number:
    """A cell that is stored as a number: as the file shows it, and with all its digits.

    ``stored`` is empty where both are the same.
    """

    shown: str
    stored: str = field(default="", compare=False)

    @property
    def exact(self) -> str:
        return self.stored or self.shown

    def __str__(self) -> str:
        return self.shown


class ShownDate(date):
    """A day of which its cell shows the month or the year alone, in text as it is shown."""

    FORM = "%Y-%m"

    def __str__(self) -> str:
        return f"{self:{self.FORM}}"


class ShownYear(ShownDate):
    FORM = "%Y"


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell without a certain value: a formula, which is not evaluated here, or an error."""

    shown: str

    def __str__(self) -> str:
        return self.shown


MergedRange = tuple[int, int, str]
"""First line, last line and address of merged cells."""

Cell = str | Number | Formula | date | bool | None


class RowNumber(int):
    """The place of a row among all rows, in place of a line: several of JSON may share a line."""


def position_label(line: int) -> str:
    """A line of a file, or a row of JSON, in words."""
    return (capfirst(_("row %d")) if isinstance(line, RowNumber) else _("Line %d")) % line


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row: the line of the file on which it begins, and a cell for each column.

    That of JSON is a ``RowNumber``. ``number`` is the row number of a spreadsheet program, however
    many lines its cells have.
    """

    line: int
    number: int
    cells: tuple[Cell, ...]
    fault: str = ""
    """Why its cells are not those of the columns; only where who reads it asked for such rows."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What a person states about a file: its encoding, and the name of the sheet to read."""

    encoding: str = ""
    sheet: str = ""
    header_row: int = 0
    """The row of the column headings, where somebody stated it."""
    first_row: int = 1
    """The number of the first row: 0 where it holds headings that the rows came without."""
    names_columns: bool = False
    """Whether columns without a name, or with that of another, have one by their place."""
    keeps_broken: bool = False
    """Whether a row with more or fewer cells than the header is given, with its ``fault``, and one
    with invalid characters as it is: who reads a column asks ``invalid_words`` of its cells."""


@dataclass(slots=True)
class TableLines:
    """An open file before its header is known. ``lines`` can be iterated once.

    ``where`` begins every message, such as the name of the sheet; ``sheet`` is that name;
    ``delimiter`` is that of CSV;
    ``notes`` name what is not read: sheets that are hidden or not chosen.
    """

    kind: str
    lines: Iterator[tuple[int, Sequence[Cell]]]
    where: str = ""
    delimiter: str = ""
    notes: list[str] = field(default_factory=list)
    sheet: str = ""
    merged: list[MergedRange] = field(default_factory=list)
    first: int = 1
    """The number of the first row of CSV, and its line."""

    def non_blank(self) -> Iterator[tuple[int, int, Sequence[Cell]]]:
        """Line, row number and cells of each line that is not blank."""
        blank = 0
        for count, (line, cells) in enumerate(self.lines, start=self.first):
            if not is_blank(cells):
                blank = 0
                is_csv = self.kind == "csv"
                yield (line + self.first - 1, count, cells) if is_csv else (line, line, cells)
                continue
            blank += 1
            if blank > MOST_BLANK:
                words = _("Line %d: too many blank cells or lines follow.")
                raise table_error(self.where, words % line)

    def empty_error(self) -> TableError:
        """The error for a file without any line that is not blank."""
        return table_error(self.where, _("The file is empty. It needs a header and rows."))


@dataclass(slots=True)
class Table:
    """A file that is open for reading. ``rows`` can be iterated once, unless they are kept.

    ``is_saved_twice``: its text was saved in a wrong encoding, as it seems.
    """

    kind: str
    header: tuple[str, ...]
    rows: Iterable[TableRow]
    notes: list[str] = field(default_factory=list)
    is_saved_twice: bool = False


def one_line(cell: Cell) -> str:
    """A cell as one line of text."""
    return "" if cell is None else " ".join(str(cell).split())


def filled(cells: Sequence[Cell]) -> list[Cell]:
    """Those cells that hold something."""
    return [cell for cell in cells if not is_blank([cell])]


def refuse_merged(
    ranges: list[MergedRange], line: int, where: str, *, is_header: bool = False
) -> None:
    """Refuse a line that a merged range covers; ranges that begin before it are removed."""
    while ranges and ranges[-1][0] <= line:
        _top, bottom, address = ranges.pop()
        if bottom >= line and is_header:
            words = _("the header is merged at %(address)s: one cell for each column.")
            raise table_error(where, words, address=address)
        if bottom >= line:
            words = _("line %(line)d: cells are merged at %(address)s: undo that.")
            told = words % {"line": line, "address": address}
            raise TableError(f"{where}, {told}" if where else told)


def sheet_lines(
    rows: Iterator[tuple[int, list[Cell]]], where: str
) -> Iterator[tuple[int, Sequence[Cell]]]:
    """The lines of a sheet, each as wide as the widest above it."""
    width = 1
    try:
        for number, cells in rows:
            if not is_blank(cells):
                width = max(width, len(cells))
            yield number, cells + [None] * (width - len(cells))
    except TableError:
        raise
    except Exception as error:  # a damaged file: libraries raise whatever comes first
        raise TableError(f"{where}: {unreadable(error)}") from error


def unreadable(error: Exception) -> str:
    """That a workbook is damaged, by what a library says of it."""
    return _(
        "The workbook cannot be read (%s): open it in a spreadsheet program and save it again."
    ) % (type(error).__name__)


MOST_NAMED = 20


def named_rows(rows: Sequence[int]) -> str:
    """Row numbers one after the other; of many the first."""
    named = ", ".join(str(number) for number in rows[:MOST_NAMED])
    return _("%(rows)s and more") % {"rows": named} if len(rows) > MOST_NAMED else named


def is_blank(cells: Sequence[Cell]) -> bool:
    return all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in cells)


def read_header(
    cells: Sequence[Cell],
    line: int,
    where: str,
    most: int = MOST_COLUMNS,
    *,
    names_columns: bool = False,
    of_statistics: bool = False,
    may_lack: bool = False,
) -> tuple[str, ...]:
    """The names of the columns, at most so many; empty ones on the right are ignored.

    Others are refused, unless a header ``may_lack`` them; names that an earlier column has too, but
    that two ``of_statistics`` may differ in case alone, and the same are told apart by their place.
    Where one ``names_columns``, so are both others.
    """
    names = [_name(cell, column, line, where) for column, cell in enumerate(cells, start=1)]
    while names and not names[-1] and not may_lack:
        names.pop()
    if len(names) > most:
        raise table_error(where, _("There are more than %d columns.") % most)
    seen: dict[str, int] = {}
    same = set[str]()
    for column, name in enumerate(names, start=1):
        if names_columns and not name:
            name = names[column - 1] = _("Column %d") % column
        is_same = name in same if of_statistics else (fold_text(name) or name) in seen
        if (names_columns or of_statistics) and name and is_same:
            name = names[column - 1] = f"{name} ({column})"
        same.add(name)
        if not name and may_lack:
            continue
        if not name:
            words = _("Line %(line)d: column %(column)d has no header.")
            raise table_error(where, words, line=line, column=column)
        first = seen.setdefault(fold_text(name) or name, column)
        if first != column and not of_statistics:
            why = repeated_header(first, column, name)
            raise table_error(where, _("Line %(line)d: %(why)s"), line=line, why=why)
    return tuple(names)


def repeated_header(first: int, column: int, name: str) -> TableError:
    """The error for two columns of one name, by their numbers."""
    words = _("columns %(one)d and %(two)d are both “%(name)s”.")
    return table_error("", words, one=first, two=column, name=name[:80])


def _name(cell: Cell, column: int, line: int, where: str) -> str:
    if isinstance(cell, Formula):
        words = _("Line %(line)d: the header of column %(column)d is a formula.")
        raise table_error(where, words, line=line, column=column)
    name = one_line(cell)[:300]
    if INVALID.search(name):
        words = _("Line %(line)d: the header of column %(column)d holds an invalid character.")
        raise table_error(where, words, line=line, column=column)
    return name


def table_rows(
    below: Iterator[tuple[int, int, Sequence[Cell]]],
    header: Sequence[str],
    where: str,
    *,
    keeps_broken: bool = False,
) -> Iterator[TableRow]:
    """The rows of a table with these headings, from the lines below them."""
    count, width = 0, len(header)
    for line, number, cells in below:
        count += 1
        if count > MOST_TABLE_ROWS:
            raise table_error(where, _("There are more than %d rows.") % MOST_TABLE_ROWS)
        fault = ""
        if len(cells) < width or not is_blank(cells[width:]):
            found = max((n for n, cell in enumerate(cells, start=1) if cell is not None), default=0)
            words = ngettext(
                "Line %(line)d has %(found)d cell, the header has %(width)d.",
                "Line %(line)d has %(found)d cells, the header has %(width)d.",
                found,
            )
            fault = words % {"line": line, "found": found, "width": width}
            if not keeps_broken:
                raise table_error(where, fault)
        for name, cell in zip(header, cells, strict=False):
            if not isinstance(cell, date | bool | None) and len(str(cell)) > LONGEST_CELL:
                words = _("%(position)s: a cell is longer than %(most)d characters.")
                told = {"position": position_label(line), "most": LONGEST_CELL}
                raise table_error(where, words, **told)
            if not keeps_broken and (words := invalid_words(name, cell)):
                raise table_error(where, f"{position_label(line)}: {words}")
        padding = [None] * (width - len(cells))
        yield TableRow(line, number, (*cells[:width], *padding), fault)
    if not count:
        raise table_error(where, _("The file has a header but no rows."))


def invalid_words(column: str, cell: Cell) -> str:
    """That a cell of this column holds an invalid character, and which; empty where it does not."""
    code = invalid_code(str(cell)) if isinstance(cell, str | Number | Formula) else ""
    if not code:
        return ""
    words = _("Column “%(column)s” holds an invalid character (%(code)s)")
    return words % {"column": column[:80], "code": code}


def locate(where: str, words: str) -> str:
    """A message that begins with the sheet it is about, if there is one."""
    return f"{where}: {words}" if where else words


def other_file(kind: str) -> str:
    """That a file is a document and no list, and what to do with the table in it."""
    kinds = {
        "Word": _("This is a Word document, not a list."),
        "PDF": _("This is a PDF document, not a list."),
        "HTML": _("This is a web page, not a list."),
        "XML": _("This is an XML file, not a list."),
    }
    advice = _("Copy its table into a spreadsheet and save it as XLSX or CSV.")
    if kind == "XML":
        advice = _("Download the data as CSV, or save the file as XLSX or CSV in a spreadsheet.")
    return f"{kinds[kind]} {advice}"


def table_error(where: str, words: str, **values: object) -> TableError:
    """An error with these values in its message, which begins with the sheet ``where``."""
    return TableError(locate(where, words % values if values else words))


# ---- What lists of other offices call things: data, not code


@cache
def usual_words(kind: str) -> Mapping[str, str]:
    """Folded words of a kind (``fixtures/words_of_lists.toml``) and the code that each stands for.

    Of several words of a code that which is proposed first comes first.
    """
    with (settings.BASE_DIR / "fixtures" / "words_of_lists.toml").open("rb") as file:
        tables = tomllib.load(file)[kind].values()
    return {
        fold_text(word): code for table in tables for code, words in table.items() for word in words
    }


# ---- The headings of a list as offices have it: titles above them, and headings of two rows.
# A title row has one filled cell and stands above a wider row. Headings that are merged over
# several columns are joined with those below: “Response” over “Status” and “Date” are “Response:
# Status” and “Response: Date”. Below them, a cell that is merged over several rows holds for each,
# and a row that is one merged cell is a heading within the list, which is told and not read.

MOST_ABOVE = 20
"""Rows among which the headings are looked for."""

SHOWN_OF_TITLE = 60

Line = tuple[int, int, Sequence[Cell]]
"""Line, row number and cells."""


def find_head(lines: TableLines, stated: int = 0) -> tuple[int, Sequence[Cell], Iterator[Line]]:
    """The line of the headings of a table, their cells, and the lines below them.

    ``stated`` is their row where a person named it, else 0: then it is the first row of more than
    one filled cell, if all above it are titles.
    """
    numbered = lines.non_blank()
    first = list(islice(numbered, max(MOST_ABOVE, stated)))
    if not first:
        raise lines.empty_error()
    if stated:
        places = [place for place, (_line, number, _cells) in enumerate(first) if number == stated]
        if not places:
            words = _("Row %(row)d has no column headings.")
            raise table_error(lines.where, words, row=stated)
    else:
        is_json = lines.kind == "json"
        places = [n for n, (*_at, cells) in enumerate(first) if is_json or len(filled(cells)) > 1]
    place = next(iter(places), 0)
    for _line, number, cells in first[:place]:
        text = " · ".join(one_line(cell) for cell in filled(cells))[:SHOWN_OF_TITLE]
        lines.notes.append(note_on_title(number, text))
    line, _number, cells = first[place]
    rest = chain(first[place + 1 :], numbered)
    names, last = _joined(lines, line, list(cells), rest)
    return line, names, _unmerged(lines, rest, last)


def note_on_title(row: int, text: str) -> str:
    """That a row above the headings, of this text, is not read."""
    words = _("Row %(row)d above the column headings is not read: “%(text)s”.")
    return words % {"row": row, "text": replace_invalid(text)}


def _joined(
    lines: TableLines, line: int, cells: list[Cell], rest: Iterator[Line]
) -> tuple[Sequence[Cell], int]:
    """The names of the columns, and the last line of the headings."""
    over = [each for each in lines.merged if each[0] <= line <= each[1]]
    if not over:
        return cells, line
    last = max(bottom for _top, bottom, _address in over)
    groups = [_columns(address) for _top, bottom, address in over if bottom == line]
    groups = [(left, right) for left, right in groups if right > left]
    if groups and last == line:
        last = line + 1
    below = next(rest, None) if last > line else None
    if below is None or below[0] > last or last > line + 1:
        raise _cannot_join(lines, over)
    under = list(below[2])
    width = max(len(cells), len(under), *(right for _left, right in groups), 0)
    cells += [None] * (width - len(cells))
    under += [None] * (width - len(under))
    grouped = {column for left, right in groups for column in range(left - 1, right)}
    are_names = all(map(_may_be_heading, under)) and any(
        fold_text(one_line(cell)) in usual_words("headings") for cell in under
    )
    for column, (top, sub) in enumerate(zip(cells, under, strict=True)):
        # A row of values has one below each heading; a row of headings none below a single one,
        # unless it reads as headings do.
        is_single = bool(one_line(sub) and one_line(top)) and not are_names
        if not one_line(sub) if column in grouped else is_single:
            raise _cannot_join(lines, over)
    for left, right in groups:
        cells[left - 1 : right] = [cells[left - 1]] * (right - left + 1)
    return [_headings_name(top, sub) for top, sub in zip(cells, under, strict=True)], last


def _may_be_heading(cell: Cell) -> bool:
    """Whether a cell is empty, or a text as short as a heading, without a digit."""
    is_name = isinstance(cell, str) and len(cell) <= SHOWN_OF_TITLE and not re.search(r"\d", cell)
    return cell is None or is_name


def _headings_name(top: Cell, sub: Cell) -> Cell:
    if isinstance(top, Formula) or isinstance(sub, Formula) or not one_line(sub):
        return top if one_line(top) else sub
    return f"{one_line(top)}: {one_line(sub)}" if one_line(top) else sub


def _columns(address: str) -> tuple[int, int]:
    """The first and the last column of a range, from 1."""
    left, _top, right, _bottom = range_boundaries(address)
    return left, right


def _cannot_join(lines: TableLines, over: Sequence[MergedRange]) -> TableError:
    words = _("the header is merged at %(address)s: one cell for each column.")
    return table_error(lines.where, words, address=min(over)[2])


class Spans:
    """Cells merged over the rows of one column, each of which holds what the first one does."""

    def __init__(self, merged: Sequence[MergedRange], last: int) -> None:
        self.ranges = sorted((each for each in merged if each[1] > last), reverse=True)
        self._open: list[tuple[int, MergedRange, Cell]] = []  # column, range and value

    def fill(self, line: int, cells: Sequence[Cell]) -> Sequence[Cell]:
        """A line with what is merged over it; ranges over several columns, or over another text
        that is not seen, are left to be refused."""
        if not (self._open or self.ranges):
            return cells
        self._open = [span for span in self._open if span[1][1] >= line]
        while self.ranges and self.ranges[-1][0] == line:
            left, right = _columns(self.ranges[-1][2])
            if right > left:
                break
            value = cells[left - 1] if left <= len(cells) else None
            self._open.append((left - 1, self.ranges.pop(), value))
        width = max((column for column, _range, _value in self._open), default=-1) + 1
        found = [*cells, *[None] * (width - len(cells))]
        for column, merged, value in self._open:
            if is_blank([found[column]]):
                found[column] = value
            elif found[column] != value:
                self.ranges.append(merged)
        return found


def _unmerged(lines: TableLines, rest: Iterator[Line], last: int) -> Iterator[Line]:
    """The lines below the headings, with what is merged over several rows in each of them.

    Cells merged over rows and columns are refused, as are those over columns beside others.
    """
    spans = Spans(lines.merged, last)
    headings: list[int] = []
    for line, number, cells in rest:
        if _begins_heading(spans.ranges, line, cells):
            headings.append(number)
            continue
        found = spans.fill(line, cells)
        refuse_merged(spans.ranges, line, lines.where)
        yield line, number, found
    lines.notes += note_on_headings(headings)


def note_on_headings(rows: Sequence[int]) -> list[str]:
    """That these rows are headings of those below them, and not read; nothing of none."""
    words = ngettext(
        "%(n)d heading within the list is not read: row %(rows)s.",
        "%(n)d headings within the list are not read: rows %(rows)s.",
        len(rows),
    )
    return [words % {"n": len(rows), "rows": named_rows(rows)}] if rows else []


def _begins_heading(ranges: list[MergedRange], line: int, cells: Sequence[Cell]) -> bool:
    """Whether a row is one cell that is merged over columns; its range is taken away."""
    if not ranges or ranges[-1][:2] != (line, line) or len(filled(cells)) != 1:
        return False
    left, _right = _columns(ranges[-1][2])
    if left > len(cells) or is_blank([cells[left - 1]]):
        return False
    while ranges and ranges[-1][:2] == (line, line):
        ranges.pop()
    return True
