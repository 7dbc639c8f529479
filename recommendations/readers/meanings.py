"""What cells of lists mean: days as people write them, statuses of other offices, parts."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from django.db.models import TextChoices
from django.utils.dates import MONTHS, MONTHS_3, MONTHS_ALT, MONTHS_AP
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from recommendations.characters import parse_int
from recommendations.choices import Confidence, code_of
from recommendations.choices import ImplementationStatus as S
from recommendations.choices import ResponsePosition as R
from recommendations.readers.tables import Cell, Formula, Number, fold_text, usual_words

# ---- Days as people write them. A person states the order of day and month; it is not guessed


class DateOrder(TextChoices):
    """The order of day, month and year in a file."""

    DAY_FIRST = "day_first", _("Day first: 31/12/2026")
    MONTH_FIRST = "month_first", _("Month first: 12/31/2026")
    ISO = "iso", _("Year first: 2026-12-31")


class DateError(Exception):
    """A cell does not hold a day that is certain; ``str`` of it says why."""


class OrderError(DateError):
    """A day is in figures, and their order is not stated."""


LANGUAGES = ("ar", "de", "en", "es", "fr", "ru", "zh-hans")
"""Those of which Django has the names of months, and the table of words has words."""

_MIDNIGHT = re.compile(r"[T ]0{1,2}:00(?::00(?:\.0+)?)?Z?$")
_UNSEEN = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Marks of the direction of writing."""
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_IN_SIGNS = re.compile(r"(\d{4}) ?年 ?(\d{1,2}) ?月 ?(\d{1,2}) ?[日号號]")
_FIGURES = re.compile(r"(\d{1,2})[./\- ](\d{1,2})[./\- ](\d{4})")
_SHORT = re.compile(r"\d{1,2}[./\- ]\d{1,2}[./\- ]\d{2}")
_WORD = r"([^\W\d_]+(?:(?: ?/ ?| (?!del? |of ))[^\W\d_]+)?)"
_DAY_IN_WORDS = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|er|º)?\.?(?:[ \-/]+(?:de|of)(?=[ \-/]))?[ \-/]*"
    rf"{_WORD}\.?[,،]?(?:[ \-/]+(?:de|del|of))?[ \-/]+(\d{{4}}|\d\d)(?: ?[^\W\d_]{{1,4}}\.?)?"
)
_MONTH_IN_WORDS = re.compile(rf"{_WORD}\.? (\d{{1,2}})(?:st|nd|rd|th)?[,،]? (\d{{4}})")
_FIRST_DAY, _SERIALS = date(1899, 12, 30), range(18_000, 74_000)
"""Serial numbers of days from 1949 to 2102."""
_CERTAIN = (
    *((_ISO, (0, 1, 2)), (_IN_SIGNS, (0, 1, 2))),
    *((_DAY_IN_WORDS, (2, 1, 0)), (_MONTH_IN_WORDS, (2, 0, 1))),
)
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
    text = _MIDNIGHT.sub("", " ".join(_UNSEEN.sub("", cell).split()))
    if not text:
        return None
    # Days that read the same to everybody: ISO, or the month in words.
    for pattern, indexes in _CERTAIN:
        if matched := pattern.fullmatch(text):
            year, month, day = (matched.groups()[index] for index in indexes)
            if len(year) == 2:  # as spreadsheets show days, the day first: of 1980 to 2079
                _require_years(text, is_certain=order == DateOrder.DAY_FIRST)
                year = str((int(year) + 20) % 100 + 1980)
            return _day(year, month, day, text)
    return _in_figures(text, order)


@cache
def months() -> dict[str, int]:
    """Months by their names and abbreviations, in the languages of the table of words."""
    found: dict[str, int] = {}
    for language in LANGUAGES:
        with override(language):
            for names in (MONTHS, MONTHS_3, MONTHS_AP, MONTHS_ALT):
                found |= {fold_text(str(name)): number for number, name in names.items()}
    return found | {word: int(number) for word, number in usual_words("months").items()}


def certain_order(cells: Iterable[Cell]) -> str:
    """The order in which all numeric dates of cells are days; empty where that is not certain."""
    texts = [cell.strip() for cell in cells if isinstance(cell, str)]
    found = [matched for text in texts if (matched := _FIGURES.fullmatch(text))]
    first, second = (max((int(each[n]) for each in found), default=0) for n in (1, 2))
    if any(len(each[3]) == 2 for each in map(_DAY_IN_WORDS.fullmatch, texts) if each):
        first = 31
    if (first > 12) == (second > 12):
        return ""
    return DateOrder.DAY_FIRST if first > 12 else DateOrder.MONTH_FIRST


def _as_serial(cell: Number) -> date | None:
    """The day that a spreadsheet shows for a whole number; none for one that is no likely day.

    It is told and not taken: workbooks count from 1900 or from 1904.
    """
    days = parse_int(str(cell)) or 0
    return _FIRST_DAY + timedelta(days=days) if days in _SERIALS else None


def _in_figures(text: str, order: str) -> date:
    if found := _FIGURES.fullmatch(text):
        first, second, year = found.groups()
        if order == DateOrder.DAY_FIRST:
            return _day(year, second, first, text)
        if order == DateOrder.MONTH_FIRST:
            return _day(year, first, second, text)
        raise OrderError(gettext("numeric dates: state if the day or the month comes first"))
    _require_years(text, is_certain=not _SHORT.fullmatch(text))
    raise DateError(gettext("“%s” is not a date") % text[:40])


