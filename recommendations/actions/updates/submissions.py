"""One form, one transaction: the words of an update, an evidence item beside them, the hand-in.

A form holds all three. Either all that a press of its button asks for is done, or nothing is; and
the same press sent twice does it once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from recommendations import audit, permissions, transitions
from recommendations.actions.base import differences, require
from recommendations.actions.errors import StaleWrite
from recommendations.actions.evidence import items as evidence_items
from recommendations.actions.evidence.files import Received
from recommendations.actions.updates import drafts
from recommendations.models import (
    Addressee,
    Evidence,
    EvidenceLink,
    Observation,
    Recommendation,
    Response,
    StatusUpdate,
    User,
)


@dataclass(frozen=True, slots=True)
class Offer:
    """An evidence item for a claim: one that is recorded already, or the values of a new one.

    ``file`` is the file of a new one, if it has any.
    """

    stance: str
    why: str = ""
    evidence: Evidence | None = None
    values: Mapping[str, Any] | None = None
    file: Received | None = None


def begin(
    *,
    recommendation: Recommendation,
    by: User,
    values: Mapping[str, Any],
    key: UUID,
    addressee: Addressee | None = None,
    offers: Sequence[Offer] = (),
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
        _attach_once(update, by, offers, entry.at)
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
    offers: Sequence[Offer] = (),
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
        _attach_once(update, by, offers, entry.at)
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


def attach(
    *, update: StatusUpdate, by: User, offers: Sequence[Offer], at: datetime | None = None
) -> None:
    """Attach evidence to an update that is handed in or decided; the same item only once."""
    with audit.entry(by=by, at=at) as entry:
        _attach_once(update, by, offers, entry.at)


def attach_to_claim(
    *, claim: Response | Observation, by: User, offers: Sequence[Offer], at: datetime | None = None
) -> None:
    """Attach evidence to what an addressee says, or to a figure: all of it or nothing."""
    with audit.entry(by=by, at=at) as entry:
        for offer in offers:
            given = _given(offer, by, entry.at)
            if isinstance(claim, Response):
                evidence_items.attach_to_response(response=claim, **given)
            else:
                evidence_items.attach_to_observation(observation=claim, **given)


def _rests_on(update: StatusUpdate, basis: int | None) -> bool:
    return basis is None or basis == (update.based_on_id or 0)


def _attach_once(update: StatusUpdate, by: User, offers: Sequence[Offer], at: datetime) -> None:
    """Attach what is offered, unless the same item stands under this update already."""
    for offer in offers:
        if offer.evidence is not None or not _is_attached(update, offer):
            evidence_items.attach(update=update, **_given(offer, by, at))


def _given(offer: Offer, by: User, at: datetime) -> dict[str, Any]:
    """An offer as the actions of evidence take it."""
    return {
        "by": by,
        "stance": offer.stance,
        "values": offer.values,
        "evidence": offer.evidence,
        "file": offer.file,
        "why": offer.why,
        "at": at,
    }


def _is_attached(update: StatusUpdate, offer: Offer) -> bool:
    links = EvidenceLink.objects.live().filter(update=update.pk)
    if offer.file is not None:
        return links.filter(evidence__revisions__file=offer.file.sha256).exists()
    values = offer.values or {}
    same = {f"evidence__{name}": values.get(name, "") for name in ("title", "url", "citation")}
    return links.filter(**same).exists()
