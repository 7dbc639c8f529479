"""Evidence that contradicts an update: what ends it.

One contradiction is an item that one person set at one time against one scope: the whole of a
recommendation, or one addressee. Each update that it was carried to has a link of its own, with
the same item, person and time. What ends one of these links ends the others too, as far as this
person may end those.
"""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from recommendations import audit, permissions
from recommendations.actions.base import change, clean_text, require
from recommendations.actions.errors import ActionRefused
from recommendations.choices import Stance
from recommendations.models import EvidenceLink, User


def answer(*, link: EvidenceLink, by: User, text: str, at: datetime | None = None) -> EvidenceLink:
    """Answer an item that contradicts an update. The author of the update may not."""
    if not text.strip():
        raise ValidationError({"text": _("Enter the answer to this contradiction.")})
    text = clean_text(EvidenceLink.answer, text, under="text")
    with audit.entry(by=by, at=at) as entry:
        current = current_link(link)
        require(permissions.can_answer(by, current), _("You may not answer this contradiction."))
        if current.stance != Stance.UNDERMINES or current.removed_at is not None:
            raise ActionRefused(_("Only evidence that contradicts an update can be answered."))
        if current.answered_at is not None:
            raise ActionRefused(_("This contradiction was already answered."))
        for each in (current, *_carried(current)):
            if permissions.can_answer(by, each):
                change(
                    entry,
                    each,
                    verb="answer",
                    answer=text,
                    answered_at=entry.at,
                    answered_by=by,
                )
        return current


def end(entry: audit.Entry, current: EvidenceLink, by: User, reason: str) -> None:
    """Remove a contradiction: who added it withdraws it, a manager gives a reason.

    ``current`` is a live link that was read in this entry. An answered one stays, and is counted.
    """
    require(
        permissions.can_end_contradiction(by, current),
        _(
            "You may not remove this contradiction. Answer it, or ask a manager who did not "
            "write the update."
        ),
    )
    if current.answered_at is not None:
        raise ActionRefused(
            _("This contradiction was answered. It stays on record with the answer.")
        )
    if current.added_by_id != by.pk and not reason.strip():
        raise ValidationError({"reason": _("Give the reason for removing this contradiction.")})
    for each in (current, *_carried(current)):
        if permissions.can_end_contradiction(by, each):
            change(
                entry,
                each,
                verb="end_contradiction",
                reason=reason,
                removed_at=entry.at,
                removed_by=by,
            )


def current_link(link: EvidenceLink) -> EvidenceLink:
    """The link as it is stored now, with what it is for; read under the lock of the chain."""
    rows = EvidenceLink.objects.select_related(
        "update__recommendation",
        "response__addressee__recommendation",
        "observation__indicator",
        "evidence",
    )
    return rows.get(pk=link.pk)


def _carried(link: EvidenceLink) -> list[EvidenceLink]:
    """The other open links of the same contradiction, on earlier and later updates."""
    update = link.update
    if update is None:
        return []
    same = EvidenceLink.objects.open_contradictions().filter(
        update__recommendation=update.recommendation_id,
        update__addressee=update.addressee_id,
        evidence=link.evidence_id,
        added_by=link.added_by_id,
        added_at=link.added_at,
    )
    return list(same.exclude(pk=link.pk).select_related("update__recommendation", "evidence"))
