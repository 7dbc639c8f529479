"""The target date: set once, then changed only by a request that somebody else approves."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import (
    BATCH,
    ActionRefused,
    change,
    create,
    require,
    require_followed,
    required_text,
)
from recommendations.actions.proposals import (
    close,
    require_as_seen,
    require_note,
    require_open,
    require_reviewer,
)
from recommendations.choices import DateChangeState
from recommendations.models import AuditEvent, Recommendation, TargetDateChange, User
from recommendations.queries.dates import finished_refusal, ledger_of, shown_date_change
from recommendations.queries.shown import Shown


def set_first(
    *,
    recommendation: Recommendation,
    by: User,
    new_date: date,
    reason: str,
    at: datetime | None = None,
) -> TargetDateChange:
    """Set the first date, row 0 of the ledger, with a reason, while it is open.

    A manager does, or the administrator who sets a recommendation up.
    Set after the end, it would say that whatever was late came in time.
    """
    reason = required_text(TargetDateChange.reason, reason)
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_set_first_date(by), _("You cannot set target dates."))
        current = _followed_recommendation(recommendation)
        if current.date_changes.exists():
            raise ActionRefused(
                _("%s already has a target date. Request a date change.") % current.reference
            )
        _require_open(current)
        row = _first_row(entry, current, new_date, reason)
        create(entry, row, verb="set_date", reason=reason)
        _set_target_date(entry, current, new_date)
        return row


def set_first_many(
    act: audit.BulkAct, dated: Iterable[tuple[Recommendation, date]], *, reason: str
) -> None:
    """Insert row 0 of the ledger of recommendations that have none and hold their first date."""
    rows = [_first_row(act.entry, of, day, reason) for of, day in dated]
    act.follow_new(TargetDateChange.objects.bulk_create(rows, batch_size=BATCH))


def _first_row(
    entry: audit.Entry, recommendation: Recommendation, day: date, reason: str
) -> TargetDateChange:
    by: Any = entry.by
    return TargetDateChange(
        recommendation=recommendation,
        number=0,
        new_date=day,
        reason=reason,
        requested_by=by,
        requested_at=entry.at,
        state=DateChangeState.APPROVED,
        decided_by=by,
        decided_at=entry.at,
    )


def request(
    *,
    recommendation: Recommendation,
    by: User,
    new_date: date | None,
    reason: str,
    expected_rows: int | None = None,
    at: datetime | None = None,
) -> TargetDateChange:
    """Request another date, or none; it changes once somebody else approves that.

    ``expected_rows`` is the number of rows of the ledger that the person was shown.
    """
    reason = required_text(TargetDateChange.reason, reason)
    with audit.entry(by=by, at=at) as entry:
        current = _followed_recommendation(recommendation)
        require(permissions.can_log(by, current), _("You cannot request a date change."))
        number = _next_row(current, expected_rows)
        _require_open(current)
        if new_date == current.target_date:
            raise ValidationError({"new_date": _("This is already the target date.")})
        row = TargetDateChange(
            recommendation=current,
            number=number,
            old_date=current.target_date,
            new_date=new_date,
            reason=reason,
            requested_by=by,
            requested_at=entry.at,
        )
        create(entry, row, verb="request_date", reason=reason)
        return row


def _next_row(recommendation: Recommendation, expected_rows: int | None) -> int:
    """The number of the row that a request would be; refused where none can be asked for."""
    rows = list(recommendation.date_changes.select_related("requested_by"))
    if not rows:
        raise ActionRefused(
            _("No target date is set. A manager or an administrator must set one first.")
        )
    for row in rows:
        if row.state == DateChangeState.REQUESTED:
            raise ActionRefused(
                _("A date change requested by %s already awaits a decision.") % row.requested_by
            )
    if expected_rows is not None and expected_rows != len(rows):
        raise ActionRefused(
            _(
                "The target date changed after you opened the page. Check the date, then "
                "request the change again."
            )
        )
    return len(rows)


def approve_date_change(
    *,
    date_change: TargetDateChange,
    by: User,
    note: str = "",
    seen: Shown | None = None,
    at: datetime | None = None,
) -> TargetDateChange:
    """Change the date as requested; ``seen`` is what the page of the request showed."""
    with audit.entry(by=by, at=at) as entry:
        row, current = _decidable_change(date_change, by, seen)
        _require_open(current)
        close(entry, row, DateChangeState.APPROVED, "approve_date", note)
        _set_target_date(entry, current, row.new_date)
        return row


def reject_date_change(
    *,
    date_change: TargetDateChange,
    by: User,
    note: str,
    seen: Shown | None = None,
    at: datetime | None = None,
) -> TargetDateChange:
    """Leave the date as it is, with a note; the reason of the request stays on record."""
    require_note(note)
    with audit.entry(by=by, at=at) as entry:
        row, _current = _decidable_change(date_change, by, seen)
        close(entry, row, DateChangeState.REJECTED, "reject_date", note)
        return row


def withdraw_date_change(
    *, date_change: TargetDateChange, by: User, at: datetime | None = None
) -> TargetDateChange:
    """Withdraw one's own undecided request; it stays on record, and others may request again."""
    with audit.entry(by=by, at=at) as entry:
        row = _pending_change(date_change)
        may = permissions.can_withdraw_date(by, row.requested_by_id)
        require(may, _("You cannot withdraw the request of another person."))
        close(entry, row, DateChangeState.WITHDRAWN, "withdraw_date")
        return row


def _decidable_change(
    date_change: TargetDateChange, by: User, seen: Shown | None
) -> tuple[TargetDateChange, Recommendation]:
    """The request and its recommendation as stored, once sure that this person may decide on it."""
    require_reviewer(by)
    row = _pending_change(date_change)
    is_own = row.requested_by_id == by.pk or _requested_before(row, by)
    require(not is_own, _("You cannot decide on your own updates or requests."))
    current = _followed_recommendation(row.recommendation)
    require_as_seen(seen, lambda: shown_date_change(row, current, ledger_of(current, by)))
    return row, current


def _pending_change(date_change: TargetDateChange) -> TargetDateChange:
    """The request as it is stored; refused where it was decided or withdrawn already."""
    rows = TargetDateChange.objects.select_related("recommendation", "requested_by", "decided_by")
    row = rows.get(pk=date_change.pk)
    require_open(row, is_open=row.is_waiting)
    return row


def _requested_before(row: TargetDateChange, by: User) -> bool:
    """Whether this person made the request, also where it was handed over since."""
    asked = AuditEvent.objects.filter(
        object_type=row._meta.label_lower, object_id=str(row.pk), verb="request_date"
    )
    return asked.filter(actor=by.pk).exists()


def _set_target_date(
    entry: audit.Entry, recommendation: Recommendation, new_date: date | None
) -> None:
    change(entry, recommendation, verb="move_date", target_date=new_date)


def _require_open(current: Recommendation) -> None:
    """Refuse another date for what is implemented or closed."""
    if current.is_finished:
        raise ActionRefused(finished_refusal(current))


def _followed_recommendation(recommendation: Recommendation) -> Recommendation:
    rows = Recommendation.objects.select_related("current_update")
    current: Recommendation = rows.get(pk=recommendation.pk)
    require_followed(current)
    return current
