"""Where the recommendations stand, by lead organisation."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from operator import add
from typing import Any, NamedTuple

from django.db.models import Count, Q, QuerySet, Value
from django.utils.translation import gettext as _

from recommendations.choices import Confidence, Flag, ImplementationStatus, Only
from recommendations.fixed import fixed
from recommendations.models import IS_OPENING, flag_tests
from recommendations.queries.recommendations.narrowed import only_tests
from recommendations.queries.recommendations.parts import Place, Scope, Shape


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

    def plus(self, other: "LeadCounts") -> "LeadCounts":
        """The counts of these and further recommendations together."""
        return LeadCounts._make(map(add, self, other))


Counts = tuple[int, ...]
"""The fields of ``LeadCounts``, as they are kept: a source may have thousands."""

ByLead = Mapping[int | None, Counts]
"""By the id of the organisation; none where nobody leads."""


def count_leads(scope: Scope) -> dict[Place, dict[int | None, Counts]]:
    """The counts by lead organisation, by one statement: of each part, or of sources as part 0."""
    found: dict[Place, dict[int | None, Counts]] = defaultdict(dict)
    if scope.sources:
        for source, *part, lead, counts in map(_split, scope.ask(_groups)):
            found[source, part[0] if part else 0][lead] = counts
    return found


def _split(row: Sequence[int]) -> tuple[Any, ...]:
    """The keys of a row, and its counts together."""
    n = len(LeadCounts._fields)
    return *row[:-n], tuple(row[-n:])


@fixed
def _groups(shape: Shape) -> QuerySet[Any, Any]:
    keys = ("source", "lead") if shape.is_whole else ("source", "part", "lead")
    return counted_by(keys, shape.rows(), shape.audience, shape.today)


def counted_by(
    keys: Sequence[str], rows: QuerySet[Any, Any], person: Any, today: Any
) -> QuerySet[Any, Any]:
    """Kept states grouped by these columns: the columns, then the fields of ``LeadCounts``."""
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


def added_up(each: Iterable[ByLead]) -> dict[int | None, LeadCounts]:
    """The counts of several sources together."""
    found: dict[int | None, Counts] = {}
    for by_lead in each:
        for lead, counts in by_lead.items():
            found[lead] = tuple(map(add, found[lead], counts)) if lead in found else counts
    return {lead: LeadCounts._make(counts) for lead, counts in found.items()}


def in_order(by_lead: Mapping[int | None, LeadCounts]) -> list[tuple[int | None, LeadCounts]]:
    """Most overdue first, then off track, then open; organisations that are alike by their id."""
    return sorted(by_lead.items(), key=lambda pair: (pair[1].urgency, pair[0] or 0))
