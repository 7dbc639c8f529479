"""How much waits for a person; shown on every page, so it comes with the person themselves."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from recommendations import permissions
from recommendations.models import StatusUpdate, TargetDateChange, User
from recommendations.workflow import OPEN_TO_AUTHOR


@dataclass(frozen=True, slots=True)
class Waiting:
    """Numbers for the two badges, and whether made-up people have accounts here."""

    mine: int
    review: int
    is_demonstration: bool
    organisation: str


def with_waiting(people: QuerySet[User], user_id: Any) -> QuerySet[User]:
    """What waits for the person with this id, as columns of the query that finds them."""
    mine = StatusUpdate.objects.filter(author=user_id, state__in=OPEN_TO_AUTHOR)
    return people.annotate(
        waiting_mine=_count(mine),
        waiting_updates=_count(StatusUpdate.objects.undecided_for(user_id)),
        waiting_dates=_count(TargetDateChange.objects.undecided_for(user_id)),
        is_demonstrated=Exists(_made_up()),
        organisation_name=F("organisation__name"),
    )


def waiting_for(person: Any) -> Waiting:
    """What waits for a person; no query for one who is signed in, who came ``with_waiting``."""
    if not hasattr(person, "waiting_mine"):
        return Waiting(0, 0, _made_up().exists(), "")
    may_review = permissions.can_review(person)
    return Waiting(
        mine=person.waiting_mine,
        review=person.waiting_updates + person.waiting_dates if may_review else 0,
        is_demonstration=person.is_demonstrated,
        organisation=person.organisation_name or "",
    )


def _made_up() -> QuerySet[User]:
    return User.objects.filter(is_demonstration=True)


def _count(rows: Any) -> Coalesce:
    """The number of rows as a column; grouped by a constant, so that it is one row at most."""
    counted = rows.order_by().annotate(one=Value(1)).values("one").annotate(n=Count("pk"))
    return Coalesce(Subquery(counted.values("n")), 0)
