"""One form, one transaction: the words of an update, an evidence item beside them, the hand-in.

A form holds all three. Either all that a press of its button asks for is done, or nothing is; and
the same press sent twice does it once.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from recommendations import audit, permissions, transitions
from recommendations.actions.base import differences, require
from recommendations.actions.errors import StaleWrite
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.evidence.items import EvidenceInput
from recommendations.actions.updates import drafts
from recommendations.models import (
    Addressee,
    Recommendation,
    StatusUpdate,
    User,
)


def begin(
    *,
    recommendation: Recommendation,
    by: User,
    values: Mapping[str, Any],
    key: UUID,
    addressee: Addressee | None = None,
    offers: Sequence[EvidenceInput] = (),
    is_final: bool = False,
    at: datetime | None = None,
) -> StatusUpdate:
    """Begin an update, with the evidence that is offered, and hand it in if it is final."""
    with audit.entry(by=by, at=at) as entry:
        update = drafts.draft(
            recommendation=recommendation,
            by=by,
            values=values,
            addressee=addressee,
            key=key,
            at=entry.at,
        )
        evidence_items.attach(to=update, by=by, items=offers, at=entry.at)
        if is_final:
            update = drafts.submit(update=update, by=by, seen=update.version, at=entry.at)
        return update


def write(
    *,
    update: StatusUpdate,
    by: User,
    seen: int,
    values: Mapping[str, Any],
    basis: int | None = None,
    offers: Sequence[EvidenceInput] = (),
    is_final: bool = False,
    at: datetime | None = None,
) -> StatusUpdate:
    """Go on with an open update: its words, with the evidence that is offered, handed in if final.

    Where the row changed since ``seen`` but says the same words, nothing is at stake: that is the
    form's own saving in the background, or a second press. Otherwise ``StaleWrite``.
    """
    with audit.entry(by=by, at=at) as entry:
        current = drafts.current_update(update)
        require(permissions.can_withdraw(by, current), _("edit an update that somebody else wrote"))
        drafts.require_state(current, transitions.SAVE)
        evidence_items.attach(to=update, by=by, items=offers, at=entry.at)
        is_same = not differences(current, dict(values))
        if is_same and not is_final and _rests_on(current, basis):
            return current
        move = drafts.submit if is_final else drafts.save_draft
        try:
            return move(update=update, by=by, seen=seen, values=values, basis=basis, at=entry.at)
        except StaleWrite:
            if not is_same:
                raise
        return move(
            update=update, by=by, seen=current.version, values=values, basis=basis, at=entry.at
        )


def _rests_on(update: StatusUpdate, basis: int | None) -> bool:
    return basis is None or basis == (update.based_on_id or 0)
