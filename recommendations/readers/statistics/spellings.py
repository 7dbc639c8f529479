"""Periods in the cells of statistical files."""

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

_TWICE = re.compile(r"(.+) \[\1\]")
"""As the World Bank's DataBank heads quarters and months: 2018Q3 [2018Q3]."""


def read_period(cell: Cell) -> str:
    """The period in a cell as the code that ``recommendations.periods`` reads.

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
    found = _TWICE.fullmatch(text)
    try:
        return periods.normalise(found[1] if found else text)
    except ValueError as error:
        raise Refused(str(error)) from error
