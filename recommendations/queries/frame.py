"""What every page asks first: how far the record is, and what its frame shows of that."""

from dataclasses import dataclass
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import (
    Aggregate,
    BigIntegerField,
    Count,
    Exists,
    F,
    QuerySet,
    Subquery,
    Sum,
    TextField,
    Value,
)
from django.db.models.functions import Coalesce

from recommendations import permissions
from recommendations.fixed import Given, fixed
from recommendations.models import (
    ChainHead,
    RecommendationState,
    StatusUpdate,
    TargetDateChange,
    User,
)
from recommendations.queries.cache import cached
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
    """Numbers for the two badges, and whether fictional people have accounts here."""

    mine: int = 0
    review: int = 0
    is_demonstration: bool = False
    organisation: str = ""


def with_version(people: QuerySet[User]) -> QuerySet[User]:
    """The version as columns of the query that finds a person."""
    head = ChainHead.objects.filter(pk=1).order_by()
    return people.annotate(
        last_sequence=Coalesce(Subquery(head.values("last_sequence")), 0),
        last_hash=Coalesce(Subquery(head.values("last_hash")), Value(""), output_field=TextField()),
    )


def version_for(person: Any) -> Version:
    """The version when this person was loaded; of a visitor when it is first asked for.

    One query for a visitor, and none for who is signed in.
    """
    if not hasattr(person, "last_hash"):
        set_version(person, version_of(DEFAULT_DB_ALIAS))
    return Version(person.last_sequence, person.last_hash)


def set_version(person: Any, version: Version) -> None:
    """Let this be the version that a person reads, for the rest of their request."""
    person.last_sequence, person.last_hash = version.sequence, version.hash


def version_of(alias: str) -> Version:
    """How far the record is in a database."""
    heads = ChainHead.objects.using(alias).filter(pk=1).order_by()
    head = heads.values_list("last_sequence", "last_hash").first()
    return Version(*head) if head else Version()


def frame_for(person: Any) -> Frame:
    """The frame that a person sees; one query for each after something was recorded."""
    return cached(
        "frame",
        lambda: _frame(person) if person.is_authenticated else _frame_of_visitors(),
        audience=f"person {person.pk}",
        version=version_for(person).hash,
    )


def _frame(person: Any) -> Frame:
    [(mine, updates, dates, own, own_dates, *others)] = _counts(person=person.pk)
    review = updates + dates - own - own_dates if permissions.can_review(person) else 0
    return Frame(mine, review, *others)


@fixed
def _counts() -> QuerySet[User, Any]:
    """What waits for a person, whether there are demonstration people, and the organisation.

    Of what waits to be decided all that is kept, and then what the person wrote, which is little.
    """
    person = Given("person", BigIntegerField())
    waiting = RecommendationState.objects.waiting()
    mine = StatusUpdate.objects.filter(author=person, state__in=OPEN_TO_AUTHOR)
    return (
        User.objects.filter(pk=person)
        .order_by()
        .values_list(
            _count(mine),
            _together(waiting, Sum("submitted")),
            _count(waiting.filter(has_date_request=True)),
            _count(StatusUpdate.objects.submitted_by(person)),
            _count(TargetDateChange.objects.requested_by(person)),
            Exists(_demonstration_people()),
            Coalesce(F("organisation__name"), Value("")),
        )
    )


def _frame_of_visitors() -> Frame:
    return Frame(is_demonstration=_demonstration_people().exists())


def _demonstration_people() -> QuerySet[User]:
    return User.objects.filter(is_demonstration=True)


def _count(rows: QuerySet[Any]) -> Coalesce:
    """The number of rows as a column."""
    return _together(rows, Count("pk"))


def _together(rows: QuerySet[Any], what: Aggregate) -> Coalesce:
    """An aggregate of rows as a column; grouped by a constant, so that it is one row at most."""
    counted = rows.order_by().annotate(one=Value(1)).values("one").annotate(n=what)
    return Coalesce(Subquery(counted.values("n")), 0)