def _require_years(text: str, *, is_certain: bool) -> None:
    if not is_certain:
        raise DateError(gettext("“%s”: write the year with four digits") % text)


def _day(year: str, month: str, day: str, text: str) -> date:
    # Arabic of the United Nations has both names of a month, with a stroke between them.
    names = (month, month.rpartition("/")[2])
    known = (int(name) if name.isdigit() else months().get(fold_text(name), 0) for name in names)
    number = next(filter(None, known), 0)
    try:
        return date(int(year), number, int(day))
    except ValueError as error:
        raise DateError(gettext("“%s” is not a calendar date") % text) from error


# ---- A number and its text in one cell, such as “140.7 Keep a register.” or “Recommendation 3: …”

_NUMBERED = re.compile(
    r"\(?(?:[^\W\d_]+ (?=[^\s:]{1,12}:\s))?((?:[A-Z]{1,4}[-. ]?)?\d+(?:[./\-]\d+)*[a-z]?)[.):]*"
    r"(?:\s+[-–—])?\s+(\S.*)",
    re.DOTALL,
)


def split_number(text: str) -> tuple[str, str]:
    """The number with which a text begins, and what follows; an empty one where there is none."""
    found = _NUMBERED.fullmatch(text.strip())
    return (found[1], found[2]) if found else ("", text)


# ---- The parts of a recommendation in one cell: each begins a line with its label in brackets

_BEGINNING = re.compile(r"\((\S|\S.*?\S)\)[ \t]+(\S.*)")
"""A label may hold spaces and brackets, but no closing bracket before a space."""

INDENT = "  "
"""What further lines of a part begin with."""


class PartsError(ValueError):
    """A line of the cell belongs to no part; ``line`` is its text."""

    def __init__(self, line: str) -> None:
        super().__init__(line)
        self.line = line


def split_parts(cell: str) -> list[tuple[str, str]]:
    """Label and text of each part of a cell, such as ``(a) Keep a register.``

    Raises ``PartsError``.
    """
    found: list[tuple[str, list[str]]] = []
    for line in cell.strip().split("\n"):
        beginning = _BEGINNING.fullmatch(line)
        if beginning is not None:
            found.append((beginning[1], [beginning[2]]))
        elif found and (line.startswith(INDENT) or not line.strip()):
            found[-1][1].append(line.removeprefix(INDENT))
        elif line:
            raise PartsError(line)
    return [(label, "\n".join(lines).strip()) for label, lines in found]


def join_parts(parts: Iterable[tuple[str, str]]) -> str:
    """Parts as one cell, which ``split_parts`` splits again."""
    return "\n".join(
        f"({label}) {text.replace(chr(10), chr(10) + INDENT)}" for label, text in parts
    )


# ---- What statuses and ratings of other offices mean here.
# A proposal is made where the meaning is certain; a person confirms it.

KEPT_AS_HISTORY = "history"
"""In place of a status: there is none, and the original wording is kept as history."""


class MapError(Exception):
    """A map is not valid; ``str`` of it says why."""


@dataclass(frozen=True, slots=True)
class StatusMeaning:
    """The meaning of a status of the source: a status, a position, or both."""

    status: str = ""
    position: str = ""

    @property
    def code(self) -> str:
        """The status as one of our codes; empty where the wording is kept as history."""
        return "" if self.status == KEPT_AS_HISTORY else self.status


@cache
def _meanings() -> dict[str, StatusMeaning]:
    found = {}
    for words, codes in usual_words("statuses").items():
        status = next((code for code in codes.split(" + ") if code in S.values), "")
        found[words] = StatusMeaning(status, codes.removeprefix(status).removeprefix(" + "))
    return found


def meaning_of(text: str, *, is_response: bool = False) -> StatusMeaning:
    """The usual meaning of a status of another office; empty where none is certain."""
    if not is_response and (status := code_of(text, S.choices)):
        return StatusMeaning(status)
    if not is_response and (usual := _meanings().get(fold_text(text))):
        return usual
    if position := code_of(text, R.choices):
        return StatusMeaning("", position)
    return _meanings().get(fold_text(text), StatusMeaning())


def confidence_of(text: str) -> str:
    """The usual meaning of a rating of another office; empty where none is certain."""
    return code_of(text, Confidence.choices) or usual_words("confidences").get(fold_text(text), "")


def read_meanings(data: object) -> dict[str, StatusMeaning]:
    """The meanings of statuses in a map file."""
    if not isinstance(data, dict):
        raise MapError(gettext("“statuses” maps each original status to a status of this tracker."))
    found = {}
    for words, meaning in data.items():
        known = isinstance(meaning, dict) and set(meaning) <= {"status", "response"}
        status = meaning.get("status", "") if known else None
        position = meaning.get("response", "") if known else None
        if status not in ["", KEPT_AS_HISTORY, *S.values] or position not in ["", *R.values]:
            raise MapError(
                gettext("“%s” must map to a status or a response of this tracker, or to none.")
                % str(words)[:80]
            )
        found[fold_text(str(words))] = StatusMeaning(str(status), str(position))
    return found


def read_confidences(data: object) -> dict[str, str]:
    """The meanings of ratings in a map file."""
    known = ["", *Confidence.values]
    if not isinstance(data, dict) or any(code not in known for code in data.values()):
        raise MapError(
            gettext("“confidences” maps each original rating to a delivery confidence, or to none.")
        )
    return {fold_text(str(words)): str(code) for words, code in data.items()}
