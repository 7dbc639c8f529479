"""Periods as statistical offices write them: SDMX TIME_PERIOD and its first and last day.

Five forms are read: ``2018``, ``2018-S1``, ``2018-Q3``, ``2018-06`` and ``2018-06-30``.
Source: SDMX 2.1, section 6, standard time periods.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

_FORM = re.compile(
    r"(?P<year>[0-9]{4})(?:-(?:S(?P<half>[12])|Q(?P<quarter>[1-4])"
    r"|(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?))?"
)


@dataclass(frozen=True, slots=True)
class Period:
    """A period: its code, and the first and last day that it covers."""

    code: str
    first_day: date
    last_day: date


def parse(code: str) -> Period:
    """Read a period code.

    Raises ``ValueError`` with a sentence that names the code when it is none of the five forms,
    or names a month or day that does not exist.
    """
    match = _FORM.fullmatch(code)
    if not match:
        raise ValueError(
            _("“%s” is not a period: write 2018, 2018-S1, 2018-Q3, 2018-06 or 2018-06-30.") % code
        )
    try:
        if match["day"]:
            day = date.fromisoformat(code)
            return Period(code, day, day)
        first_month, months = _months(match)
        first = date(int(match["year"]), first_month, 1)
        return Period(code, first, _last_of_month(first.year, first_month + months - 1))
    except ValueError as error:
        raise ValueError(_("“%s” is not a period: no such day exists.") % code) from error


def add_months(day: date, months: int) -> date:
    """The same day ``months`` later, or the last day of that month where it is shorter."""
    month_index = day.year * 12 + day.month - 1 + months
    last = _last_of_month(month_index // 12, month_index % 12 + 1)
    return last.replace(day=min(day.day, last.day))


def _last_of_month(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def _months(match: re.Match[str]) -> tuple[int, int]:
    """First month, and number of months, of a period that is longer than a day."""
    if match["half"]:
        return 6 * int(match["half"]) - 5, 6
    if match["quarter"]:
        return 3 * int(match["quarter"]) - 2, 3
    if match["month"]:
        return int(match["month"]), 1
    return 1, 12
