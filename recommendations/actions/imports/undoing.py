"""Undoing an import, or approved opening statuses: asked by one person, decided by another.

What an approved request does is with the import: ``undo_import``, ``undo_list``, ``undo_statuses``.
"""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import (
    ActionRefused,
    NotAllowed,
    create,
    preview_changed,
    require,
    required_text,
    timestamp_text,
)
from recommendations.actions.mail.queue import Notification
from recommendations.actions.notifications import notify
from recommendations.actions.proposals import close, require_note, require_open
from recommendations.choices import DateChangeState
from recommendations.models import AuditEvent, ImportRun, OpeningBatch, UndoRequest, User
from recommendations.queries.bulk_changes import undoing
from recommendations.queries.undoing import (
    Undoable,
    columns_of,
    deciders_of,
    may_undo_of,
    of_request,
    request_of,
    rival_of,
)


def request_undo(*, of: Undoable, by: User, reason: str, at: datetime | None = None) -> UndoRequest:
    """Ask that an import, or the approved statuses of one, is undone; another person decides."""
    reason = required_text(UndoRequest.reason, reason.strip())
    with audit.entry(by=by, at=at) as entry:
        _require_may(of, by)
        _require_standing(of)
        if found := request_of(of) or rival_of(of):
            told = _("%(who)s already requested to undo this import on %(at)s.")
            asked_at = timestamp_text(found.requested_at)
            raise ActionRefused(told % {"who": found.requested_by, "at": asked_at})
        asked: dict[str, Any] = {**columns_of(of), "requested_by": by, "requested_at": entry.at}
        row = UndoRequest(reason=reason, **asked)
        create(entry, row, verb="request_undo", reason=reason)
        _tell(entry, row, deciders_of(of, by.pk), reason)
        return row


def reject_undo(
    *, request: UndoRequest, by: User, note: str, at: datetime | None = None
) -> UndoRequest:
    """Leave all as it is, with a note; the reason of the request stays on record."""
    require_note(note)
    with audit.entry(by=by, at=at) as entry:
        row = decidable(request, by)
        close(entry, row, DateChangeState.REJECTED, "reject_undo", note)
        _tell(entry, row, [row.requested_by], note)
        return row


def withdraw_undo(*, request: UndoRequest, by: User, at: datetime | None = None) -> UndoRequest:
    """Withdraw one's own request that nobody has decided on."""
    with audit.entry(by=by, at=at) as entry:
        row = _stored(request)
        is_own = row.requested_by_id == by.pk
        require(is_own, _("You cannot withdraw the request of another person."))
        close(entry, row, DateChangeState.WITHDRAWN, "withdraw_undo")
        return row


def decidable(request: UndoRequest, by: User) -> UndoRequest:
    """The request as it is stored, once sure that this person may decide on it."""
    row = _stored(request)
    _require_may(of_request(row), by)
    is_own = row.requested_by_id == by.pk
    require(not is_own, _("You cannot decide on your own updates or requests."))
    return row


def approve(entry: audit.Entry, request: UndoRequest, note: str) -> UndoRequest:
    """Record that a request is approved, in the entry that does what it asks."""
    by: Any = entry.by
    row = decidable(request, by)
    close(entry, row, DateChangeState.APPROVED, "approve_undo", note)
    _tell(entry, row, [row.requested_by], note)
    return row


def refuse_undone(who: object, at: datetime | None) -> None:
    """Refuse to undo once more what was undone by then."""
    if at is not None:
        told = _("%(who)s undid this import on %(at)s.")
        raise ActionRefused(told % {"who": who, "at": timestamp_text(at)})


def _require_may(of: Undoable, by: User) -> None:
    if not may_undo_of(of)(by):
        raise NotAllowed(
            _("You cannot undo this import: ask whoever imported the list, or a manager.")
        )


def _require_standing(of: Undoable) -> None:
    match of:
        case AuditEvent():
            if done := undoing([of]).get(of.pk):
                refuse_undone(done.actor, done.at)
        case ImportRun() | OpeningBatch():
            of.refresh_from_db()
            refuse_undone(of.undone_by, of.undone_at)
    if isinstance(of, OpeningBatch) and of.decided_at is None:
        raise ActionRefused(preview_changed())  # One that waits is withdrawn.


def _stored(request: UndoRequest) -> UndoRequest:
    rows = UndoRequest.objects.select_related("import_run", "batch", "requested_by", "decided_by")
    row = rows.get(pk=request.pk)
    require_open(row, is_open=row.is_waiting)
    return row


def _tell(entry: audit.Entry, row: UndoRequest, to: list[User], words: str) -> None:
    """Tell those who may decide that a request waits, and who made it what came of it."""
    who = str(entry.by)

    def write(person: User) -> Notification | None:
        if not permissions.can_read_drafts(person):
            return None
        if row.is_waiting:
            subject = _("Undoing an import awaits your decision")
            line = _("%(who)s requests to undo an import. Check the effects, then decide.")
        else:
            subject = _("Your request to undo an import: %s") % row.get_state_display().lower()
            line = _("Decided by %(who)s.")
        return Notification(
            subject=subject,
            lines=(line % {"who": who},),
            path=row.get_absolute_url(),
            link=_("Open the change"),
            quoted=words,
        )

    notify(entry, lambda: to, write)
