"""My work: what a person has to report and has written, and the counts in the menu."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.choices import GRACE_DAYS, DateChangeState, Nature, UpdateKind, UpdateState
from recommendations.models import Recommendation, StatusUpdate, TargetDateChange, User
from recommendations.permissions import Person
from recommendations.queries.dates import change_in_words
from recommendations.queries.people import decider_names, with_deciders
from recommendations.queries.updates.conditions import needs_sentence
from recommendations.transitions import OPEN_TO_AUTHOR, UNDECIDED

MOST_ROWS = 50
"""Rows of one list on these pages; what is beyond is counted and found in the full list."""


@dataclass(frozen=True, slots=True)
class DueRow:
    """A recommendation on which this person or their organisation is to report."""

    reference: str
    title: str
    url: str
    due_on: date
    is_overdue: bool
    officer: str
    is_officer: bool
    status: str
    confidence: str
    is_continuous: bool
    has_date: bool
    as_of: date | None
    is_rated: bool
    needs_sentence: bool
    draft_id: int | None

    @property
    def is_confirmable(self) -> bool:
        """Whether “no change” can be said of it without a word more."""
        return self.as_of is not None and self.draft_id is None and not self.needs_sentence


@dataclass(frozen=True, slots=True)
class Due:
    """What is due now, how much there is of it, and what comes next."""

    rows: tuple[DueRow, ...]
    total: int
    upcoming: tuple[DueRow, ...]

    overdue: int = 0

    @property
    def due(self) -> int:
        """How many are due, but within their days of grace."""
        return self.total - self.overdue


@dataclass(frozen=True, slots=True)
class WorkRow:
    """An update that this person wrote and nobody has decided for good."""

    pk: int
    reference: str
    title: str
    url: str
    kind: str
    scope: str
    state: str
    status: str
    confidence: str
    is_continuous: bool
    has_date: bool
    as_of: date | None
    changed_at: datetime
    submitted_at: datetime | None
    reviewer: str
    note: str
    decided_by: str
    decided_at: datetime | None
    version: int
    is_demonstration: bool
    with_whom: str = ""
    """Who decides on it, in words, where it waits for somebody."""


def due_for(person: Person, today: date) -> Due:
    """What this person is to report on, the most overdue first, and the next two after that."""
    mine = _to_report(person)
    rows = mine.select_related("lead_officer", "current_update__based_on__based_on").order_by(
        "next_due_on", "pk"
    )
    now = [_due_row(found, person, today) for found in rows.filter(next_due_on__lte=today)]
    upcoming = [_due_row(found, person, today) for found in rows.filter(next_due_on__gt=today)[:2]]
    overdue = sum(row.is_overdue for row in now)
    return Due(tuple(now[:MOST_ROWS]), len(now), tuple(upcoming), overdue)


def next_due(person: Person, today: date) -> str | None:
    """Reference of what this person should report on next, if anything is due."""
    due = _to_report(person).filter(next_due_on__lte=today)
    return due.order_by("next_due_on", "pk").values_list("reference", flat=True).first()


def written_by(person: Person) -> dict[str, list[WorkRow]]:
    """Updates of this person by state: returned, drafts, waiting; the newest first."""
    mine = StatusUpdate.objects.filter(author=person.pk, state__in=UNDECIDED)
    rows = (
        with_deciders(mine.with_people())
        .select_related("recommendation__reviewer")
        .order_by("-updated_at", "-created_at", "-pk")
    )
    found: dict[str, list[WorkRow]] = {
        UpdateState.RETURNED: [],
        UpdateState.DRAFT: [],
        UpdateState.SUBMITTED: [],
    }
    for update in rows:
        found[update.state].append(_work_row(update))
    return found


def dates_asked_by(person: Person) -> list[WorkRow]:
    """Requests of this person for another date that nobody has decided, the newest first."""
    rows = (
        TargetDateChange.objects.filter(
            requested_by=person.pk,
            state=DateChangeState.REQUESTED,
            recommendation__archived_at__isnull=True,
        )
        .select_related("recommendation__reviewer", "requested_by")
        .order_by("-requested_at", "-pk")
    )
    return [_asked_row(change) for change in rows]


def kind_in_words(update: StatusUpdate) -> str:
    """What sort of update this is, where it is not a regular one."""
    return "" if update.kind == UpdateKind.REGULAR else str(UpdateKind(update.kind).label)


def _to_report(person: Person) -> QuerySet[Any]:
    """What this person answers for: as officer, or through an organisation that leads or helps.

    A manager may log on everything, but only what is theirs is their work. Where an update waits
    for review there is nothing to write; one that came back stands in a list of its own.
    """
    if not permissions.can_write(person):
        nothing: QuerySet[Any] = Recommendation.objects.none()
        return nothing
    overall = StatusUpdate.objects.filter(recommendation=OuterRef("pk"), addressee__isnull=True)
    drafts = overall.filter(author=person.pk, state=UpdateState.DRAFT, kind=UpdateKind.REGULAR)
    under_way = Q(state=UpdateState.SUBMITTED) | Q(author=person.pk, state=UpdateState.RETURNED)
    followed: QuerySet[Any] = Recommendation.objects.followed().involving(person)
    open_to_report: QuerySet[Any] = followed.filter(
        ~Exists(overall.filter(under_way)), next_due_on__isnull=False
    ).annotate(draft_id=Subquery(drafts.order_by("-pk").values("pk")[:1]))
    return open_to_report


def _due_row(found: Any, person: Person, today: date) -> DueRow:
    update = found.current_update
    return DueRow(
        reference=found.reference,
        title=found.title,
        url=found.get_absolute_url(),
        due_on=found.next_due_on,
        is_overdue=found.next_due_on < today - timedelta(days=GRACE_DAYS),
        officer=str(found.lead_officer or ""),
        is_officer=found.lead_officer_id == person.pk,
        status=update.implementation_status if update else "",
        confidence=update.confidence if update else "",
        is_continuous=found.nature == Nature.CONTINUOUS,
        has_date=found.target_date is not None,
        as_of=update.as_of if update else None,
        is_rated=bool(update and update.rated_on),
        needs_sentence=needs_sentence(update),
        draft_id=found.draft_id,
    )


def _work_row(update: StatusUpdate) -> WorkRow:
    about = update.recommendation
    is_waiting = update.state == UpdateState.SUBMITTED
    return WorkRow(
        pk=update.pk,
        reference=about.reference,
        title=about.title,
        url=update.get_absolute_url(),
        kind=kind_in_words(update),
        scope=str(update.addressee or ""),
        state=update.state,
        status=update.implementation_status,
        confidence=update.confidence,
        is_continuous=about.nature == Nature.CONTINUOUS,
        has_date=about.target_date is not None,
        as_of=update.as_of,
        changed_at=update.updated_at or update.created_at,
        submitted_at=update.submitted_at,
        reviewer="" if about.reviewer_id == update.author_id else str(about.reviewer or ""),
        note=update.decision_note,
        decided_by=str(update.decided_by or ""),
        decided_at=update.decided_at,
        version=update.version,
        is_demonstration=update.author.is_demonstration,
        with_whom=decider_names(update) if is_waiting else "",
    )


def _asked_row(change: TargetDateChange) -> WorkRow:
    about = change.recommendation
    return WorkRow(
        pk=change.pk,
        reference=about.reference,
        title=about.title,
        url=reverse("recommendation-dates", args=[about.reference]),
        kind=_("date change, %s") % change_in_words(change.old_date, change.new_date),
        scope="",
        state=UpdateState.SUBMITTED,
        status="",
        confidence="",
        is_continuous=about.nature == Nature.CONTINUOUS,
        has_date=about.target_date is not None,
        as_of=None,
        changed_at=change.requested_at,
        submitted_at=change.requested_at,
        reviewer="" if about.reviewer_id == change.requested_by_id else str(about.reviewer or ""),
        note="",
        decided_by="",
        decided_at=None,
        version=0,
        is_demonstration=change.requested_by.is_demonstration,
    )


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
        is_demonstrated=Exists(_demonstration_people()),
        organisation_name=F("organisation__name"),
    )


def waiting_for(person: Any) -> Waiting:
    """What waits for a person; no query for one who is signed in, who came ``with_waiting``."""
    if not hasattr(person, "waiting_mine"):
        return Waiting(0, 0, _demonstration_people().exists(), "")
    may_review = permissions.can_review(person)
    return Waiting(
        mine=person.waiting_mine,
        review=person.waiting_updates + person.waiting_dates if may_review else 0,
        is_demonstration=person.is_demonstrated,
        organisation=person.organisation_name or "",
    )


def _demonstration_people() -> QuerySet[User]:
    return User.objects.filter(is_demonstration=True)


def _count(rows: Any) -> Coalesce:
    """The number of rows as a column; grouped by a constant, so that it is one row at most."""
    counted = rows.order_by().annotate(one=Value(1)).values("one").annotate(n=Count("pk"))
    return Coalesce(Subquery(counted.values("n")), 0)
