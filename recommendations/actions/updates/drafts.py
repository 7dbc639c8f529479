"""Writing status updates: everything an author does, up to the decision.

Every function is one move, in one transaction, with its permission check and its event. ``by`` is
the person, ``at`` the time (by default the clock, read once the chain is locked), ``seen`` the
version that the person had before them.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from recommendations import audit, permissions, transitions
from recommendations.actions import notifications
from recommendations.actions.base import change, create, differences, require
from recommendations.actions.errors import StaleWrite, TransitionConflict
from recommendations.actions.updates.content import (
    check_content,
    check_kept,
    only_content,
    rated_on,
)
from recommendations.choices import UpdateKind, UpdateState
from recommendations.models import Addressee, EvidenceLink, Recommendation, StatusUpdate, User


def draft(
    *,
    recommendation: Recommendation,
    by: User,
    values: Mapping[str, Any] | None = None,
    addressee: Addressee | None = None,
    key: UUID | None = None,
    at: datetime | None = None,
) -> StatusUpdate:
    """Begin an update. ``key`` is the form's own id, so that a form sent twice begins one."""
    with audit.entry(by=by, at=at) as entry:
        recommendation = Recommendation.objects.get(pk=recommendation.pk)
        require(permissions.can_log(by, recommendation), _("log progress on this recommendation"))
        return begin_update(
            entry, recommendation, by, UpdateKind.REGULAR, values or {}, addressee, key=key
        )


def save_draft(
    *,
    update: StatusUpdate,
    by: User,
    seen: int,
    values: Mapping[str, Any],
    basis: int | None = None,
    at: datetime | None = None,
) -> StatusUpdate:
    """Save the words of a draft or of a returned update.

    ``basis`` is the id of the update in force that the author was shown, 0 where there was none;
    the draft rests on it from now on, if it still is what is in force.
    """
    with audit.entry(by=by, at=at) as entry:
        current = _mine(update, by, transitions.SAVE, seen, values)
        _write(entry, current, by, seen, values, basis, verb="save")
        return current


def submit(
    *,
    update: StatusUpdate,
    by: User,
    seen: int,
    values: Mapping[str, Any] | None = None,
    basis: int | None = None,
    at: datetime | None = None,
) -> StatusUpdate:
    """Save and hand in for review. Always possible once it says where the matter stands."""
    with audit.entry(by=by, at=at) as entry:
        current = _mine(update, by, transitions.SUBMIT, seen, values or {})
        submit_update(entry, current, by, values or {}, basis)
        return current


def withdraw(
    *, update: StatusUpdate, by: User, seen: int, at: datetime | None = None
) -> StatusUpdate:
    """Take back an update that is not decided. It stays on record."""
    with audit.entry(by=by, at=at) as entry:
        current = current_update(update)
        require(permissions.can_withdraw(by, current), _("withdraw this update"))
        require_state(current, transitions.WITHDRAW)
        change(entry, current, verb="withdraw", seen=seen, state=UpdateState.WITHDRAWN)
        return current


def hand_over(
    *, update: StatusUpdate, to: User, by: User, seen: int, at: datetime | None = None
) -> StatusUpdate:
    """Give a draft to another author. Both have written it: neither may decide on it."""
    with audit.entry(by=by, at=at) as entry:
        current = current_update(update)
        require(permissions.can_hand_over(by, current), _("hand over this update"))
        require_state(current, transitions.HAND_OVER)
        if not permissions.can_log(to, current.recommendation):
            raise ValidationError({"to": _("%s may not log progress on this recommendation.") % to})
        if to.pk == current.decided_by_id:
            raise ValidationError({"to": _("%s returned this update, so cannot write it.") % to})
        change(entry, current, verb="hand_over", seen=seen, author=to)
        notifications.handed_over(entry, current)
        return current


def current_update(update: StatusUpdate) -> StatusUpdate:
    """The update as it stands now, read under the lock of the chain."""
    return StatusUpdate.objects.select_related(
        "recommendation", "author", "decided_by", "based_on", "corrects", "retracts"
    ).get(pk=update.pk)


def require_state(update: StatusUpdate, move: transitions.Transition) -> None:
    """Refuse a move that does not start from where the update stands."""
    if update.state not in move.sources:
        raise TransitionConflict(update)


