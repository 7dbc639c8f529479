"""The headings of a list as offices have it: titles above them, and headings of two rows.

A title row has one filled cell and stands above a wider row. Headings that are merged over several
columns are joined with those below: “Response” over “Status” and “Date” are “Response: Status” and
“Response: Date”. Below them, a cell that is merged over several rows holds for each, and a row that
is one merged cell is a heading within the list, which is told and not read.
"""

from collections.abc import Iterator, Sequence
from itertools import chain, islice

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from openpyxl.utils import range_boundaries

from recommendations.characters import replace_invalid
from recommendations.readers.tables import (
    Cell,
    Formula,
    MergedRange,
    TableError,
    TableLines,
    filled,
    is_blank,
    named_rows,
    one_line,
    refuse_merged,
    table_error,
)

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
    for column, (top, sub) in enumerate(zip(cells, under, strict=True)):
        # A row of values has one below each heading; a row of headings none below a single one.
        is_wrong = not one_line(sub) if column in grouped else bool(one_line(sub) and one_line(top))
        if is_wrong:
            raise _cannot_join(lines, over)
    for left, right in groups:
        cells[left - 1 : right] = [cells[left - 1]] * (right - left + 1)
    return [_name(top, sub) for top, sub in zip(cells, under, strict=True)], last


def _name(top: Cell, sub: Cell) -> Cell:
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


def _unmerged(lines: TableLines, rest: Iterator[Line], last: int) -> Iterator[Line]:
    """The lines below the headings, with what is merged over several rows in each of them.

    Cells merged over rows and columns are refused, as are those over columns beside others.
    """
    ranges = sorted((each for each in lines.merged if each[1] > last), reverse=True)
    spans: list[tuple[int, int, Cell]] = []  # column, last line and value of a cell of many rows
    headings: list[int] = []
    for line, number, cells in rest:
        spans = [span for span in spans if span[1] >= line]
        if _begins_heading(ranges, line, cells):
            headings.append(number)
            continue
        while ranges and ranges[-1][0] == line:
            _top, bottom, address = ranges[-1]
            left, right = _columns(address)
            if right > left:
                break
            ranges.pop()
            spans.append((left - 1, bottom, cells[left - 1] if left <= len(cells) else None))
        refuse_merged(ranges, line, lines.where)
        width = max((column for column, _bottom, _value in spans), default=-1) + 1
        found = [*cells, *[None] * (width - len(cells))]
        for column, _bottom, value in spans:
            if is_blank([found[column]]):
                found[column] = value
        yield line, number, found
    if headings:
        words = ngettext(
            "%(n)d heading within the list is not read: row %(rows)s.",
            "%(n)d headings within the list are not read: rows %(rows)s.",
            len(headings),
        )
        lines.notes.append(words % {"n": len(headings), "rows": named_rows(headings)})


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
