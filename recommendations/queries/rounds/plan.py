"""What a reporting round would ask, before it is sent."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Self

from django.db.models import Exists, OuterRef

from recommendations.choices import NotAsked
from recommendations.models import Recommendation, User
from recommendations.queries.previews import seal, unseal
from recommendations.queries.rounds.answers import answering
from recommendations.queries.rounds.asked import people_asked

SALT = "recommendations.rounds"

IN_ALREADY = "in"
"""What comes of an item that an update answers already: it counts as in, and nobody is asked."""

Marks = tuple[int, str]
"""By what an item is known to be as it was shown: the organisation asked, and what comes of it."""


@dataclass(frozen=True, slots=True)
class PlannedRequest:
    """One item: ``outcome`` is a code of ``NotAsked``, ``IN_ALREADY``, or empty if it is asked."""

    pk: int
    reference: str
    title: str
    organisation_id: int | None
    organisation: str
    people: tuple[User, ...]
    outcome: str

    @property
    def not_asked(self) -> str:
        return "" if self.outcome == IN_ALREADY else self.outcome

    @property
    def marks(self) -> Marks:
        return self.organisation_id or 0, self.outcome


@dataclass(frozen=True, slots=True)
class ShownRequests:
    """The items of a preview with their marks, as its form carries them, signed."""

    as_of: date
    rows: Mapping[int, Marks]

    @property
    def token(self) -> str:
        return seal(self.as_of.isoformat(), self.rows, SALT)

    @classmethod
    def sent(cls, token: str) -> Self | None:
        """What a preview had shown; nothing where that is not known."""
        day, rows = unseal(token, SALT) or ("", {})
        try:
            return cls(
                date.fromisoformat(day), {pk: (body, why) for pk, (body, why) in rows.items()}
            )
        except (TypeError, ValueError):
            return None


@dataclass(frozen=True)
class RoundPlan:
    """Every item that a round selects, in the order of the sources."""

    as_of: date
    rows: Sequence[PlannedRequest]

    @cached_property
    def counts(self) -> Counter[str]:
        return Counter(row.outcome for row in self.rows)

    @property
    def asked(self) -> list[PlannedRequest]:
        """Those that somebody is asked for now."""
        return [row for row in self.rows if not row.outcome]

    @property
    def requests(self) -> list[PlannedRequest]:
        """Those that count in the round: asked for, or in already."""
        return [row for row in self.rows if not row.not_asked]

    @property
    def is_in(self) -> int:
        return self.counts[IN_ALREADY]

    @property
    def left_out(self) -> list[tuple[str, list[PlannedRequest]]]:
        """What is not asked, by the reason."""
        found = ((why, [row for row in self.rows if row.outcome == why]) for why in NotAsked)
        return [(str(why.label), rows) for why, rows in found if rows]

    @property
    def organisations(self) -> list[tuple[str, list[PlannedRequest]]]:
        """What is asked of each organisation, by its name."""
        found: dict[str, list[PlannedRequest]] = {}
        for row in sorted(self.asked, key=lambda row: row.organisation):
            found.setdefault(row.organisation, []).append(row)
        return list(found.items())

    @property
    def shown(self) -> ShownRequests:
        return ShownRequests(self.as_of, {row.pk: row.marks for row in self.rows})


def plan_round(ids: Iterable[int], as_of: date) -> RoundPlan:
    """What a round on these recommendations would ask: two statements."""
    rows = (
        Recommendation.objects.filter(pk__in=list(ids))
        .annotate(is_in=Exists(answering(OuterRef("pk"), as_of).order_by()))
        .order_by("source", "number", "pk")
        .values_list(
            *("pk", "reference", "title", "archived_at"),
            *("next_due_on", "is_in"),
            *("lead__name", "lead_officer", "lead"),
        )
    )
    found = list(rows)
    people = people_asked(found)
    return RoundPlan(as_of, [_planned(row, people) for row in found])


def _planned(row: tuple[Any, ...], people: Mapping[int, Sequence[User]]) -> PlannedRequest:
    pk, reference, title, archived_at, due_on, is_in, name, _officer, lead = row
    if archived_at is not None:
        outcome = str(NotAsked.ARCHIVED)
    elif due_on is None:  # Nothing is ever due on what is closed.
        outcome = str(NotAsked.CLOSED)
    elif lead is None:
        outcome = str(NotAsked.NO_LEAD)
    else:
        outcome = IN_ALREADY if is_in else ""
    return PlannedRequest(pk, reference, title, lead, name or "", tuple(people[pk]), outcome)
