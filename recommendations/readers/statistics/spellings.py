"""Periods as people and programs spell them, as the code that ``recommendations.periods`` reads."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from django.utils.translation import gettext as _

from recommendations import periods
from recommendations.readers.statistics.figures import Refused, formula
from recommendations.readers.tables import Cell, Formula, Number

_LONGEST = 40
"""Characters of a spelling, with which no period is mistaken for another."""

_YEAR = re.compile(r"([0-9]{4})(?:\.0+|-?A1?)?(?: \[YR\1\])?")
"""2018, and as decimals (2018.0), SDMX (2018-A1) and the World Bank's DataBank write it."""
_PART = re.compile(r"([0-9]{4})[- ]?([QHSM])0?([0-9]{1,2})(?: \[\1\2[0-9]+\])?")
_LETTERS = {"Q": "Q", "H": "S", "S": "S"}
_QUARTER_FIRST = re.compile(r"Q([1-4])[- /]?([0-9]{4})")
_DAY_OR_MONTH = re.compile(
    r"([0-9]{4})[-/]([0-9]{1,2})(?:[-/]([0-9]{1,2})(?:[T ]00:00(?::00)?Z?)?)?"
)


def read_period(cell: Cell) -> str:
    """The period in a cell as 2018, 2018-S1, 2018-Q3, 2018-06 or 2018-06-30.

    ``Refused`` tells why it is none. A day of a spreadsheet stays a day.
    """
    match cell:
        case date():
            return cell.isoformat()
        case Formula():
            raise formula(cell)
        case str() | Number() if text := " ".join(str(cell).split()):
            return _code(text[:_LONGEST])
    raise Refused(_("There is no period."))


def is_period(text: str) -> bool:
    """Whether a header is a period, so that figures stand below it."""
    try:
        return bool(read_period(text))
    except Refused:
        return False


@lru_cache(maxsize=4096)
def _code(text: str) -> str:
    try:
        return periods.parse(_in_our_spelling(text)).code
    except ValueError as error:
        raise Refused(str(error)) from error


def _in_our_spelling(written: str) -> str:
    text = written.upper()
    if found := _YEAR.fullmatch(text):
        return found[1]
    if found := _QUARTER_FIRST.fullmatch(text):
        return f"{found[2]}-Q{found[1]}"
    if found := _PART.fullmatch(text):
        year, letter, count = found[1], found[2], int(found[3])
        return f"{year}-{count:02}" if letter == "M" else f"{year}-{_LETTERS[letter]}{count}"
    if found := _DAY_OR_MONTH.fullmatch(text):
        return "-".join(figures.zfill(2) for figures in found.groups() if figures)
    return written
