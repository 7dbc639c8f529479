"""A source by lead organisation: what each has to deliver, and how far it is."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Q

from recommendations import permissions
from recommendations.choices import (
    FINISHED_STATUSES,
    Confidence,
    Flag,
    ImplementationStatus,
)
from recommendations.models import flag_tests
from recommendations.permissions import Person
from recommendations.queries.recommendations.tally import followed_in


@dataclass(frozen=True, slots=True)
class LeadTally:
    """Counts over the followed recommendations of one lead; ``name`` is empty for those without.

    ``open`` are those that are not finished; ``overdue`` those past their target date.
    """

    name: str
    total: int
    open: int
    overdue: int
    off_track: int
    unreported: int
    implemented: int

    @property
    def implemented_percent(self) -> int:
        """The implemented ones of all, rounded; a lead has at least one."""
        return round(100 * self.implemented / self.total)


def read_leads(source_id: int, person: Person, today: date) -> tuple[LeadTally, ...]:
    """The leads of a source, most overdue first; one query, for people inside alone."""
    if not permissions.can_read_internally(person):
        return ()
    is_finished = Q(status__in=FINISHED_STATUSES)
    rows = (
        followed_in([source_id], person)
        .values(name=F("lead__name"))
        .annotate(
            total=Count("pk"),
            open=Count("pk", filter=~is_finished),
            overdue=Count("pk", filter=flag_tests(person, today)[Flag.DATE_OVERDUE]),
            off_track=Count("pk", filter=Q(confidence=Confidence.RED)),
            unreported=Count("pk", filter=Q(status="")),
            implemented=Count("pk", filter=Q(status=ImplementationStatus.IMPLEMENTED)),
        )
        .order_by()
    )
    found = [LeadTally(**{**row, "name": row["name"] or ""}) for row in rows]
    return tuple(sorted(found, key=lambda each: (-each.overdue, -each.open, each.name)))
