"""Parts of a recommendation: adding, changing and removing one, with a reason once published."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import (
    BATCH,
    Expected,
    add_row,
    change,
    clean_text,
    remove,
    require,
    revised,
)
from recommendations.actions.errors import ActionRefused
from recommendations.models import Part, Recommendation, User
from recommendations.queries.publicity import was_public

MOST_PARTS = 26
"""Parts of one recommendation: as many as there are letters."""

PUBLISHED_FIELDS = frozenset({"label", "text"})
"""What the public reads of a part."""


def add_part(*, by: User, values: Mapping[str, Any], at: datetime | None = None) -> Part:
    """Add a part to a recommendation, after those that it has."""
    with audit.entry(by=by, at=at) as entry:
        _require_may(by)
        part = Part(**values)
        recommendation = Recommendation.objects.get(pk=part.recommendation_id)
        _require_followed(recommendation)
        living = Part.objects.living().filter(recommendation=recommendation)
        if living.count() >= MOST_PARTS:
            raise ActionRefused(_("A recommendation has at most %d parts.") % MOST_PARTS)
        if "position" not in values:
            part.position = 1 + (living.aggregate(last=Max("position"))["last"] or 0)
        if _amends(recommendation, "", part.amendment_reason):
            part.amended_at = entry.at
        return add_row(entry, part, verb="add_part")


def change_part(
    *,
    part: Part,
    by: User,
    expected_version: Expected,
    values: Mapping[str, Any],
    at: datetime | None = None,
) -> Part:
    """Change the label, the text or the place of a part."""
    with audit.entry(by=by, at=at) as entry:
        _require_may(by)
        current = Part.objects.select_related("recommendation").get(pk=part.pk)
        _require_followed(current.recommendation)
        after = revised(current, expected_version, values)
        if after is not None:
            written = dict(values)
            is_moved = any(getattr(current, n) != getattr(after, n) for n in PUBLISHED_FIELDS)
            if is_moved and _amends(
                current.recommendation, current.amendment_reason, after.amendment_reason
            ):
                written["amended_at"] = entry.at
            change(entry, current, verb="change_part", **written)
        return current


def remove_part(
    *,
    part: Part,
    by: User,
    expected_version: Expected = None,
    reason: str = "",
    at: datetime | None = None,
) -> None:
    """Take a part out of use; it and what completed it stay on record.

    The reason is that of its amendment: it is kept where the text was.
    """
    reason = clean_text(Part.amendment_reason, reason, under="amendment_reason")
    with audit.entry(by=by, at=at) as entry:
        _require_may(by)
        current = Part.objects.select_related("recommendation").get(pk=part.pk)
        _require_followed(current.recommendation)
        if current.removed_at is None and _needs_reason(current.recommendation, reason):
            raise ValidationError({"amendment_reason": _reason_text()})
        if current.removed_at is None and reason:
            change(
                entry,
                current,
                verb="change_part",
                expected_version=_version(expected_version),
                amendment_reason=reason,
            )
            expected_version = None
        remove(entry, current, expected_version=expected_version, verb="remove_part")


def add_parts(act: audit.BulkAct, parts: Iterable[tuple[Recommendation, Part]]) -> None:
    """Insert checked parts of an import, with labels that are new to their recommendations."""
    rows = []
    for recommendation, part in parts:
        part.recommendation = recommendation
        rows.append(part)
    act.follow_new(Part.objects.bulk_create(rows, batch_size=BATCH))


def revise_parts(act: audit.BulkAct, revisions: Sequence[tuple[Part, str]]) -> None:
    """Write checked texts to parts that were never published; read under the lock that is held."""
    act.follow(part for part, _text in revisions)
    for part, text in revisions:
        Part.objects.filter(pk=part.pk).update(
            text=text, version=part.version + 1, updated_at=act.entry.at
        )


def _version(expected: Expected) -> int | None:
    return expected if isinstance(expected, int) else None


def _require_may(by: User) -> None:
    require(
        permissions.can_change_recommendations(by),
        _("You may not change the parts of recommendations."),
    )


def _require_followed(recommendation: Recommendation) -> None:
    if recommendation.archived_at is not None:
        raise ActionRefused(
            _("%s is archived. Its parts cannot be changed.") % recommendation.reference
        )


def _amends(recommendation: Recommendation, before: str, reason: str) -> bool:
    """Whether a published text is amended; refused without a new reason."""
    if not was_public(recommendation):
        return False
    if not reason.strip() or reason == before:
        raise ValidationError({"amendment_reason": _reason_text()})
    return True


def _needs_reason(recommendation: Recommendation, reason: str) -> bool:
    return not reason.strip() and was_public(recommendation)


def _reason_text() -> str:
    return _("The recommendation is or was published. Give the reason for the amendment.")
