"""Tables with rows of another shape than one for each of their header: how they become such rows.

Offices leave columns empty between others, put blocks side by side, head blocks of rows with their
year, state the unit below the header, and have the months of a year beside each other.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from recommendations.readers.statistics.cells import (
    heads_values,
    is_missing_mark,
    is_period,
    period_within,
    possible_marks,
)
from recommendations.readers.statistics.header_words import names_period
from recommendations.readers.tables import Cell, Line, filled, fold_text, is_blank, one_line

Reshape = Callable[[Iterator[Line]], Iterator[Line]]
Rows = Sequence[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Head:
    """What may be the header of a table: its line, its cells and the place of its last line.

    ``values`` is the first column of a period in a table of which notes follow, else 0.
    ``reshape`` makes rows with these cells of the lines below, where they have others, but for the
    columns in ``unread``. In ``filled`` ones an empty cell stands for the one above it.
    """

    line: int
    cells: Sequence[Cell]
    place: int
    values: int = 0
    reshape: Reshape | None = None
    unread: Sequence[str] = ()
    filled: Sequence[str] = ()

    def reshaped(self, cells: Sequence[Cell], reshape: Reshape, skipped: int = 0) -> "Head":
        """The same with these cells, and rows made so, below so many lines that are none."""
        before = self.reshape or iter
        place = self.place + skipped
        return replace(self, cells=cells, place=place, reshape=lambda of: reshape(before(of)))


def shaped(head: Head, below: Sequence[Line]) -> Head:
    """A table with these first lines below it as one that has a row for each of its header."""
    first = head.place
    of_periods = (_below_periods, _of_a_year, _beside_a_year)
    of_columns = (_with_commas, _without_spacers, _one_below_the_other, _with_unit, _filled_down)
    for change in (*of_columns, *of_periods):
        rows = [cells for *_at, cells in (head.reshape or iter)(iter(below[head.place - first :]))]
        head = (change(head, rows) if rows else None) or head
    return head


def _with_commas(head: Head, rows: Rows) -> Head | None:
    """With the commas in the name of the last column, which PxWeb does not quote."""
    width, *others = {*map(len, rows)}
    rest = [str(cell) for cell in head.cells[width:]]
    if others or not (width and rest) or not all(text.startswith(" ") for text in rest):
        return None
    name = ", ".join(map(one_line, head.cells[width - 1 :]))
    return head.reshaped([*head.cells[: width - 1], name], lambda lines: lines)


def _without_spacers(head: Head, rows: Rows) -> Head | None:
    """Without columns that have neither a name nor cells, but those for flags behind periods.

    A cell further down that is in one of them is put at the end, so that its row is rejected.
    """
    names = list(map(one_line, head.cells))
    last = max((at for at, name in enumerate(names) if name), default=0)
    unnamed = {at for at in range(1, last) if not names[at] and not heads_values(names[at - 1])}
    gone = {at for at in unnamed if all(is_blank(row[at : at + 1]) for row in rows)}

    def reshape(lines: Iterator[Line]) -> Iterator[Line]:
        for line, number, cells in lines:
            kept = [cell for at, cell in enumerate(cells) if at not in gone]
            yield line, number, [*kept, *filled([cells[at] for at in gone if at < len(cells)])]

    kept = [cell for at, cell in enumerate(head.cells) if at not in gone]
    return head.reshaped(kept, reshape) if gone else None


def _one_below_the_other(head: Head, rows: Rows) -> Head | None:
    """Blocks with the same header, which stand side by side."""
    names = [fold_text(one_line(cell)) for cell in head.cells]
    while names and not names[-1]:
        names.pop()
    whole = len(names)
    sizes = (size for size in range(2, whole // 2 + 1) if whole % size == 0)
    width = next((each for each in sizes if names == names[:each] * (whole // each)), 0)

    def reshape(lines: Iterator[Line]) -> Iterator[Line]:
        for line, number, cells in lines:
            ends = range(width, whole + 1, width)
            for end in ends:
                # What is too much is left to the last block, and rejects it.
                row = cells[end - width : None if end == whole else end]
                if not is_blank(row):
                    yield line, number, row

    return head.reshaped(head.cells[:width], reshape) if width else None


def _filled_down(head: Head, rows: Rows) -> Head | None:
    """The first columns with words in the first row of a group alone, each of them once.

    An empty cell that stands for the total is no such one: what it is the total of stands elsewhere
    again, or there are fewer of them than of its parts.
    """
    names = list(map(one_line, head.cells))
    full = [row for row in rows if len(filled(row)) > 1]
    count = 0
    for at, name in enumerate(names):
        texts = [one_line(row[at]) if at < len(row) else "" for row in full]
        told = [*filter(None, texts)]
        are_words = all(map(_WORDS.search, told)) and not any(map(is_period, told))
        is_once = 1 < len(told) == len({*told}) <= len(texts) - len(told) and bool(texts[0])
        if not (name and are_words and is_once):
            break
        count += 1

    def reshape(lines: Iterator[Line]) -> Iterator[Line]:
        above: Sequence[Cell] = [None] * count
        for line, number, cells in lines:
            pairs = zip(cells[:count], above, strict=False)
            before = [each if one_line(each) else up for each, up in pairs]
            above = before if len(filled(cells)) > 1 else [None] * count
            yield line, number, [*before, *cells[count:]] if any(above) else cells

    return replace(head.reshaped(head.cells, reshape), filled=names[:count]) if count else None


def _below_periods(head: Head, rows: Rows) -> Head | None:
    """Blocks of rows, each below a row that has only its period."""
    names, width = list(map(one_line, head.cells)), len(head.cells)
    has_periods = any(names_period(name) or heads_values(name) for name in names)
    if has_periods or not _is_only_period(rows[0]):
        return None

    def reshape(lines: Iterator[Line]) -> Iterator[Line]:
        period: Cell = None
        for line, number, cells in lines:
            if _is_only_period(cells):
                period = cells[0]
            else:
                row = [*cells, *[None] * (width - len(cells))]
                yield line, number, [*row[:width], period, *row[width:]]

    return head.reshaped([*head.cells, "period"], reshape)


def _is_only_period(cells: Sequence[Cell]) -> bool:
    return filled(cells) == [*cells[:1]] and is_period(one_line(cells[0]))


_WORDS = re.compile(r"[^\W\d_]{2}|[%$€£]")


def _with_unit(head: Head, rows: Rows) -> Head | None:
    """A row below the header that has the one unit of all columns of values, and nothing else.

    Of a table of periods the first of these has it.
    """
    names, width = list(map(one_line, head.cells)), len(head.cells)
    texts = {at: one_line(cell) for at, cell in enumerate(rows[0]) if one_line(cell)}
    unit = next(iter(texts.values()), "")
    columns = [*range(min(texts, default=0), width)]
    are_periods = all(names) and all(heads_values(names[at]) for at in columns)
    is_one = {*texts.values()} == {unit} and [*texts] in (columns, columns[: are_periods or None])
    is_word = bool(_WORDS.search(unit)) and not heads_values(unit)
    is_missing = is_missing_mark(unit)
    has_unit = any(fold_text(name).startswith("unit") for name in names)
    if 0 in texts or not (is_one and is_word) or is_missing or has_unit or not rows[1:]:
        return None
    for at in texts:
        cells = [one_line(row[at]) for row in rows[1:] if at < len(row)]
        if not any(map(possible_marks, filter(None, cells))):
            return None

    def reshape(lines: Iterator[Line]) -> Iterator[Line]:
        for line, number, cells in lines:
            row = [*cells, *[None] * (width - len(cells))]
            yield line, number, [*row[:width], unit, *row[width:]]

    found = head.reshaped([*head.cells, "unit"], reshape, skipped=1)
    return replace(found, values=columns[0] if are_periods else 0)


_YEAR = re.compile(r"[0-9]{4}")


def _of_a_year(head: Head, rows: Rows) -> Head | None:
    """Columns of the months, quarters or halves of the year in another column."""
    names, width = list(map(one_line, head.cells)), len(head.cells)
    parts = {at: name for at, name in enumerate(names) if period_within("2000", name)}
    years = [at for at, name in enumerate(names) if names_period(name)]
    is_of_years = len(years) == 1 and all(
        any(map(_YEAR.fullmatch, map(one_line, row[years[0] : years[0] + 1])))
        for row in rows
        if len(filled(row)) > 1
    )
    if len({*parts.values()}) < 2 or not is_of_years:
        return None
    others = [at for at in range(width) if at not in parts and at != years[0]]

    def reshape(lines: Iterator[Line]) -> Iterator[Line]:
        for line, number, cells in lines:
            row = [*cells, *[None] * (width - len(cells))]
            year = one_line(row[years[0]])
            for at, name in parts.items():
                period = period_within(year, name) or year
                kept = [row[other] for other in others]
                yield line, number, [*kept, period, row[at], *row[width:]]

    return head.reshaped([*(head.cells[at] for at in others), "period", "value"], reshape)


_WITHIN_YEARS = {
    **dict.fromkeys(("month", "months", "mois", "mes", "mês", "mese", "monat"), "{}-{:02}"),
    **dict.fromkeys(("quarter", "quarters", "trimestre", "quartal"), "{}-Q{}"),
    **dict.fromkeys(("half", "half year", "semester", "semestre", "halbjahr"), "{}-S{}"),
}
"""Headers of parts of years, and the period that the number of one stands for."""


def _beside_a_year(head: Head, rows: Rows) -> Head | None:
    """A column of months, quarters or halves beside the year that they are of."""
    names = [fold_text(one_line(cell)) for cell in head.cells]
    years = [at for at, name in enumerate(names) if names_period(name)]
    parts = [at for at, name in enumerate(names) if name in _WITHIN_YEARS]
    if len(years) != 1 or len(parts) != 1:
        return None
    [at], [beside] = years, parts

    def period_of(row: Sequence[Cell]) -> str:
        year, part = one_line(row[at]), one_line(row[beside])
        if part.isdecimal() and len(year) == 4:
            return _WITHIN_YEARS[names[beside]].format(year, int(part))
        return period_within(year, part) or f"{year} {part}".strip()

    full = [row for row in rows if len(row) > max(at, beside) and len(filled(row)) > 1]
    if not all(one_line(row[beside]) and is_period(period_of(row)) for row in full):
        return None

    def reshape(lines: Iterator[Line]) -> Iterator[Line]:
        for line, number, cells in lines:
            row = [*cells, *[None] * (len(names) - len(cells))]
            row[at] = period_of(row)
            yield line, number, [*row[:beside], *row[beside + 1 :]]

    return head.reshaped([*head.cells[:beside], *head.cells[beside + 1 :]], reshape)
