"""Which column of the kept state a reader may see, where it is kept for two audiences."""

from dataclasses import dataclass
from typing import Self

from recommendations import permissions
from recommendations.permissions import Person

RESTS_ON_EVIDENCE = frozenset(
    {
        "assurance_rank",
        "evidence_for",
        "evidence_against",
        "evidence_answered",
        "contradicted_since",
        "support_ends_on",
        "evidence_gap_after",
    }
)


@dataclass(frozen=True, slots=True)
class StateColumns:
    """The columns that one reader sees, so that nothing hidden can be told from what is shown."""

    has_internal_evidence: bool

    @classmethod
    def for_reader(cls, person: Person) -> Self:
        return cls(permissions.can_read_internal_evidence(person))

    def name(self, column: str) -> str:
        """The column that holds this for the reader."""
        is_public = column in RESTS_ON_EVIDENCE and not self.has_internal_evidence
        return f"public_{column}" if is_public else column
