"""Rows into figures, one after the other: memory does not grow with the file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from django.utils.translation import gettext as _

from recommendations.choices import ObsStatus
from recommendations.readers.statistics.figures import Counts, FigureRow, Refused, Rejected
from recommendations.readers.statistics.layout import Cells, Entry, plain
from recommendations.readers.statistics.numerals import is_bound, read_cell
from recommendations.readers.statistics.spellings import read_period
from recommendations.readers.tables import LONGEST_CELL, NOT_TEXT, TableError, at, fold, is_blank

MOST_ROWS = 500_000
LONGEST_KEY = 200
"""Characters of the dimensions of one figure."""

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Rules:
    """How the cells of one file are read."""

    where: str = ""
    mark: str = "."
    is_grouped: bool = False
    missing: frozenset[str] = frozenset()
    is_about_one_place: bool = False


def figures(
    lines: Iterable[tuple[int, Thing]],
    read: Callable[[Thing], Iterable[Entry]],
    rules: Rules,
    counts: Counts,
) -> Iterator[FigureRow | Rejected]:
    """Every figure of numbered rows; what cannot be read is told, and the reading goes on."""
    for line, thing in lines:
        counts.lines += 1
        if counts.lines > MOST_ROWS:
            words = _("There are more than %d rows: split the file.")
            raise TableError(at(rules.where, words % MOST_ROWS))
        try:
            for entry in read(thing):
                yield from _figure(entry, line, rules, counts)
        except Refused as error:
            counts.rejected += 1
            yield Rejected(line, rules.where, str(error))
    if not counts.lines:
        raise TableError(at(rules.where, _("There is a header and no row below it.")))


def fitting(cells: Cells, width: int) -> Cells:
    """The cells of a row, as many as the header has; ``Refused`` where it has others."""
    if len(cells) < width or not is_blank(cells[width:]):
        found = max((n for n, cell in enumerate(cells, start=1) if cell is not None), default=0)
        words = _("The row has %(found)d cells, the header has %(width)d.")
        raise Refused(words % {"found": found, "width": width})
    for cell in cells:
        if isinstance(cell, str):
            if len(cell) > LONGEST_CELL:
                raise Refused(_("A cell is longer than %d characters.") % LONGEST_CELL)
            if NOT_TEXT.search(cell):
                raise Refused(_("A cell holds what is no character, such as NUL."))
    return cells[:width]


def _figure(
    entry: Entry, line: int, rules: Rules, counts: Counts
) -> Iterator[FigureRow | Rejected]:
    try:
        found = _read(entry, line, rules)
    except Refused as error:
        counts.rejected += 1
        reason = f"{entry.column}: {error}" if entry.column else str(error)
        yield Rejected(line, rules.where, reason)
        return
    if found is None:
        counts.empty += 1
        return
    counts.figures += 1
    yield found


def _read(entry: Entry, line: int, rules: Rules) -> FigureRow | None:
    """A figure; ``None`` where nothing is claimed, which is neither 0 nor a missing figure."""
    status, words = entry.read_status(entry.status)
    value, text, is_missing = _value(entry, rules)
    if is_missing:
        status = ObsStatus.MISSING
    if value is None and not text and status != ObsStatus.MISSING:
        return None
    if status == ObsStatus.MISSING and (value is not None or text):
        raise Refused(_("It has a figure and a status that says there is none."))
    if not (entry.place.code or entry.place.name or rules.is_about_one_place):
        raise Refused(_("It does not say which area it is about."))
    comment = [entry.comment, words]
    power = _power(entry.multiplier)
    if power and text:
        raise Refused(_("“%s” is no number, so it cannot be multiplied.") % text[:40])
    if power and value is not None:
        value = _shifted(value, power)
        comment.append(_("In the file as multiples of 10^%d.") % power)
    return FigureRow(
        line,
        rules.where,
        entry.column,
        entry.place,
        read_period(entry.period),
        value,
        text,
        str(status),
        "; ".join(said for said in comment if said),
        _key(entry.dimensions),
        entry.indicator,
        entry.unit,
        entry.source,
        entry.marks,
    )


def _value(entry: Entry, rules: Rules) -> tuple[Decimal | None, str, bool]:
    """Number, words, and whether the file writes a mark that stands for "no figure"."""
    written = plain(entry.value)
    if not written:
        return None, entry.text, False
    if written.casefold() in rules.missing:
        return None, entry.text, not entry.text
    if is_bound(written, rules.mark):
        return None, written, False
    return read_cell(entry.value, rules.mark, is_grouped=rules.is_grouped), entry.text, False


def _power(text: str) -> int:
    """The exponent of SDMX's UNIT_MULT: 3 where figures are in thousands."""
    power = text.strip()
    if not power:
        return 0
    if not power.removeprefix("-").isdecimal() or len(power) > 3:
        raise Refused(_("“%s” is not a multiplier: SDMX writes 3 for thousands.") % power[:40])
    return int(power)


def _shifted(value: Decimal, power: int) -> Decimal:
    """A number times ten to a power, digit for digit: arithmetic would round at 28 of them."""
    sign, digits, exponent = value.as_tuple()
    return Decimal((sign, digits, int(exponent) + power))


def _key(dimensions: Iterable[tuple[str, str]]) -> str:
    """Dimensions as one text, the same for the same dimensions in whatever order they stand."""
    parts = []
    for name, value in dimensions:
        if "|" in value:
            raise Refused(_("“%s” has a vertical bar, which separates dimensions.") % value[:40])
        parts.append(((fold(name) or name).upper().replace(" ", "_"), value))
    key = "|".join(f"{name}={value}" for name, value in sorted(parts))
    if len(key) > LONGEST_KEY:
        raise Refused(_("Its dimensions take more than %d characters.") % LONGEST_KEY)
    return key
