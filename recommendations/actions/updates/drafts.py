"""Open status updates: written, submitted, withdrawn and handed over.

Each function is one transition, in one transaction, with its permission check and its event.
``by`` is the person, ``at`` the time (by default the clock, read once the chain is locked),
``expected_version`` the version that the person was shown. ``basis`` is the id of the update in
force that they were shown, 0 where there was none: the update rests on it from now on, if it still
is in force. ``kept`` says of links that support the current update, by their ids, whether their
evidence is kept for this one or dropped; ``parts`` are the ids of the parts that it completes,
``None`` where its form had none. ``told`` are the codes of the conditions of approval that
the author knows to be missing: where another is missing, the update stays a draft; ``None`` asks
for none.
"""

from collections.abc import Collection, Mapping, Sequence
from copy import copy
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from recommendations import audit, permissions, transitions
from recommendations.actions import notifications
from recommendations.actions.base import change, differences, require
from recommendations.actions.errors import ActionRefused, StaleWrite, TransitionConflict
from recommendations.actions.evidence.items import EvidenceInput, attach_items
from recommendations.actions.updates.carried import (
    carry_contradictions,
    carry_to_submitted,
    choose_evidence,
)
from recommendations.actions.updates.content import (
    check_content,
    check_kept,
    only_content,
    rated_on,
)
from recommendations.actions.updates.entries import SentEntries, keep_entries, unseen_entries
from recommendations.actions.updates.parts import choose_parts
from recommendations.actions.updates.state import update_in_force
from recommendations.choices import CLAIMS_OF_EFFECT, UpdateKind, UpdateState
from recommendations.models import Addressee, EvidenceLink, Recommendation, StatusUpdate, User
from recommendations.queries.updates.conditions import (
    LinkCounts,
    awaiting_review,
    not_beside_text,
    unmet_conditions,
)

FIRST_VERSION = 1
"""The version of an update as it is begun: what a form knows of the one that it began itself."""


def save_update(
    *,
    update: StatusUpdate,
    by: User,
    values: Mapping[str, Any],
    expected_version: int = FIRST_VERSION,
    basis: int | None = None,
    evidence: Sequence[EvidenceInput] = (),
    kept: Mapping[int, bool] | None = None,
    parts: Collection[int] | None = None,
    is_final: bool = False,
    told: Collection[str] | None = None,
    entries: SentEntries | None = None,
    at: datetime | None = None,
) -> StatusUpdate:
    """Begin an update or continue an open one: its content, evidence for it, and its submission.

    ``update`` is found by its ``key``, which its form has from the start: where no row has it yet,
    one is begun for the same recommendation and addressee. So a form that is sent twice begins one
    update and continues that. ``is_final`` submits it; until then it keeps ``entries``.
    ``StaleWrite`` where another version is stored, unless its content is the same.
    """
    values = only_content(values)
    with audit.entry(by=by, at=at) as entry:
        current = _stored("key", update.key)
        if current is not None:
            _require_own_open(current, by, update)
            _require_expected(current, values, expected_version, entries)
        else:
            current, values, basis = _begin(entry, update, by, values), {}, None
        attach_items(entry, current, by, evidence)
        with entry.gathered():
            choose_evidence(entry, current, by, kept or {})
            choose_parts(entry, current, by, parts)
            if is_final:
                submit_update(entry, current, by, values, basis, told)
            else:
                _save_changes(entry, current, by, values, basis)
        keep_entries(current, entries)
        return current


def _require_expected(
    current: StatusUpdate,
    values: Mapping[str, Any],
    expected_version: int,
    entries: SentEntries | None,
) -> None:
    """Refuse where another wrote meanwhile, unless they wrote the same."""
    changed = differences(current, values) if current.version != expected_version else []
    if unseen := changed + unseen_entries(current, entries):
        raise StaleWrite(current, unseen)


def _save_changes(
    entry: audit.Entry,
    current: StatusUpdate,
    by: User,
    values: Mapping[str, Any],
    basis: int | None,
) -> None:
    """Write what differs from what is stored; nothing where nothing does."""
    if differences(current, values) or basis not in (None, current.based_on_id or 0):
        now = update_in_force(entry, current.recommendation_id, current.addressee_id)
        _write(entry, current, by, values, basis, now, verb="save")


def _is_untold(
    entry: audit.Entry,
    current: StatusUpdate,
    values: Mapping[str, Any],
    told: Collection[str],
    now: StatusUpdate | None,
) -> bool:
    """Whether approval misses something that the author was not told of."""
    stated = copy(current)
    for name, value in values.items():
        setattr(stated, name, value)
    # Evidence is asked for by these alone; of others it need not be counted.
    is_claim = stated.implementation_status in CLAIMS_OF_EFFECT
    missing = unmet_conditions(
        stated,
        today=entry.today,
        known=entry.at,
        now=now,
        links=None if is_claim else LinkCounts(0, 0, 0),
    )
    return not {condition.code for condition in missing} <= set(told)


def withdraw_update(
    *, update: StatusUpdate, by: User, expected_version: int, at: datetime | None = None
) -> StatusUpdate:
    """Withdraw an update that is not decided. It stays on record."""
    with audit.entry(by=by, at=at) as entry:
        current = current_update(update)
        require(permissions.can_withdraw(by, current), _("You may not withdraw this update."))
        require_state(current, transitions.WITHDRAW)
        change(
            entry,
            current,
            verb="withdraw",
            expected_version=expected_version,
            state=UpdateState.WITHDRAWN,
        )
        keep_entries(current, None)
        return current


