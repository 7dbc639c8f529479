"""Deciding on changes of evidence on which something rests: by a manager who had no hand in it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import change, clean_text, create, require, require_as_seen
from recommendations.actions.errors import ActionRefused, timestamp_text
from recommendations.actions.evidence import changes, mail
from recommendations.choices import EvidenceChangeKind, EvidenceChangeState
from recommendations.models import Evidence, EvidenceChange, EvidenceLink, EvidenceRevision, User
from recommendations.queries.evidence.hands import hands_of
from recommendations.queries.evidence.proposed import (
    change_rows,
    held_text,
    may_decide,
    new_value,
    shown_change,
)
from recommendations.queries.shown import Shown


def approve_change(
    *,
    proposal: EvidenceChange,
    by: User,
    note: str = "",
    seen: Shown | None = None,
    at: datetime | None = None,
) -> EvidenceChange:
    """Let readers outside read the newer version; ``seen`` is what the page of it showed."""
    with audit.entry(by=by, at=at) as entry:
        current = _decidable(proposal, by, seen)
        _close_request(entry, current, EvidenceChangeState.APPROVED, "approve_evidence", note)
        _APPLIED[EvidenceChangeKind(current.kind)](entry, current)
        mail.decided(entry, current)
        return current


def reject_change(
    *,
    proposal: EvidenceChange,
    by: User,
    note: str,
    seen: Shown | None = None,
    at: datetime | None = None,
) -> EvidenceChange:
    """Leave the evidence as it is, with a note. A link stays, and stays internal."""
    if not note.strip():
        raise ValidationError({"note": _("Give the reason for rejecting the change.")})
    with audit.entry(by=by, at=at) as entry:
        current = _decidable(proposal, by, seen)
        _close_request(entry, current, EvidenceChangeState.REJECTED, "reject_evidence", note)
        mail.decided(entry, current)
        return current


def withdraw_change(
    *, proposal: EvidenceChange, by: User, at: datetime | None = None
) -> EvidenceChange:
    """Withdraw one's own change that nobody has decided on; another can be proposed then."""
    with audit.entry(by=by, at=at) as entry:
        current = _open(proposal)
        is_own = permissions.can_read_drafts(by) and current.proposed_by_id == by.pk
        require(is_own, _("You may not withdraw the change of another person."))
        _close_request(entry, current, EvidenceChangeState.WITHDRAWN, "withdraw_evidence")
        return current


def _open(proposal: EvidenceChange) -> EvidenceChange:
    """The change as it is stored, under the lock; refused where no decision is due."""
    current = change_rows().get(pk=proposal.pk)
    if not current.is_awaiting:
        raise ActionRefused(
            _("This change was already decided: %(state)s by %(who)s on %(when)s.")
            % {
                "state": current.get_state_display().lower(),
                "who": current.decided_by,
                "when": timestamp_text(current.decided_at),
            }
        )
    if current.link is not None and current.link.removed_at is not None:
        raise ActionRefused(_("This link was already removed."))
    return current


def _decidable(proposal: EvidenceChange, by: User, seen: Shown | None) -> EvidenceChange:
    """The change, once sure that this person may decide on it, and has seen it."""
    require(permissions.can_review(by), _("You may not decide on changes of evidence."))
    current = _open(proposal)
    hands = hands_of([current.evidence])[current.evidence_id]
    require(
        may_decide(by, current, hands),
        _(
            "You recorded, edited or linked this evidence, or added its file. Another manager "
            "decides on the change."
        ),
    )
    require_as_seen(seen, lambda: shown_change(current))
    return current


def _close_request(
    entry: audit.Entry,
    current: EvidenceChange,
    state: EvidenceChangeState,
    verb: str,
    note: str = "",
) -> None:
    note = clean_text(EvidenceChange.decision_note, note.strip(), under="note")
    change(
        entry,
        current,
        verb=verb,
        reason=note,
        state=state,
        decided_at=entry.at,
        decided_by=entry.by,
        decision_note=note,
    )


def _apply_values(entry: audit.Entry, current: EvidenceChange) -> None:
    """Write the proposed details, unless the item is not as it was when they were proposed."""
    item = Evidence.objects.get(pk=current.evidence_id)
    _require_unopposed(entry, item)
    held: Mapping[str, str] = current.old_values
    if any(held_text(item, name) != text for name, text in held.items()):
        raise ActionRefused(
            _("The evidence was changed after this was proposed. Reject it with a note.")
        )
    values = {name: new_value(name, text) for name, text in current.new_values.items()}
    changes.write(entry, item, values, verb="apply_change")


def _apply_file(entry: audit.Entry, current: EvidenceChange) -> None:
    """Make the proposed file the current one, as brought by whoever proposed it."""
    item, file = Evidence.objects.get(pk=current.evidence_id), current.file
    _require_unopposed(entry, item)
    if file is None or not file.is_given:
        raise ActionRefused(_("The file is not available, so this change cannot be approved."))
    changes.count_file(entry, item)
    revision = EvidenceRevision(
        evidence=item,
        number=item.last_revision,
        file=file,
        original_name=current.file_name,
        note=current.file_note,
        added_at=entry.at,
        added_by=current.proposed_by,
    )
    create(entry, revision, verb="add_file")


def _apply_link(entry: audit.Entry, current: EvidenceChange) -> None:
    """Let the link be seen outside, wherever it was carried to meanwhile."""
    link: Any = current.link
    same = EvidenceLink.objects.live().filter(
        evidence=link.evidence_id,
        added_by=link.added_by_id,
        added_at=link.added_at,
        waits_for_agreement=True,
        agreed_at__isnull=True,
    )
    for each in same.select_related("update", "response__addressee", "recommendation"):
        change(entry, each, verb="agree_link", agreed_at=entry.at)


def _require_unopposed(entry: audit.Entry, item: Evidence) -> None:
    by: Any = entry.by
    if why := changes.objection_refusal(item, by):
        raise ActionRefused(why)


_APPLIED: Mapping[EvidenceChangeKind, Callable[[audit.Entry, EvidenceChange], None]] = {
    EvidenceChangeKind.WORDING: _apply_values,
    EvidenceChangeKind.FILE: _apply_file,
    EvidenceChangeKind.LINK: _apply_link,
}
