"""Telling which format a file of statistics has, and opening it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from recommendations.readers.opening import check_size, open_lines
from recommendations.readers.statistics import (
    long,
    owid,
    own,
    sdg,
    sdmx,
    world_bank,
    world_bank_api,
)
from recommendations.readers.statistics.figures import Counts, FigureFile
from recommendations.readers.statistics.layout import Cells, Format, Said, plain
from recommendations.readers.statistics.numerals import MARKS
from recommendations.readers.statistics.reading import Rules, figures, fitting
from recommendations.readers.tables import Asked, Lines, TableError, at, fold, header_of

LARGEST_FILE = 50 * 1024 * 1024
"""Bytes of a file of statistics; read as a stream, so that it may be larger than a list."""

_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\{|\[\s*[\[{\]])")

_TABLES = {
    found.code: found
    for found in (
        own.FORMAT,
        world_bank.FORMAT,
        sdmx.FORMAT,
        sdg.UN,
        owid.FORMAT,
        sdg.OPEN,
        long.FORMAT,
    )
}
"""In the order in which a header is tried: the most particular first."""

FORMATS: dict[str, str | Promise] = {
    **{code: found.label for code, found in _TABLES.items()},
    world_bank_api.CODE: world_bank_api.LABEL,
}
"""What is read, by the code that a caller may name."""


def open_figures(
    file: BinaryIO,
    name: str = "",
    *,
    format: str = "",
    decimal: str = "",
    value_column: str = "",
    asked: Asked | None = None,
) -> FigureFile:
    """Open a file of statistics; ``TableError`` says what is wrong and where.

    What is not said is told by the content: ``format`` is one of ``FORMATS``, ``decimal`` a point
    or a comma, ``value_column`` a header. ``name`` is that of the file; ``asked`` names its sheet
    or encoding. ``SeveralColumns`` asks for a ``value_column``.
    """
    if format and format not in FORMATS:
        raise TableError(_("“%s” is not a format that is read here.") % format[:40])
    if decimal and decimal not in MARKS:
        raise TableError(_("The decimal mark is a point or a comma."))
    check_size(file, LARGEST_FILE)
    file.seek(0)
    start = file.read(1024)
    if world_bank_api.fits(start) or format == world_bank_api.CODE:
        return world_bank_api.open_answer(file)
    lines = open_lines(file, "list.json" if _JSON.match(start) else name, asked, LARGEST_FILE)
    return _open_table(lines, format, Said(decimal, value_column))


@dataclass(slots=True)
class _Preamble:
    """What stands above the header in the World Bank's files."""

    source: str = ""
    vintage: date | None = None

    def takes(self, cells: Cells) -> bool:
        first, second = (plain(cell) for cell in (*cells, None, None)[:2])
        if fold(first) == "data source":
            self.source = second
        elif fold(first) == "last updated date":
            with suppress(ValueError):
                self.vintage = date.fromisoformat(second)
        else:
            return False
        return True


def _open_table(lines: Lines, code: str, said: Said) -> FigureFile:
    walk = ((line, cells) for line, _number, cells in lines.written())
    preamble = _Preamble()
    first = next((numbered for numbered in walk if not preamble.takes(numbered[1])), None)
    if first is None:
        raise lines.nothing()
    line, cells = first
    names = sdmx.ids(cells)
    is_sdmx = code == sdmx.FORMAT.code or (not code and sdmx.fits(names))
    header = header_of(names if is_sdmx else cells, line, lines.where)
    try:
        found = _TABLES[code or recognise(header)]
        read = found.read(header, said)
    except TableError as error:
        words = _("Line %(line)d: %(why)s") % {"line": line, "why": error}
        error.args = (at(lines.where, words),)
        raise
    rules = _rules(found, lines, said)
    counts = Counts()
    rows = figures(walk, lambda cells: read(fitting(cells, len(header))), rules, counts)
    return FigureFile(found.code, rows, preamble.vintage, preamble.source, lines.notes, counts)


def recognise(header: Sequence[str]) -> str:
    """The code of the format that a table with this header has; ``TableError`` if it has none."""
    for code, found in _TABLES.items():
        if found.fits(header):
            return code
    raise TableError(
        _("The format cannot be told: a table needs columns such as “area”, “period” and “value”.")
    )


def _rules(found: Format, lines: Lines, said: Said) -> Rules:
    """Programs write decimal points between commas; with semicolons a person saved it anew."""
    is_as_prescribed = found.has_points and lines.delimiter in (",", "") and not said.decimal
    return Rules(
        lines.where,
        "." if is_as_prescribed else said.decimal,
        is_grouped=found.has_groups and not is_as_prescribed,
        missing=found.missing,
        is_about_one_place=found.is_about_one_place,
    )