def hand_over(
    *, update: StatusUpdate, to: User, by: User, expected_version: int, at: datetime | None = None
) -> StatusUpdate:
    """Give a draft to another author. Both have written it: neither may decide on it."""
    with audit.entry(by=by, at=at) as entry:
        current = current_update(update)
        require(permissions.can_hand_over(by, current), _("You may not hand over this update."))
        require_state(current, transitions.HAND_OVER)
        if not permissions.can_log(to, current.recommendation):
            raise ValidationError({"to": _("%s may not log progress on this recommendation.") % to})
        if to.pk == current.decided_by_id:
            raise ValidationError(
                {"to": _("%s returned this update and cannot become an author.") % to}
            )
        if EvidenceLink.objects.live().filter(update=current.pk, answered_by=to.pk).exists():
            answered = (
                _("%s answered a contradiction of this update and cannot become an author.") % to
            )
            raise ValidationError({"to": answered})
        change(entry, current, verb="hand_over", expected_version=expected_version, author=to)
        notifications.handed_over(entry, current)
        return current


def current_update(update: StatusUpdate) -> StatusUpdate:
    """The update as it is stored now, read under the lock of the chain."""
    current = _stored("id", update.pk)
    if current is None:
        raise StatusUpdate.DoesNotExist
    return current


def _stored(column: str, value: int | UUID) -> StatusUpdate | None:
    """The update that is stored under a unique value of a column."""
    # Not all its people, nor what it corrects or retracts, which few acts name: PostgreSQL would
    # plan more joins for longer than it reads them.
    rows = StatusUpdate.objects.select_related(
        "author", "recommendation", "based_on", "draft_entries"
    )
    return rows.prefetch_related("editors").filter(**{column: value}).first()


def require_state(update: StatusUpdate, transition: transitions.Transition) -> None:
    """Refuse a transition that does not start from the state of the update."""
    if update.state not in transition.sources:
        raise TransitionConflict(update)


def _begin(
    entry: audit.Entry, update: StatusUpdate, by: User, values: Mapping[str, Any]
) -> StatusUpdate:
    recommendation = Recommendation.objects.get(pk=update.recommendation_id)
    require(
        permissions.can_log(by, recommendation),
        _("You may not log updates on this recommendation."),
    )
    return begin_update(
        entry, recommendation, by, UpdateKind.REGULAR, values, update.addressee, key=update.key
    )


def _require_own_open(current: StatusUpdate, by: User, update: StatusUpdate) -> None:
    """Refuse unless this person writes the update that is stored, and it is open to its author.

    Where ``update`` has no row, its form holds a key that belongs to another update.
    """
    is_elsewhere = (current.author_id, current.recommendation_id) != (
        by.pk,
        update.recommendation_id,
    )
    if update._state.adding and is_elsewhere:
        raise TransitionConflict(current)
    require(
        permissions.can_withdraw(by, current), _("You may not edit the update of another person.")
    )
    require_state(current, transitions.SAVE)
    require(permissions.can_edit(by, current), _("You may not log updates on this recommendation."))


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
    _require_beginnable(recommendation, addressee, key)
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
    carry_contradictions(entry, update, update.based_on)
    return update


def _require_beginnable(
    recommendation: Recommendation, addressee: Addressee | None, key: UUID | None
) -> None:
    """Refuse a key that an update has already, and an addressee of another recommendation."""
    if key is not None and (begun := StatusUpdate.objects.filter(key=key).first()):
        raise TransitionConflict(begun)
    if addressee is not None and addressee.recommendation_id != recommendation.pk:
        raise ValidationError(
            {"addressee": _("The recommendation is not addressed to this addressee.")}
        )


def _write(
    entry: audit.Entry,
    current: StatusUpdate,
    by: User,
    content: Mapping[str, Any],
    basis: int | None,
    now: StatusUpdate | None,
    *,
    verb: str,
    **other: Any,
) -> None:
    """Set the content, keep who wrote it, rest it on the basis shown, and record the event.

    ``now`` is the update in force in the scope of this one.
    """
    editors = set(current.editors.all())
    if by not in editors:
        other["editors"] = {*editors, by}
    before = audit.snapshot(current, links=other)
    for name, value in content.items():
        setattr(current, name, value)
    check_content(current, entry.today)
    if current.kind == UpdateKind.REGULAR:
        other["rated_on"] = rated_on(current)
    if basis is not None and basis == (now.pk if now else 0):
        other["based_on"] = current.based_on = now
    check_kept(current)
    change(entry, current, verb=verb, before=before, last_editor=by, **content, **other)


def submit_update(
    entry: audit.Entry,
    current: StatusUpdate,
    by: User,
    values: Mapping[str, Any] | None = None,
    basis: int | None = None,
    told: Collection[str] | None = None,
) -> StatusUpdate:
    """Save an update with these values and submit it to the reviewers.

    ``told`` is as in ``save_update``: what its author does not know to be missing keeps it open.
    """
    values = values or {}
    if current.kind == UpdateKind.NO_CHANGE:
        require_none_waiting(current.recommendation_id)
    if not values.get("implementation_status", current.implementation_status):
        raise ValidationError({"implementation_status": _("Choose an implementation status.")})
    now = update_in_force(entry, current.recommendation_id, current.addressee_id)
    if told is not None and _is_untold(entry, current, values, told, now):
        _save_changes(entry, current, by, values, basis)
        return current
    _write(
        entry,
        current,
        by,
        values,
        basis,
        now,
        verb="submit",
        state=UpdateState.SUBMITTED,
        submitted_at=entry.at,
        decided_at=None,
        decided_by=None,
        decision_note="",
    )
    carry_to_submitted(entry, current, now)
    notifications.submitted(entry, current)
    return current


def require_none_waiting(recommendation_id: int) -> None:
    """Refuse to confirm that nothing changed while an update on the whole awaits review."""
    if waiting := awaiting_review(recommendation_id, None):
        raise ActionRefused(not_beside_text(waiting))
