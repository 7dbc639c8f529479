"""Updates made from an approved one: its confirmation ("no change"), correction and retraction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import clean_text, require
from recommendations.actions.errors import ActionRefused, AlreadyBegun, TransitionConflict
from recommendations.actions.updates.carried import carry_links
from recommendations.actions.updates.content import TEXT_FIELDS, content_of
from recommendations.actions.updates.drafts import (
    begin_update,
    current_update,
    require_none_waiting,
    submit_update,
)
from recommendations.actions.updates.parts import carry_parts
from recommendations.actions.updates.state import update_in_force
from recommendations.choices import UpdateKind, UpdateState
from recommendations.models import Recommendation, StatusUpdate, User
from recommendations.queries.updates.conditions import needs_sentence
from recommendations.transitions import OPEN_TO_AUTHOR


def no_change(
    *,
    recommendation: Recommendation,
    by: User,
    sentence: str = "",
    is_rated_again: bool = False,
    basis: int | None = None,
    at: datetime | None = None,
) -> StatusUpdate:
    """Confirm the update in force as of today, and submit that for review.

    ``basis`` is the id of the update that the person was shown as the one in force. Refused
    beside any other update of the recommendation that awaits review.

    The rating keeps the day on which it was given, unless it is given again. The third
    confirmation in a row needs a sentence: texts that nobody reads again go out of date unnoticed.
    ``TransitionConflict`` where a confirmation by this person awaits review already.
    """
    sentence = clean_text(StatusUpdate.what_happened, sentence, under="sentence")
    with audit.entry(by=by, at=at) as entry:
        recommendation = Recommendation.objects.get(pk=recommendation.pk)
        _require_confirmable(recommendation, by)
        base = _confirmable_update(entry, recommendation, basis)
        _require_sentence(base, sentence)
        update = begin_update(
            entry,
            recommendation,
            by,
            UpdateKind.NO_CHANGE,
            {
                **content_of(base),
                "as_of": entry.today,
                "what_happened": sentence or base.what_happened,
            },
            rated_on=entry.today if is_rated_again and base.rated_on else base.rated_on,
        )
        carry_links(entry, base, update)
        return submit_update(entry, update, by)


def _require_confirmable(recommendation: Recommendation, by: User) -> None:
    """Refuse who may not log there, a second confirmation, and one beside a waiting update."""
    require(
        permissions.can_log(by, recommendation),
        _("You may not log updates on this recommendation."),
    )
    _refuse_while_waiting(
        recommendation=recommendation, addressee=None, author=by, kind=UpdateKind.NO_CHANGE
    )
    require_none_waiting(recommendation.pk)


def _confirmable_update(
    entry: audit.Entry, recommendation: Recommendation, basis: int | None
) -> StatusUpdate:
    """The update in force; refused where there is none, or another than ``basis`` was shown."""
    base = update_in_force(entry, recommendation.pk, None)
    if base is None:
        raise ActionRefused(_("There is no approved update to confirm. Log a first update."))
    if basis not in (None, base.pk):
        raise ActionRefused(
            _(
                "Another update was approved after you opened this page. Check the update, "
                "then confirm."
            )
        )
    return base


def correct(
    *,
    update: StatusUpdate,
    by: User,
    values: Mapping[str, Any] | None = None,
    key: UUID | None = None,
    at: datetime | None = None,
) -> StatusUpdate:
    """Begin a correction of an approved update: other words, same day and same statuses.

    ``AlreadyBegun`` carries the correction that this person has open already.
    """
    with audit.entry(by=by, at=at) as entry:
        target = _replaceable_update(update, by)
        begun = StatusUpdate.objects.filter(
            corrects=target.pk, author=by.pk, state__in=OPEN_TO_AUTHOR
        )
        if mine := begun.order_by("-pk").first():
            raise AlreadyBegun(mine, _("You already started this correction."))
        words = {name: value for name, value in (values or {}).items() if name in TEXT_FIELDS}
        correction = begin_update(
            entry,
            target.recommendation,
            by,
            UpdateKind.CORRECTION,
            {**content_of(target), **words},
            target.addressee,
            key=key,
            corrects=target,
            rated_on=target.rated_on,
        )
        carry_links(entry, target, correction)
        carry_parts(entry, target, correction, by)
        return correction


def retract(
    *,
    update: StatusUpdate,
    by: User,
    reason: str,
    key: UUID | None = None,
    at: datetime | None = None,
) -> StatusUpdate:
    """Request that an approved update is no longer current, with the reason.

    ``TransitionConflict`` where a retraction of it awaits review already, by whomever.
    """
    if not reason.strip():
        raise ValidationError({"reason": _("Give the reason for the retraction.")})
    reason = clean_text(StatusUpdate.what_happened, reason, under="reason")
    with audit.entry(by=by, at=at) as entry:
        target = _replaceable_update(update, by)
        _refuse_while_waiting(retracts=target)
        retraction = begin_update(
            entry,
            target.recommendation,
            by,
            UpdateKind.RETRACTION,
            {**content_of(target), "what_happened": reason, "public_text": ""},
            target.addressee,
            key=key,
            retracts=target,
            rated_on=target.rated_on,
        )
        return submit_update(entry, retraction, by)


def require_in_place(target: StatusUpdate) -> None:
    """Refuse when an approved correction or retraction has replaced an update already."""
    replacement = StatusUpdate.objects.replacing(target).first()
    if replacement is not None:
        raise ActionRefused(
            _("This update was already replaced by the %(kind)s approved by %(who)s.")
            % {
                "kind": replacement.get_kind_display().lower(),
                "who": replacement.decided_by,
            }
        )


def _replaceable_update(update: StatusUpdate, by: User) -> StatusUpdate:
    """The approved update that is to be corrected or retracted, once sure that it can be."""
    target = current_update(update)
    require(
        permissions.can_log(by, target.recommendation),
        _("You may not log updates on this recommendation."),
    )
    if target.state != UpdateState.APPROVED or target.kind == UpdateKind.RETRACTION:
        raise ActionRefused(_("Only an approved update can be corrected or retracted."))
    require_in_place(target)
    return target


def _refuse_while_waiting(**conditions: Any) -> None:
    """Refuse while an update that meets these conditions awaits review."""
    waiting = StatusUpdate.objects.filter(state=UpdateState.SUBMITTED, **conditions)
    if found := waiting.select_related("recommendation", "decided_by").order_by("-pk").first():
        raise TransitionConflict(found)


def _require_sentence(base: StatusUpdate, sentence: str) -> None:
    if needs_sentence(base) and sentence.strip() in ("", base.what_happened.strip()):
        needed = _(
            "This is the third consecutive “no change”. Describe the current position in one "
            "sentence."
        )
        raise ValidationError({"sentence": needed})
