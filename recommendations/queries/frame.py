"""What every page asks first: what waits for its reader, and how far the record is.

All in one statement, so that it is of one moment: that which finds who is signed in, or a short
one for a visitor.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce

from recommendations import permissions
from recommendations.models import ChainHead, StatusUpdate, TargetDateChange, User
from recommendations.transitions import OPEN_TO_AUTHOR


@dataclass(frozen=True, slots=True)
class Version:
    """The last event: everything tracked changes by one. ``sequence`` orders, ``hash`` identifies.

    The hash names all that came before it, so it also tells apart what was recorded before and
    after a backup was restored, where numbers are given out again. 0 and nothing before the first.
    """

    sequence: int = 0
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """Numbers for the two badges, whether made-up people have accounts here, and the version."""

    mine: int
    review: int
    is_demonstration: bool
    organisation: str
    version: Version


def with_frame(people: QuerySet[User], user_id: int) -> QuerySet[User]:
    """The frame of the person with this id, as columns of the query that finds them."""
    mine = StatusUpdate.objects.filter(author=user_id, state__in=OPEN_TO_AUTHOR)
    head = _heads()
    return people.annotate(
        waiting_mine=_count(mine),
        waiting_updates=_count(StatusUpdate.objects.undecided_for(user_id)),
        waiting_dates=_count(TargetDateChange.objects.undecided_for(user_id)),
        is_demonstrated=Exists(_demonstration_people()),
        organisation_name=F("organisation__name"),
        last_sequence=Coalesce(Subquery(head.values("last_sequence")), 0),
        last_hash=Coalesce(Subquery(head.values("last_hash")), Value(""), output_field=TextField()),
    )


def frame_of(person: Any) -> Frame:
    """The frame of a person; no query for one who is signed in, who came ``with_frame``.

    That of a visitor is kept on them for the rest of their request.
    """
    if not hasattr(person, "waiting_mine"):
        if not hasattr(person, "frame"):
            person.frame = _frame_of_visitor()
        frame: Frame = person.frame
        return frame
    may_review = permissions.can_review(person)
    return Frame(
        mine=person.waiting_mine,
        review=person.waiting_updates + person.waiting_dates if may_review else 0,
        is_demonstration=person.is_demonstrated,
        organisation=person.organisation_name or "",
        version=Version(person.last_sequence, person.last_hash),
    )


def _frame_of_visitor() -> Frame:
    heads = _heads().annotate(is_demonstrated=Exists(_demonstration_people()))
    head = heads.values_list("last_sequence", "last_hash", "is_demonstrated").first()
    if head is None:
        return Frame(0, 0, _demonstration_people().exists(), "", Version())
    sequence, digest, is_demonstration = head
    return Frame(0, 0, is_demonstration, "", Version(sequence, digest))


def _heads() -> QuerySet[ChainHead]:
    return ChainHead.objects.filter(pk=1).order_by()


def _demonstration_people() -> QuerySet[User]:
    return User.objects.filter(is_demonstration=True)


def _count(rows: QuerySet[Any]) -> Coalesce:
    """The number of rows as a column; grouped by a constant, so that it is one row at most."""
    counted = rows.order_by().annotate(one=Value(1)).values("one").annotate(n=Count("pk"))
    return Coalesce(Subquery(counted.values("n")), 0)
