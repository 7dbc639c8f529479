"""How much waits for a person; asked on every page, so in one query."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from recommendations import permissions
from recommendations.models import Organisation, StatusUpdate, User
from recommendations.workflow import OPEN_TO_AUTHOR


@dataclass(frozen=True, slots=True)
class Waiting:
    """Numbers for the two badges, and whether made-up people have accounts here."""

    mine: int
    review: int
    is_demonstration: bool
    organisation: str


def waiting_for(person: Any) -> Waiting:
    """What waits for a person: their drafts and returned updates, and their review queue."""
    demonstration = User.objects.filter(is_demonstration=True)
    if not permissions.can_read_internally(person):
        return Waiting(0, 0, demonstration.exists(), "")
    mine = StatusUpdate.objects.filter(author=person.pk, state__in=OPEN_TO_AUTHOR)
    review = StatusUpdate.objects.awaiting_decision_by(person)
    row = (
        User.objects.filter(pk=person.pk)
        .values(
            mine=_count(mine),
            review=_count(review),
            demonstration=Exists(demonstration),
            organisation_name=Subquery(
                Organisation.objects.filter(pk=OuterRef("organisation")).values("name")
            ),
        )
        .get()
    )
    return Waiting(row["mine"], row["review"], row["demonstration"], row["organisation_name"] or "")


def _count(rows: Any) -> Coalesce:
    """The number of rows as a column; grouped by a constant, so that it is one row at most."""
    counted = rows.order_by().annotate(one=Value(1)).values("one").annotate(n=Count("pk"))
    return Coalesce(Subquery(counted.values("n")), 0)
