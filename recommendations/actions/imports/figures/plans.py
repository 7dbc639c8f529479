"""What importing a file of figures would do, counted while it is read: nothing grows with it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from recommendations.actions.imports.pipeline import ImportPlan
from recommendations.queries.areas import AreaCandidate
from recommendations.readers.statistics import ColumnUse
from recommendations.readers.statistics.plain_tables import PLAIN_FORMATS
from recommendations.readers.tables import position_label

MOST_LISTED = 200
"""Rows, areas and changes of each kind that are listed one by one; the rest is counted."""


MOST_DIMENSIONS = 20


class Obstacle(StrEnum):
    """Why a file is not imported as it is; the first that holds is told."""

    SERIES = "series"
    CONTRADICTION = "contradiction"
    LEFT_OUT = "left out"
    DOUBT = "doubt"


class ImportStep(StrEnum):
    """What an import of figures is at."""

    READING = "read"
    STAGING = "made ready"
    WRITING = "to be written"


ImportProgress = Callable[[ImportStep, int], None]
"""Called now and then with a step and how many figures it has come to."""


@dataclass(frozen=True, slots=True)
class FigureOptions:
    """What the person who imports states about the file; what is empty the file must state.

    ``series`` is which of several indicators in the file is meant, by its code there. ``vintage``
    is when the source last updated the file. ``skip_rejected``: rows that cannot be read and areas
    that are not known are skipped, and the rest is imported. ``allow_older``: values of a newer
    vintage are replaced as well. ``reason`` is why a file is imported that says it is about
    something else. ``accept_doubts``: values that are not plausible were checked, and are written.
    ``slice`` is which part of each dimension is meant, by name and code: only these rows are read,
    and their values are those of the indicator, without that dimension.
    """

    format: str = ""
    decimal: str = ""
    value_column: str = ""
    series: str = ""
    source: str = ""
    vintage: date | None = None
    skip_rejected: bool = False
    allow_older: bool = False
    reason: str = ""
    accept_doubts: bool = False
    slice: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RevisedFigure:
    """One figure for which the file gives another value than the last revision has."""

    area: int
    period: str
    dimensions: str
    before: Decimal | str | None
    after: Decimal | str | None


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


@dataclass(slots=True)
class FigurePlan(ImportPlan):
    """The outcome of each figure. Lists end at ``MOST_LISTED``; the counts are complete.

    ``aggregates`` are rows for groups of the source's own, such as its regions, which are no areas
    here: they are always skipped. ``rounded`` are figures that the file has with other digits and
    that are the same at the precision given: they stay, with the digits they have. ``gone`` are
    figures that exist here and not in the file; they are counted, and stay. ``newer`` are figures
    that differ from those of a newer vintage, of ``newest``: they stay too, unless the options
    allow older ones. ``undated`` are revisions of figures with a known vintage by a file without
    one. ``is_asked``: the indicator asks for confirmation of values that come without a statistical
    office. ``contradictions`` are what the file says of itself that is not so of the indicator;
    ``doubted`` are values to be written that are not plausible. ``columns`` are what those of the
    file are taken for; ``dimensions`` the codes of each dimension with their rows, and
    ``other_slices`` rows of another part than the options mean.
    """

    options: FigureOptions
    format: str = ""
    source: str = ""
    vintage: date | None = None
    notes: list[str] = field(default_factory=list)
    series: dict[str, int] = field(default_factory=dict)
    columns: tuple[ColumnUse, ...] = ()
    dimensions: dict[str, dict[str, int]] = field(default_factory=dict)
    other_slices: int = 0
    new: int = 0
    revised: int = 0
    unchanged: int = 0
    rounded: int = 0
    empty: int = 0
    aggregates: int = 0
    gone: int = 0
    newer: int = 0
    newest: date | None = None
    undated: int = 0
    is_asked: bool = False
    rejected: int = 0
    unmatched_rows: int = 0
    rejections: list[str] = field(default_factory=list)
    contradictions: list[str] = field(default_factory=list)
    doubted: int = 0
    doubts: list[str] = field(default_factory=list)
    disagreeing: int = 0
    disagreements: list[str] = field(default_factory=list)
    unmatched: dict[tuple[str, str], UnmatchedArea] = field(default_factory=dict)
    revisions: list[RevisedFigure] = field(default_factory=list)
    roundings: list[RevisedFigure] = field(default_factory=list)
    _changes: Any = field(default_factory=hashlib.sha256, repr=False)

    @property
    def stated_source(self) -> str:
        """Whose figures they are: as the person or the file states, else empty."""
        return (self.options.source or self.source)[:300]

    @property
    def stated_vintage(self) -> date | None:
        """When the source last updated the file, as the person or the file states."""
        return self.options.vintage or self.vintage

    @property
    def asks_confirmation(self) -> bool:
        """Whether a second person must confirm the values.

        Not those of a file in the format of a statistical office that names its source.
        """
        is_official = self.format not in PLAIN_FORMATS and bool(self.stated_source)
        return self.is_asked and not is_official

    @property
    def replaced_newer(self) -> int:
        """Values of a newer vintage that are replaced."""
        return self.newer if self.options.allow_older else 0

    @property
    def kept_newer(self) -> int:
        """Values of a newer vintage that stay, although the file has others."""
        return self.newer - self.replaced_newer

    def is_kept(self, vintage: date | None) -> bool:
        """Whether a figure of this vintage stays, although the file has another; counted."""
        if vintage is None:
            return False
        if self.stated_vintage is None:
            self.undated += 1
            return False
        if self.stated_vintage >= vintage:
            return False
        self.newer += 1
        self.newest = max(self.newest or vintage, vintage)
        return not self.options.allow_older

    def count_dimension(self, name: str, code: str) -> None:
        """Count a row of a part; of very many dimensions or codes the first are counted."""
        if name not in self.dimensions and len(self.dimensions) >= MOST_DIMENSIONS:
            return
        codes = self.dimensions.setdefault(name, {})
        if code in codes or len(codes) < MOST_LISTED:
            codes[code] = codes.get(code, 0) + 1

    def add_change(self, *values: object) -> None:
        """Take one change into the digest of the plan."""
        self._changes.update(repr(values).encode())

    def reject(self, reason: str) -> None:
        """Count a row that cannot be imported, and list why."""
        self.rejected += 1
        if len(self.rejections) < MOST_LISTED:
            self.rejections.append(reason)

    def add_revision(self, figure: RevisedFigure) -> None:
        """Count a figure that is revised, and list it."""
        self.revised += 1
        if len(self.revisions) < MOST_LISTED:
            self.revisions.append(figure)

    def add_rounded(self, figure: RevisedFigure) -> None:
        """Count a figure that is the same at the precision given, and list both numbers."""
        self.rounded += 1
        if len(self.roundings) < MOST_LISTED:
            self.roundings.append(figure)

    def add_disagreement(self, words: str) -> None:
        """Count figures that disagree, and list why; they are imported all the same."""
        self.disagreeing += 1
        if len(self.disagreements) < MOST_LISTED:
            self.disagreements.append(words)

    def add_doubt(self, words: str) -> None:
        """Count a value that is to be written and is not plausible, and list why."""
        self.doubted += 1
        if len(self.doubts) < MOST_LISTED:
            self.doubts.append(words)

    @property
    def digest(self) -> str:
        digest = self._changes.copy()
        rest = (
            self.sha256,
            self.rejected,
            self.unmatched_rows,
            self.newer,
            self.is_asked,
            self.contradictions,
            self.doubted,
            self.doubts,
            self.options,
        )
        digest.update(repr(rest).encode())
        return str(digest.hexdigest())

    @property
    def left_out(self) -> int:
        """Rows that hold a figure and are not imported."""
        return self.rejected + self.unmatched_rows

    @property
    def changes_anything(self) -> bool:
        return bool(self.new or self.revised)

    @property
    def obstacle(self) -> Obstacle | None:
        """What stands against importing the file as it is; ``None`` where nothing does."""
        if self.is_ambiguous:
            return Obstacle.SERIES
        if self.contradictions and self.changes_anything and not self.options.reason:
            return Obstacle.CONTRADICTION
        if self.left_out and not self.options.skip_rejected:
            return Obstacle.LEFT_OUT
        if self.doubted and not self.options.accept_doubts:
            return Obstacle.DOUBT
        return None

    @property
    def refusal(self) -> str:
        match self.obstacle:
            case Obstacle.SERIES:
                return _("The file contains several series. Choose one.")
            case Obstacle.CONTRADICTION:
                return _(
                    "The file contradicts the indicator. Choose another file or indicator, or "
                    "state a reason for importing it all the same."
                )
            case Obstacle.LEFT_OUT:
                return _("Some rows cannot be imported. Correct them, or choose to skip them.")
            case Obstacle.DOUBT:
                return _("Some values are outside the plausible range. Check and confirm them.")
        return ""

    @property
    def is_ambiguous(self) -> bool:
        """Whether the file holds several series and none was chosen."""
        return not self.options.series and len(self.series) > 1

    @property
    def counts(self) -> dict[str, int]:
        names = (
            "new",
            "revised",
            "unchanged",
            "rounded",
            "rejected",
            "unmatched_rows",
            "aggregates",
        )
        more = ("empty", "gone", "kept_newer", "replaced_newer", "undated", "doubted")
        return {name: getattr(self, name) for name in (*names, *more, "other_slices")}
