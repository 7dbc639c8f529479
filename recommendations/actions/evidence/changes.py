"""Changes of evidence that readers outside rest on, and decisions on them by another person."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import (
    ActionRefused,
    StaleWrite,
    change,
    create,
    only_named,
    require,
    revised,
)
from recommendations.actions.evidence import items
from recommendations.actions.evidence.files import Received, attach_file
from recommendations.actions.evidence.items import (
    ITEM_FIELDS,
    current_revision,
    propose_file,
    propose_values,
)
from recommendations.actions.proposals import (
    close,
    require_as_seen,
    require_note,
    require_open,
    require_reviewer,
)
from recommendations.choices import (
    EvidenceChangeKind,
    EvidenceChangeState,
    Stance,
    UpdateState,
    Visibility,
)
from recommendations.models import (
    Evidence,
    EvidenceChange,
    EvidenceCheck,
    EvidenceLink,
    EvidenceRevision,
    User,
)
from recommendations.queries.evidence.items import (
    PUBLIC_WORDING,
    SOURCE_FIELDS,
    change_rows,
    hands_of,
    held_text,
    is_relied_on,
    is_settled,
    may_decide,
    new_value,
    shown_change,
)
from recommendations.queries.fields import field_label
from recommendations.queries.shown import Shown

# ---- Changing recorded evidence: what is said of an item, its file, and who may read it

VERIFIED_FIELDS = (
    *("title", "kind", "description", *SOURCE_FIELDS, "publisher"),
    *("effective_on", "effective_precision", "expires_on"),
)
"""What a verification speaks of, besides the file: it ends where one of these is changed."""


def change_item(
    *,
    evidence: Evidence,
    by: User,
    expected_version: int,
    values: Mapping[str, Any],
    at: datetime | None = None,
) -> Evidence:
    """Edit the description of an item, which ends its verification: it was found as described.

    What readers outside read of a public item on which something rests is proposed, and waits for
    another manager; hiding the item, and what only hides or shortens, is done at once.
    """
    only_named(values, ITEM_FIELDS)
    with audit.entry(by=by, at=at) as entry:
        current = Evidence.objects.get(pk=evidence.pk)
        may = permissions.can_change_evidence(by, current) or permissions.can_manage(by)
        require(may, _("You cannot change this evidence."))

        def in_time(_row: Evidence) -> None:
            if problems := items.day_problems(values, entry.today, current):
                raise ValidationError(problems)

        if (after := revised(current, expected_version, values, in_time)) is not None:
            _require_second_person(current, by, values)
            held = held_fields(current, values)
            if held:
                propose_values(entry, current, by, after, held)
            write(entry, current, {n: v for n, v in values.items() if n not in held}, verb="change")
        return current


def write(entry: audit.Entry, item: Evidence, values: Mapping[str, Any], *, verb: str) -> None:
    """Write values of an item, checked once more as they are, and end its verification."""
    if revised(item, None, values) is not None:
        end_verification(entry, item, values)
        change(entry, item, verb=verb, **values)


def held_fields(item: Evidence, values: Mapping[str, Any]) -> list[str]:
    """Names of the fields of these values that wait for another manager; none of a hidden item."""
    is_hidden = values.get("visibility", item.visibility) != Visibility.PUBLIC
    changed = _changed(item, values, PUBLIC_WORDING)
    if "expires_on" in changed and not _is_later(item, values):
        # Shorter is a caution, and the gap in the evidence that follows is not to wait.
        changed.remove("expires_on")
    return changed if changed and not is_hidden and is_settled(item) else []


def is_proposed(item: Evidence, values: Mapping[str, Any]) -> bool:
    """Whether any of these values, which were given for an item as it is now, waits."""
    return bool(_changed(item, values, PUBLIC_WORDING))


def verifications(item: Evidence) -> QuerySet[EvidenceCheck]:
    """Live checks of an item with the file that it has now."""
    return item.checks.filter(removed_at__isnull=True, revision=item.last_revision)


def publication_refusal(item: Evidence, by: User) -> str:
    """Why this person may not make an internal item public; empty where they may."""
    if item.visibility == Visibility.PUBLIC or not is_relied_on(item):
        return ""
    if permissions.can_review(by) and by.pk not in hands_of(item):
        return ""
    return _(
        "The evidence is linked to an approved or published record. Only a manager who neither "
        "recorded, edited nor linked the evidence nor added the file can publish it."
    )


def objection_refusal(item: Evidence, by: User) -> str:
    """Why this person may neither hide an item nor word it anew; empty where they may."""
    against = item.links.open_contradictions().filter(update__state=UpdateState.APPROVED)
    links = against.select_related("update__recommendation")
    if all(permissions.can_end_contradiction(by, link) for link in links):
        return ""
    return _(
        "The evidence contradicts an approved update. Only the person who added it, or a "
        "manager who did not write the update, can change or unpublish it."
    )


def _require_second_person(item: Evidence, by: User, values: Mapping[str, Any]) -> None:
    """Refuse what only somebody who could verify the item may change."""
    problems = {}
    if values.get("visibility") == Visibility.PUBLIC and (
        why := publication_refusal(item, by) or _mixed_refusal(item, values)
    ):
        problems["visibility"] = why
    weakened = _changed(item, values, VERIFIED_FIELDS)
    if item.visibility == Visibility.PUBLIC != values.get("visibility", Visibility.PUBLIC):
        weakened.append("visibility")
    if weakened and (why := objection_refusal(item, by)):
        problems |= dict.fromkeys(weakened, why)
    if _is_extended(item, values) and not permissions.can_check_evidence(
        by, item, current_revision(item)
    ):
        problems["expires_on"] = _(
            "This evidence is verified. Only a manager who neither recorded it nor added "
            "the file can extend the expiry date."
        )
    if problems:
        raise ValidationError(problems)


def _changed(item: Evidence, values: Mapping[str, Any], among: Sequence[str]) -> list[str]:
    """Names of those fields ``among`` these in which the values differ from the item."""
    return [n for n in among if n in values and values[n] != getattr(item, n)]


def _is_extended(item: Evidence, values: Mapping[str, Any]) -> bool:
    """Whether verified evidence would stand for longer than it was verified for."""
    return _is_later(item, values) and verifications(item).exists()


def _is_later(item: Evidence, values: Mapping[str, Any]) -> bool:
    """Whether an item that expires would expire later, or not at all."""
    until = values.get("expires_on", item.expires_on)
    return item.expires_on is not None and (until is None or until > item.expires_on)


def _mixed_refusal(item: Evidence, values: Mapping[str, Any]) -> str:
    """Why what rests on an item keeps it from being reworded and published in one step."""
    is_reworded = _changed(item, values, PUBLIC_WORDING)
    if item.visibility == Visibility.PUBLIC or not is_reworded or not is_relied_on(item):
        return ""
    return _("Save the other changes first. Another manager can then publish the evidence.")


def end_verification(entry: audit.Entry, item: Evidence, values: Mapping[str, Any]) -> None:
    """End the live checks of an item in which anything is changed that they speak of.

    They stay on record, with who ended them; the event of each names what was changed.
    """
    changed = _changed(item, values, VERIFIED_FIELDS)
    if not changed:
        return
    reason = _("Changed: %s") % ", ".join(field_label(item, name) for name in changed)
    for check in verifications(item):
        change(
            entry, check, verb="end_check", reason=reason, removed_at=entry.at, removed_by=entry.by
        )


def revise_file(
    *,
    evidence: Evidence,
    by: User,
    expected_version: int,
    file: Received,
    note: str = "",
    at: datetime | None = None,
) -> EvidenceRevision | EvidenceChange:
    """Add a newer file to an item. The earlier ones stay; checks of them no longer count.

    Where something rests on a public item, the file is proposed, and waits for another manager.
    """
    with audit.entry(by=by, at=at) as entry:
        current = Evidence.objects.get(pk=evidence.pk)
        require(permissions.can_change_evidence(by, current), _("You cannot change this evidence."))
        if why := objection_refusal(current, by):
            raise ActionRefused(why)
        if current.revisions.filter(number=current.last_revision, file=file.sha256).exists():
            raise ActionRefused(_("This file is already the current file."))
        if current.version != expected_version:
            raise StaleWrite(current)
        if is_settled(current):
            return propose_file(entry, current, by, file, note)
        count_file(entry, current)
        return attach_file(entry, current, by, file, note)


def count_file(entry: audit.Entry, item: Evidence) -> None:
    """Let an item have one file more, whose row is written with it."""
    rows = Evidence.objects.filter(pk=item.pk, version=item.version)
    values = {"last_revision": item.last_revision + 1, "version": item.version + 1}
    if not rows.update(**values, updated_at=entry.at):
        raise StaleWrite(item)
    item.refresh_from_db()


# ---- Deciding on changes of evidence on which something rests: by a manager who did not propose


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
        close(entry, current, EvidenceChangeState.APPROVED, "approve_evidence", note)
        _APPLIED[EvidenceChangeKind(current.kind)](entry, current)
        items.decided(entry, current)
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
    require_note(note)
    with audit.entry(by=by, at=at) as entry:
        current = _decidable(proposal, by, seen)
        close(entry, current, EvidenceChangeState.REJECTED, "reject_evidence", note)
        items.decided(entry, current)
        return current


def withdraw_change(
    *, proposal: EvidenceChange, by: User, at: datetime | None = None
) -> EvidenceChange:
    """Withdraw one's own change that nobody has decided on; another can be proposed then."""
    with audit.entry(by=by, at=at) as entry:
        current = _open(proposal)
        is_own = permissions.can_read_drafts(by) and current.proposed_by_id == by.pk
        require(is_own, _("You cannot withdraw the request of another person."))
        close(entry, current, EvidenceChangeState.WITHDRAWN, "withdraw_evidence")
        return current


