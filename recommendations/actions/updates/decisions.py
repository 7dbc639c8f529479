"""Deciding on a status update: approve, or return with a note."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations import audit, permissions, transitions
from recommendations.actions import notifications
from recommendations.actions.base import change, clean_text, require, require_as_seen
from recommendations.actions.errors import (
    ActionRefused,
    BasisChanged,
    ConditionsNotMet,
    NotAllowed,
)
from recommendations.actions.updates.carried import (
    carry_links,
    carry_open,
    return_contradictions,
)
from recommendations.actions.updates.content import CONTENT_FIELDS
from recommendations.actions.updates.drafts import current_update, require_state
from recommendations.actions.updates.replacements import require_in_place
from recommendations.actions.updates.state import refresh_state, update_in_force
from recommendations.choices import UpdateKind, UpdateState
from recommendations.models import StatusUpdate, User
from recommendations.queries.evidence.decision import (
    REPEATING,
    DecisionEvidence,
    decision_evidence,
)
from recommendations.queries.fields import Difference, field_label, field_text
from recommendations.queries.shown import Shown
from recommendations.queries.updates.conditions import count_links, unmet_conditions
from recommendations.queries.updates.shown import shown_update
from recommendations.transitions import Condition


def approve_update(
    *,
    update: StatusUpdate,
    by: User,
    note: str = "",
    confirm_contradictions: bool = False,
    seen: Shown | None = None,
    at: datetime | None = None,
) -> StatusUpdate:
    """Put a submitted update on record as approved, and what follows from it into force.

    While evidence against it is open, ``confirm_contradictions`` is needed; their number then
    stays with the update. ``seen`` is what the page of the decision showed.
    """
    note = clean_text(StatusUpdate.decision_note, note, under="note")
    with audit.entry(by=by, at=at) as entry:
        current, now, evidence = _undecided(entry, update, by, transitions.APPROVE, seen)
        _require_same_basis(current, now)
        _require_target_in_place(current)
        _take_over_evidence(entry, evidence)
        links = count_links(current, entry.today)
        _require_met(
            unmet_conditions(current, today=entry.today, known=entry.at, now=now, links=links)
        )
        _decide(
            entry,
            current,
            by,
            "approve",
            UpdateState.APPROVED,
            note,
            contradictions_confirmed=_confirmed(links.unanswered, confirm_contradictions),
        )
        if current.kind == UpdateKind.RETRACTION:
            return_contradictions(entry, current)
        now = update_in_force(entry, current.recommendation_id, None)
        _set_review(entry, current, now)
        refresh_state(entry, current.recommendation, now)
        return current


def return_update(
    *,
    update: StatusUpdate,
    by: User,
    note: str,
    seen: Shown | None = None,
    at: datetime | None = None,
) -> StatusUpdate:
    """Return a submitted update to its author, with a note on what is to be done."""
    if not note.strip():
        raise ValidationError({"note": _("State the changes that the author should make.")})
    note = clean_text(StatusUpdate.decision_note, note, under="note")
    with audit.entry(by=by, at=at) as entry:
        current, _now, _evidence = _undecided(entry, update, by, transitions.RETURN, seen)
        _decide(entry, current, by, "return", UpdateState.RETURNED, note)
        return current


def _undecided(
    entry: audit.Entry,
    update: StatusUpdate,
    by: User,
    move: transitions.Transition,
    seen: Shown | None,
) -> tuple[StatusUpdate, StatusUpdate | None, DecisionEvidence]:
    """The update as it is stored, the one in force in its scope, and what a decision rests on.

    Refused where it is decided, where this person may not, or not on what they were shown.
    """
    current = current_update(update)
    require(permissions.can_review(by), _("You may not decide on updates."))
    require_state(current, move)
    _require_another(current, by)
    _require_followed(current)
    now = update_in_force(entry, current.recommendation_id, current.addressee_id)
    evidence = decision_evidence([current], by, entry.today)[current.pk]
    require_as_seen(seen, lambda: shown_update(current, now, evidence.shown))
    return current, now, evidence


def approval_obstacles(
    update: StatusUpdate, by: Any, now: StatusUpdate | None, missing: Sequence[Condition]
) -> list[str]:
    """Why this person cannot approve a submitted update as it is, as approving would say it.

    ``now`` is the one in force in its scope; ``missing`` are its unmet conditions. One query more
    for a correction or a retraction.
    """
    checks: tuple[Callable[[], None], ...] = (
        lambda: _require_another(update, by),
        lambda: _require_followed(update),
        lambda: _require_same_basis(update, now),
        lambda: _require_target_in_place(update),
        lambda: _require_met(missing),
    )
    found = []
    for check in checks:
        try:
            check()
        except (ActionRefused, NotAllowed) as refusal:
            found.append(str(refusal))
    return found


def _require_another(current: StatusUpdate, by: User) -> None:
    require(
        permissions.can_decide(by, current), _("You cannot decide on your own updates or requests.")
    )


def _require_followed(current: StatusUpdate) -> None:
    if current.recommendation.archived_at is not None:
        raise ActionRefused(
            _("%s is archived. No more decisions can be made.") % current.recommendation.reference
        )


def _require_same_basis(current: StatusUpdate, now: StatusUpdate | None) -> None:
    if (now.pk if now else None) != current.based_on_id:
        raise BasisChanged(current, now, differences_between(current.based_on, now))


def differences_between(
    before: StatusUpdate | None, after: StatusUpdate | None
) -> list[Difference]:
    """Content in which two updates differ; where one is missing, all content of the other."""
    some: Any = after or before
    if some is None:
        return []
    rows = (
        Difference(
            name,
            field_label(some, name),
            field_text(before, name) if before else "",
            field_text(after, name) if after else "",
        )
        for name in CONTENT_FIELDS
    )
    return [row for row in rows if row.before != row.after]


def _require_target_in_place(current: StatusUpdate) -> None:
    """Refuse what corrects or retracts an update that was replaced already."""
    target = current.corrects or current.retracts
    if target is not None:
        require_in_place(target)


def _take_over_evidence(entry: audit.Entry, evidence: DecisionEvidence) -> None:
    """Evidence that came since to what is confirmed or corrected, and open contradictions."""
    current = evidence.update
    if current.kind in REPEATING and (base := current.corrects or current.based_on):
        carry_links(entry, base, current)
    carry_open(entry, evidence.base, current)


def _require_met(missing: Sequence[Condition]) -> None:
    if missing:
        raise ConditionsNotMet(missing)


def _confirmed(count: int, confirm_contradictions: bool) -> int:
    """How many contradictions are open; refused where there are some and that is not confirmed."""
    if count and not confirm_contradictions:
        raise ValidationError({"confirm_contradictions": confirmation_text(count)})
    return count


def confirmation_text(count: int) -> str:
    """What is confirmed where so many contradictions are open."""
    return ngettext(
        "Confirm that you approve this update with %(n)d contradiction open.",
        "Confirm that you approve this update with %(n)d contradictions open.",
        count,
    ) % {"n": count}


def _decide(
    entry: audit.Entry,
    current: StatusUpdate,
    by: User,
    verb: str,
    state: UpdateState,
    note: str,
    **values: Any,
) -> None:
    change(
        entry,
        current,
        verb=verb,
        reason=note,
        state=state,
        decided_by=by,
        decided_at=entry.at,
        decision_note=note,
        **values,
    )
    notifications.decided(entry, current)


def _set_review(entry: audit.Entry, current: StatusUpdate, in_force: StatusUpdate | None) -> None:
    """The next review that an update names becomes the recommendation's, once it is in force.

    A correction sets none, nor does an update that is older or was retracted.
    """
    if current.review_on is None or current.addressee_id is not None:
        return
    if current.kind == UpdateKind.CORRECTION or current != in_force:
        return
    recommendation = current.recommendation
    if recommendation.review_on != current.review_on:
        change(entry, recommendation, verb="set_review", review_on=current.review_on)
