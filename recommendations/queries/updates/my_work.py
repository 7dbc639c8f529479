"""My work: what a person has to report and has written, and the counts in the menu."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from recommendations import permissions
from recommendations.choices import GRACE_DAYS, DateChangeState, UpdateKind, UpdateState
from recommendations.models import Recommendation, StatusUpdate, TargetDateChange
from recommendations.permissions import Person
from recommendations.queries.people import decider_names, with_deciders
from recommendations.queries.updates.conditions import needs_sentence
from recommendations.transitions import UNDECIDED

MOST_ROWS = 50
"""Rows of one list on these pages; what is beyond is counted and found in the full list."""


@dataclass(frozen=True, slots=True)
class Due:
    """What is due now, how much there is of it, and what comes next.

    ``rows`` are recommendations with ``draft_id``, the reader's own draft if there is one, and
    with whether each ``is_overdue``, ``needs_sentence`` to be confirmed, and ``is_confirmable``
    as it is.
    """

    rows: tuple[Any, ...]
    total: int
    upcoming: tuple[Any, ...]

    overdue: int = 0

    @property
    def due(self) -> int:
        """How many are due, but within their days of grace."""
        return self.total - self.overdue


def due_for(person: Person, today: date) -> Due:
    """What this person is to report on, the most overdue first, and the next two after that."""
    rows = (
        _to_report(person)
        .select_related("lead_officer", "current_update__based_on__based_on")
        .order_by("next_due_on", "pk")
    )
    now: list[Any] = list(rows.filter(next_due_on__lte=today))
    for row in now:
        row.is_overdue = row.next_due_on < today - timedelta(days=GRACE_DAYS)
        row.needs_sentence = needs_sentence(row.current_update)
        has_draft = row.draft_id is not None
        row.is_confirmable = bool(row.current_update) and not has_draft and not row.needs_sentence
    overdue = sum(row.is_overdue for row in now)
    upcoming = tuple(rows.filter(next_due_on__gt=today)[:2])
    return Due(tuple(now[:MOST_ROWS]), len(now), upcoming, overdue)


def next_due_recommendation(person: Person, today: date) -> str | None:
    """Reference of what this person should report on next, if anything is due."""
    due = _to_report(person).filter(next_due_on__lte=today)
    return due.order_by("next_due_on", "pk").values_list("reference", flat=True).first()


def written_by(person: Person) -> dict[str, list[Any]]:
    """Updates of this person by state: returned, drafts, waiting; the newest first."""
    mine = StatusUpdate.objects.filter(author=person.pk, state__in=UNDECIDED)
    rows = (
        with_deciders(mine.with_people())
        .select_related("recommendation__reviewer")
        .order_by("-updated_at", "-created_at", "-pk")
    )
    found: dict[str, list[Any]] = {
        UpdateState.RETURNED: [],
        UpdateState.DRAFT: [],
        UpdateState.SUBMITTED: [],
    }
    update: Any
    for update in rows:
        update.with_whom = decider_names(update) if update.state == UpdateState.SUBMITTED else ""
        found[update.state].append(update)
    return found


def dates_asked_by(person: Person) -> list[TargetDateChange]:
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
    return list(rows)


def kind_text(update: StatusUpdate) -> str:
    """What sort of update this is, where it is not a regular one."""
    return "" if update.kind == UpdateKind.REGULAR else str(UpdateKind(update.kind).label)


def _to_report(person: Person) -> QuerySet[Any]:
    """What this person answers for: as officer, or through an organisation that leads or helps.

    A manager may log on everything, but only what is theirs is their work. Where an update waits
    for review there is nothing to write; a returned one is in a list of its own.
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
