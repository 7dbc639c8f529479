"""The content of a status update: its fields, and what must hold of them in every state.

What only approval needs is in ``transitions``.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from recommendations.actions.base import validate
from recommendations.actions.errors import ActionRefused
from recommendations.choices import Confidence, UpdateKind
from recommendations.columns import written
from recommendations.models import StatusUpdate
from recommendations.models.fields import LineField, ProseField

STATED_FIELDS = (
    "as_of",
    "implementation_status",
    "confidence",
    "completed_on",
    "review_on",
    "successor",
)
"""Fields that a correction may not change."""

TEXT_FIELDS = tuple(
    name
    for name in written(StatusUpdate)
    if isinstance(StatusUpdate._meta.get_field(name), LineField | ProseField)
)
"""Texts of an update."""

CONTENT_FIELDS = STATED_FIELDS + TEXT_FIELDS

FIELDS_OPEN_IN = {
    UpdateKind.CORRECTION: TEXT_FIELDS,
    UpdateKind.NO_CHANGE: ("as_of", "review_on", *TEXT_FIELDS),
    UpdateKind.RETRACTION: ("what_happened", "public_text", "internal_note"),
}
"""Fields in which an update may differ from the one that it corrects, confirms or retracts."""


def only_content(values: Mapping[str, Any]) -> dict[str, Any]:
    """These values, once sure that all of them are content."""
    unknown = set(values) - set(CONTENT_FIELDS)
    if unknown:
        raise TypeError(f"not part of an update: {', '.join(sorted(unknown))}")
    return dict(values)


def content_of(update: StatusUpdate) -> dict[str, Any]:
    """The content of an update, by field."""
    return {name: getattr(update, name) for name in CONTENT_FIELDS}


def rated_on(update: StatusUpdate) -> date | None:
    """The day for which the confidence of a regular update was given."""
    return None if update.confidence == Confidence.NOT_RATED else update.as_of


def check_content(update: StatusUpdate, today: date) -> None:
    """Field checks, and the order of the days of an update."""
    validate(update, CONTENT_FIELDS)
    problems: dict[str, str] = {}
    if update.as_of > today:
        problems["as_of"] = _("The “as of” date must not be in the future.")
    if update.completed_on and update.completed_on > update.as_of:
        problems["completed_on"] = _("The completion date must not be after the “as of” date.")
    if update.successor_id is not None and update.successor_id == update.recommendation_id:
        problems["successor"] = _("A recommendation cannot replace itself.")
    if problems:
        raise ValidationError(problems)


def check_kept(update: StatusUpdate) -> None:
    """An update of another kind than regular keeps what its kind is not there to change."""
    if update.kind == UpdateKind.REGULAR:
        return
    target = update.corrects or update.retracts or update.based_on
    if target is None:
        raise ActionRefused(_("There is no approved update to confirm. Log a first update."))
    if update.kind == UpdateKind.RETRACTION and not update.what_happened.strip():
        raise ValidationError({"what_happened": _("Give the reason for the retraction.")})
    may_differ = FIELDS_OPEN_IN[UpdateKind(update.kind)]
    moved = [
        name
        for name in CONTENT_FIELDS
        if name not in may_differ and getattr(update, name) != getattr(target, name)
    ]
    if moved:
        raise ValidationError(dict.fromkeys(moved, _kept_because(update)))


def _kept_because(update: StatusUpdate) -> str:
    match update.kind:
        case UpdateKind.CORRECTION:
            return _("A correction cannot change this field. Retract the update instead.")
        case UpdateKind.RETRACTION:
            return _("A retraction cannot change this field. It only retracts the update.")
    return _("A “no change” cannot change this field. Withdraw it and log an update.")
