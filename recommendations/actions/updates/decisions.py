"""Deciding on a status update: approve, or return with a note."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from recommendations import audit, permissions, transitions
from recommendations.actions import notifications
from recommendations.actions.base import change, clean_text, require, require_as_seen
from recommendations.actions.errors import ActionRefused, BasisChanged, ConditionsNotMet
from recommendations.actions.updates.carried import (
    carry_contradictions,
    carry_links,
    return_contradictions,
)
from recommendations.actions.updates.content import CONTENT_FIELDS
from recommendations.actions.updates.drafts import current_update, require_state
from recommendations.actions.updates.replacements import require_in_place
from recommendations.actions.updates.state import refresh_state, update_in_force
from recommendations.choices import UpdateKind, UpdateState
from recommendations.models import Recommendation, StatusUpdate, User
from recommendations.queries.evidence.claims import decision_claims, evidence_base
from recommendations.queries.fields import Difference, field_label, field_text
from recommendations.queries.shown import Shown
from recommendations.queries.updates.conditions import unmet_conditions
from recommendations.queries.updates.shown import shown_update


def approve_update(
    *,
    update: StatusUpdate,
    by: User,
    expected_version: int | None = None,
    note: str = "",
    seen: Shown | None = None,
    at: datetime | None = None,
) -> StatusUpdate:
    """Put a submitted update on record as approved, and what follows from it into force.

    ``seen`` is what the page of the decision showed.
    """
    note = clean_text(StatusUpdate.decision_note, note, under="note")
    with audit.entry(by=by, at=at) as entry:
        current = _undecided(entry, update, by, transitions.APPROVE, seen)
        _require_same_basis(entry, current)
        _take_over_from_target(entry, current)
        _require_conditions(entry, current)
        _decide(entry, current, by, expected_version, "approve", UpdateState.APPROVED, note)
        if current.kind == UpdateKind.RETRACTION:
            return_contradictions(entry, current)
        _set_review(entry, current)
        refresh_state(entry, current.recommendation_id)
        return current


def return_update(
    *,
    update: StatusUpdate,
    by: User,
    expected_version: int | None = None,
    note: str,
    seen: Shown | None = None,
    at: datetime | None = None,
) -> StatusUpdate:
    """Return a submitted update to its author, with a note on what is to be done."""
    if not note.strip():
        raise ValidationError({"note": _("Say what the author should do.")})
    note = clean_text(StatusUpdate.decision_note, note, under="note")
    with audit.entry(by=by, at=at) as entry:
        current = _undecided(entry, update, by, transitions.RETURN, seen)
        _decide(entry, current, by, expected_version, "return", UpdateState.RETURNED, note)
        return current


def _undecided(
    entry: audit.Entry,
    update: StatusUpdate,
    by: User,
    move: transitions.Transition,
    seen: Shown | None,
) -> StatusUpdate:
    """The update as it is stored, once sure that it is undecided and this person may decide."""
    current = current_update(update)
    require(permissions.can_review(by), _("decide on updates"))
    require_state(current, move)
    require(permissions.can_decide(by, current), _("decide on an update that you wrote"))
    if current.recommendation.archived_at is not None:
        raise ActionRefused(
            _("%s is archived: nothing more is decided on it.") % current.recommendation.reference
        )
    require_as_seen(seen, lambda: _shown_now(entry, current, by))
    return current


def _shown_now(entry: audit.Entry, current: StatusUpdate, by: User) -> Shown:
    now = update_in_force(entry, current.recommendation_id, current.addressee_id)
    claims = decision_claims([current], by, entry.today)[current.pk]
    return shown_update(current, now, claims)


def _require_same_basis(entry: audit.Entry, current: StatusUpdate) -> None:
    now = update_in_force(entry, current.recommendation_id, current.addressee_id)
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


def _take_over_from_target(entry: audit.Entry, current: StatusUpdate) -> None:
    """Evidence that came since to what is confirmed, corrected; refuse what is replaced already."""
    target = current.corrects or current.retracts
    if target is not None:
        require_in_place(target)
    if (base := evidence_base(current)) is not None:
        carry_links(entry, base, current)
    carry_contradictions(entry, current)


def _require_conditions(entry: audit.Entry, current: StatusUpdate) -> None:
    missing = unmet_conditions(current, today=entry.today, known=entry.at)
    if missing:
        raise ConditionsNotMet(missing)


def _decide(
    entry: audit.Entry,
    current: StatusUpdate,
    by: User,
    expected_version: int | None,
    verb: str,
    state: UpdateState,
    note: str,
) -> None:
    change(
        entry,
        current,
        verb=verb,
        expected_version=expected_version,
        reason=note,
        state=state,
        decided_by=by,
        decided_at=entry.at,
        decision_note=note,
    )
    notifications.decided(entry, current)


def _set_review(entry: audit.Entry, current: StatusUpdate) -> None:
    """The next review that an update names becomes the recommendation's, once it is in force.

    A correction sets none, nor does an update that is older or was retracted.
    """
    if current.review_on is None or current.addressee_id is not None:
        return
    if current.kind == UpdateKind.CORRECTION or current != update_in_force(
        entry, current.recommendation_id, None
    ):
        return
    recommendation = Recommendation.objects.get(pk=current.recommendation_id)
    if recommendation.review_on != current.review_on:
        change(
            entry,
            recommendation,
            verb="set_review",
            review_on=current.review_on,
        )
