"""Opening statuses of imported recommendations: a batch, approved as a whole."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations import audit, permissions
from recommendations.actions.base import (
    BATCH,
    ActionRefused,
    NotAsSeen,
    change,
    clean_text,
    require,
    required_text,
    timestamp_text,
    validate,
)
from recommendations.actions.evidence.items import (
    EvidenceInput,
    attach_items,
    item_values,
    support_with_addresses,
)
from recommendations.actions.imports import undoing
from recommendations.actions.mail.queue import Notification
from recommendations.actions.notifications import notify
from recommendations.actions.proposals import require_as_seen, require_reviewer
from recommendations.actions.updates.drafts import begin_update
from recommendations.characters import parse_int
from recommendations.choices import Confidence, Stance, UpdateKind, UpdateState
from recommendations.models import (
    OpeningBatch,
    OpeningRow,
    Recommendation,
    StatusUpdate,
    UndoRequest,
    User,
)
from recommendations.queries.openings import (
    BatchReview,
    changes_since,
    digest_of,
    review_of,
    rows_of,
    shown_batch,
    shown_taken_back,
    worked_on,
)
from recommendations.queries.people import managers
from recommendations.queries.shown import Shown
from recommendations.state.statement import next_due_day, rating_end

# ---- Mail of batches of opening statuses: that one awaits approval, was approved, or undone


def submitted(entry: audit.Entry, batch: OpeningBatch, count: int) -> None:
    """Tell every manager who may decide that a batch awaits approval; one message for all of it."""
    words = {"who": str(entry.by), "file": batch.file_name, "n": count}

    def write(person: User) -> Notification:
        told = ngettext(
            "%(who)s imported “%(file)s” with %(n)d opening status.",
            "%(who)s imported “%(file)s” with %(n)d opening statuses.",
            count,
        )
        return Notification(
            subject=_("Opening statuses await approval"),
            lines=(told % words, _("Check the batch, leave out exceptions, and approve the rest.")),
            path=batch.get_absolute_url(),
            link=_("Open the batch"),
        )

    def recipients() -> list[User]:
        return [person for person in managers() if permissions.can_decide_batch(person, batch)]

    notify(entry, recipients, write)


def approved(entry: audit.Entry, batch: OpeningBatch, count: int) -> None:
    """Tell whoever imported the list that its batch was approved."""
    told = ngettext(
        "%(who)s approved %(n)d opening status of “%(file)s”.",
        "%(who)s approved %(n)d opening statuses of “%(file)s”.",
        count,
    )
    _tell_importer(entry, batch, told, _("Your opening statuses were approved"), count)


def tell_undone(entry: audit.Entry, batch: OpeningBatch, count: int) -> None:
    """Tell whoever imported the list that its batch was undone, with what came of it."""
    if batch.decided_at is None:
        told = _("%(who)s undid the import of “%(file)s” before its opening statuses took effect.")
    else:
        told = ngettext(
            "%(who)s undid the import of “%(file)s”: %(n)d opening status is no longer current.",
            "%(who)s undid the import of “%(file)s”: %(n)d opening statuses are no longer current.",
            count,
        )
    _tell_importer(entry, batch, told, _("Your opening statuses were undone"), count)


def _tell_importer(
    entry: audit.Entry, batch: OpeningBatch, told: str, subject: str, count: int
) -> None:
    words = {"who": str(entry.by), "file": batch.file_name, "n": count}

    def write(person: User) -> Notification | None:
        if not permissions.can_read_drafts(person):
            return None
        return Notification(
            subject=subject,
            lines=(told % words,),
            path=batch.get_absolute_url(),
            link=_("Open the batch"),
        )

    notify(entry, lambda: [batch.submitted_by], write)


# ---- Batches of opening statuses: submitted with an import, approved by a second person, undone


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
    submitted(act.entry, batch, len(rows))
    return batch


def approve_batch(
    *,
    batch: OpeningBatch,
    by: User,
    note: str = "",
    seen: Shown | None = None,
    at: datetime | None = None,
) -> OpeningBatch:
    """Put all rows that were not left out on record as opening statuses, with one event.

    ``seen`` is what the page showed, ``NotAsSeen`` tells what changed since. Rows whose
    recommendation has a status by now, or is archived, are left out with that reason: the review
    says so.
    """
    note = clean_text(OpeningBatch.decision_note, note, under="note")
    with audit.entry(by=by, at=at) as entry:
        require_reviewer(by)
        current = waiting_batch(batch)
        require(
            permissions.can_decide_batch(by, current),
            _("Another manager approves this batch: whoever imports a list does not decide on it."),
        )
        review = review_of(current)
        _require_as_shown(review, seen)
        act = audit.BulkAct(entry)
        _leave_refused(act, by, review)
        _open_statuses(act, by, review.kept)
        before, told = _decided(
            act, current, decided_at=entry.at, decided_by=by, decision_note=note
        )
        entry.record("approve_batch", current, before=before, after=told, reason=note)
        approved(entry, current, len(review.kept))
        return current


def withdraw_batch(
    *, batch: OpeningBatch, by: User, reason: str, at: datetime | None = None
) -> OpeningBatch:
    """Withdraw a batch that is not approved. Recommendations that the import added stay."""
    reason = clean_text(OpeningBatch.undone_reason, reason.strip(), under="reason")
    with audit.entry(by=by, at=at) as entry:
        current = waiting_batch(batch)
        require(
            permissions.can_undo_batch(by, current),
            _("You cannot undo this import: ask whoever imported the list, or a manager."),
        )
        _undo(entry, current, (), reason)
        return current


def undo_statuses(
    *,
    request: UndoRequest,
    by: User,
    note: str = "",
    seen: Shown | None = None,
    at: datetime | None = None,
) -> OpeningBatch:
    """Take approved opening statuses back as another requested.

    ``seen`` is what the page showed. Statuses with which somebody went on stay; where that is all,
    it is refused. Recommendations that the import added stay as well.
    """
    with audit.entry(by=by, at=at) as entry:
        asked = undoing.approve(entry, request, note)
        current = _stored(asked.batch)
        undoing.refuse_undone(current.undone_by, current.undone_at)
        rows = list(undoable(current))
        if not rows:
            raise ActionRefused(_("Updates followed on all of these statuses. None can be undone."))
        require_as_seen(seen, lambda: shown_taken_back(current, len(rows)))
        _undo(entry, current, rows, asked.reason)
        return current


def _undo(entry: audit.Entry, batch: OpeningBatch, rows: Sequence[OpeningRow], reason: str) -> None:
    act = audit.BulkAct(entry)
    _take_back(act, rows)
    undone = {"undone_at": entry.at, "undone_by": entry.by, "undone_reason": reason}
    before, told = _decided(act, batch, **undone)
    entry.record("undo_batch", batch, before=before, after=told, reason=reason)
    tell_undone(entry, batch, len(rows))


def undo_with_import(
    act: audit.BulkAct, batch: OpeningBatch, of: Collection[int], reason: str
) -> None:
    """Undo a batch in the act that undoes its import: the statuses of these recommendations.

    One that is not approved is withdrawn with all its rows.
    """
    rows = [row for row in undoable(batch) if row.recommendation_id in of]
    _take_back(act, rows)
    act.follow([batch])
    undone = {"undone_at": act.entry.at, "undone_by": act.entry.by, "undone_reason": reason}
    OpeningBatch.objects.filter(pk=batch.pk).update(**undone)
    tell_undone(act.entry, batch, len(rows))


def undoable(batch: OpeningBatch) -> Any:
    """Rows of which undoing the batch takes the status back."""
    if batch.decided_at is None:
        return rows_of(batch).none()
    stay = worked_on(batch).order_by().values("pk")
    return rows_of(batch).filter(status_update__isnull=False).exclude(pk__in=stay)


def waiting_batch(batch: OpeningBatch) -> OpeningBatch:
    """The batch as it is stored, read under the lock; refused where it was decided or undone."""
    current = _stored(batch)
    undoing.refuse_undone(current.undone_by, current.undone_at)
    if current.decided_at is not None:
        words = _("%(who)s approved this batch on %(at)s.")
        at = timestamp_text(current.decided_at)
        raise ActionRefused(words % {"who": current.decided_by, "at": at})
    return current


def _stored(batch: Any) -> OpeningBatch:
    people = ("submitted_by", "decided_by", "undone_by", "source")
    return OpeningBatch.objects.select_related(*people).get(pk=batch.pk)


def _require_as_shown(review: BatchReview, seen: Shown | None) -> None:
    if not review.is_as_submitted:
        raise ActionRefused(_("Rows of this batch are not as they were submitted. Undo it."))
    if seen is not None:
        since = parse_int(seen.value("since")) or 0
        if (changed := seen.changes(shown_batch(review, since))) is not None:
            raise NotAsSeen(changes_since(review, since) or changed)
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


# ---- Single rows of a batch of opening statuses: left out with a reason, and gone on with


def leave_out(*, row: OpeningRow, by: User, reason: str, at: datetime | None = None) -> OpeningRow:
    """Take one row out of a batch that is not approved, with the reason. It stays on record."""
    reason = required_text(OpeningRow.left_out_reason, reason.strip())
    with audit.entry(by=by, at=at) as entry:
        current = _rows_stored(row)
        batch = waiting_batch(current.batch)
        require(
            permissions.can_undo_batch(by, batch),
            _("You cannot leave out rows: ask whoever imported the list, or a manager."),
        )
        if current.left_out_at is not None:
            words = _("%(who)s left this row out on %(at)s.")
            at_text = timestamp_text(current.left_out_at)
            raise ActionRefused(words % {"who": current.left_out_by, "at": at_text})
        change(
            entry,
            current,
            verb="leave_out",
            reason=reason,
            left_out_at=entry.at,
            left_out_by=by,
            left_out_reason=reason,
        )
        return current


def go_on_with_row(*, row: OpeningRow, by: User, at: datetime | None = None) -> StatusUpdate:
    """Begin an ordinary draft of this person with what a row that was left out says.

    Whoever imported the row wrote these words too, and does not decide on them.
    """
    with audit.entry(by=by, at=at) as entry:
        current = _rows_stored(row)
        require(
            permissions.can_log(by, current.recommendation),
            _("You cannot log updates on this recommendation."),
        )
        if current.left_out_at is None:
            raise ActionRefused(_("Only a row that was left out can become a draft."))
        if current.draft is not None:
            raise ActionRefused(_("A draft was started from this row already."))
        importer, content = current.batch.submitted_by, _content(current)
        draft = begin_update(
            entry, current.recommendation, by, UpdateKind.REGULAR, content, others=[importer]
        )
        items = [
            EvidenceInput(stance=Stance.SUPPORTS, values=item_values(address))
            for address in current.addresses
        ]
        attach_items(entry, draft, by, items)
        change(entry, current, verb="go_on_with_row", draft=draft)
        return draft


def _content(row: OpeningRow) -> dict[str, Any]:
    origin = _("Row %(row)d of %(file)s, left out of its batch: %(reason)s") % {
        "row": row.number,
        "file": row.batch.file_name,
        "reason": row.left_out_reason,
    }
    return {
        "as_of": row.as_of,
        "implementation_status": row.implementation_status,
        "confidence": row.confidence,
        "completed_on": row.completed_on,
        "what_happened": row.note,
        "internal_note": origin,
    }


def _rows_stored(row: OpeningRow) -> OpeningRow:
    """The row as it is stored now, read under the lock of the chain."""
    kept = ("batch", "recommendation", "left_out_by", "draft")
    return OpeningRow.objects.select_related(*kept).get(pk=row.pk)
