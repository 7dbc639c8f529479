"""What statistical files are read into: figures as they are given, and rows that could not be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Self

from django.utils.translation import gettext as _

from recommendations.readers.tables import Formula, at


class Refused(ValueError):
    """A figure, or a whole row, cannot be read; ``str`` of it tells why and what to do."""


def formula(cell: Formula) -> Refused:
    return Refused(_("“%s” is a formula: put its value there.") % cell.shown[:40])


class CodeList(StrEnum):
    """Which list a file says that the codes of its places are from."""

    NOT_SAID = ""
    ISO3 = "iso3"
    ISO2 = "iso2"
    M49 = "m49"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Place:
    """A place as the file gives it, not yet matched with ours.

    With ``CodeList.NOT_SAID`` the code may as well be a name. Neither code nor name: the file does
    not say, because it is about one place only. ``is_aggregate`` where it is known to be a group.
    """

    code: str = ""
    name: str = ""
    code_list: CodeList = CodeList.NOT_SAID
    is_aggregate: bool = False

    @classmethod
    def of(cls, code: str, name: str, code_list: CodeList) -> Self:
        """A place by its code in a list. Spreadsheets take the zeros off M49: 4 is 004."""
        return cls(code.zfill(3) if code_list is CodeList.M49 else code, name, code_list)


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure. ``line`` and ``sheet`` say where it stands, ``column`` in a table of years.

    ``period`` is an SDMX code, ``dimensions`` such as ``AGE=Y15T24|SEX=F``, sorted by name.
    ``obs_status`` is empty where the file says nothing; ``M`` where it says that there is no
    figure. ``text`` is what is no number, such as ``<2.5``. ``unit`` is no part of the dimensions.
    ``marks`` is ``None`` where the file has no word for them.
    """

    line: int
    sheet: str
    column: str
    place: Place
    period: str
    value: Decimal | None
    text: str = ""
    obs_status: str = ""
    comment: str = ""
    dimensions: str = ""
    indicator: str = ""
    unit: str = ""
    source: str = ""
    marks: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row, or in a table of years one cell of it, that could not be read."""

    line: int
    sheet: str
    reason: str

    def __str__(self) -> str:
        words = _("Line %(line)d: %(why)s") % {"line": self.line, "why": self.reason}
        return at(self.sheet, words)


@dataclass(slots=True)
class Counts:
    """How far the reading is. ``empty`` are cells without a figure: nothing is claimed there."""

    lines: int = 0
    figures: int = 0
    empty: int = 0
    rejected: int = 0


@dataclass(slots=True)
class FigureFile:
    """A statistical file that is open. ``rows`` can be walked once, and ``counts`` grow with it.

    ``vintage`` is the day on which the source says it was last updated. A file that cannot be read
    to its end raises ``TableError`` from ``rows``.
    """

    format: str
    rows: Iterator[FigureRow | Rejected]
    vintage: date | None = None
    source: str = ""
    notes: list[str] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)
