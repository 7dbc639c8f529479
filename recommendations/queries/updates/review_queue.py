"""The review queue of a manager: updates and date changes that others submitted, in one order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.choices import ImplementationStatus, UpdateKind
from recommendations.models import StatusUpdate, TargetDateChange
from recommendations.permissions import Person
from recommendations.queries.evidence.decision import decision_evidence
from recommendations.queries.updates.conditions import counts_of, is_silent, unmet_conditions
from recommendations.queries.updates.my_work import MOST_ROWS, kind_text
from recommendations.queries.updates.shown import shown_update


@dataclass(frozen=True, slots=True)
class QueueRow:
    """An update or a date change that waits for a decision of this manager."""

    pk: int
    url: str
    reference: str
    title: str
    scope: str
    what: str
    submitted_at: datetime
    is_for_me: bool
    is_date: bool = False
    is_no_change: bool = False


def queue_of(person: Person) -> list[QueueRow]:
    """What this manager is the named reviewer of first, then the oldest: two queries."""
    updates = ordered_queue(person).select_related(
        "recommendation", "based_on", "addressee__area", "addressee__organisation"
    )
    dates = TargetDateChange.objects.awaiting_decision_by(person).select_related("recommendation")
    rows = [_update_row(update, person) for update in updates]
    rows += [_date_row(change, person) for change in dates]
    return sorted(rows, key=_place)


def ordered_queue(person: Person) -> QuerySet[StatusUpdate]:
    """``awaiting_decision_by`` in the order in which it should be decided."""
    is_named = Case(When(recommendation__reviewer=person.pk, then=Value(0)), default=Value(1))
    return (
        StatusUpdate.objects.awaiting_decision_by(person)
        .annotate(rank=is_named)
        .order_by("rank", "submitted_at", "pk")
    )


def no_changes_for(person: Person, most: int) -> list[Any]:
    """Confirmations that await this manager, at most so many: four queries.

    Each with the ``sentence`` that it adds, if any, whether it ``is_contradicted``, the conditions
    that it is ``missing``, whether what it confirms ``is_replaced``, and what a decision on it is
    ``shown``: that it confirms what is in force.
    """
    rows = (
        ordered_queue(person)
        .filter(kind=UpdateKind.NO_CHANGE)
        .select_related("recommendation", "author", "based_on")
        .select_related("addressee__area", "addressee__organisation", "successor")
    )
    found: list[Any] = list(rows[:most])
    today, known = timezone.localdate(), timezone.now()
    evidence = decision_evidence(found, person, today)
    for update in found:
        update.sentence = "" if is_silent(update) else update.what_happened
        update.is_contradicted = bool(evidence[update.pk].open)
        update.is_replaced = update.based_on_id != update.recommendation.current_update_id
        update.missing = unmet_conditions(
            update,
            today=today,
            known=known,
            now=update.based_on,
            links=counts_of(evidence[update.pk].at_approval),
        )
        update.shown = shown_update(update, update.based_on, evidence[update.pk].shown)
    return found


def next_in_queue(queue: Sequence[QueueRow], url: str) -> QueueRow | None:
    """The row after one in the queue, the first where that was the last; none if it is alone."""
    places = [row.url for row in queue]
    if url not in places:
        return queue[0] if queue else None
    following = queue[(places.index(url) + 1) % len(queue)]
    return following if following.url != url else None


class Place(NamedTuple):
    """Where something stands in the queue of a manager; what is earlier comes first."""

    rank: int
    since: datetime
    is_date: int
    pk: int


def place_of(row: StatusUpdate | TargetDateChange, person: Person) -> Place:
    """Where an update or a date change stands, or stood, in the queue of this manager.

    Its recommendation is read along. What was never submitted stands before all.
    """
    is_date = isinstance(row, TargetDateChange)
    since = row.requested_at if isinstance(row, TargetDateChange) else row.submitted_at
    if since is None:
        return Place(-1, timezone.now(), is_date, row.pk)
    is_named = row.recommendation.reviewer_id == person.pk
    return Place(0 if is_named else 1, since, is_date, row.pk)


def url_after(place: Place, person: Person) -> str | None:
    """What this manager decides on next: what follows a place, else the first; one narrow query.

    None where nothing else waits.
    """
    updates = StatusUpdate.objects.awaiting_decision_by(person)
    changes = TargetDateChange.objects.awaiting_decision_by(person)
    waiting = _places(updates, "submitted_at", 0, place, person).union(
        _places(changes, "requested_at", 1, place, person), all=True
    )
    following = waiting.order_by("is_before", "rank", "since", "is_date", "pk").first()
    if following is None:
        return None
    is_date, pk = following[-2:]
    return reverse("review-date" if is_date else "review-item", args=[pk])


def _places(
    rows: QuerySet[Any], since: str, is_date: int, place: Place, person: Person
) -> QuerySet[Any, Any]:
    """The places of rows but for ``place`` itself, with those marked that follow it."""
    if is_date == place.is_date:
        rows = rows.exclude(pk=place.pk)
    is_later = Q(**{f"{since}__gt": place.since})
    if is_date >= place.is_date:
        at_once = {since: place.since} | ({"pk__gt": place.pk} if is_date == place.is_date else {})
        is_later |= Q(**at_once)
    is_named = Case(When(recommendation__reviewer=person.pk, then=Value(0)), default=Value(1))
    follows = Q(rank__gt=place.rank) | (Q(rank=place.rank) & is_later)
    places: QuerySet[Any, Any] = (
        rows.order_by()
        .annotate(rank=is_named)
        .annotate(
            is_before=Case(When(follows, then=Value(0)), default=Value(1)),
            since=F(since),
            is_date=Value(is_date),
        )
        .values_list("is_before", "rank", "since", "is_date", "pk")
    )
    return places


def window(queue: Sequence[QueueRow], url: str) -> Sequence[QueueRow]:
    """As much of a long queue as a page lists: a stretch of it with the row of this address."""
    places = [row.url for row in queue]
    at = places.index(url) if url in places else 0
    start = max(0, min(at - MOST_ROWS // 2, len(queue) - MOST_ROWS))
    return queue[start : start + MOST_ROWS]


def _place(row: QueueRow) -> tuple[bool, datetime, bool, int]:
    return (not row.is_for_me, row.submitted_at, row.is_date, row.pk)


def _update_row(update: StatusUpdate, person: Person) -> QueueRow:
    if update.submitted_at is None:
        raise ValueError("an update in the queue was submitted at some time")
    return QueueRow(
        pk=update.pk,
        url=reverse("review-item", args=[update.pk]),
        reference=update.recommendation.reference,
        title=update.recommendation.title,
        scope=str(update.addressee or ""),
        what=_what(update),
        submitted_at=update.submitted_at,
        is_for_me=update.recommendation.reviewer_id == person.pk,
        is_no_change=update.kind == UpdateKind.NO_CHANGE,
    )


def _date_row(change: TargetDateChange, person: Person) -> QueueRow:
    return QueueRow(
        pk=change.pk,
        url=reverse("review-date", args=[change.pk]),
        reference=change.recommendation.reference,
        title=change.recommendation.title,
        scope="",
        what=change.kind_text,
        submitted_at=change.requested_at,
        is_for_me=change.recommendation.reviewer_id == person.pk,
        is_date=True,
    )


def _what(update: StatusUpdate) -> str:
    """An update in few words: its kind, or how the status changes."""
    if update.kind != UpdateKind.REGULAR:
        return kind_text(update)
    now = _status(update)
    before = update.based_on
    if before is None:
        return _("%(status)s, first report") % {"status": now}
    if before.implementation_status == update.implementation_status:
        return _("%(status)s, as before") % {"status": now}
    return _("%(status)s, was “%(before)s”") % {"status": now, "before": _status(before)}


def _status(update: StatusUpdate) -> str:
    return str(ImplementationStatus(update.implementation_status).label)
