"""Where the recommendations stand, by lead organisation."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.choices import Confidence, Flag, ImplementationStatus, Only
from recommendations.models import flag_tests
from recommendations.permissions import Person
from recommendations.queries.recommendations.narrowed import only_tests
from recommendations.queries.recommendations.tally import followed_in


@dataclass(slots=True)
class LeadCounts:
    """Counts over the followed recommendations that one organisation leads."""

    total: int = 0
    open: int = 0
    overdue: int = 0
    off_track: int = 0
    no_report: int = 0
    implemented: int = 0

    @property
    def share(self) -> str:
        """The share that is implemented, as pages write it."""
        return _("%(n)d%%") % {"n": round(100 * self.implemented / self.total) if self.total else 0}

    def add(self, other: "LeadCounts") -> None:
        """Add the counts of further recommendations to these."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))


ByLead = dict[int | None, LeadCounts]
"""By the id of the organisation; none where nobody leads."""


def read_leads(source_ids: Iterable[int], person: Person, today: date) -> dict[int, ByLead]:
    """The counts of each source by lead organisation, by one statement. Inside alone."""
    if not permissions.can_read_internally(person):
        return {}
    tests = {
        "open": only_tests(person, today)[Only.OPEN],
        "overdue": flag_tests(person, today)[Flag.DATE_OVERDUE],
        "off_track": Q(confidence=Confidence.RED),
        "no_report": Q(status=""),
        "implemented": Q(status=ImplementationStatus.IMPLEMENTED),
    }
    groups = (
        followed_in(source_ids, person)
        .order_by()
        .values("source", "lead")
        .annotate(
            total=Count("pk"),
            **{f"n_{name}": Count("pk", filter=test) for name, test in tests.items()},
        )
        .values_list("source", "lead", "total", *(f"n_{name}" for name in tests))
    )
    found: dict[int, ByLead] = defaultdict(dict)
    for source, lead, *counts in groups:
        found[source][lead] = LeadCounts(*counts)
    return dict(found)


def added_up(each: Iterable[ByLead]) -> ByLead:
    """The counts of several sources together."""
    found: ByLead = defaultdict(LeadCounts)
    for by_lead in each:
        for lead, counts in by_lead.items():
            found[lead].add(counts)
    return found


def in_order(by_lead: ByLead) -> list[tuple[int | None, LeadCounts]]:
    """Most overdue first, then off track, then open; organisations that are alike by their id."""
    return sorted(
        by_lead.items(),
        key=lambda pair: (
            *(-pair[1].overdue, -pair[1].off_track, -pair[1].open, -pair[1].total),
            pair[0] or 0,
        ),
    )
