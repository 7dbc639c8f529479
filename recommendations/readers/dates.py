"""Days as people write them. A person states the order of day and month; it is not guessed."""

import re
from datetime import date, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.readers.tables import Cell, Formula, Number


class DateOrder(TextChoices):
    """The order of day, month and year in a file."""

    DAY_FIRST = "day_first", _("Day first: 31/12/2026")
    MONTH_FIRST = "month_first", _("Month first: 12/31/2026")
    ISO = "iso", _("Year first: 2026-12-31")


class DateError(Exception):
    """A cell does not hold a day that is certain; ``str`` of it says why."""


_NAMES = "january february march april may june july august september october november december"
_MONTHS = {name: number for number, name in enumerate(_NAMES.split(), start=1)}
_MONTHS |= {name[:3]: number for name, number in _MONTHS.items()} | {"sept": 9}

_MIDNIGHT = re.compile(r"[T ]0{1,2}:00(?::00(?:\.0+)?)?Z?$")
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_FIGURES = re.compile(r"(\d{1,2})[./\- ](\d{1,2})[./\- ](\d{4})")
_SHORT = re.compile(r"\d{1,2}[./\- ]\d{1,2}[./\- ]\d{2}")
_DAY_IN_WORDS = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[ .\-]+([A-Za-z]+)\.?,?[ \-]+(\d{4})")
_MONTH_IN_WORDS = re.compile(r"([A-Za-z]+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})")
_FIRST_DAY, _SERIALS = date(1899, 12, 30), range(18_000, 74_000)
"""Serial numbers of days from 1949 to 2102."""
_CERTAIN = ((_ISO, (0, 1, 2)), (_DAY_IN_WORDS, (2, 1, 0)), (_MONTH_IN_WORDS, (2, 0, 1)))
"""Patterns, each with the index of its year, month and day."""


def read_date(cell: Cell, order: str) -> date | None:
    """The day in a cell, ``None`` where it is empty; ``DateError`` where it is not certain.

    ISO days and days with the month in words are certain under every order.
    """
    match cell:
        case None:
            return None
        case Number() if found := _as_serial(cell):
            words = gettext(
                "“%(number)s” is a number, which a spreadsheet may show as %(day)s: format the "
                "column as a date"
            )
            raise DateError(words % {"number": str(cell)[:40], "day": found.isoformat()})
        case bool() | Number() | Formula():
            raise DateError(gettext("“%s” is not a date") % str(cell)[:40])
        case date():
            return cell
    text = _MIDNIGHT.sub("", " ".join(cell.split()))
    if not text:
        return None
    # Days that read the same to everybody: ISO, or the month in words.
    for pattern, indexes in _CERTAIN:
        if matched := pattern.fullmatch(text):
            year, month, day = (matched.groups()[index] for index in indexes)
            return _day(year, month, day, text)
    return _in_figures(text, order)


def _as_serial(cell: Number) -> date | None:
    """The day that a spreadsheet shows for a whole number; none for one that is no likely day.

    It is told and not taken: workbooks count from 1900 or from 1904.
    """
    text = str(cell)
    likely = text.isdecimal() and _SERIALS.start <= int(text[:6]) < _SERIALS.stop
    return _FIRST_DAY + timedelta(days=int(text)) if likely and len(text) == 5 else None


def _in_figures(text: str, order: str) -> date:
    if found := _FIGURES.fullmatch(text):
        first, second, year = found.groups()
        if order == DateOrder.DAY_FIRST:
            return _day(year, second, first, text)
        if order == DateOrder.MONTH_FIRST:
            return _day(year, first, second, text)
        raise DateError(gettext("numeric dates: state if the day or the month comes first"))
    if _SHORT.fullmatch(text):
        raise DateError(gettext("“%s”: write the year with four digits") % text)
    raise DateError(gettext("“%s” is not a date") % text[:40])


def _day(year: str, month: str, day: str, text: str) -> date:
    number = int(month) if month.isdigit() else _MONTHS.get(month.lower(), 0)
    try:
        return date(int(year), number, int(day))
    except ValueError as error:
        raise DateError(gettext("“%s” is not a calendar date") % text) from error
