"""Where a statistical table begins: below its notes, with the names of its columns.

Workbooks of data browsers have notes above the table, periods in one row, what they are divided by
in the rows above or below it, and flags in a column without a header behind each period.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from recommendations.readers.statistics.cells import heads_values, is_missing_mark, possible_marks
from recommendations.readers.tables import (
    Cell,
    Line,
    Number,
    TableError,
    TableLines,
    filled,
    fold_text,
    is_blank,
    one_line,
)

SAMPLE = 200
"""Rows of which cells are shown."""

MOST_NOTES = 40
"""Rows among which a table begins."""

ABOVE = ("data source", "last updated date")
"""What the World Bank states above its tables."""

_TIMES = frozenset({"time", "time period", "period", "year", "years", "date"})


class FirstLines:
    """The first lines of a file, which may be looked at before all are read.

    Where the file breaks among them, it does so once the lines before were read.
    """

    def __init__(self, lines: TableLines) -> None:
        self.first: list[Line] = []
        self._rest = lines.non_blank()
        self._break: TableError | None = None
        try:
            self.first += islice(self._rest, MOST_NOTES + SAMPLE)
        except TableError as error:
            self._break = error
            if not self.first:
                raise

    def below(self, place: int) -> Iterator[Line]:
        yield from self.first[place + 1 :]
        if self._break is not None:
            raise self._break
        yield from self._rest


@dataclass(frozen=True, slots=True)
class Head:
    """What may be the header of a table: its line, its cells and the place of its last line.

    ``values`` is the first column of a period in a table of which notes follow, else 0.
    """

    line: int
    cells: Sequence[Cell]
    place: int
    values: int = 0


def heads(first: Sequence[Line]) -> Iterator[Head]:
    """What may be the header, the first line of several filled cells first of all."""
    told = [fold_text(one_line(next(iter(filled(cells))))) in ABOVE for *_at, cells in first]
    places = [place for place, (*_at, cells) in enumerate(first) if len(filled(cells)) > 1]
    places = [place for place in places if not told[place]] or ([] if all(told) else [0])
    for place in places[:1]:
        yield Head(first[place][0], _of_rows(first, place), place)
    for place in places:
        if place < MOST_NOTES:
            if found := _of_periods(first, place):
                yield found
            elif place > places[0] and not _has_values(first[place][2]):
                yield Head(first[place][0], _of_rows(first, place), place)


def _of_rows(first: Sequence[Line], place: int) -> Sequence[Cell]:
    """The cells of a header here; a first one without a name heads years, if those are below it."""
    cells = first[place][2]
    below = [each[0] for *_at, each in first[place + 1 :] if len(filled(each)) > 1]
    if one_line(cells[0]) or not below or not all(map(_is_period, below)):
        return cells
    return ["year", *cells[1:]]


def _of_periods(first: Sequence[Line], place: int) -> Head | None:
    """The header of a table with a row of periods here, with the rows that belong to it."""
    line, _number, cells = first[place]
    periods = [column for column, cell in enumerate(cells) if _is_period(cell)]
    if len(periods) < 2 or not periods[0] or _has_values(cells[periods[0] :]):
        return None
    width = max(len(each) for *_at, each in first[: place + 3])
    left, rows = periods[0], [_texts(cells, width)]
    # Above it groups of periods: the first cell of each is filled.
    at = place
    while at and first[at - 1][0] == first[at][0] - 1:
        at -= 1
        above = _texts(first[at][2], width)
        if len(filled(above[left:])) < 2 or not above[left]:
            break
        rows.insert(0, _filled_up(above, left))
    # Below it parts of each period, and the names of the columns before them.
    last = place
    while last + 1 < len(first) and _names_columns(
        _texts(first[last + 1][2], width), rows[-1], left
    ):
        last += 1
        under = _texts(first[last][2], width)
        if not is_blank(under[left:]):
            rows[-1] = _filled_up(rows[-1], left)
        rows.append(under)
    return Head(line, _names(rows, left, _texts(cells, width)), last, left)


def _is_period(cell: Cell) -> bool:
    return isinstance(cell, str | Number) and len(str(cell)) < 40 and heads_values(one_line(cell))


def _has_values(cells: Sequence[Cell]) -> bool:
    """Whether a row has numbers that are no periods, so that it is no header."""
    return any(possible_marks(one_line(cell)) for cell in cells if not _is_period(cell))


def _texts(cells: Sequence[Cell], width: int) -> list[str]:
    return [*map(one_line, cells), *[""] * (width - len(cells))][:width]


def _filled_up(cells: list[str], left: int) -> list[str]:
    """A row in which a cell holds for those on the right of it that are empty."""
    found = cells[:left]
    for cell in cells[left:]:
        found.append(cell or found[-1])
    return found


def _names_columns(texts: Sequence[str], above: Sequence[str], left: int) -> bool:
    """Whether a row below the periods belongs to the header: it has no value, but names."""
    if any(
        possible_marks(text) or is_missing_mark(text, (":", "..", "-")) for text in texts[left:]
    ):
        return False
    if is_blank(texts[left:]):
        return all(fold_text(name) in _TIMES or not name for name in above[:left])
    return all(texts[left:]) and not all(above[left:])


def _names(rows: Sequence[Sequence[str]], left: int, periods: Sequence[str]) -> list[Cell]:
    """The name of each column; none of one below no period, and without a name of its own."""
    names: list[Cell] = []
    for column in range(len(periods)):
        parts = [row[column] for row in rows if row[column]]
        if column < left:
            named = [part for part in parts if fold_text(part) not in _TIMES]
            # What has no name at all is what the rows are about.
            names.append((named or parts or ["area"])[-1])
        else:
            is_named = periods[column] or rows[-1][column]
            names.append(": ".join(dict.fromkeys(parts)) if is_named else None)
    return names


def without_notes(lines: Iterator[Line], head: Head) -> Iterator[Line]:
    """The lines of a table of periods without the notes that follow a blank line below it."""
    before = head.line
    for line, number, cells in lines:
        is_apart, before = line > before + 1, line
        texts = list(map(one_line, cells[head.values :]))
        if is_apart and not any(possible_marks(text) for text in texts):
            before = head.line  # those below it are apart as well
            continue
        yield line, number, cells
