"""What cells of lists mean: days as people write them, statuses of other offices, parts."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.characters import parse_int
from recommendations.choices import Confidence, code_of
from recommendations.choices import ImplementationStatus as S
from recommendations.choices import ResponsePosition as R
from recommendations.readers.tables import Cell, Formula, Number, fold_text

# ---- Days as people write them. A person states the order of day and month; it is not guessed


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
    days = parse_int(str(cell)) or 0
    return _FIRST_DAY + timedelta(days=days) if days in _SERIALS else None


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


# Left out is what means one thing here and another there, such as “not implemented” (for ever, or
# not yet) and “open”.
_PROPOSED: dict[StatusMeaning, tuple[str, ...]] = {
    StatusMeaning(S.NOT_STARTED): (
        *("not started", "not yet started", "no action", "no action taken"),
    ),
    StatusMeaning(S.IN_PROGRESS): (
        *("in progress", "ongoing", "under implementation", "underway", "under way", "started"),
        *("open acceptable response", "open acceptable action", "open acceptable"),
        *("open alternate response", "being implemented", "implementation ongoing"),
    ),
    StatusMeaning(S.PARTLY_IMPLEMENTED): (
        *("partially implemented", "partly implemented", "partial", "partially complete"),
        *("open partially addressed", "partially addressed", "partially completed"),
    ),
    StatusMeaning(S.IMPLEMENTED): (
        *("implemented", "fully implemented", "complete", "completed", "done", "fulfilled"),
        *("closed acceptable", "closed acceptable action", "closed exceeds recommended action"),
        *("closed implemented", "closed acceptable alternate action", "closed as implemented"),
    ),
    StatusMeaning(S.NOT_IMPLEMENTED): (
        *("closed not implemented", "closed unacceptable", "closed unacceptable action"),
        *("will not be implemented", "abandoned"),
    ),
    StatusMeaning(S.NO_LONGER_APPLICABLE): (
        *("closed no longer applicable", "no longer applicable", "overtaken by events"),
        *("not applicable any more", "lapsed", "obsolete"),
    ),
    StatusMeaning(S.SUPERSEDED): ("closed superseded", "superseded", "replaced", "merged"),
    StatusMeaning("", R.AWAITING): (
        *("open await response", "open awaiting response", "awaiting response", "no response"),
        *("no response yet", "open initial response received"),
    ),
    StatusMeaning("", R.ACCEPTED): (
        *("accepted", "agreed", "supported", "agree", "concur", "yes"),
    ),
    StatusMeaning("", R.ACCEPTED_IN_PART): (
        *("accepted in part", "agreed in part", "supported in part", "partially accepted"),
        *("partly accepted", "partially agreed", "partially concur", "partly agreed"),
    ),
    StatusMeaning("", R.ACCEPTED_IN_PRINCIPLE): (
        *("accepted in principle", "agreed in principle", "supported in principle"),
    ),
    StatusMeaning("", R.REJECTED): (
        *("rejected", "not accepted", "not agreed", "not supported", "disagreed", "non concur"),
    ),
    StatusMeaning("", R.UNDER_CONSIDERATION): (
        *("under consideration", "being considered", "to be decided"),
        *("decision pending", "for further consideration"),
    ),
    StatusMeaning("", R.NOTED): ("noted", "takes note", "taken note of"),
    StatusMeaning("", R.NOT_FOR_US): ("not for us", "not our responsibility"),
    StatusMeaning(S.IMPLEMENTED, R.ACCEPTED): (
        "accepted and implemented",
        "agreed and implemented",
    ),
    StatusMeaning(S.IN_PROGRESS, R.ACCEPTED): (
        *("accepted and in progress", "accepted implementation ongoing", "agreed in progress"),
    ),
    StatusMeaning(S.NOT_STARTED, R.ACCEPTED): ("accepted not started", "accepted and not started"),
}

_BY_WORDS = {words: meaning for meaning, known in _PROPOSED.items() for words in known}


def meaning_of(text: str, *, is_response: bool = False) -> StatusMeaning:
    """The usual meaning of a status of another office; empty where none is certain."""
    if not is_response and (status := code_of(text, S.choices)):
        return StatusMeaning(status)
    if not is_response and (usual := _BY_WORDS.get(fold_text(text))):
        return usual
    if position := code_of(text, R.choices):
        return StatusMeaning("", position)
    return _BY_WORDS.get(fold_text(text), StatusMeaning())


def confidence_of(text: str) -> str:
    """The usual meaning of a rating of another office; empty where none is certain."""
    is_yellow = fold_text(text) == "yellow"
    return Confidence.AMBER.value if is_yellow else code_of(text, Confidence.choices)


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
