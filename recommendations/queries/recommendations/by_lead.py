"""Where the recommendations stand, by lead organisation."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Count, Q, QuerySet, Value
from django.utils.translation import gettext as _

from recommendations.choices import Confidence, Flag, ImplementationStatus, Only
from recommendations.models import IS_OPENING, flag_tests
from recommendations.permissions import Person
from recommendations.queries.recommendations.narrowed import only_tests


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


def count_leads(followed: Any, person: Person, today: date) -> QuerySet[Any, Any]:
    """The counts of states by lead organisation, by one statement."""
    return counted_by(["lead"], followed, person, today)


def counted_by(
    columns: Sequence[str], rows: QuerySet[Any, Any], person: Any, today: Any
) -> QuerySet[Any, Any]:
    """Kept states by these columns, then what ``LeadCounts`` has."""
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
        rows.values(*columns)
        .annotate(
            total=Count("*"),
            **{f"n_{name}": Count(Value(1), filter=test) for name, test in tests.items()},
        )
        .values_list(*columns, "total", *(f"n_{name}" for name in tests))
    )
    return found


def in_order(by_lead: Mapping[int | None, LeadCounts]) -> list[tuple[int | None, LeadCounts]]:
    """Most overdue first, then off track, then open; organisations that are alike by their id."""
    return sorted(by_lead.items(), key=lambda pair: (pair[1].urgency, pair[0] or 0))