def update_in_force(
    entry: audit.Entry, recommendation_id: int, addressee_id: int | None
) -> StatusUpdate | None:
    """The update in force now, for the whole or for one addressee."""
    scope = StatusUpdate.objects.of_scope(recommendation_id, addressee_id)
    return scope.in_force(entry.today, entry.at).first()


def carry_links(entry: audit.Entry, base: StatusUpdate, update: StatusUpdate) -> None:
    """Take over the live evidence of the update that is confirmed or corrected.

    What stands for and against a claim keeps doing so when the claim is only said again, answers
    included; evidence that is linked already, or was taken away from this one, is left as it is.
    """
    linked = EvidenceLink.objects.filter(update=update.pk).values("evidence")
    for link in EvidenceLink.objects.live().filter(update=base.pk).exclude(evidence__in=linked):
        link.pk, link.update, link._state.adding = None, update, True
        create(entry, link, verb="carry_evidence")


def _mine(
    update: StatusUpdate,
    by: User,
    move: transitions.Transition,
    seen: int,
    values: Mapping[str, Any],
) -> StatusUpdate:
    """The update as it stands, once sure that this author may make this move on it."""
    current = current_update(update)
    require(permissions.can_withdraw(by, current), _("edit an update that somebody else wrote"))
    require_state(current, move)
    require(permissions.can_edit(by, current), _("log progress on this recommendation"))
    if current.version != seen:
        raise StaleWrite(current, differences(current, dict(values)))
    return current


def begin_update(
    entry: audit.Entry,
    recommendation: Recommendation,
    by: User,
    kind: UpdateKind,
    values: Mapping[str, Any],
    addressee: Addressee | None = None,
    key: UUID | None = None,
    **links: Any,
) -> StatusUpdate:
    """Insert a draft, which rests on the update in force.

    Under the lock of the chain: of a form sent twice, the second request finds the first one's row.
    """
    if key is not None and (begun := StatusUpdate.objects.filter(key=key).first()):
        raise TransitionConflict(begun)
    if addressee is not None and addressee.recommendation_id != recommendation.pk:
        raise ValidationError({"addressee": _("This recommendation is not addressed to them.")})
    update = StatusUpdate(
        recommendation=recommendation,
        addressee=addressee,
        kind=kind,
        author=by,
        last_editor=by,
        created_at=entry.at,
        based_on=update_in_force(entry, recommendation.pk, addressee.pk if addressee else None),
        **{"as_of": entry.today, **only_content(values)},
        **links,
    )
    if key is not None:
        update.key = key
    check_content(update, entry.today)
    if kind == UpdateKind.REGULAR:
        update.rated_on = rated_on(update)
    update.save(force_insert=True)
    update.editors.add(by)
    entry.record("draft", update, before={}, after=audit.snapshot(update))
    return update


def _write(
    entry: audit.Entry,
    current: StatusUpdate,
    by: User,
    seen: int,
    values: Mapping[str, Any],
    basis: int | None,
    *,
    verb: str,
    **moved: Any,
) -> None:
    """Set the content, keep who wrote it, rest it on the basis shown, and record the move."""
    content = only_content(values)
    for name, value in content.items():
        setattr(current, name, value)
    check_content(current, entry.today)
    if current.kind == UpdateKind.REGULAR:
        moved["rated_on"] = rated_on(current)
    now_in_force = update_in_force(entry, current.recommendation_id, current.addressee_id)
    if basis is not None and basis == (now_in_force.pk if now_in_force else 0):
        moved["based_on"] = current.based_on = now_in_force
    check_kept(current)
    if not current.editors.filter(pk=by.pk).exists():
        current.editors.add(by)
    change(entry, current, verb=verb, seen=seen, last_editor=by, **content, **moved)


def submit_update(
    entry: audit.Entry,
    current: StatusUpdate,
    by: User,
    values: Mapping[str, Any] | None = None,
    basis: int | None = None,
) -> None:
    """Save an update with these values and hand it to the reviewers."""
    values = values or {}
    if not values.get("implementation_status", current.implementation_status):
        raise ValidationError({"implementation_status": _("Say where it stands.")})
    _write(
        entry,
        current,
        by,
        current.version,
        values,
        basis,
        verb="submit",
        state=UpdateState.SUBMITTED,
        submitted_at=entry.at,
        decided_at=None,
        decided_by=None,
        decision_note="",
    )
    notifications.handed_in(entry, current)
