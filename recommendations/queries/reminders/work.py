"""What a person is reminded of in their own work: as officer, as reviewer, as author."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations import permissions
from recommendations.choices import Role, UpdateState
from recommendations.models import (
    RecommendationState,
    StatusUpdate,
    TargetDateChange,
    User,
    full_name,
)
from recommendations.queries.dates import day_text
from recommendations.queries.evidence.proposed import decidable_changes
from recommendations.queries.openings.review import decidable_batches
from recommendations.queries.people import deciders
from recommendations.queries.reminders.calendar import AHEAD, Span
from recommendations.queries.reminders.lines import Line, Part
from recommendations.queries.rounds.asked import open_requests_of


class _Row(NamedTuple):
    """What is asked of one recommendation; the columns of ``_COLUMNS``."""

    reference: str
    title: str
    update_due_on: date | None
    target_date_after: date | None
    contradicted_since: Any
    response_due_on: date | None
    action_due_on: date | None
    has_date_request: bool
    reported_status: str
    officer: int | None
    officer_first: str | None
    officer_last: str | None
    officer_username: str | None
    reviewer: int | None
    reviewer_first: str | None
    reviewer_last: str | None
    reviewer_username: str | None

    @property
    def name(self) -> str:
        return f"{self.reference} {self.title}"

    @property
    def officer_name(self) -> str:
        return full_name(self.officer_first, self.officer_last, self.officer_username)

    @property
    def reviewer_name(self) -> str:
        return full_name(self.reviewer_first, self.reviewer_last, self.reviewer_username)

    def path(self, page: str) -> str:
        return reverse(page, args=[self.reference])


_NAMES = ("first_name", "last_name", "username")
_COLUMNS = (
    *("recommendation__reference", "recommendation__title", "update_due_on"),
    *("date_overdue_after", "contradicted_since", "response_overdue_after"),
    *("action_overdue_after", "has_date_request", "reported_status"),
    "recommendation__lead_officer",
    *(f"recommendation__lead_officer__{name}" for name in _NAMES),
    "recommendation__reviewer",
    *(f"recommendation__reviewer__{name}" for name in _NAMES),
)


def officer_lines(
    person: User, span: Span, told: frozenset[str], *, officer: int | None = None
) -> Iterator[Line]:
    """What a person has to do as lead officer; where there is no active one, as policy
    staff of the organisation that leads.

    ``told`` are the references of which an update is asked for in another part. ``officer`` is
    another person for whom they stand in: then it is what that person has to do. One query.
    """
    if not permissions.can_write(person):
        return
    own = permissions.organisation_id(person)
    is_vacant = Q(recommendation__lead_officer=None) | Q(
        recommendation__lead_officer__is_active=False
    )
    is_theirs = Q(recommendation__lead_officer=officer or person.pk)
    # A manager may write everywhere, but this is not their work.
    if officer is None and own is not None and Role.STAFF in permissions.roles(person):
        is_theirs |= is_vacant & Q(lead=own)
    today = span.today
    is_near = (
        Q(update_due_on__lte=today + timedelta(days=max(AHEAD)))
        | Q(date_overdue_after__lt=today)
        | Q(contradicted_since__isnull=False)
        | Q(response_overdue_after__lt=today)
        | Q(action_overdue_after__lt=today)
    )
    states = RecommendationState.objects.visible_to(person).followed()
    for columns in states.filter(is_theirs, is_near).order_by("pk").values_list(*_COLUMNS):
        row = _Row(*columns)
        yield from _overdue(row, span)
        if row.reference not in told and not row.reported_status:
            yield from _update(row, span)


def _update(row: _Row, span: Span) -> Iterator[Line]:
    due = row.update_due_on
    if due is None or not span.reminds_of_due(due):
        return
    late = (span.today - due).days
    notes: tuple[str, ...] = ()
    if late >= settings.REMINDER_ESCALATION_DAYS and row.reviewer not in (None, row.officer):
        notes = (_("The reviewer, %(who)s, is told as well.") % {"who": row.reviewer_name},)
    part = Part.NEEDED if late > 0 else Part.DUE
    yield Line(part, row.name, row.path("recommendation-detail"), update_text(late), late, notes)


def update_text(late: int) -> str:
    """By how many days an update is overdue, or in how many it is due, with a negative number."""
    if late == 0:
        return _("Update due today")
    if late > 0:
        words = ngettext("Update overdue by %(n)d day", "Update overdue by %(n)d days", late)
    else:
        words = ngettext("Update due in %(n)d day", "Update due in %(n)d days", -late)
    return words % {"n": abs(late)}


def _overdue(row: _Row, span: Span) -> Iterator[Line]:
    """What else is late, or contradicted: each from the first day on which it is."""
    day = timedelta(days=1)
    if (since := row.contradicted_since) is not None:
        first = timezone.localdate(since)
        if span.reminds_of_waiting(first):
            n, page = (span.today - first).days, "recommendation-evidence"
            yield Line(Part.NEEDED, row.name, row.path(page), _contradicted_text(n), n)
    late: Sequence[tuple[date | None, str]] = (
        (None if row.has_date_request else row.target_date_after, "recommendation-dates"),
        (row.action_due_on, "recommendation-actions"),
        (row.response_due_on, "response-list"),
    )
    for due, page in late:
        if due is not None and span.reminds_of_waiting(due + day):
            n = (span.today - due).days
            yield Line(Part.NEEDED, row.name, row.path(page), _late_texts(n)[page], n)


def _contradicted_text(days: int) -> str:
    if not days:
        return _("Contradicted (unanswered)")
    words = ngettext(
        "Contradicted (unanswered) for %(n)d day", "Contradicted (unanswered) for %(n)d days", days
    )
    return words % {"n": days}


def _late_texts(days: int) -> dict[str, str]:
    """By how much something is late, by the page on which it is dealt with."""
    texts = {
        "recommendation-dates": ngettext(
            "Target date overdue by %(n)d day", "Target date overdue by %(n)d days", days
        ),
        "recommendation-actions": ngettext(
            "Action overdue by %(n)d day", "Action overdue by %(n)d days", days
        ),
        "response-list": ngettext(
            "Response overdue by %(n)d day", "Response overdue by %(n)d days", days
        ),
    }
    return {page: text % {"n": days} for page, text in texts.items()}


def asked_lines(person: User, span: Span, *, of: User | None = None) -> Iterator[Line]:
    """What reporting rounds ask of a person, or ``of`` another for whom they stand in, by the day
    to reply by; two queries."""
    if not permissions.can_write(person):
        return
    for asked in open_requests_of([of or person]):
        if not span.reminds_of_due(asked.reply_by):
            continue
        late = (span.today - asked.reply_by).days
        words = _("Update requested in “%(round)s”, reply by %(day)s")
        if late > 0:
            words = _("Update requested in “%(round)s”, late since %(day)s")
        told = {"round": asked.round_name, "day": day_text(asked.reply_by)}
        path = reverse("recommendation-detail", args=[asked.reference])
        part = Part.NEEDED if late > 0 else Part.DUE
        yield Line(part, f"{asked.reference} {asked.title}", path, words % told, late)


def escalated_lines(person: User, span: Span, *, reviewer: int | None = None) -> Iterator[Line]:
    """Updates overdue for so long that the reviewer is told: this person, or ``reviewer``, for whom
    they stand in. One query."""
    if not permissions.can_read_internally(person):
        return
    wait = timedelta(days=settings.REMINDER_ESCALATION_DAYS)
    states = (
        RecommendationState.objects.visible_to(person)
        .followed()
        .filter(
            recommendation__reviewer=reviewer or person.pk,
            update_due_on__lte=span.today - wait,
            reported_status="",
        )
    )
    # Who is the officer as well is told already.
    others = states.exclude(recommendation__lead_officer=F("recommendation__reviewer"))
    for columns in others.order_by("pk").values_list(*_COLUMNS):
        row = _Row(*columns)
        due = row.update_due_on
        if due is not None and span.reminds_of_waiting(due + wait):
            late = (span.today - due).days
            note = _("No lead officer assigned")
            if row.officer is not None:
                note = _("Lead officer: %(who)s") % {"who": row.officer_name}
            path = row.path("recommendation-detail")
            yield Line(Part.ESCALATED, row.name, path, update_text(late), late, (note,))


def decision_lines(
    person: User, span: Span, managers: Sequence[User], instead: Collection[int] = ()
) -> Iterator[Line]:
    """Updates, date requests, batches and changes of evidence that wait for this person, or for
    those of whom they are deputy.

    ``managers`` are all who may decide, ``instead`` the keys of those for whom they stand in. What
    they wrote themselves is none of it. Eight queries; none for who decides on nothing.
    """
    if not permissions.can_review(person):
        return
    keys = {person.pk, *instead}
    updates = (
        StatusUpdate.objects.awaiting_decision_by(person)
        .select_related("recommendation")
        .prefetch_related("editors")
        .order_by("submitted_at", "pk")
    )
    for update in updates:
        if any(each.pk in keys for each in deciders(update, managers)):
            since = timezone.localdate(update.submitted_at)
            path = reverse("review-item", args=[update.pk])
            yield from _waiting(_name(update), since, path, _update_waits, span)
    requests = TargetDateChange.objects.awaiting_decision_by(person)
    for change in requests.select_related("recommendation").order_by("requested_at", "pk"):
        if _decides_dates(keys, change, managers):
            since = timezone.localdate(change.requested_at)
            path = reverse("review-date", args=[change.pk])
            yield from _waiting(_name(change), since, path, _date_waits, span)
    for batch in decidable_batches(person):
        since = timezone.localdate(batch.submitted_at)
        name = _("Opening statuses for “%(source)s”") % {"source": batch.source.short_title}
        yield from _waiting(name, since, batch.get_absolute_url(), _batch_waits, span)
    for each in decidable_changes(person):
        since = timezone.localdate(each.proposed_at)
        name = _("Evidence “%(title)s”") % {"title": each.evidence.title}
        yield from _waiting(name, since, each.get_absolute_url(), _evidence_waits, span)


def _decides_dates(
    keys: Collection[int], change: TargetDateChange, managers: Sequence[User]
) -> bool:
    """As ``deciders``: the named reviewer alone, where they may, else each other manager."""
    reviewer = change.recommendation.reviewer_id
    free = {each.pk for each in managers} - {change.requested_by_id}
    return reviewer in keys or reviewer not in free


def _name(of: StatusUpdate | TargetDateChange) -> str:
    return f"{of.recommendation.reference} {of.recommendation.title}"


def _waiting(
    name: str, since: date, path: str, text: Callable[[int], str], span: Span
) -> Iterator[Line]:
    if not span.reminds_of_waiting(since):
        return
    days = (span.today - since).days
    yield Line(Part.DECIDE, name, path, text(days), days)


def _update_waits(days: int) -> str:
    if not days:
        return _("Update submitted today")
    words = ngettext("Update awaits review: %(n)d day", "Update awaits review: %(n)d days", days)
    return words % {"n": days}


def _date_waits(days: int) -> str:
    if not days:
        return _("Date change requested today")
    words = ngettext(
        "Date change awaits a decision: %(n)d day",
        "Date change awaits a decision: %(n)d days",
        days,
    )
    return words % {"n": days}


def _batch_waits(days: int) -> str:
    if not days:
        return _("Batch submitted today")
    words = ngettext("Batch awaits approval: %(n)d day", "Batch awaits approval: %(n)d days", days)
    return words % {"n": days}


def _evidence_waits(days: int) -> str:
    if not days:
        return _("Change of evidence proposed today")
    words = ngettext(
        "Change of evidence awaits a decision: %(n)d day",
        "Change of evidence awaits a decision: %(n)d days",
        days,
    )
    return words % {"n": days}


def returned_updates(person: User) -> list[StatusUpdate]:
    """Updates that came back to a person who may revise them, the oldest first; one query."""
    if not permissions.can_write(person):
        return []
    rows = StatusUpdate.objects.filter(
        author=person.pk, state=UpdateState.RETURNED, recommendation__archived_at__isnull=True
    )
    return list(rows.select_related("recommendation").order_by("decided_at", "pk"))


def returned_lines(updates: Sequence[StatusUpdate], span: Span) -> Iterator[Line]:
    """What came back to its author, when it did and each week until it is revised."""
    for update in updates:
        since = timezone.localdate(update.decided_at)
        if span.reminds_of_waiting(since):
            days = (span.today - since).days
            words = _("Update returned today")
            if days:
                words = ngettext(
                    "Update returned %(n)d day ago", "Update returned %(n)d days ago", days
                ) % {"n": days}
            yield Line(Part.RETURNED, _name(update), update.get_absolute_url(), words, days)
