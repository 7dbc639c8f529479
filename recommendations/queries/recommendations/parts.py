"""Which recommendations are counted: those of some sources, whole or in the parts that changed."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import BigIntegerField, OuterRef, Subquery

from recommendations import audiences
from recommendations.audiences import Audience
from recommendations.fixed import Among, Given, fixed
from recommendations.models import A_PART, AuditEvent, RecommendationState, SourcePart
from recommendations.permissions import Person

Place = tuple[int, int]
"""A source and a part of it, by their numbers."""

Marks = Mapping[int, Mapping[int, str | None]]
"""The hash of the last event that touched each part of each source."""


def followed_in(source_ids: Iterable[int], person: Person) -> Any:
    """The kept states of the recommendations that Home or the page of a source is of."""
    found = RecommendationState.objects.visible_to(person).followed()
    return found.filter(source__in=list(source_ids))


def read_marks(source_ids: Iterable[int]) -> dict[int, dict[int, str | None]]:
    """By one statement."""
    found: dict[int, dict[int, str | None]] = defaultdict(dict)
    for source, part, mark in _marks(sources=source_ids):
        found[source][part] = mark
    return found


@fixed
def _marks() -> Any:
    last = AuditEvent.objects.filter(sequence=OuterRef("sequence")).order_by().values("hash")
    marked = SourcePart.objects.filter(Among("source", "sources")).order_by()
    return marked.values_list("source", "part", Subquery(last))


def bounds(parts: Collection[int]) -> tuple[int, int]:
    """The first number of a recommendation in these parts, and the one after the last.

    They are for the index: all that changed is, as a rule, in one part.
    """
    return min(parts) * A_PART, (max(parts) + 1) * A_PART


@dataclass(frozen=True, slots=True)
class Shape:
    """What the statements over kept states depend on, but for the numbers of rows."""

    audience: Audience
    today: date
    is_whole: bool

    def rows(self) -> Any:
        """Those to count, each with its ``part``."""
        found = RecommendationState.objects.visible_to(self.audience).followed()
        part = SourcePart.part_of("recommendation_id")
        found = found.filter(Among("source", "sources")).annotate(part=part).order_by()
        if self.is_whole:
            return found
        first, end = (Given(name, BigIntegerField()) for name in ("first", "end"))
        return found.filter(Among("part", "parts"), pk__gte=first, pk__lt=end)


@dataclass(frozen=True, slots=True)
class Scope:
    """What is to be counted now; ``parts`` are those wanted, of all these sources."""

    sources: Sequence[int]
    parts: frozenset[int]
    shape: Shape

    @classmethod
    def of(cls, wanted: Marks, person: Person, today: date, *, is_whole: bool) -> "Scope":
        parts = frozenset(part for marks in wanted.values() for part in marks)
        shape = Shape(audiences.audience(person), today, is_whole)
        return cls(list(wanted), parts, shape)

    def ask(self, fixed: Callable[..., list[Any]]) -> list[Any]:
        """The rows of a statement of this shape."""
        given: dict[str, Any] = {"sources": self.sources}
        if not self.shape.is_whole:
            first, end = bounds(self.parts)
            given |= {"parts": self.parts, "first": first, "end": end}
        return fixed(self.shape, **given)
