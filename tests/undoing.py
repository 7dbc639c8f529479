"""Undoing imports as two people do: another asks for it just before."""

from datetime import datetime
from typing import Any

from recommendations.actions import bulk_changes
from recommendations.actions.imports import figures, openings
from recommendations.actions.imports.undoing import reject_undo, request_undo, withdraw_undo
from recommendations.models import AuditEvent, ImportRun, OpeningBatch, UndoRequest, User
from recommendations.queries.openings import shown_taken_back
from recommendations.queries.publicity import IMPORTED
from recommendations.queries.undoing import Undoable, deciders_of, request_of


def asked_for(of: Undoable, by: User, reason: str, at: datetime | None = None) -> UndoRequest:
    """A request of another than this person: the one that waits, or of the first who may."""
    found = request_of(of)
    if found is not None and found.requested_by_id != by.pk:
        return found
    if found is not None:
        withdraw_undo(request=found, by=found.requested_by, at=at)
    return request_undo(of=of, by=deciders_of(of, by.pk)[0], reason=reason, at=at)


def asked_in_vain(of: Undoable, by: User) -> None:
    """One request that is withdrawn, and one that this person rejects."""
    request = asked_for(of, by, "Perhaps.")
    withdraw_undo(request=request, by=request.requested_by)
    reject_undo(request=asked_for(of, by, "Perhaps."), by=by, note="No.")


def undo_import(
    *, run: ImportRun, by: User, reason: str, at: datetime | None = None, **given: Any
) -> ImportRun:
    return figures.undo_import(request=asked_for(run, by, reason, at), by=by, at=at, **given)


def undo_batch(
    *, batch: OpeningBatch, by: User, reason: str, seen: int, at: datetime | None = None
) -> OpeningBatch:
    """One that waits is withdrawn; ``seen`` is how many statuses the page of another told of."""
    batch.refresh_from_db()
    if batch.is_waiting:
        return openings.withdraw_batch(batch=batch, by=by, reason=reason, at=at)
    shown = shown_taken_back(batch, seen)
    request = asked_for(batch, by, reason, at)
    return openings.undo_statuses(request=request, by=by, seen=shown, at=at)


def undo_many(*, event: AuditEvent, by: User, reason: str, shown: Any, **given: Any) -> AuditEvent:
    """A bulk change is undone by one person."""
    if event.verb != IMPORTED:
        return bulk_changes.undo_many(event=event, by=by, reason=reason, shown=shown, **given)
    request = asked_for(event, by, reason, given.get("at"))
    return bulk_changes.undo_list(request=request, shown=shown, by=by, **given)
