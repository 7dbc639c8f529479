"""Undoing an import: its values are withdrawn, and those before are current again."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import check_row, clean_text, require, require_as_seen
from recommendations.actions.errors import ActionRefused, timestamp_text
from recommendations.actions.indicators import refresh_movement
from recommendations.models import ImportRun, User
from recommendations.queries.indicators.undoing import evidence_count, shown_undo, undo_counts
from recommendations.queries.shown import Shown


def undo_import(
    *, run: ImportRun, by: User, reason: str, seen: Shown | None = None, at: datetime | None = None
) -> ImportRun:
    """Withdraw every value of an import, with one event that names it, the reason and the counts.

    A value belongs to one import and never changes, so the time at which that was undone withdraws
    each of its values: what is read of today passes them over, and what is read of an earlier
    moment does not. A later revision by anybody else stays. An import is undone once; to take that
    back its file is imported again. ``seen`` is what the page showed.
    """
    with audit.entry(by=by, at=at) as entry:
        require(permissions.can_undo_import(by), _("You may not undo imports of values."))
        current = _not_undone(run)
        why = clean_text(ImportRun.undo_reason, reason, under="reason")
        if not why.strip():
            raise ValidationError({"reason": _("Enter the reason.")})
        counts = undo_counts(current)
        require_as_seen(seen, lambda: shown_undo(current, counts, evidence_count(current)))
        before = audit.snapshot(current)
        values = {"undone_at": entry.at, "undone_by": by, "undo_reason": why}
        for name, value in values.items():
            setattr(current, name, value)
        check_row(current, values)
        ImportRun.objects.filter(pk=current.pk).update(**values)
        act = audit.BulkAct(entry)
        act.add(current, before, audit.snapshot(current))
        told_counts = {
            "indicator": current.indicator.code,
            "import": current.pk,
            "values": counts.total,
            "restored": counts.restored,
            "absent": counts.absent,
            "kept": counts.kept,
            "file": audit.FreeText(current.file_name),
        }
        act.record("undo_import", current.file_sha256[:16], told_counts, reason=why)
        refresh_movement(entry, current.indicator)
        return current


def _not_undone(run: ImportRun) -> ImportRun:
    """The run as it is stored, with its indicator; refused where it was undone before."""
    current = ImportRun.objects.select_related("indicator", "undone_by").get(pk=run.pk)
    if current.undone_at is not None:
        told = _("%(who)s undid this import on %(at)s.")
        at_text = timestamp_text(current.undone_at)
        raise ActionRefused(told % {"who": current.undone_by, "at": at_text})
    return current
