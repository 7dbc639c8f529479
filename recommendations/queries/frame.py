"""What the frame of every page shows: the numbers of the badges, and who the reader is."""

from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Any

from django.db.models import (
    BigIntegerField,
    Count,
    DateField,
    Exists,
    F,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from recommendations import permissions
from recommendations.fixed import Given, fixed
from recommendations.models import (
    ChainHead,
    Deputy,
    RecommendationState,
    ReportingRound,
    StatusUpdate,
    TargetDateChange,
    User,
    Watch,
)
from recommendations.queries.cache import alone, cached, version_for
from recommendations.queries.uses import DONE, use_columns, uses_of
from recommendations.queries.whose import Who, acted_on, shape_of, values_of

MOST_MINE = 99
"""Counting what is mine stops here, since it goes through all that needs attention."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Numbers for the two badges, and whether fictional people have accounts here.

    ``mine`` is on how many recommendations the reader acts, each of which is a block of My work;
    beyond ``MOST_MINE`` there are more. ``watched`` is how many items they watch.
    ``has_deputies``: somebody stands in for somebody today. ``is_set_up``: no step of the set-up
    is left. ``uses`` are the parts of the tracker that are there (``queries.uses``).
    """

    mine: int = 0
    review: int = 0
    is_demonstration: bool = False
    organisation: str = ""
    has_open_round: bool = False
    watched: int = 0
    has_deputies: bool = False
    is_set_up: bool = False
    uses: frozenset[str] = frozenset()


def frame_for(person: Any) -> Frame:
    """The frame that a person sees; one query for each after something was recorded, and two where
    that was not progress."""
    return cached(
        "frame",
        lambda: _frame(person) if person.is_authenticated else _frame_of_visitors(),
        audience=alone(person),
        version=version_for(person).hash,
    )


def _frame(person: Any) -> Frame:
    today, is_manager = timezone.localdate(), permissions.can_review(person)
    [(is_demonstration, organisation, has_round, watched, has_deputies, is_set_up, *used)] = (
        _standing(person=person.pk, today=today)
    )
    uses = uses_of(used)
    has_round = has_round and "rounds" in uses
    [(mine, updates, dates, own_updates, own_dates)] = _counts(
        *shape_of(person), has_round, has_deputies, **values_of(person, today)
    )
    review = updates + dates - own_updates - own_dates if is_manager else 0
    standing = is_demonstration, organisation, has_round, watched, has_deputies, is_set_up, uses
    return Frame(mine, review, *standing)


@fixed
def _standing() -> QuerySet[User, Any]:
    """The columns of ``Frame`` from ``is_demonstration`` on, the last one by one."""
    person, today = Given("person", BigIntegerField()), Given("today", DateField())
    return (
        User.objects.filter(pk=person)
        .order_by()
        .values_list(
            Exists(_demonstration_people()),
            Coalesce(F("organisation__name"), Value("")),
            Exists(ReportingRound.objects.filter(closed_at__isnull=True).order_by()),
            _count(Watch.objects.in_use().filter(person=person)),
            Exists(Deputy.objects.active_on(today).order_by()),
            reduce(and_, DONE.values()),
            *use_columns(),
        )
    )


@fixed
def _counts(is_staff: bool, is_manager: bool, *more: bool) -> QuerySet[User, Any]:
    """What waits for a person, by the shape of ``Who.given``. Of what waits to be decided all that
    is kept, and then what the person wrote, which is little."""
    who = Who.given(is_staff, is_manager, *more)
    person = who.pk
    mine: Any = Value(0)
    waiting = RecommendationState.objects.waiting()
    if is_staff or is_manager:
        found = acted_on(who, most=MOST_MINE + 1)
        mine = _count(RecommendationState.objects.followed().filter(pk__in=found))
    return (
        User.objects.filter(pk=person)
        .order_by()
        .values_list(
            mine,
            _together(waiting, Sum("submitted")),
            _count(waiting.filter(has_date_request=True)),
            _count(StatusUpdate.objects.submitted_by(person)),
            _count(TargetDateChange.objects.requested_by(person)),
        )
    )


def _frame_of_visitors() -> Frame:
    columns = (Exists(_demonstration_people()), *use_columns())
    is_demonstration, *used = ChainHead.objects.order_by().values_list(*columns).first() or [False]
    return Frame(is_demonstration=is_demonstration, uses=uses_of(used))


def _demonstration_people() -> QuerySet[User]:
    return User.objects.filter(is_demonstration=True)


def _count(rows: QuerySet[Any]) -> Coalesce:
    """The number of rows as a column."""
    return _together(rows, Count("*"))


def _together(rows: QuerySet[Any], what: Any) -> Coalesce:
    """An aggregate of rows as a column; grouped by a constant, so that it is one row at most."""
    counted = rows.order_by().annotate(one=Value(1)).values("one").annotate(n=what)
    return Coalesce(Subquery(counted.values("n")), 0)