def _open(proposal: EvidenceChange) -> EvidenceChange:
    """The change as it is stored, under the lock; refused where no decision is due."""
    current = change_rows().get(pk=proposal.pk)
    require_open(current, is_open=current.is_awaiting)
    if current.link is not None and current.link.removed_at is not None:
        raise ActionRefused(_("This link was already removed."))
    return current


def _decidable(proposal: EvidenceChange, by: User, seen: Shown | None) -> EvidenceChange:
    """The change, once sure that this person may decide on it, and has seen it."""
    require_reviewer(by)
    current = _open(proposal)
    require(
        may_decide(by, current),
        _(
            "You proposed this change, or recorded the evidence that it links. Another manager "
            "decides on it."
        ),
    )
    require_as_seen(seen, lambda: shown_change(current))
    return current


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
    write(entry, item, values, verb="apply_change")


def _apply_file(entry: audit.Entry, current: EvidenceChange) -> None:
    """Make the proposed file the current one, as brought by whoever proposed it."""
    item, file = Evidence.objects.get(pk=current.evidence_id), current.file
    _require_unopposed(entry, item)
    if file is None or not file.is_given:
        raise ActionRefused(_("The file is not available, so this change cannot be approved."))
    count_file(entry, item)
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
    if link.stance != Stance.UNDERMINES and items.is_decided(link.update):
        raise ActionRefused(str(items.WITH_AN_UPDATE))
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
    if why := objection_refusal(item, by):
        raise ActionRefused(why)


_APPLIED: Mapping[EvidenceChangeKind, Callable[[audit.Entry, EvidenceChange], None]] = {
    EvidenceChangeKind.WORDING: _apply_values,
    EvidenceChangeKind.FILE: _apply_file,
    EvidenceChangeKind.LINK: _apply_link,
}
