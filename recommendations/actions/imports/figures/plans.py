"""What bringing a file of figures in would do, counted while it is read: nothing grows with it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import BinaryIO

from django.utils.translation import gettext as _

from recommendations.actions.errors import ActionRefused
from recommendations.queries.areas import AreaCandidate
from recommendations.readers import ReadOptions
from recommendations.storage.evidence import sha256_of

MOST_TOLD = 200
"""Rows, places and changes of each kind that are told one by one; the rest is counted."""

Progress = Callable[[int], None]
"""Told now and then how many figures have been read."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of figures, open for reading from anywhere in it."""

    file: BinaryIO
    name: str

    def sha256(self) -> str:
        """The digest of its bytes, in hexadecimal."""
        return sha256_of(self.file)


@dataclass(frozen=True, slots=True)
class Choices:
    """What the person who imports says of the file; what they leave empty the file must tell.

    ``series`` is which of several indicators in the file is meant, by its code there. ``vintage``
    is when the source last updated the file. ``is_leaving_out``: rows that cannot be read and
    places that are not known are left out, and the rest is brought in.
    """

    format: str = ""
    decimal: str = ""
    value_column: str = ""
    series: str = ""
    source: str = ""
    vintage: date | None = None
    is_leaving_out: bool = False
    asked: ReadOptions = field(default_factory=ReadOptions)


@dataclass(frozen=True, slots=True)
class Revised:
    """One figure that the file gives otherwise than it stands."""

    area: int
    period: str
    dimensions: str
    before: Decimal | str | None
    after: Decimal | str | None


@dataclass(slots=True)
class Unmatched:
    """A place in the file that is no area here, or could be several; the likeliest first."""

    code: str
    name: str
    candidates: tuple[AreaCandidate, ...]
    line: int
    rows: int = 0


@dataclass(slots=True)
class Plan:
    """What would become of each figure. Lists are cut at ``MOST_TOLD``; the counts are whole.

    ``aggregates`` are rows for groups of the source's own, such as its regions, which are no areas
    here: they are always left out. ``gone`` are figures that stand here and not in the file; they
    are told, and nothing is taken away.
    """

    file_name: str
    sha256: str
    choices: Choices
    format: str = ""
    source: str = ""
    vintage: date | None = None
    unit: str = ""
    notes: list[str] = field(default_factory=list)
    series: dict[str, int] = field(default_factory=dict)
    new: int = 0
    revised: int = 0
    unchanged: int = 0
    empty: int = 0
    aggregates: int = 0
    gone: int = 0
    rejected: int = 0
    unmatched_rows: int = 0
    rejections: list[str] = field(default_factory=list)
    unmatched: dict[tuple[str, str], Unmatched] = field(default_factory=dict)
    revisions: list[Revised] = field(default_factory=list)
    _digest: hashlib._Hash = field(default_factory=hashlib.sha256, repr=False)

    def note_change(self, *told: object) -> None:
        """Take one change into the digest of the plan."""
        self._digest.update(repr(told).encode())

    @property
    def digest(self) -> str:
        """Stands for all that would be written, for what is left out, and for the choices."""
        whole = self._digest.copy()
        left = (self.sha256, self.rejected, self.unmatched_rows, self.choices)
        whole.update(repr(left).encode())
        return whole.hexdigest()

    @property
    def left_out(self) -> int:
        """Rows that have something to say and are not brought in."""
        return self.rejected + self.unmatched_rows

    @property
    def changes_anything(self) -> bool:
        return bool(self.new or self.revised)

    @property
    def is_refused(self) -> bool:
        """Whether something is wrong with the file and nobody said that it may be left out."""
        return bool(self.left_out) and not self.choices.is_leaving_out

    @property
    def is_ambiguous(self) -> bool:
        """Whether the file holds several series and nobody said which is meant."""
        return not self.choices.series and len(self.series) > 1

    @property
    def counts(self) -> dict[str, int]:
        """The counts by name, as they are told and recorded."""
        names = ("new", "revised", "unchanged", "rejected", "unmatched_rows", "aggregates")
        return {name: getattr(self, name) for name in (*names, "empty", "gone")}


class FiguresRefused(ActionRefused):
    """Something in the file cannot be brought in; carries the plan. Nothing was written."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        super().__init__(
            _("The file holds several series. Say which is meant.")
            if plan.is_ambiguous
            else _("Some rows cannot be brought in. Mend them, or say that they are left out.")
        )


class FiguresChanged(ActionRefused):
    """The import would do something else than was shown; carries what it would do now."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        super().__init__(_("Things changed since this was shown. Look at it again."))
