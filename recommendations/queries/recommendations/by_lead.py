"""Where the recommendations stand, by lead organisation."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from django.db.models import Count, Q, QuerySet, Value
from django.utils.translation import gettext as _

from recommendations.choices import Confidence, Flag, ImplementationStatus, Only
from recommendations.fixed import fixed
from recommendations.models import IS_OPENING, flag_tests
from recommendations.queries.recommendations.narrowed import only_tests
from recommendations.queries.recommendations.packed import Counts, packed, unpacked
from recommendations.queries.recommendations.parts import Place, Scope, Shape

K = TypeVar("K")


class LeadCounts(NamedTuple):
    """Counts over the followed recommendations that one organisation leads, or of one theme."""

    total: int = 0
    open: int = 0
    overdue: int = 0
    off_track: int = 0
    no_report: int = 0
    implemented: int = 0
    opening: int = 0
    """Of what is implemented, the opening statuses."""

    @property
    def share(self) -> str:
        """The share that is implemented, as pages write it."""
        return _("%(n)d%%") % {"n": round(100 * self.implemented / self.total) if self.total else 0}

    @property
    def urgency(self) -> tuple[int, ...]:
        """Sorts by most overdue first, then off track, then open."""
        return (-self.overdue, -self.off_track, -self.open, -self.total)

    @classmethod
    def of(cls, counts: Counts) -> "LeadCounts":
        return cls._make(unpacked(counts, len(cls._fields)))


ByLead = Mapping[int | None, Counts]
"""By the id of the organisation; none where nobody leads. A source may have thousands."""

Counted = tuple[Place, K, Counts]
"""A part of a source, what is counted by, and the fields of ``LeadCounts``."""


def count_leads(scope: Scope) -> Iterator[Counted[int | None]]:
    """The counts of each part by lead organisation, by one statement."""
    return (
        ((source, part), lead, packed(counts)) for source, part, lead, *counts in scope.ask(_groups)
    )


@fixed
def _groups(shape: Shape) -> QuerySet[Any, Any]:
    return counted_by(["lead"], shape.rows(), shape.audience, shape.today)


def counted_by(
    columns: Sequence[str], rows: QuerySet[Any, Any], person: Any, today: Any
) -> QuerySet[Any, Any]:
    """Kept states by source, part and these columns: all of them, then what ``LeadCounts`` has."""
    keys = ("source", "part", *columns)
    is_implemented = Q(status=ImplementationStatus.IMPLEMENTED)
    tests = {
        "open": only_tests(person, today)[Only.OPEN],
        "overdue": flag_tests(person, today)[Flag.DATE_OVERDUE],
        "off_track": Q(confidence=Confidence.RED),
        "no_report": Q(status=""),
        "implemented": is_implemented,
        "opening": is_implemented & IS_OPENING,
    }
    found: QuerySet[Any, Any] = (
        rows.values(*keys)
        .annotate(
            total=Count("*"),
            **{f"n_{name}": Count(Value(1), filter=test) for name, test in tests.items()},
        )
        .values_list(*keys, "total", *(f"n_{name}" for name in tests))
    )
    return found


def added_up(each: Iterable[Mapping[K, Counts]]) -> dict[K, LeadCounts]:
    """The counts of several sources together, by what each is counted by."""
    found: dict[K, Counts] = {}
    for counted in each:
        for key, counts in counted.items():
            found[key] = found.get(key, 0) + counts
    return {key: LeadCounts.of(counts) for key, counts in found.items()}


def in_order(by_lead: Mapping[int | None, LeadCounts]) -> list[tuple[int | None, LeadCounts]]:
    """Most overdue first, then off track, then open; organisations that are alike by their id."""
    return sorted(by_lead.items(), key=lambda pair: (pair[1].urgency, pair[0] or 0))
