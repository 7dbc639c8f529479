"""Rows of statistical tables into figures, whatever the format, one after the other."""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from django.utils.translation import gettext

from recommendations.characters import INVALID, parse_int, replace_invalid
from recommendations.choices import MISSING_CODES, SourceStatus
from recommendations.readers.statistics.cells import (
    BOTH_MARKS,
    FigureError,
    InvalidCharacter,
    StatusReading,
    YearRange,
    are_two_years,
    is_bound,
    is_missing_mark,
    missing_by_flags,
    possible_marks,
    read_decimal,
    read_eurostat_flags,
    read_period,
    split_bounds,
    split_flags,
    split_letter,
    split_mark,
    unclear_frequency,
    without_percent,
)
from recommendations.readers.statistics.reading import (
    PART,
    Cells,
    FigureRow,
    RawFigure,
    ReadCounts,
    Rejected,
    Use,
    dimension_name,
)
from recommendations.readers.tables import (
    LONGEST_CELL,
    Cell,
    invalid_words,
    is_blank,
    one_line,
    table_error,
)

MOST_FIGURE_ROWS = 500_000
RowT = TypeVar("RowT")


@dataclass(frozen=True, slots=True)
class ReadRules:
    """How the cells of one file are read."""

    where: str = ""
    marks: Mapping[str, str] = field(default_factory=dict)
    """The decimal mark of each column of a period, else of values, of terms and of all others."""
    is_grouped: bool = False
    missing: frozenset[str] = frozenset()
    is_about_one_area: bool = False
    has_flags: bool = False
    has_all_flags: bool = True
    date_order: str = ""
    frequency: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Of the columns whose cells may be at fault, by their uses."""
    has_letters: bool = False
    """Whether a letter behind a number is a flag, which is kept as a comment."""
    have_two_years: bool = False
    """Whether what looks like months, such as 2008-09, may be two years each."""
    are_percent: bool = False
    """Whether a percent sign stands behind each number, so that it is the unit of all."""


def read_figures(
    lines: Iterable[tuple[int, RowT]],
    read: Callable[[RowT], Iterable[RawFigure]],
    rules: ReadRules,
    counts: ReadCounts,
) -> Iterator[FigureRow | Rejected]:
    """Every figure of numbered rows; one that cannot be read is rejected, the others are read."""
    for line, row in lines:
        counts.lines += 1
        if counts.lines > MOST_FIGURE_ROWS:
            words = gettext("The file has more than %d rows. Split the file.")
            raise table_error(rules.where, words % MOST_FIGURE_ROWS)
        try:
            for raw in read(row):
                try:
                    found = _read(raw, line, rules)
                except FigureError as error:
                    counts.rejected += 1
                    named = raw.column or rules.headers.get(error.use, "")
                    reason = f"{named}: {error}" if named else str(error)
                    years = error.years if isinstance(error, YearRange) else ""
                    told, dimensions = (raw.indicator or raw.title, raw.unit, raw.source), ""
                    with suppress(FigureError):
                        dimensions = _key(raw.dimensions)
                    yield Rejected(line, rules.where, reason, years, *told, dimensions)
                    continue
                counts.empty += found is None
                if found is not None:
                    counts.figures += 1
                    yield found
        except FigureError as error:
            counts.rejected += 1
            counts.invalid += isinstance(error, InvalidCharacter)
            yield Rejected(line, rules.where, str(error))
    if not counts.lines:
        raise table_error(rules.where, gettext("The file has a header but no rows."))


def fit_to_header(
    cells: Cells, header: Sequence[str], unread: Container[int], *, replaces_invalid: bool
) -> Cells:
    """The cells of a row, as many as the header has; ``FigureError`` where it has others.

    Invalid characters are replaced in columns that are not read (``unread``), and refused in others
    unless a person chose to replace them.
    """
    width = len(header)
    if len(cells) < width or not is_blank(cells[width:]):
        found = max((n for n, cell in enumerate(cells, start=1) if cell is not None), default=0)
        words = gettext("The row has %(found)d cells, the header has %(width)d.")
        raise FigureError(words % {"found": found, "width": width})
    for column, cell in enumerate(cells):
        if isinstance(cell, str):
            if len(cell) > LONGEST_CELL:
                raise FigureError(gettext("A cell is longer than %d characters.") % LONGEST_CELL)
            if INVALID.search(cell):
                if not replaces_invalid and column < width and column not in unread:
                    raise InvalidCharacter(invalid_words(header[column], cell))
                cells = [*cells[:column], replace_invalid(cell), *cells[column + 1 :]]
    return cells[:width]


def _without_marks(raw: RawFigure, rules: ReadRules) -> str:
    """Leave of a period and a value what they are without marks; the flags among these."""
    if isinstance(raw.period, str):
        raw.period, mark = split_mark(one_line(raw.period))
        is_note = not mark.isalpha() or not rules.has_flags or raw.flags or raw.status
        raw.comment = "; ".join(filter(None, (raw.comment, mark))) if is_note else raw.comment
        raw.flags = raw.flags if is_note else mark
    if rules.are_percent:
        raw.value, raw.unit = without_percent(raw.value), raw.unit or "%"
    flags = raw.flags if rules.has_flags else ""
    if rules.has_flags and isinstance(raw.value, str) and not flags:
        raw.value, flags = split_flags(one_line(raw.value), has_all=rules.has_all_flags)
    if isinstance(raw.value, str) and (rules.has_letters or raw.value.rstrip()[-1:] == "]"):
        raw.value, told = split_bounds(one_line(raw.value))
        if rules.has_letters and not told:
            raw.value, told = split_letter(raw.value)
        raw.comment = "; ".join(filter(None, (raw.comment, told)))
    return flags


def _read(raw: RawFigure, line: int, rules: ReadRules) -> FigureRow | None:
    """A figure; ``None`` where nothing is stated, which is neither 0 nor a missing figure."""
    flags = _without_marks(raw, rules)
    value, text, is_missing = _of(Use.VALUE, _value, raw, rules)
    status, status_note = _of(Use.STATUS, _status, raw, flags, is_missing)
    if is_missing and status not in MISSING_CODES:
        status = SourceStatus.MISSING
    if value is None and not text and status not in MISSING_CODES:
        return None
    if status in MISSING_CODES and (value is not None or text):
        raise FigureError(gettext("The row has a value and the status of a missing value."))
    if not (raw.area.code or raw.area.name or rules.is_about_one_area):
        raise FigureError(gettext("The row does not state an area."))
    comment = [raw.comment, status_note, "" if rules.has_flags else raw.flags]
    power = _power(raw.multiplier) if raw.multiplier else 0
    if power and text:
        raise FigureError(gettext("“%s” is not a number and cannot be multiplied.") % text[:40])
    if power and value is not None:
        # Exactly: arithmetic would round to 28 digits.
        sign, digits, exponent = value.as_tuple()
        value = Decimal((sign, digits, int(exponent) + power))
        comment.append(gettext("In the file as multiples of 10^%d.") % power)
    return FigureRow(
        line,
        rules.where,
        raw.column,
        raw.area,
        _of(Use.PERIOD, _period, raw.period, rules),
        value,
        text,
        str(status),
        "; ".join(filter(None, comment)),
        _key(raw.dimensions),
        raw.indicator,
        raw.unit,
        raw.source,
        raw.marks,
        _term(raw.numerator, rules),
        _term(raw.denominator, rules),
        raw.title,
        raw.unit_words,
    )


def _of(use: Use, read: Callable[..., Any], *told: object) -> Any:
    """What a cell of a column of this use is read as; a fault of it names that."""
    try:
        return read(*told)
    except FigureError as error:
        error.use = use
        raise


def _period(cell: Cell, rules: ReadRules) -> str:
    if rules.have_two_years and are_two_years([text := one_line(cell)]):
        told = unclear_frequency(text)
        raise YearRange(text, told) if rules.frequency else FigureError(told)
    return read_period(cell, rules.date_order, rules.frequency)


def _status(raw: RawFigure, flags: str, is_missing: object) -> StatusReading:
    """The status as its column states it, else as the flags behind the value do."""
    if not flags:
        return raw.read_status(raw.status)
    read, words = missing_by_flags(flags) if is_missing else read_eurostat_flags(flags)
    stated, more = raw.read_status(raw.status)
    if stated and read and stated != read:
        raise FigureError(gettext("The status and the flags behind the value differ."))
    return stated or read, "; ".join(filter(None, (more, words)))


def _value(raw: RawFigure, rules: ReadRules) -> tuple[Decimal | None, str, bool]:
    """Number, text, and whether the file has a mark that means "no figure"."""
    written = one_line(raw.value)
    if not written:
        return None, raw.text, False
    if is_missing_mark(written, rules.missing):
        return None, raw.text, not raw.text
    mark = rules.marks.get(raw.column) or rules.marks.get("value", ".")
    if is_bound(written, mark):
        return None, written, False
    try:
        return read_decimal(raw.value, mark, is_grouped=rules.is_grouped), raw.text, False
    except FigureError:
        if len(possible_marks(written)) > 1:  # with separated thousands: it says what to state
            read_decimal(written, BOTH_MARKS)
        raise


def _term(cell: Cell, rules: ReadRules) -> Decimal | None:
    """A numerator or a denominator, if there is one."""
    written = "" if cell is None else one_line(cell)
    if not written or is_missing_mark(written, rules.missing):
        return None
    mark = rules.marks.get("term", ".")
    return read_decimal(cell, mark, is_grouped=rules.is_grouped)


_POWERS = {"units": "0", "tens": "1", "hundreds": "2", "thousands": "3", "millions": "6"}
_POWERS |= {"tens of thousands": "4", "hundreds of thousands": "5", "billions": "9"}


def _power(text: str) -> int:
    """The exponent of SDMX's UNIT_MULT, or its name in that list: 3 for thousands."""
    power = _POWERS.get(text.casefold(), text.strip() or "0")
    size = parse_int(power.removeprefix("-"))
    if size is None or len(power) > 3:
        raise FigureError(
            gettext("“%s” is not a multiplier: SDMX writes 3 for thousands.") % power[:40]
        )
    return -size if power.startswith("-") else size


def _key(dimensions: Iterable[tuple[str, str]]) -> str:
    """Dimensions as one text of any length, the same in whatever order they are given."""
    parts = []
    for name, value in dimensions:
        if "|" in value:
            words = gettext("“%s” has a vertical bar, which separates dimensions.")
            raise FigureError(words % value[:40])
        parts.append((dimension_name(name), value))
    return "|".join(f"{name}={value}" for name, value in sorted(parts))


def with_part(key: str, text: str) -> str:
    """Such a text with a part more that no header names; there may be one."""
    held = dict(part.split("=", 1) for part in filter(None, key.split("|")))
    name = f"{PART}_2" if PART in held else PART
    return _key([*held.items(), (name, text)])
