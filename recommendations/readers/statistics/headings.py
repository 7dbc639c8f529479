"""Where a statistical table begins: below its notes, with the names of its columns.

Workbooks of data browsers have notes above the table, periods in one row, what they are divided by
in the rows above or below it, and flags in a column without a header behind each period.
"""

import re
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from itertools import islice

from recommendations.readers.meanings import months
from recommendations.readers.statistics.cells import (
    heads_values,
    is_missing_mark,
    may_be_period,
    possible_marks,
)
from recommendations.readers.statistics.header_words import names_period
from recommendations.readers.statistics.shapes import Head, shaped
from recommendations.readers.tables import (
    Cell,
    Formula,
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


def heads(first: Sequence[Line], is_area: Callable[[str], bool]) -> Iterator[Head]:
    """What may be the header, the first line of several filled cells first of all.

    That is not so where areas stand above the values, as ``is_area`` says of a text, or the months
    of a year that has a column, and where a series has no header.
    """
    if found := _without_header(first):
        yield found
        return
    told = [fold_text(one_line(next(iter(filled(cells))))) in ABOVE for *_at, cells in first]
    places = [place for place, (*_at, cells) in enumerate(first) if len(filled(cells)) > 1]
    places = [place for place in places if not told[place]] or ([] if all(told) else [0])
    of_series = _of_series(first, is_area)
    if of_series and "area" in of_series.cells[of_series.values :] and of_series.reshape:
        yield of_series
    for place in places[:1]:
        yield from filter(None, (_below_groups(first, place), _plain(first, place)))
    for place in places:
        if place < MOST_NOTES and not _are_notes(first, place):
            if found := _of_periods(first, place):
                yield found
            elif place > places[0] and not _has_values(first[place][2]):
                if of_series:
                    yield of_series
                    of_series = None
                yield _plain(first, place)
    if of_series:
        yield of_series


def _without_header(first: Sequence[Line]) -> Head | None:
    """A series of a period and a value a row, below lines of a word and what it is for the series.

    The last of these lines is no header: its word is none for a period.
    """
    rows = [cells for *_at, cells in first]
    place = next((at for at, cells in enumerate(rows) if _has_period(cells, 0)), 0)
    above, below = rows[:place], [_texts(cells, 2) for cells in rows[place:]]
    are_pairs = all(len(filled(cells[2:])) == 0 for cells in rows)
    if place < 2 or not are_pairs or names_period(one_line(above[-1][0])):
        return None
    is_told = all(one_line(cells[0]) for cells in above)
    are_dated = len(below) > 2 and all(_is_period(text) for text, _value in below)
    if not (is_told and are_dated and _are_values(below, 1)):
        return None
    return Head(first[place - 1][0], ["period", "value"], place - 1)


def _are_notes(first: Sequence[Line], place: int) -> bool:
    """Whether a line has a period that is none of the values below, which have their own."""
    cells, below = first[place][2], [of for *_at, of in first[place + 1 :] if len(filled(of)) > 1]
    is_named = bool(one_line(cells[0])) and not names_period(one_line(cells[0]))
    is_dated = bool(below) and all(_is_period(of[0]) for of in below)
    return is_named and is_dated and any(map(_is_period, cells[1:]))


def _below_groups(first: Sequence[Line], place: int) -> Head | None:
    """The header of a table of periods in the line below this, where names of groups stand, of
    which some may be days."""
    below = first[place + 1][2] if place + 1 < len(first) else []
    are_periods = len(filled(below)) > 1 and all(map(_is_period, filled(below)))
    return _of_periods(first, place + 1) if are_periods and is_blank(below[:1]) else None


def _plain(first: Sequence[Line], place: int) -> Head:
    return shaped(Head(first[place][0], _of_rows(first, place), place), first[place + 1 :])


def _of_rows(first: Sequence[Line], place: int) -> Sequence[Cell]:
    """The cells of a header here, with names of those without one.

    The first heads years, if those are below it; one that says the same as the column with a name
    before it has the words of that.
    """
    cells = [*first[place][2]]
    below = [
        list(map(one_line, each)) for *_at, each in first[place + 1 :] if len(filled(each)) > 1
    ]
    if below and not one_line(cells[0]) and all(_is_period(each[0]) for each in below):
        cells[0] = "year"
    for at in range(1, len(cells)):
        before, pairs = one_line(cells[at - 1]), (each[at - 1 : at + 1] for each in below)
        if before and not one_line(cells[at]) and _say_the_same(filter(_are_two, pairs)):
            cells[at] = f"{before} name"
    return cells


def _are_two(texts: Sequence[str]) -> bool:
    return len(texts) == 2


def _say_the_same(pairs: Iterable[Sequence[str]]) -> bool:
    """Whether each of two texts stands for the other wherever one of them does."""
    found = {*map(tuple, pairs)}
    return len(found) > 3 and all(len({*texts}) == len(found) for texts in zip(*found, strict=True))


def _of_periods(first: Sequence[Line], place: int) -> Head | None:
    """The header of a table with a row of periods here, with the rows that belong to it."""
    line, _number, cells = first[place]
    periods = [column for column, cell in enumerate(cells) if _is_period(cell)]
    is_one = len(periods) == 1 and names_period(one_line(cells[0])) and _is_name(first, place + 1)
    if not (len(periods) > 1 or is_one) or not periods[0] or _has_values(cells[periods[0] :]):
        return None
    width = max(len(each) for *_at, each in first[: place + 3])
    left, rows = periods[0], [_texts(cells, width)]
    # Above it groups of periods: the first cell of each is filled, or one before them names them.
    is_labelled = bool(rows[0][left - 1])
    rows = [*_groups_above(first, place, width, left, left - is_labelled), *rows]
    above_all = rows[:-1]
    rows = [*_filled_below(rows[:-1], left), rows[-1]]
    labels = [each[left - 1] if is_labelled else "" for each in rows[:-1]]
    labelled = [*zip(labels, rows[:-1], strict=True)]
    if any(label and len({*texts[left:]}) > 1 for label, texts in labelled):
        top = Head(first[place - len(labelled)][0], rows[-1], place, left)
        under = _texts(first[place + 1][2], width) if place + 1 < len(first) else [""]
        if is_blank(under[:left]) and _names_unit(filled(under)):
            top = replace(top, place=place + 1)
            labelled.append((_UNIT, _filled_up(under, left)))
        has_notes = _has_footnotes(one_line(filled(first[0][2])[0]), labels)
        labelled.append(("period", rows[-1]))
        return _unpivoted(top, labelled, periods, has_notes=has_notes)
    # What is above all periods alike divides none of them.
    years = [column for column in periods if may_be_period(one_line(cells[column]))]
    for each in rows[:-1]:
        if len({each[column] for column in years}) == 1:
            each[left:] = [""] * (width - left)
    # Below it parts of each period, and the names of the columns before them.
    last = place
    has_names = any(part and not names_period(part) for each in rows for part in each[:left])
    while last + 1 < len(first) and _names_columns(
        _texts(first[last + 1][2], width), rows[-1], left, has_names=has_names
    ):
        last += 1
        under = _texts(first[last][2], width)
        if not is_blank(under[left:]):
            rows[-1] = _filled_up(rows[-1], left)
        rows.append(under)
    blank = {at for at in range(1, left) if all(is_blank(of[at : at + 1]) for *_, of in first)}
    names = _names(rows, left, _texts(cells, width), above_all)
    return Head(line, [None if at in blank else of for at, of in enumerate(names)], last, left)


def _groups_above(
    first: Sequence[Line], place: int, width: int, left: int, labels: int
) -> list[list[str]]:
    """The rows above one of periods that divide them, which begin at ``left`` or have a label
    before it, and below them one that names the columns before, if there is one."""
    above = [*_above(first, place, width)]
    names = above[:1] if len(above) > 1 and is_blank(above[0][left:]) else []
    found: list[list[str]] = []
    for each in above[len(names) :]:
        if not each[left] or len(filled(each[labels:])) < 2:
            break
        found.insert(0, each)
    return [*found, *names] if found else []


def _is_name(first: Sequence[Line], place: int) -> bool:
    """Whether a line has only the name of the first column."""
    cells = first[place][2] if place < len(first) else []
    return bool(cells) and filled(cells) == [*cells[:1]] and not _is_period(cells[0])


def _names_unit(told: Sequence[Cell]) -> bool:
    is_missing = bool(told) and is_missing_mark(one_line(told[0]))
    return bool(told) and not is_missing and not _has_values(told)


def _above(
    first: Sequence[Line], place: int, width: int, most_apart: int = 1
) -> Iterator[list[str]]:
    """The rows directly above one, the nearest first, which may be some lines apart."""
    while place and first[place][0] - first[place - 1][0] <= most_apart:
        place, most_apart = place - 1, 1
        yield _texts(first[place][2], width)


_PART, _UNIT = "part", "unit"
"""The name of a row below the periods, which holds until there is another one."""


_NUMBERS = re.compile(r"(?<=\S{3})(?:,? [0-9]{1,2}|,? ?\(?[0-9]{1,2}\))+$")
"""Those of notes behind a name; not the last of “15 to 24”."""

_LISTED = re.compile(r"\(?([0-9]{1,2})(?:[).:/\s]|$)")
"""How a note below a table begins."""


def split_notes(name: str) -> tuple[str, list[str]]:
    """A name and the numbers behind it, which may be those of notes."""
    found = _NUMBERS.search(name)
    return (name[: found.start()], re.findall("[0-9]+", found[0])) if found else (name, [])


def _has_footnotes(title: str, labels: Iterable[str]) -> bool:
    """Whether numbers of notes stand behind names: those of a title go on behind another one."""
    _name, told = split_notes(title)
    found = (numbers for _label, numbers in map(split_notes, labels) if told and numbers)
    return any(int(told[-1]) + 1 == int(numbers[0]) for numbers in found)


def _unpivoted(
    head: Head,
    rows: Sequence[tuple[str, Sequence[str]]],
    columns: Sequence[int],
    *,
    has_notes: bool = False,
) -> Head:
    """A table of which each value becomes a row: the rows above the values are columns of it.

    ``rows`` are those, each with what stands before it as its name, ``columns`` those of values;
    ``head.cells`` name the ones before, in which an empty cell is like the one above it. Where it
    ``has_notes``, their numbers stand behind names.
    """
    left = head.values
    labels = [label for label, _texts in rows]
    names = [*head.cells[:left], *labels]
    unnamed = (f"{_PART} {n}" if n > 1 else _PART for n in range(1, len(names) + 1))
    names = [split_notes(one_line(name))[0] or next(unnamed) for name in names]
    if has_notes:
        rows = [(label, [split_notes(text)[0] for text in texts]) for label, texts in rows]
    # What has a name may have no closer one in a row below; what lacks a label is not known.
    needed = [texts for label, texts in rows if label]
    needed += [texts for label, texts in rows if not label][:1]
    columns = [at for at in columns if all(texts[at] for texts in needed)]
    width = columns[-1] + 1
    others = zip(*(texts[left:] for _label, texts in rows), strict=True)
    told = {at: ": ".join(filter(None, texts)) for at, texts in enumerate(others, start=left)}
    unread = [name for at, name in told.items() if name and at not in columns]

    def reshape(lines: Iterator[Line]) -> Iterator[Line]:
        above: Sequence[Cell] = [None] * left
        above_values = [*rows]
        for line, number, cells in lines:
            cells = [*cells, *[None] * (width - len(cells))]
            before, told = cells[:left], filled(cells[left:])
            if has_notes:
                before = [split_notes(one_line(each))[0] for each in before]
            if _UNIT in labels and is_blank(before) and _names_unit(told):
                texts = _filled_up(_texts(cells, width), left)
                above_values[labels.index(_UNIT)] = (_UNIT, texts)
                continue
            if one_line(before[-1]):
                pairs = zip(before, above, strict=True)
                above = before = [each if one_line(each) else up for each, up in pairs]
            for at in columns[:1] if is_blank(cells[left:]) else columns:
                yield line, number, [*before, *(of[at] for _label, of in above_values), cells[at]]

    return Head(head.line, [*names, "value"], head.place, left, reshape, unread)


# ---- Tables in which each row has a period, and each column the values of a series

_MOST_BEFORE = 6
"""Columns among which that of the periods is."""

_CODES = frozenset({"series id", "series code", "idbank"})
"""What stands before the codes of series, which say all that the rows above do."""

_KEPT = {"unit": "unit", "frequency": "frequency"}
_OF_FREQUENCY = {"M": "{0:%Y-%m}", "Q": "{0:%Y}-Q{1}", "A": "{0:%Y}", "Y": "{0:%Y}"}
"""The period of a day, by how a frequency begins."""

_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _of_series(first: Sequence[Line], is_area: Callable[[str], bool]) -> Head | None:
    """The header of a table whose rows have periods, right of which are only values.

    The rows above the values name them. Where something stands before one of these, where several
    divide the values, or where one has areas, they are columns of a row of its own for each value;
    else they are the names of columns of values.
    """
    for place in range(1, min(MOST_NOTES, len(first) - 2)):
        rows = [cells for *_at, cells in first[place : place + 20]]
        for at in range(_MOST_BEFORE):
            dated = [each for each in rows if _has_period(each, at)]
            is_first = dated[:3] == rows[:3] and not _has_period(first[place - 1][2], at)
            of_all = [cells for *_at, cells in first[place:] if _has_period(cells, at)]
            if is_first and (found := _above_series(first, place, at, of_all, is_area)):
                return found
    return None


def _has_period(cells: Sequence[Cell], at: int) -> bool:
    cell = cells[at] if at < len(cells) else None
    return isinstance(cell, date) or _is_period(cell)


def _above_series(
    first: Sequence[Line],
    place: int,
    at: int,
    rows: Sequence[Sequence[Cell]],
    is_area: Callable[[str], bool],
) -> Head | None:
    width = max(map(len, rows))
    texts = [_texts(cells, width) for cells in rows]
    left = next((each for each in range(at + 1, width) if _are_values(texts, each)), 0)
    # A series that begins later has no value in the first rows, but a name.
    names_of = _texts(first[place - 1][2], width)
    late = [each for each in range(width) if names_of[each] and not any(of[each] for of in texts)]
    while left - 1 > at and left - 1 in late:
        left -= 1
    values = [
        each for each in range(left, width) if each in late or _are_values(texts, each, beside=True)
    ]
    names: Sequence[str] | None = None
    found: list[tuple[str, list[str]]] = []
    top = place
    for above in _above(first, place, width, most_apart=2) if left else ():
        told = [text for text in above[:left] if text]
        # A row of the names of several columns may stand among those above the values.
        is_title = bool(found) and (any(names or ()) or len(told) < max(left, 2))
        if is_blank(above[left:]) and (is_title or not told):
            break
        top -= 1
        is_named = len(told) == 1 and not names_period(told[0])
        if is_blank(above[left:]) or (names is None and not is_named):
            names = above[:left]
        if not is_blank(above[left:]):
            label = _of_columns(told[0]) if told and (is_named or names is None) else ""
            found.insert(0, (label, _filled_up(above, left) if found or label else above))
    named = [*(names or [""] * left)]
    if not found or not (fold_text(named[at]) == "" or names_period(named[at])):
        return None
    # What is the same for all columns is the name of what divides them below it.
    kinds = [len({texts[column] for column in values}) for _label, texts in found[:2]]
    is_named = kinds[0] == 1 and kinds[1:] > [1] and not (found[0][0] or found[1][0])
    if is_named:
        found[:2] = [(found[0][1][left], found[1][1])]
    # What stands below the names of others, and is told once, is the unit of all.
    if len(found) > 1 and not found[-1][0] and filled(found[-1][1][left:]) == [found[-1][1][left]]:
        found[-1] = (_UNIT, _filled_up(found[-1][1], left))
    named[at] = named[at] or "period"
    of_months = [
        column
        for column in range(left)
        if all(fold_text(each[column]) in months() for each in texts)
    ]
    head = Head(first[top][0], named, place - 1, left)
    labelled = _labelled(found, values, is_area)
    if is_named:
        labelled = [(label or _PART * (len({*of}) > 2), of) for label, of in labelled]
    return _with_series(head, labelled, values, at, of_months[:1])


def _of_columns(corner: str) -> str:
    """What a cell between the names of rows and those of columns says of these: “Year/Country”."""
    parts = re.split(r" ?[/\\\\] ?", corner)
    others = [part for part in parts if not names_period(part)]
    return others[0] if len(parts) == 2 and len(others) == 1 else corner


def _labelled(
    rows: Sequence[tuple[str, list[str]]], columns: Sequence[int], is_area: Callable[[str], bool]
) -> list[tuple[str, list[str]]]:
    """Rows above values, with names of those of which the cells say what they are.

    Those are areas, if most are; other words for what a row with a name has; the keys of series,
    which begin with a frequency. What says nothing more is a comment.
    """
    told = [(label, texts, [texts[at] for at in columns]) for label, texts in rows]
    areas = next((of for label, _texts, of in told if not label and _are_areas(of, is_area)), None)
    found: list[tuple[str, list[str]]] = []
    comments = iter(("comment", "comments", "footnote"))
    for label, texts, of in told:
        beside = next(
            (each for each in told if (each[0] or each[2] is areas) and _same(each, of)), None
        )
        if not label and of is areas:
            label = "area"
        elif not label and beside and beside[0]:
            label = f"{beside[0]} name"
        elif not label and areas and (beside or len({*of}) == 1):
            label = next(comments, "")
        found.append((label, texts))
    keys = next((texts for _label, texts, of in told if all(map(_KEY.match, of))), None)
    if keys and any(label for label, _texts in found):
        letters = [text[:1] if _KEY.match(text) else "" for text in keys]
        found.append(("frequency", letters))
    return found


_KEY = re.compile(r"[AQM][.:]\S")
"""How the key of a series begins, as SDMX has it."""


def _are_areas(texts: Sequence[str], is_area: Callable[[str], bool]) -> bool:
    return len({*texts}) > 1 and sum(map(is_area, texts)) * 2 > len(texts)


def _same(row: tuple[str, Sequence[str], Sequence[str]], texts: Sequence[str]) -> bool:
    return _say_the_same(zip(row[2], texts, strict=True))


def _are_values(rows: Sequence[Sequence[str]], column: int, *, beside: bool = False) -> bool:
    """Whether a column has values, and beside these only marks of none; on the right of others,
    ``beside`` them, whether most of its cells are either."""
    cells = [row[column] for row in rows if row[column]]
    numbers = sum(map(bool, map(possible_marks, cells)))
    either = numbers + sum(map(is_missing_mark, cells))
    return either * 2 > len(cells) if beside else numbers > 0 and either == len(cells)


def _with_series(
    head: Head,
    rows: list[tuple[str, list[str]]],
    columns: Sequence[int],
    at: int,
    of_months: Sequence[int],
) -> Head:
    """The header of a table with these rows above its values, and with its periods in one cell."""
    left, labels = head.values, [fold_text(label) for label, _texts in rows]
    names = zip(*(texts for label, texts in rows if not label), strict=True)
    joined = [": ".join(filter(None, dict.fromkeys(each))) for each in names]
    divide = [[texts[at] for at in columns] for label, texts in rows if not label]
    divide = [texts for texts in divide if len({*texts}) > 1]
    is_told_apart = len(divide) > 1 and not _say_the_same(zip(*divide[:2], strict=True))
    if "area" in labels or (is_told_apart and not any(labels)):
        head = _unpivoted(head, rows, columns)
    elif any(labels):
        of_series = ("series name" if _CODES & {*labels} else "series", joined)
        kept = [row for row, label in zip(rows, labels, strict=True) if label]
        if code := next((label for label in labels if label in _CODES), ""):
            known = {code: "series code", "libellé": "series name", **_KEPT}
            kept = [(known[of], each) for label, each in kept if (of := fold_text(label)) in known]
        head = _unpivoted(head, [*([of_series] if joined else []), *kept], columns)
    else:
        head = Head(head.line, [*head.cells, *joined[left:]], head.place)
    header = [*map(one_line, head.cells)]
    of_frequency = [column for column, name in enumerate(header) if fold_text(name) == "frequency"]
    reshape, gone = head.reshape or iter, {*of_months, *of_frequency}

    def dated(lines: Iterator[Line]) -> Iterator[Line]:
        for line, number, cells in reshape(lines):
            row = [*cells, *[None] * (len(header) - len(cells))]
            if of_months:
                row[at] = f"{one_line(row[of_months[0]])} {one_line(row[at])}"
            for column in of_frequency:
                form = _OF_FREQUENCY.get(one_line(row[column])[:1].upper(), "")
                day = row[at]
                if _ISO.fullmatch(text := one_line(day)):
                    with suppress(ValueError):
                        day = date.fromisoformat(text)
                if form and isinstance(day, date):
                    row[at] = form.format(day, (day.month + 2) // 3)
            yield line, number, [cell for column, cell in enumerate(row) if column not in gone]

    cells = [name for column, name in enumerate(header) if column not in gone]
    return replace(head, cells=cells, reshape=dated)


def _is_period(cell: Cell) -> bool:
    return isinstance(cell, str | Number) and heads_values(one_line(cell))


def _has_values(cells: Sequence[Cell]) -> bool:
    """Whether a row has numbers that are no periods, so that it is no header."""
    return any(possible_marks(one_line(cell)) for cell in cells if not _is_period(cell))


def _texts(cells: Sequence[Cell], width: int) -> list[str]:
    texts = ["" if isinstance(cell, Formula) else one_line(cell) for cell in cells]
    return [*texts, *[""] * (width - len(cells))][:width]


def _filled_up(cells: list[str], left: int, ends: Container[int] = ()) -> list[str]:
    """A row in which a cell holds for those on the right of it that are empty, up to an end."""
    found = cells[:left]
    for at, cell in enumerate(cells[left:], start=left):
        found.append(cell or ("" if at in ends else found[-1]))
    return found


def _filled_below(rows: Sequence[list[str]], left: int) -> Iterator[list[str]]:
    """Such rows one below the other: what a cell names ends where one above it does."""
    ends = set[int]()
    for cells in rows:
        ends |= {column for column, cell in enumerate(cells) if cell}
        yield _filled_up(cells, left, ends)


def _names_columns(
    texts: Sequence[str], above: Sequence[str], left: int, *, has_names: bool
) -> bool:
    """Whether a row below the periods belongs to the header: it has no value, but names, of which
    several are below one period."""
    if any(
        possible_marks(text) or is_missing_mark(text, (":", "..", "-")) for text in texts[left:]
    ):
        return False
    if is_blank(texts[left:]):
        return not has_names and all(names_period(name) or not name for name in above[:left])
    is_of_one_each = all(above[left:]) and len({*above[left:]}) == len(above[left:])
    return all(texts[left:]) and not is_of_one_each


_NOTE = re.compile(r"[A-Za-z]|[0-9]{1,2}|\*+")
"""What heads the notes on the values of the period before."""


def _names(
    rows: Sequence[Sequence[str]],
    left: int,
    periods: Sequence[str],
    above: Sequence[Sequence[str]],
) -> list[Cell]:
    """The name of each column; none of one below no period, without a name of its own in the rows
    ``above`` these or below them, or with only a note."""
    names: list[Cell] = []
    for column in range(len(periods)):
        parts = [row[column] for row in rows if row[column]]
        if column < left:
            named = [part for part in parts if not names_period(part)]
            # What has no name at all is what the rows are about.
            unnamed = "part" if "area" in names else "area"
            names.append((named or parts or [unnamed])[-1])
        else:
            is_note = rows[-1] == periods and _NOTE.fullmatch(periods[column])
            own = next((each[column] for each in reversed(above) if each[column]), None)
            is_named = not is_note and (periods[column] or rows[-1][column])
            names.append(": ".join(dict.fromkeys(parts)) if is_named else own)
    return names


_NAMED = re.compile(r"[^\W\d_]{2}")


def title_in(cells: Sequence[Cell], titles: Sequence[str] = ("",)) -> str:
    """The words of a row that has only them, in its first cell; else empty.

    Of ``titles`` that which it goes on with, and empty where there are none: “Table 1 (continued)”.
    """
    text = one_line(cells[0]) if cells and filled(cells) == [*cells[:1]] else ""
    if not titles or not _NAMED.search(text):
        return ""
    return titles[0] if titles[0] and text.startswith(titles[0]) else text


def titles_of_blocks(first: Sequence[Line], head: Head) -> list[str]:
    """The titles above a header and above each line below that repeats it, where they differ."""
    header = [*first[head.place][2]]
    places = [at for at in range(head.place, len(first)) if [*first[at][2]] == header]
    found: list[str] = []
    for at in places:
        found.append(title_in(first[at - 1][2], found or ("",)) if at else "")
    told = {*filter(None, found)}
    return found if len(told) > 1 or (told and not found[0]) else []


def without_notes(lines: Iterator[Line], head: Head, numbers: set[str]) -> Iterator[Line]:
    """The lines of a table of periods without the notes that follow a blank line below it.

    They are not read, so that nothing is wrong with them, but for their ``numbers``.
    """
    before, are_notes = head.line, False
    try:
        for line, number, cells in lines:
            is_apart, before = line > before + 1 or are_notes, line
            texts = list(map(one_line, cells[head.values :]))
            are_notes = is_apart and not any(possible_marks(text) for text in texts)
            if not are_notes:
                yield line, number, cells
            elif found := _LISTED.match(one_line(cells[0])):
                numbers.add(found[1])
    except TableError:
        if not are_notes:
            raise
