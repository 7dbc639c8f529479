"""Results of reading statistical files: figures as they are given, and rows that are rejected."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Self

from recommendations.readers.tables import locate, position_label


class FigureError(ValueError):
    """A figure, or a whole row, cannot be read; ``str`` of it says why and what to do."""


class InvalidCharacter(FigureError):
    """A row holds a character that no text may hold, in a column that is read."""


class AreaCodeList(StrEnum):
    """The code list of the areas of a file, as its format or its header states it.

    ``OWN`` is that of whoever publishes the file, ``SITE`` that of this tracker.
    """

    NOT_STATED = ""
    ISO3 = "iso3"
    ISO2 = "iso2"
    M49 = "m49"
    EUROSTAT = "eurostat"
    OWN = "own"
    SITE = "site"


@dataclass(frozen=True, slots=True)
class AreaReference:
    """An area as a file gives it, not yet matched with ours.

    With ``AreaCodeList.NOT_STATED`` the code may be a name, and is never taken for a country’s.
    Without code and name the file is about one area and does not name it. ``is_aggregate`` where it
    is known to be a group. ``described_by`` are dimensions of its rows that say no more than which
    part of a country the code stands for.
    """

    code: str = ""
    name: str = ""
    code_list: AreaCodeList = AreaCodeList.NOT_STATED
    is_aggregate: bool = False
    described_by: tuple[str, ...] = ()

    @classmethod
    def of(cls, code: str, name: str, code_list: AreaCodeList) -> Self:
        """An area by its code in a list. Spreadsheets remove the zeros of M49: 4 is 004."""
        return cls(code.zfill(3) if code_list is AreaCodeList.M49 else code, name, code_list)


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure and its position: ``line``, ``sheet`` and, where periods are columns, ``column``.

    ``period`` is an SDMX code, ``dimensions`` such as ``AGE=Y15T24|SEX=F``, sorted by name.
    ``obs_status`` is a code of CL_OBS_STATUS, empty where the file has none, one of
    ``MISSING_CODES`` where it states that there is no value.
    ``text`` is what is no number, such as ``<2.5``. ``unit`` is not a dimension.
    ``indicator`` is the code of what is measured, ``title`` its name, as the file has them.
    ``marks`` is ``None`` where the format has none.
    """

    line: int
    sheet: str
    column: str
    area: AreaReference
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
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    title: str = ""

    @property
    def terms(self) -> tuple[Decimal | None, Decimal | None] | None:
        """Numerator and denominator; ``None`` where the file states neither."""
        terms = (self.numerator, self.denominator)
        return None if terms == (None, None) else terms


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that could not be read, or one cell of it where periods are columns."""

    line: int
    sheet: str
    reason: str

    def __str__(self) -> str:
        return locate(self.sheet, f"{position_label(self.line)}: {self.reason}")


@dataclass(slots=True)
class ReadCounts:
    """Progress of reading. ``empty`` counts cells without a figure, which state nothing;
    ``invalid`` rows that are rejected for a character."""

    lines: int = 0
    figures: int = 0
    empty: int = 0
    rejected: int = 0
    invalid: int = 0


class Use(StrEnum):
    """What a column of a file is taken for."""

    AREA = "area"
    PERIOD = "period"
    VALUE = "value"
    STATUS = "status"
    SERIES = "series"
    UNIT = "unit"
    TERM = "term"
    NOTE = "note"
    DIMENSION = "dimension"
    NOT_READ = "not read"


@dataclass(frozen=True, slots=True)
class ColumnUse:
    """A column by its header, what it is taken for, and cells of it, the first that differ."""

    header: str
    use: Use
    examples: tuple[str, ...] = ()


@dataclass(slots=True)
class FigureFile:
    """An open statistical file. ``rows`` can be iterated once, and ``counts`` grow with it.

    ``why`` says by what its format was recognised, empty where a person stated it.
    ``vintage`` is the day of the last update that the source states. A file that cannot be read
    to its end raises ``TableError`` from ``rows``.
    """

    format: str
    rows: Iterator[FigureRow | Rejected]
    vintage: date | None = None
    source: str = ""
    notes: list[str] = field(default_factory=list)
    counts: ReadCounts = field(default_factory=ReadCounts)
    why: str = ""
    columns: tuple[ColumnUse, ...] = ()
