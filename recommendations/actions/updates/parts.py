"""The parts of a recommendation that an update completes."""

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from recommendations import audit
from recommendations.actions.base import place
from recommendations.choices import UpdateKind
from recommendations.models import Part, PartCompletion, StatusUpdate, User


def choose_parts(
    entry: audit.Entry, update: StatusUpdate, by: User, chosen: Collection[int] | None
) -> None:
    """Let an open update complete these parts, by their ids, and no others.

    ``None`` leaves the choice as it is, and asks nothing.
    """
    if chosen is None or update.kind != UpdateKind.REGULAR:
        return
    if chosen and update.addressee_id is not None:
        raise ValidationError({"parts": _("Only an overall update completes parts.")})
    living = Part.objects.living().filter(recommendation=update.recommendation_id)
    there = {part.pk: part for part in living}
    if set(chosen) - there.keys():
        raise ValidationError({"parts": _("One of the selected parts no longer exists.")})
    rows = PartCompletion.objects.live().filter(update=update.pk).select_related("part")
    live = {row.part_id: row for row in rows}
    for row in live.values():
        row.update = update
    place(
        entry,
        [
            ("mark_part", _completion(entry, update, part, by))
            for pk, part in there.items()
            if pk in chosen and pk not in live
        ],
        [("unmark_part", row) for pk, row in live.items() if pk not in chosen],
    )


def carry_parts(
    entry: audit.Entry, target: StatusUpdate, correction: StatusUpdate, by: User
) -> None:
    """A correction completes what the corrected update completed."""
    rows = PartCompletion.objects.live().filter(update=target.pk).select_related("part")
    place(entry, [("mark_part", _completion(entry, correction, row.part, by)) for row in rows])


def _completion(entry: audit.Entry, update: StatusUpdate, part: Part, by: User) -> PartCompletion:
    return PartCompletion(update=update, part=part, added_at=entry.at, added_by=by)
