"""Batches of opening statuses: submitted with an import, approved by a second person, undone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import BATCH, clean_text, require, validate
from recommendations.actions.errors import ActionRefused, NotAsSeen, timestamp_text
from recommendations.actions.evidence.many import support_with_addresses
from recommendations.actions.imports.openings import mail
from recommendations.choices import Confidence, UpdateKind, UpdateState
from recommendations.models import OpeningBatch, OpeningRow, Recommendation, StatusUpdate, User
from recommendations.queries.openings.changes import changes_since
from recommendations.queries.openings.review import (
    BatchReview,
    digest_of,
    review_of,
    rows_of,
    worked_on,
)
from recommendations.state.days import next_due_day, rating_end


def submit_batch(
    act: audit.BulkAct, batch: OpeningBatch, rows: Sequence[OpeningRow]
) -> OpeningBatch:
    """Insert a batch and its checked rows with the import of their file.

    ``batch`` holds its source and its file. Whoever imports has submitted it.
    """
    by: Any = act.entry.by
    batch.submitted_at, batch.submitted_by = act.entry.at, by
    batch.digest = digest_of(rows)
    validate(batch, ("file_name",))
    batch.save(force_insert=True)
    act.follow_new([batch])
    for row in rows:
        row.batch = batch
    act.follow_new(OpeningRow.objects.bulk_create(rows, batch_size=BATCH))
    mail.submitted(act.entry, batch, len(rows))
    return batch


def approve_batch(
    *,
    batch: OpeningBatch,
    by: User,
    seen: str,
    since: int = 0,
    note: str = "",
    at: datetime | None = None,
) -> OpeningBatch:
    """Put all rows that were not left out on record as opening statuses, with one event.

    ``seen`` is the digest of the review that was shown, and ``since`` the number of the last event
    by then: ``NotAsSeen`` tells what changed after it. Rows whose recommendation has a status by
    now, or is archived, are left out with that reason: the review says so.
    """
    note = clean_text(OpeningBatch.decision_note, note, under="note")
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_review(by), _("You may not decide on updates."))
        current = waiting_batch(batch)
        require(
            permissions.can_decide_batch(by, current),
            _("You imported this list. Another manager decides on it."),
        )
        review = review_of(current)
        _require_as_shown(review, seen, since)
        act = audit.BulkAct(entry)
        _leave_refused(act, by, review)
        _open_statuses(act, by, review.kept)
        before, told = _decided(
            act, current, decided_at=entry.at, decided_by=by, decision_note=note
        )
        entry.record("approve_batch", current, before=before, after=told, reason=note)
        mail.approved(entry, current, len(review.kept))
        return current


def undo_batch(
    *, batch: OpeningBatch, by: User, seen: int, reason: str, at: datetime | None = None
) -> OpeningBatch:
    """Withdraw a batch that is not approved, or take its opening statuses back.

    ``seen`` is how many statuses the person was told are taken back. Those with which somebody went
    on stay; where that is all, it is refused. Recommendations that the import added stay as well.
    """
    reason = clean_text(OpeningBatch.undone_reason, reason.strip(), under="reason")
    with audit.entry(by=by, at=at) as entry:
        current = _stored(batch)
        require(
            permissions.can_undo_batch(by, current),
            _("You may not undo this import: ask whoever imported the list, or a manager."),
        )
        if current.undone_at is not None:
            raise ActionRefused(_undone_text(current))
        rows = list(undoable(current))
        if current.decided_at is not None and not rows:
            raise ActionRefused(_("Updates followed on all of these statuses. None can be undone."))
        if len(rows) != seen:
            raise ActionRefused(_("Records changed since this page was opened. Check it again."))
        act = audit.BulkAct(entry)
        _take_back(act, rows)
        before, told = _decided(
            act, current, undone_at=entry.at, undone_by=by, undone_reason=reason
        )
        entry.record("undo_batch", current, before=before, after=told, reason=reason)
        mail.undone(entry, current, len(rows))
        return current


def undoable(batch: OpeningBatch) -> Any:
    """Rows of which undoing the batch takes the status back."""
    if batch.decided_at is None:
        return rows_of(batch).none()
    stay = worked_on(batch).order_by().values("pk")
    return rows_of(batch).filter(status_update__isnull=False).exclude(pk__in=stay)


def waiting_batch(batch: OpeningBatch) -> OpeningBatch:
    """The batch as it is stored, read under the lock; refused where it was decided or undone."""
    current = _stored(batch)
    if current.undone_at is not None:
        raise ActionRefused(_undone_text(current))
    if current.decided_at is not None:
        words = _("%(who)s approved this batch on %(at)s.")
        at = timestamp_text(current.decided_at)
        raise ActionRefused(words % {"who": current.decided_by, "at": at})
    return current


def _stored(batch: OpeningBatch) -> OpeningBatch:
    people = ("submitted_by", "decided_by", "undone_by", "source")
    return OpeningBatch.objects.select_related(*people).get(pk=batch.pk)


def _undone_text(batch: OpeningBatch) -> str:
    words = _("%(who)s undid this batch on %(at)s.")
    at = timestamp_text(batch.undone_at) if batch.undone_at else ""
    return words % {"who": batch.undone_by, "at": at}


def _require_as_shown(review: BatchReview, seen: str, since: int) -> None:
    if not review.is_as_submitted:
        raise ActionRefused(_("Rows of this batch are not as they were submitted. Undo it."))
    if review.digest != seen:
        if changes := changes_since(review, since):
            raise NotAsSeen(changes)
        raise ActionRefused(_("Rows changed since this page was opened. Check the batch again."))
    if not review.kept:
        raise ActionRefused(_("No row is left to approve. Undo the batch."))


def _leave_refused(act: audit.BulkAct, by: User, review: BatchReview) -> None:
    rows = [row for row in review.rows if row.number in review.refused]
    act.follow(rows)
    for row in rows:
        row.left_out_at, row.left_out_by = act.entry.at, by
        row.left_out_reason = review.refused[row.number]
    columns = ["left_out_at", "left_out_by", "left_out_reason"]
    OpeningRow.objects.bulk_update(rows, columns, batch_size=BATCH)


def _open_statuses(act: audit.BulkAct, by: User, rows: Sequence[OpeningRow]) -> None:
    """Insert the updates with their evidence, approve them, and let them be current."""
    updates = [_update_of(row) for row in rows]
    act.follow_new(StatusUpdate.objects.bulk_create(updates, batch_size=BATCH))
    through: Any = StatusUpdate.editors.through
    through.objects.bulk_create(
        [through(statusupdate_id=each.pk, user_id=each.author_id) for each in updates],
        batch_size=BATCH,
    )
    named = zip(updates, rows, strict=True)
    support_with_addresses(act, [(update, row.addresses) for update, row in named if row.evidence])
    # Begun as submitted and decided at once: the guard lets no row begin as a decided one.
    StatusUpdate.objects.filter(pk__in=[each.pk for each in updates]).update(
        state=UpdateState.APPROVED, decided_at=act.entry.at, decided_by=by
    )
    _set_current([row.recommendation for row in rows], updates)


def _update_of(row: OpeningRow) -> StatusUpdate:
    batch = row.batch
    is_rated = row.confidence != Confidence.NOT_RATED
    return StatusUpdate(
        recommendation=row.recommendation,
        kind=UpdateKind.OPENING,
        opening_row=row,
        as_of=row.as_of,
        implementation_status=row.implementation_status,
        confidence=row.confidence,
        rated_on=row.as_of if is_rated else None,
        completed_on=row.completed_on,
        what_happened=row.note,
        author=batch.submitted_by,
        last_editor=batch.submitted_by,
        created_at=batch.submitted_at,
        submitted_at=batch.submitted_at,
        state=UpdateState.SUBMITTED,
    )


def _take_back(act: audit.BulkAct, rows: Sequence[OpeningRow]) -> None:
    act.follow(rows)
    for row in rows:
        row.undone_at = act.entry.at
        act.entry.touch(Recommendation._meta.label_lower, row.recommendation_id)
    OpeningRow.objects.bulk_update(rows, ["undone_at"], batch_size=BATCH)
    _set_current([row.recommendation for row in rows], [None] * len(rows))


def _set_current(
    recommendations: Sequence[Recommendation], updates: Sequence[StatusUpdate | None]
) -> None:
    """Point at the update in force, with the days that follow from it, as ``refresh_state``."""
    for row, update in zip(recommendations, updates, strict=True):
        row.current_update = update
        row.next_due_on = next_due_day(row, update)
        row.rating_valid_until = rating_end(row, update)
    columns = ["current_update", "next_due_on", "rating_valid_until"]
    Recommendation.objects.bulk_update(recommendations, columns, batch_size=BATCH)


def _decided(
    act: audit.BulkAct, batch: OpeningBatch, **values: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Write what was decided on a batch; what its event tells, with that of the rows."""
    before = audit.snapshot(batch)
    OpeningBatch.objects.filter(pk=batch.pk).update(**values)
    for name, value in values.items():
        setattr(batch, name, value)
    return before, {**audit.snapshot(batch), **act.close()}
