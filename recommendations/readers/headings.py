"""The headings of a list as offices have it: titles above them, and headings of two rows.

A title row has one filled cell and stands above a wider row. Headings that are merged over several
columns are joined with those below: “Response” over “Status” and “Date” are “Response: Status” and
“Response: Date”. Below them, a cell that is merged over several rows holds for each, and a row that
is one merged cell is a heading within the list, which is told and not read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

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
    one_line,
    refuse_merged,
    table_error,
)

MOST_ABOVE = 20
"""Rows among which the headings are looked for."""

SHOWN_OF_TITLE = 60

Line = tuple[int, int, Sequence[Cell]]
"""Line, row number and cells."""


@dataclass(frozen=True, slots=True)
class Head:
    """The cells of the headings, the line they are on, and the lines below them."""

    line: int
    cells: Sequence[Cell]
    below: Iterator[Line]


def find_head(lines: TableLines, stated: int = 0) -> Head:
    """The headings of a table; ``stated`` is their row where a person named it, else 0."""
    numbered = lines.non_blank()
    first = _first(numbered, max(MOST_ABOVE, stated))
    if not first:
        raise lines.empty_error()
    place = _stated(first, stated, lines) if stated else _detected(first, lines)
    _tell_titles(lines, first[:place])
    line, _number, cells = first[place]
    rest = chain(first[place + 1 :], numbered)
    names, last = _joined(lines, line, list(cells), rest)
    return Head(line, names, _unmerged(lines, rest, last))


def _first(numbered: Iterator[Line], most: int) -> list[Line]:
    """The first lines; a fault of the file further down is met again when they are read on."""
    found: list[Line] = []
    for line in numbered:
        found.append(line)
        if len(found) >= most:
            break
    return found


def _stated(first: Sequence[Line], stated: int, lines: TableLines) -> int:
    for place, (_line, number, _cells) in enumerate(first):
        if number == stated:
            return place
    raise table_error(lines.where, _("Row %(row)d has no column headings."), row=stated)


def _detected(first: Sequence[Line], lines: TableLines) -> int:
    """The first row of more than one filled cell, if all above it are titles."""
    if lines.kind == "json":
        return 0
    wide = (place for place, (_l, _n, cells) in enumerate(first) if len(filled(cells)) > 1)
    return next(wide, 0)


def _tell_titles(lines: TableLines, above: Sequence[Line]) -> None:
    for _line, number, cells in above:
        text = " · ".join(one_line(cell) for cell in filled(cells))[:SHOWN_OF_TITLE]
        lines.notes.append(note_on_title(number, text))


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
    spans: list[_Span] = []
    headings: list[int] = []
    for line, number, cells in rest:
        spans = [span for span in spans if span.bottom >= line]
        if _begins_heading(ranges, line, cells):
            headings.append(number)
            continue
        while ranges and ranges[-1][0] == line and (span := _span_of(ranges[-1], cells)):
            ranges.pop()
            spans.append(span)
        refuse_merged(ranges, line, lines.where)
        yield line, number, _filled_down(cells, spans)
    if headings:
        _tell_headings(lines, headings)


@dataclass(frozen=True, slots=True)
class _Span:
    """A cell that is merged over several rows of one column: its column and last line."""

    column: int
    bottom: int
    value: Cell


def _span_of(merged: MergedRange, cells: Sequence[Cell]) -> _Span | None:
    _top, bottom, address = merged
    left, right = _columns(address)
    if right > left:
        return None
    return _Span(left - 1, bottom, cells[left - 1] if left <= len(cells) else None)


def _filled_down(cells: Sequence[Cell], spans: Sequence[_Span]) -> Sequence[Cell]:
    if not spans:
        return cells
    found = [*cells, *[None] * (max(span.column for span in spans) + 1 - len(cells))]
    for span in spans:
        if is_blank([found[span.column]]):
            found[span.column] = span.value
    return found


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


def _tell_headings(lines: TableLines, headings: Sequence[int]) -> None:
    named = ", ".join(str(number) for number in headings[:MOST_ABOVE])
    if len(headings) > MOST_ABOVE:
        named = _("%(rows)s and more") % {"rows": named}
    words = ngettext(
        "%(n)d heading within the list is not read: row %(rows)s.",
        "%(n)d headings within the list are not read: rows %(rows)s.",
        len(headings),
    )
    lines.notes.append(words % {"n": len(headings), "rows": named})
