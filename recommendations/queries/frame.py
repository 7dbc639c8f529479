"""What the frame of every page shows: the numbers of the badges, and who the reader is."""

from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    DateField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from recommendations import permissions
from recommendations.choices import (
    OPEN_ACTIONS,
    RULES,
    UPDATE_FLAGS,
    Flag,
    UpdateKind,
    UpdateState,
)
from recommendations.fixed import Given, fixed
from recommendations.models import (
    Action,
    Deputy,
    Recommendation,
    RecommendationState,
    ReportingRound,
    Request,
    StatusUpdate,
    TargetDateChange,
    User,
    Watch,
)
from recommendations.queries.cache import alone, cached, version_for
from recommendations.queries.rounds import unanswered as unanswered_requests
from recommendations.transitions import OPEN_TO_AUTHOR


@dataclass(frozen=True, slots=True)
class Frame:
    """Numbers for the two badges, and whether fictional people have accounts here.

    ``mine`` is how many rows My work lists as what needs the reader's action, ``watched`` how many
    items they watch. ``has_deputies``: somebody stands in for
    somebody today.
    """

    mine: int = 0
    review: int = 0
    is_demonstration: bool = False
    organisation: str = ""
    has_open_round: bool = False
    watched: int = 0
    has_deputies: bool = False


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
    is_manager, is_writer = permissions.can_review(person), permissions.can_write(person)
    today = timezone.localdate()
    [standing] = _standing(person.pk, today)
    _is_demonstration, _organisation, has_open_round, _watched, has_deputies = standing
    [(written, raised, updates, dates, own, own_dates)] = _counts(
        is_writer,
        is_manager,
        has_open_round,
        has_deputies,
        person=person.pk,
        organisation=permissions.organisation_id(person),
        today=today,
    )
    review = updates + dates - own - own_dates if is_manager else 0
    return Frame(written + raised, review, *standing)


def _standing(person: int, today: date) -> QuerySet[User, Any]:
    """The columns of ``Frame`` from ``is_demonstration`` on."""
    return (
        User.objects.filter(pk=person)
        .order_by()
        .values_list(
            Exists(_demonstration_people()),
            Coalesce(F("organisation__name"), Value("")),
            Exists(ReportingRound.objects.filter(closed_at__isnull=True).order_by()),
            _count(Watch.objects.in_use().filter(person=person)),
            Exists(Deputy.objects.active_on(today).order_by()),
        )
    )


@fixed
def _counts(
    is_writer: bool, is_manager: bool, has_open_round: bool, has_deputies: bool
) -> QuerySet[User, Any]:
    """What waits for a person. Of what waits to be decided all that is kept, and then what the
    person wrote, which is little."""
    person = Given("person", BigIntegerField())
    waiting = RecommendationState.objects.waiting()
    mine = StatusUpdate.objects.filter(author=person, state__in=OPEN_TO_AUTHOR)
    raised: Any = Value(0)
    if is_writer:
        rows = _raised(person, has_open_round=has_open_round, is_manager=is_manager)
        # Of the work of others whose deputies they are, staff may log where their organisation
        # leads or contributes, and then answer for it themselves.
        day = _today() if is_manager and has_deputies else None
        own = answered_by(person, Given("organisation", BigIntegerField()), day)
        raised = _together(RecommendationState.objects.followed().filter(pk__in=own), rows)
    return (
        User.objects.filter(pk=person)
        .order_by()
        .values_list(
            _count(mine),
            raised,
            _together(waiting, Sum("submitted")),
            _count(waiting.filter(has_date_request=True)),
            _count(StatusUpdate.objects.submitted_by(person)),
            _count(TargetDateChange.objects.requested_by(person)),
        )
    )


def _raised(person: Given, *, has_open_round: bool, is_manager: bool) -> Any:
    """The rows that flags make on My work of what a writer answers for, beside their drafts.

    What one update answers is one row, a request of a round among it; each contradiction and each
    late action is another, and so is each other flag that the writer can do something about.
    ``queries.updates.tasks`` makes these rows.
    """
    today = _today()
    tests = {flag: rule.as_q(today) for flag, rule in RULES.items()}
    written = StatusUpdate.objects.filter(author=person, addressee__isnull=True).order_by()
    begun = Q(state=UpdateState.DRAFT, kind=UpdateKind.REGULAR) | Q(state=UpdateState.RETURNED)
    has_row = Q(pk__in=written.filter(begun).values("recommendation"))
    answered = reduce(or_, (tests[flag] for flag in UPDATE_FLAGS))
    is_due = answered & Q(reported_status="")
    if has_open_round:
        asked = unanswered_requests(Request.objects.order_by()).values("recommendation")
        is_due |= Q(pk__in=asked)
    rows: Any = Count(Value(1), filter=is_due & ~has_row)
    for flag, rule in RULES.items():
        if rule.way and (is_manager or not rule.way.for_managers):
            rows += Count(Value(1), filter=tests[flag] & rule.way.where)
    unanswered = F("evidence_against") - F("evidence_answered")
    rows += Coalesce(Sum(unanswered, filter=tests[Flag.CONTRADICTED]), 0)
    # Counted for the few rows that have some.
    late = Case(When(action_overdue_after__lt=today, then=_late_actions(today)), default=Value(0))
    return rows + Coalesce(Sum(late), 0)


def _late_actions(today: Given) -> Coalesce:
    """Open actions of a recommendation that are overdue."""
    actions = Action.objects.filter(recommendation=OuterRef("pk"))
    return _count(actions.filter(state__in=OPEN_ACTIONS, due_on__lt=today))


def _today() -> Given:
    return Given("today", DateField())


def answered_by(person: Any, organisation: Any, today: Any = None) -> QuerySet[Any, Any]:
    """Ids of what a person answers for: as officer, or as one of what leads or contributes; and
    what those are officers of whose deputy they are on ``today``, if that is given.

    A union, so that each part has an index of its own.
    """
    every = Recommendation.objects.order_by()
    parts: list[QuerySet[Any, Any]] = [every.filter(lead_officer=person).values("pk")]
    if today is not None:
        absent = Deputy.objects.active_on(today).filter(deputy=person).order_by()
        parts.append(every.filter(lead_officer__in=absent.values("person")).values("pk"))
    if organisation is not None:
        helped = Recommendation.contributors.through.objects.filter(organisation=organisation)
        parts.append(every.filter(lead=organisation).values("pk"))
        parts.append(helped.values("recommendation"))
    return parts[0].union(*parts[1:]) if parts[1:] else parts[0]


def _frame_of_visitors() -> Frame:
    return Frame(is_demonstration=_demonstration_people().exists())


def _demonstration_people() -> QuerySet[User]:
    return User.objects.filter(is_demonstration=True)


def _count(rows: QuerySet[Any]) -> Coalesce:
    """The number of rows as a column."""
    return _together(rows, Count("*"))


def _together(rows: QuerySet[Any], what: Any) -> Coalesce:
    """An aggregate of rows as a column; grouped by a constant, so that it is one row at most."""
    counted = rows.order_by().annotate(one=Value(1)).values("one").annotate(n=what)
    return Coalesce(Subquery(counted.values("n")), 0)
