"""Single rows of a batch of opening statuses: left out with a reason, and gone on with."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import change, clean_text, require
from recommendations.actions.errors import ActionRefused, timestamp_text
from recommendations.actions.evidence.items import EvidenceInput, attach_items
from recommendations.actions.evidence.many import item_values
from recommendations.actions.imports.openings.batches import waiting_batch
from recommendations.actions.updates.drafts import begin_update
from recommendations.choices import Stance, UpdateKind
from recommendations.models import OpeningRow, StatusUpdate, User


def leave_out(*, row: OpeningRow, by: User, reason: str, at: datetime | None = None) -> OpeningRow:
    """Take one row out of a batch that is not approved, with the reason. It stays on record."""
    if not reason.strip():
        raise ValidationError({"reason": _("Give the reason for leaving this row out.")})
    reason = clean_text(OpeningRow.left_out_reason, reason.strip(), under="reason")
    with audit.entry(by=by, at=at) as entry:
        current = _stored(row)
        batch = waiting_batch(current.batch)
        require(
            permissions.can_undo_batch(by, batch),
            _("You may not leave out rows: ask whoever imported the list, or a manager."),
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
    """Begin an ordinary draft of this person with what a row that was left out says."""
    with audit.entry(by=by, at=at) as entry:
        current = _stored(row)
        require(
            permissions.can_log(by, current.recommendation),
            _("You may not log updates on this recommendation."),
        )
        if current.left_out_at is None:
            raise ActionRefused(_("Only a row that was left out can become a draft."))
        if current.draft is not None:
            raise ActionRefused(_("A draft was started from this row already."))
        draft = begin_update(
            entry, current.recommendation, by, UpdateKind.REGULAR, _content(current)
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


def _stored(row: OpeningRow) -> OpeningRow:
    """The row as it is stored now, read under the lock of the chain."""
    kept = ("batch", "recommendation", "left_out_by", "draft")
    return OpeningRow.objects.select_related(*kept).get(pk=row.pk)
