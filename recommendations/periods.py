"""Periods of statistics: SDMX TIME_PERIOD codes and their first and last days.

There are six forms: ``2018``, ``2018-S1``, ``2018-Q3``, ``2018-06``, ``2018-W05`` and
``2018-06-30``. Weeks are those of ISO 8601: they begin on a Monday, the first one holds the first
Thursday of the year, and only some years have a week 53.

Source: SDMX 2.1, section 6, standard time periods; kinds are coded as in its codelist CL_FREQ.
"""

import calendar
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache, total_ordering
from typing import Final

from django.utils.translation import gettext as _


class PeriodKind(StrEnum):
    """How long a period is, as SDMX codes its frequency; the longest first."""

    YEAR = "A"
    HALF_YEAR = "S"
    QUARTER = "Q"
    MONTH = "M"
    WEEK = "W"
    DAY = "D"


MONTHS: Final = {
    PeriodKind.YEAR: 12,
    PeriodKind.HALF_YEAR: 6,
    PeriodKind.QUARTER: 3,
    PeriodKind.MONTH: 1,
}
"""How many months the longer periods last."""


@total_ordering
@dataclass(frozen=True, slots=True)
class Period:
    """A period: its code, and the first and last day that it covers.

    Periods sort by their last day; of those that end together the shorter comes first.
    """

    code: str
    first_day: date
    last_day: date

    @property
    def kind(self) -> PeriodKind:
        # Length and sixth character are enough to distinguish the forms that parse() accepts.
        match len(self.code), self.code[5:6]:
            case 4, _year:
                return PeriodKind.YEAR
            case 10, _day:
                return PeriodKind.DAY
            case _length, letter if letter.isalpha():
                return PeriodKind(letter)
        return PeriodKind.MONTH

    @property
    def days(self) -> int:
        return (self.last_day - self.first_day).days + 1

    def __lt__(self, other: "Period") -> bool:
        return (self.last_day, self.days) < (other.last_day, other.days)

    def is_comparable_to(self, other: "Period") -> bool:
        """Whether both have one frequency, so that values of them can be compared."""
        return self.kind == other.kind


_FORM = re.compile(
    r"(?P<year>[0-9]{4})(?:-(?:S(?P<half>[12])|Q(?P<quarter>[1-4])|W(?P<week>[0-9]{2})"
    r"|(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?))?"
)


def parse(code: str) -> Period:
    """Read a period code.

    Raises ``ValueError``, with a message that names the code, for any other form, or for a month,
    week or day that does not exist.
    """
    return _read(code, code)


_DASHES = str.maketrans(dict.fromkeys("\u2010\u2012\u2013\u2212", "-"))
_MIDNIGHT = re.compile(r"(?<=[0-9])[T ]0{1,2}:00(?::00(?:\.0+)?)?Z?$")
_YEAR = re.compile(r"(?P<year>[0-9]{4})(?:\.0+|-?A1?|JJ00| \[YR(?P=year)\])?|YR(?P<yr>[0-9]{4})")
_LETTER = r"(?P<letter>[HSQKW]|MM?)(?P<number>[0-9]{1,2})"
_LETTERED = (
    re.compile(rf"(?P<year>[0-9]{{4}})[- ]?{_LETTER}"),
    re.compile(rf"{_LETTER}[-/ ]?(?P<year>[0-9]{{4}})"),
)
_DAY = re.compile(r"([0-9]{4})([-/]?)([0-9]{2})\2([0-9]{2})")
_CODES = {
    "H": "S{}",
    "S": "S{}",
    "Q": "Q{}",
    "K": "Q{}",
    "M": "{:02}",
    "MM": "{:02}",
    "W": "W{:02}",
}
_OPEN = re.compile(
    r"(?P<year>[0-9]{4})(?:[- ]?(?P<letters>T|KW)0?(?P<number>[1-4])|[./]?(?P<month>[0-9]{2}))"
)
"""Quarters in Romance languages, thirds of SDMX or weeks in German; a month or a second year."""
_UNCERTAIN = re.compile(
    r"FY.*|[0-9]{4}[-/.][0-9]{1,4}|[0-9]{6}|[0-9]{4}[- ]?T[0-9]"
    r"|[0-9]{1,2}[-/. ][0-9]{1,2}[-/. ][0-9]{2,4}|[0-9]{2}[- ]?[A-Z].*|[A-Z]+[0-9]?[- ][0-9]{2}"
)
"""Two years or a month, a fiscal year, thirds or quarters, day and month in any order, a year of
two digits."""


