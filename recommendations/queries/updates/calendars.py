"""Due dates of what a person answers for, and whose calendar an address is of."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.choices import FINISHED_STATUSES, OPEN_ACTIONS, UpdateState
from recommendations.models import (
    Action,
    CalendarAddress,
    Recommendation,
    StatusUpdate,
    User,
    with_roles,
)
from recommendations.queries.dates import beginning_of
from recommendations.queries.invitations import digest_of, token_of
from recommendations.queries.updates.my_work import answered_for

CANCELLED_FOR = timedelta(days=90)
"""For how long what was closed or archived is told as cancelled."""

MOST = 1000
"""Recommendations and actions of one calendar at most, of each."""


@dataclass(frozen=True, slots=True)
class DueDate:
    """One day on which something is due; ``kind`` and ``number`` name it for good.

    ``changed_at`` is when anything was changed last that the day may follow from, and never
    becomes earlier.
    """

    kind: str
    number: int
    day: date
    title: str
    path: str
    changed_at: datetime
    is_cancelled: bool


def person_of(token: str) -> User | None:
    """Whose calendar an address with this token is of, while they may have one; one query.

    None where it is unknown or revoked, and where the person has no account or no fitting role.
    """
    live = CalendarAddress.objects.in_use().filter(token_digest=digest_of(token))
    person = with_roles(User.objects.filter(pk__in=live.values("person"))).first()
    if person is None or permissions.is_shut_out(person) or not permissions.can_write(person):
        return None
    return person


def token_for(person: Any) -> str:
    """The token of the address that a person has; empty without one.

    Empty also after the secret key of the site was changed: the address works, and is not known.
    """
    for row in CalendarAddress.objects.in_use().filter(person=person.pk):
        token = token_of(row.token_salt)
        return token if digest_of(token) == row.token_digest else ""
    return ""


def due_dates(person: User, now: datetime) -> list[DueDate]:
    """What is due of what this person answers for, and what lately was cancelled; two queries."""
    since = now - CANCELLED_FOR
    found = [
        *(each for row in _recommendations(person, since) for each in _of_recommendation(row)),
        *(_of_action(row) for row in _actions(person, since)),
    ]
    return sorted(found, key=lambda each: (each.day, each.kind, each.number))


def _recommendations(person: User, since: datetime) -> QuerySet[Any]:
    is_finished = Q(current_update__implementation_status__in=FINISHED_STATUSES)
    # What follows from an update changes with its approval and with its retraction.
    decided = StatusUpdate.objects.of_scope(OuterRef("pk"), None)
    decided = decided.filter(state=UpdateState.APPROVED).order_by("-decided_at")
    rows: QuerySet[Any] = (
        Recommendation.objects.visible_to(person)
        .filter(
            Q(archived_at__isnull=True) | Q(archived_at__gte=since), pk__in=answered_for(person)
        )
        .exclude(is_finished & Q(next_due_on__isnull=True, current_update__decided_at__lt=since))
        .exclude(target_date__isnull=True, next_due_on__isnull=True)
        .annotate(
            status=F("current_update__implementation_status"),
            decided_at=Subquery(decided.values("decided_at")[:1]),
        )
        .only(
            *("reference", "title", "target_date", "next_due_on", "opened_on", "archived_at"),
            "updated_at",
        )
        .order_by("-pk")[:MOST]
    )
    return rows


def _of_recommendation(row: Any) -> Iterator[DueDate]:
    is_archived = row.archived_at is not None
    path = row.get_absolute_url()
    words = {"reference": row.reference, "title": row.title}
    times = [at for at in (row.updated_at, row.decided_at) if at is not None]
    shared = {
        "number": row.pk,
        "path": path,
        "changed_at": max(times, default=beginning_of(row.opened_on)),
    }
    if row.target_date is not None:
        yield DueDate(
            kind="target",
            day=row.target_date,
            title=_("%(reference)s %(title)s: target date") % words,
            is_cancelled=is_archived or row.status in FINISHED_STATUSES,
            **shared,
        )
    if row.next_due_on is not None:
        yield DueDate(
            kind="update",
            day=row.next_due_on,
            title=_("%(reference)s %(title)s: update due") % words,
            is_cancelled=is_archived,
            **shared,
        )


def _actions(person: User, since: datetime) -> QuerySet[Any]:
    is_lately = Q(updated_at__gte=since)
    rows: QuerySet[Any] = (
        Action.objects.visible_to(person)
        .filter(
            Q(state__in=OPEN_ACTIONS) | is_lately,
            Q(recommendation__archived_at__isnull=True) | Q(recommendation__archived_at__gte=since),
            due_on__isnull=False,
            recommendation__in=answered_for(person),
        )
        .select_related("recommendation")
        .only(
            *(
                "due_on",
                "state",
                "updated_at",
                "recommendation__reference",
                "recommendation__title",
            ),
            *("recommendation__archived_at", "recommendation__updated_at"),
            "recommendation__opened_on",
        )
        .order_by("-pk")[:MOST]
    )
    return rows


def _of_action(row: Any) -> DueDate:
    about = row.recommendation
    times = [at for at in (row.updated_at, about.updated_at) if at is not None]
    return DueDate(
        kind="action",
        number=row.pk,
        day=row.due_on,
        # Not the title of the action, which people inside alone read.
        title=_("%(reference)s %(title)s: action due")
        % {"reference": about.reference, "title": about.title},
        path=reverse("recommendation-actions", args=[about.reference]),
        changed_at=max(times, default=beginning_of(about.opened_on)),
        is_cancelled=row.state not in OPEN_ACTIONS or about.archived_at is not None,
    )
