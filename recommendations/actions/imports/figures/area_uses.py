"""What the areas of a file of figures are here: one each, with what that rests on."""

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum

from recommendations import names
from recommendations.queries.area_matching import AreaCandidate
from recommendations.readers.statistics import AreaCodeList, AreaReference
from recommendations.readers.tables import position_label

LONGEST_CODE = 40


class AreaOutcome(StrEnum):
    """What becomes of the rows of one area of a file."""

    MATCHED = "matched"
    NEW = "new"
    GROUP = "group"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"
    UNSTATED = "unstated"
    NOT_NAMED = "not named"


_OPEN = (AreaOutcome.UNSTATED, AreaOutcome.NOT_NAMED)
_MAY_BE_PARTS = (AreaCodeList.NOT_STATED, AreaCodeList.OWN, AreaCodeList.EUROSTAT)


@dataclass(slots=True)
class AreaUse:
    """One area of a file: as the file gives it, the area here, and what that rests on, in words.

    ``area`` is its key here, a number below 0 for one that the import adds, ``None`` where its rows
    are not imported; ``code`` and ``name`` are those here. ``is_part``: by the choice of a person
    it is kept as a part of a country.
    """

    reference: AreaReference
    outcome: AreaOutcome
    basis: str
    area: int | None = None
    code: str = ""
    name: str = ""
    rows: int = 0
    is_part: bool = False

    @property
    def is_open(self) -> bool:
        """Whether a person can say what it is: it is not known, and no format states its list, or
        that has parts of countries too."""
        may_be_stated = self.reference.code_list in _MAY_BE_PARTS
        return self.outcome in _OPEN or (self.outcome is AreaOutcome.UNKNOWN and may_be_stated)


@dataclass(frozen=True, slots=True)
class NewArea:
    """A part of a country that the import adds."""

    code: str
    name: str
    country: int


@dataclass(slots=True)
class UnmatchedArea:
    """A name in the file that is no area here, or could be several; the likeliest first."""

    code: str
    name: str
    candidates: tuple[AreaCandidate, ...]
    line: int
    rows: int = 0

    @property
    def first_place(self) -> str:
        """The first line or row that names it, in words."""
        return position_label(self.line)


def part_code(country: str, code: str) -> str:
    """The code here of a part of a country, from its code in files; the same one each time.

    ``CHE`` and ``BE`` are ``CHE-BE``. What cannot be part of an address gives way to a digest.
    """
    plain = re.sub(r"[^A-Za-z0-9]+", "-", names.fold(code) if not code.isascii() else code)
    plain = plain.strip("-")
    found = f"{country}-{plain}"
    if names.fold(plain) == names.fold(code) and len(found) <= LONGEST_CODE:
        return found
    digest = hashlib.sha256(code.encode()).hexdigest()[:8]
    return f"{country}-{plain}"[: LONGEST_CODE - 9].rstrip("-") + f"-{digest}"
