"""What is read of recommendations for their rows, by ids: a few narrow statements.

First the kept states of all of them; then what is rare, for those alone that have it.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import (
    BigIntegerField,
    BooleanField,
    Count,
    DateField,
    DateTimeField,
    ExpressionWrapper,
    F,
    Max,
    Q,
    QuerySet,
    Value,
)

from recommendations import permissions
from recommendations.choices import MEASURING_RELATIONS, Movement
from recommendations.fixed import Among, Given, fixed
from recommendations.models import (
    IndicatorLink,
    Recommendation,
    RecommendationState,
    Response,
    StateColumns,
    StatusUpdate,
)
from recommendations.permissions import Person


class Facts(NamedTuple):
    """One recommendation: columns of its kept state, as the reader sees them, and of others.

    Those from ``update_due_on`` on are read for people inside alone.
    """

    pk: int
    reference: str
    title: str
    number: int
    nature: str
    target_date: date | None
    is_archived: bool
    status: str
    confidence: str
    rated_on: date | None
    as_of: date | None
    approved_at: datetime | None
    completed_on: date | None
    public_text: str | None
    fictional: bool | None
    is_approved_by_import: bool
    assurance_rank: int | None
    evidence_for: int
    evidence_against: int
    evidence_answered: int
    contradicted_since: datetime | None
    first_date: date | None
    date_moves: int
    parts: int
    parts_done: int
    addressed: int
    said_accepted: int
    said_in_part: int
    said_neither: int
    said_no: int
    date_overdue_after: date | None
    rating_out_of_date_after: date | None
    update_due_on: date | None = None
    update_overdue_after: date | None = None
    open_without_date_since: date | None = None
    no_date_after: date | None = None
    review_past_after: date | None = None
    evidence_gap_after: date | None = None
    response_overdue_after: date | None = None
    action_overdue_after: date | None = None
    has_indicator_against: bool = False
    has_no_lead: bool = False
    has_no_officer: bool = False
    has_date_request: bool = False
    reported_status: str = ""
    next_due_on: date | None = None
    current_update_id: int | None = None
    current_author_id: int | None = None
    lead_name: str | None = None
    officer_first: str | None = None
    officer_last: str | None = None
    officer_name: str | None = None
    priority_rank: int | None = None
    theme_names: str = ""


_ELSEWHERE = {
    "reference": "reference",
    "title": "title",
    "next_due_on": "next_due_on",
    "current_update_id": "current_update",
    "current_author_id": "current_update__author",
    "lead_name": "lead__name",
    "officer_first": "lead_officer__first_name",
    "officer_last": "lead_officer__last_name",
    "officer_name": "lead_officer__username",
    "rated_on": "current_update__rated_on",
    "approved_at": "current_update__decided_at",
    "completed_on": "current_update__completed_on",
    "public_text": "current_update__public_text",
}
"""Facts that the kept state does not hold, and where they stand."""

_IS_DEMONSTRATION = ExpressionWrapper(
    Q(source__is_demonstration=True)
    | Q(recommendation__current_update__author__is_demonstration=True),
    BooleanField(),
)

_INTERNAL = frozenset(Facts._field_defaults)


def facts_of(ids: Sequence[int], person: Person) -> dict[int, Facts]:
    """The facts of those of these recommendations that there are, by id in the order given."""
    shape = StateColumns.for_reader(person), permissions.can_read_internally(person)
    found = {row[0]: Facts(*row) for row in _states(*shape, ids=ids)}
    return {pk: found[pk] for pk in ids if pk in found}


@fixed
def _states(columns: StateColumns, is_internal: bool) -> QuerySet[Any, Any]:
    wanted = [name for name in Facts._fields if is_internal or name not in _INTERNAL]
    elsewhere = {
        name: F(f"recommendation__{_ELSEWHERE[name]}") for name in wanted if name in _ELSEWHERE
    } | {"fictional": _IS_DEMONSTRATION}
    rows = RecommendationState.objects.filter(Among("pk")).annotate(**elsewhere)
    return rows.values_list(*map(columns.name, wanted))


OVERDUE, DECIDABLE, WRITTEN = range(3)
"""What one statement finds of rows: late responses, updates to decide on, claims of the reader."""


@dataclass(frozen=True, slots=True)
class Pending:
    """What waits, by the id of the recommendation: for the reader, and for others.

    ``decidable`` is the newest overall update that the reader may decide on, ``overdue`` the number
    of responses that are overdue; of ``answerable`` the reader may answer contradictions.
    """

    decidable: dict[int, int]
    overdue: dict[int, int]
    answerable: Collection[int] = ()


def pending_of(
    found: dict[int, Facts], person: Person, today: date, loggable: Collection[int]
) -> Pending:
    """What waits; one query, and none where the states say that there is nothing.

    Who may log on it may answer contradictions, but not of a claim of which they wrote a version.
    """
    may_decide = permissions.can_review(person)
    is_internal = permissions.can_read_internally(person)
    submitted = _where(found, lambda facts: may_decide and bool(facts.reported_status))
    late = _where(found, lambda facts: is_internal and _may_be_late(facts, today))
    claims = {
        facts.current_update_id: pk
        for pk, facts in found.items()
        if pk in loggable
        and facts.contradicted_since
        and facts.current_author_id not in (None, person.pk)
    }
    by_kind: tuple[dict[int, int], ...] = ({}, {}, {})
    if submitted or late or claims:
        shape = bool(late), bool(submitted), bool(claims)
        given = {"late": late, "submitted": submitted, "claims": claims}
        rows = _waiting(*shape, **given, today=today, by=person.pk)
        for key, kind, number, _at in sorted(rows, key=lambda row: (row[1], row[3], row[2])):
            by_kind[kind][key] = number
    written = by_kind[WRITTEN]
    answerable = {pk for update, pk in claims.items() if update not in written}
    return Pending(by_kind[DECIDABLE], by_kind[OVERDUE], answerable)


def overdue_responses(found: dict[int, Facts], person: Person, today: date) -> dict[int, int]:
    """How many responses are overdue, for people inside; a query, if any may be."""
    if not permissions.can_read_internally(person):
        return {}
    late = _where(found, lambda facts: _may_be_late(facts, today))
    if not late:
        return {}
    return {pk: n for pk, _kind, n, _at in _waiting(True, False, False, late=late, today=today)}


@fixed
def _waiting(has_late: bool, has_submitted: bool, has_claims: bool) -> QuerySet[Any, Any]:
    kinds = [_overdue()] * has_late + [_decidable()] * has_submitted + [_written()] * has_claims
    return kinds[0].union(*kinds[1:], all=True)


def _decidable() -> QuerySet[Any, Any]:
    updates = StatusUpdate.objects.undecided_for(Given("by", BigIntegerField())).filter(
        Among("recommendation", "submitted"), addressee__isnull=True
    )
    return updates.order_by().values_list("recommendation", Value(DECIDABLE), "pk", "submitted_at")


def _written() -> QuerySet[Any, Any]:
    versions: Any = StatusUpdate.editors.through.objects.filter(
        Among("statusupdate", "claims"), user=Given("by", BigIntegerField())
    )
    no_day = Value(None, DateTimeField())
    rows: QuerySet[Any, Any] = versions.order_by().values_list(
        "statusupdate", Value(WRITTEN), "pk", no_day
    )
    return rows


def _may_be_late(facts: Facts, today: date) -> bool:
    # Of what is archived no day is kept, since no flag is raised for it.
    day = facts.response_overdue_after
    return facts.addressed > 0 and (facts.is_archived or (day is not None and day < today))


def _overdue() -> QuerySet[Any, Any]:
    about = "addressee__recommendation"
    late = Response.objects.current().filter(
        Among(about, "late"), due_on__lt=Given("today", DateField())
    )
    grouped = late.order_by().values(about).annotate(n=Count("pk"), last=Max("recorded_at"))
    rows: QuerySet[Any, Any] = grouped.values_list(about, Value(OVERDUE), "n", "last")
    return rows


def indicators_against(found: dict[int, Facts]) -> dict[int, str]:
    """The title of the first indicator of each that moves against the claim; a query, if any."""
    flagged = _where(found, lambda facts: facts.has_indicator_against)
    return dict(reversed(_against(flagged))) if flagged else {}


def _against(ids: Sequence[int]) -> list[Any]:
    links = IndicatorLink.objects.filter(
        recommendation__in=ids,
        removed_at__isnull=True,
        relation__in=MEASURING_RELATIONS,
        indicator__movement=Movement.AGAINST,
    )
    return list(
        links.order_by("indicator__code", "pk").values_list("recommendation", "indicator__title")
    )


def loggable(found: dict[int, Facts], person: Person) -> set[int]:
    """Those on which this person may log progress; asks only where that goes by the body."""
    followed = _where(found, lambda facts: not facts.is_archived)
    if permissions.can_review(person):
        return set(followed)
    if not followed or not permissions.can_write(person):
        return set()
    rows = Recommendation.objects.filter(pk__in=followed).loggable_by(person)
    return set(rows.order_by().values_list("pk", flat=True))


def _where(found: dict[int, Facts], test: Callable[[Any], bool]) -> list[int]:
    return [pk for pk, facts in found.items() if test(facts)]