def normalise(text: str, kind: str = "") -> str:
    """The code of a period in another spelling: ``2018-06`` of ``2018M6``.

    Accepted are the six forms and ``2018Q3``, ``Q3 2018``, ``2018H1``, ``2018S1``, ``2018M06``,
    ``2018W05``, ``2018K3`` for a quarter in Scandinavia, ``2018A``, ``2018-A1``, ``2018.0``,
    ``YR2018``, ``2018 [YR2018]``, ``20180630``, ``2018/06/30`` and a day with midnight.
    ``2010-11`` is November 2010, as SDMX has it.
    Where a person states the ``kind``, so are quarters such as ``2018T2`` and ``2018KW02``, months
    such as ``201106`` and ``2011/06``, and days within such a period.

    Raises ``ValueError``, with a message that names the text, where it is not a period or may be
    more than one, such as ``2010/11``, ``201106``, ``2018T2`` or ``06/07/2018``.
    """
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES)
    plain = _MIDNIGHT.sub("", " ".join(plain.split()).upper())
    open_code = _OPEN.fullmatch(plain)
    if open_code and kind == (PeriodKind.QUARTER if open_code["letters"] else PeriodKind.MONTH):
        of_kind = f"Q{open_code['number']}" if open_code["letters"] else open_code["month"]
        plain = f"{open_code['year']}-{of_kind}"
    try:
        found = _read(_respelt(plain), text.strip())
        return _around(found, PeriodKind(kind)).code if kind else found.code
    except ValueError as error:
        if not _UNCERTAIN.fullmatch(plain):
            raise
        values = {"text": text.strip(), "hint": _hint()}
        raise ValueError(_("“%(text)s” is ambiguous: %(hint)s") % values) from error


def _around(found: Period, kind: PeriodKind) -> Period:
    """The period of a kind around a day; any other period is returned unchanged."""
    if found.kind is not PeriodKind.DAY or kind not in MONTHS:
        return found
    day, months = found.first_day, MONTHS[kind]
    code = f"{day.year:04}"
    if kind is not PeriodKind.YEAR:
        code += f"-{_CODES[kind].format((day.month - 1) // months + 1)}"
    return parse(code)


def add_months(day: date, months: int) -> date:
    """The same day ``months`` later, or the last day of that month where it is shorter."""
    month_index = day.year * 12 + day.month - 1 + months
    last = _last_of_month(month_index // 12, month_index % 12 + 1)
    return last.replace(day=min(day.day, last.day))


def _hint() -> str:
    return _("Write 2018, 2018-S1, 2018-Q3, 2018-06, 2018-W05 or 2018-06-30.")


@lru_cache(maxsize=4096)  # A file of a hundred thousand values has some dozens of periods.
def _read(code: str, text: str) -> Period:
    """The period of a code; an error names ``text``, from which the code was made."""
    match = _FORM.fullmatch(code)
    if not match:
        values = {"text": text, "hint": _hint()}
        raise ValueError(_("“%(text)s” is not a period: %(hint)s") % values)
    try:
        return Period(code, *_days_of(match))
    except ValueError as error:
        raise ValueError(_("“%s” is not a period: no such day or week exists.") % text) from error


def _respelt(plain: str) -> str:
    """The code of a usual spelling; any other text is returned unchanged."""
    if found := _YEAR.fullmatch(plain):
        return found["year"] or found["yr"]
    if found := _DAY.fullmatch(plain):
        return f"{found[1]}-{found[3]}-{found[4]}"
    for pattern in _LETTERED:
        if found := pattern.fullmatch(plain):
            return f"{found['year']}-{_CODES[found['letter']].format(int(found['number']))}"
    return plain


def _days_of(match: re.Match[str]) -> tuple[date, date]:
    """First and last day; ``ValueError`` where they do not exist."""
    year = int(match["year"])
    if match["day"]:
        day = date.fromisoformat(match[0])
        return day, day
    if match["week"]:
        week = int(match["week"])
        return date.fromisocalendar(year, week, 1), date.fromisocalendar(year, week, 7)
    first_month, months = _months(match)
    return date(year, first_month, 1), _last_of_month(year, first_month + months - 1)


def _last_of_month(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def _months(match: re.Match[str]) -> tuple[int, int]:
    """First month, and number of months, of a period that is longer than a week."""
    if match["half"]:
        return 6 * int(match["half"]) - 5, 6
    if match["quarter"]:
        return 3 * int(match["quarter"]) - 2, 3
    if match["month"]:
        return int(match["month"]), 1
    return 1, 12
