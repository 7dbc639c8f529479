"""What importing a file of groups or of other names would do, row by row."""

import hashlib
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from recommendations.actions.imports.pipeline import ImportPlan
from recommendations.choices import CodeList
from recommendations.readers.tables import position_label


@dataclass(frozen=True, slots=True)
class NewGroup:
    """A group that is not there yet."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class MemberChange:
    """A membership that is new, or of which the last day is another; days are included.

    ``group`` is a code, as a group may be new itself. ``membership`` is the key of one that is
    there, and ``before`` its last day.
    """

    line: int
    group: str
    member: int
    name: str
    valid_from: date | None
    valid_to: date | None
    source: str = ""
    membership: int | None = None
    before: date | None = None


@dataclass(frozen=True, slots=True)
class NewAlias:
    """Another name or code of an area."""

    line: int
    area: int
    name: str
    alias: str
    code_list: str = ""

    @property
    def list_label(self) -> str:
        """The code list in words; empty of a name."""
        return str(CodeList(self.code_list).label) if self.code_list else ""


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that cannot be imported, and why."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"{position_label(self.line)}: {self.reason}"


@dataclass(slots=True)
class AreaPlan(ImportPlan):
    """All that a file says, beside what is there. What is there and not in the file stays."""

    skip_rejected: bool = False
    rows: int = 0
    groups: list[NewGroup] = field(default_factory=list)
    members: list[MemberChange] = field(default_factory=list)
    aliases: list[NewAlias] = field(default_factory=list)
    unchanged: int = 0
    rejected: list[RefusedRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def new_members(self) -> list[MemberChange]:
        return [change for change in self.members if change.membership is None]

    @property
    def changed_members(self) -> list[MemberChange]:
        return [change for change in self.members if change.membership is not None]

    @property
    def changes_anything(self) -> bool:
        return bool(self.groups or self.members or self.aliases)

    @property
    def written(self) -> int:
        """Rows of tables that importing writes."""
        return len(self.groups) + len(self.members) + len(self.aliases)

    @property
    def refusal(self) -> str:
        if self.rejected and not self.skip_rejected:
            return _("Some rows cannot be imported. Correct them, or choose to skip them.")
        return ""

    @property
    def digest(self) -> str:
        held = (self.sha256, self.groups, self.members, self.aliases, self.rejected)
        return hashlib.sha256(repr((*held, self.skip_rejected)).encode()).hexdigest()

    @property
    def counts(self) -> dict[str, int]:
        return {
            "groups": len(self.groups),
            "members": len(self.new_members),
            "changed": len(self.changed_members),
            "aliases": len(self.aliases),
            "unchanged": self.unchanged,
            "rejected": len(self.rejected),
        }
