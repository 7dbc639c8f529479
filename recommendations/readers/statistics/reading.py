"""Rows of statistical tables into figures, whatever the format, one after the other."""

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from django.utils.translation import gettext as _

from recommendations.characters import INVALID, replace_invalid
from recommendations.choices import MISSING_CODES, SourceStatus
from recommendations.readers.statistics.cells import (
    StatusReading,
    is_bound,
    is_missing_mark,
    missing_by_flags,
    read_decimal,
    read_eurostat_flags,
    read_period,
    split_flags,
)
from recommendations.readers.statistics.figures import (
    FigureError,
    FigureRow,
    InvalidCharacter,
    ReadCounts,
    Rejected,
)
from recommendations.readers.statistics.layout import Cells, RawFigure, dimension_name
from recommendations.readers.tables import (
    LONGEST_CELL,
    Cell,
    invalid_words,
    is_blank,
    one_line,
    table_error,
)

MOST_FIGURE_ROWS = 500_000
_LONGEST_KEY = 200
"""Characters of the dimensions of one figure."""

RowT = TypeVar("RowT")


@dataclass(frozen=True, slots=True)
class ReadRules:
    """How the cells of one file are read."""

    where: str = ""
    mark: str = "."
    is_grouped: bool = False
    missing: frozenset[str] = frozenset()
    is_about_one_area: bool = False
    has_flags: bool = False


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
            words = _("The file has more than %d rows. Split the file.")
            raise table_error(rules.where, words % MOST_FIGURE_ROWS)
        try:
            for raw in read(row):
                try:
                    found = _read(raw, line, rules)
                except FigureError as error:
                    counts.rejected += 1
                    reason = f"{raw.column}: {error}" if raw.column else str(error)
                    yield Rejected(line, rules.where, reason)
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
        raise table_error(rules.where, _("The file has a header but no rows."))


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
        words = _("The row has %(found)d cells, the header has %(width)d.")
        raise FigureError(words % {"found": found, "width": width})
    for column, cell in enumerate(cells):
        if isinstance(cell, str):
            if len(cell) > LONGEST_CELL:
                raise FigureError(_("A cell is longer than %d characters.") % LONGEST_CELL)
            if INVALID.search(cell):
                if not replaces_invalid and column < width and column not in unread:
                    raise InvalidCharacter(invalid_words(header[column], cell))
                cells = [*cells[:column], replace_invalid(cell), *cells[column + 1 :]]
    return cells[:width]


def _read(raw: RawFigure, line: int, rules: ReadRules) -> FigureRow | None:
    """A figure; ``None`` where nothing is stated, which is neither 0 nor a missing figure."""
    flags = ""
    if rules.has_flags and isinstance(raw.value, str):
        raw.value, flags = split_flags(one_line(raw.value))
    value, text, is_missing = _value(raw, rules)
    status, status_note = _status(raw, flags, is_missing=is_missing)
    if is_missing and status not in MISSING_CODES:
        status = SourceStatus.MISSING
    if value is None and not text and status not in MISSING_CODES:
        return None
    if status in MISSING_CODES and (value is not None or text):
        raise FigureError(_("The row has a value and the status of a missing value."))
    if not (raw.area.code or raw.area.name or rules.is_about_one_area):
        raise FigureError(_("The row does not state an area."))
    comment = [raw.comment, status_note]
    power = _power(raw.multiplier)
    if power and text:
        raise FigureError(_("“%s” is not a number and cannot be multiplied.") % text[:40])
    if power and value is not None:
        # Exactly: arithmetic would round to 28 digits.
        sign, digits, exponent = value.as_tuple()
        value = Decimal((sign, digits, int(exponent) + power))
        comment.append(_("In the file as multiples of 10^%d.") % power)
    return FigureRow(
        line,
        rules.where,
        raw.column,
        raw.area,
        read_period(raw.period),
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
    )


def _status(raw: RawFigure, flags: str, *, is_missing: bool) -> StatusReading:
    """The status as its column states it, else as the flags behind the value do."""
    if not flags:
        return raw.read_status(raw.status)
    read, words = missing_by_flags(flags) if is_missing else read_eurostat_flags(flags)
    stated, more = raw.read_status(raw.status)
    if stated and read and stated != read:
        raise FigureError(_("The status and the flags behind the value differ."))
    return stated or read, "; ".join(filter(None, (more, words)))


def _value(raw: RawFigure, rules: ReadRules) -> tuple[Decimal | None, str, bool]:
    """Number, text, and whether the file has a mark that means "no figure"."""
    written = one_line(raw.value)
    if not written:
        return None, raw.text, False
    if is_missing_mark(written, rules.missing):
        return None, raw.text, not raw.text
    if is_bound(written, rules.mark):
        return None, written, False
    return read_decimal(raw.value, rules.mark, is_grouped=rules.is_grouped), raw.text, False


def _term(cell: Cell, rules: ReadRules) -> Decimal | None:
    """A numerator or a denominator, if there is one."""
    written = one_line(cell)
    if not written or is_missing_mark(written, rules.missing):
        return None
    return read_decimal(cell, rules.mark, is_grouped=rules.is_grouped)


def _power(text: str) -> int:
    """The exponent of SDMX's UNIT_MULT: 3 for thousands."""
    power = text.strip()
    if not power:
        return 0
    if not power.removeprefix("-").isdecimal() or len(power) > 3:
        raise FigureError(_("“%s” is not a multiplier: SDMX writes 3 for thousands.") % power[:40])
    return int(power)


def _key(dimensions: Iterable[tuple[str, str]]) -> str:
    """Dimensions as one text, the same in whatever order they are given."""
    parts = []
    for name, value in dimensions:
        if "|" in value:
            words = _("“%s” has a vertical bar, which separates dimensions.")
            raise FigureError(words % value[:40])
        parts.append((dimension_name(name), value))
    key = "|".join(f"{name}={value}" for name, value in sorted(parts))
    if len(key) > _LONGEST_KEY:
        raise FigureError(_("The dimensions have more than %d characters.") % _LONGEST_KEY)
    return key
