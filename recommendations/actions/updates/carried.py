"""What is carried over from the update in force to the next."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from recommendations import audit
from recommendations.actions.base import place
from recommendations.choices import Stance, UpdateKind, UpdateState
from recommendations.models import (
    EvidenceLink,
    Part,
    PartCompletion,
    Recommendation,
    StatusUpdate,
    User,
)
from recommendations.models.evidence import UNANSWERED, unexpired_on
from recommendations.queries.evidence.claims import identity, is_open_on, last_retracted
from recommendations.state.statement import next_due_day, rating_end

# ---- What follows from the updates in force, kept on the recommendation so that lists are quick


def update_in_force(
    entry: audit.Entry, recommendation_id: int, addressee_id: int | None
) -> StatusUpdate | None:
    """The update in force now, for the whole or for one addressee, as the rows have it.

    What the recommendation points at is kept for lists, and no decision rests on it.
    """
    scope = StatusUpdate.objects.of_scope(recommendation_id, addressee_id)
    return scope.in_force(entry.today, entry.at).first()


def refresh_state(
    entry: audit.Entry, recommendation: Recommendation, current: StatusUpdate | None
) -> None:
    """Point ``current_update`` at the update in force, and set the days that follow from it.

    Both were read in this entry. These columns are projections: they raise no version and leave no
    event of their own, because the decision that moves them leaves one.
    """
    Recommendation.objects.filter(pk=recommendation.pk).update(
        current_update=current,
        next_due_on=next_due_day(recommendation, current),
        rating_valid_until=rating_end(recommendation, current),
    )


# ---- The parts of a recommendation that an update completes


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
    rows = PartCompletion.objects.live().filter(update=update.pk).select_related("part")
    live = {row.part_id: row for row in rows}
    if not chosen and not live:
        return
    living = Part.objects.living().filter(recommendation=update.recommendation_id)
    there = {part.pk: part for part in living}
    if set(chosen) - there.keys():
        raise ValidationError({"parts": _("One of the selected parts no longer exists.")})
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


# ---- Evidence that goes from one update to the next: with what is repeated, and contradictions
# always.
# ``carry_links`` takes everything along where a claim is only repeated. ``carry_contradictions``
# takes what contradicts the current update to the next one, whatever its kind, so that no update
# ends a contradiction by coming after it. ``choose_evidence`` takes along what the author of a new
# claim keeps.


def carry_links(entry: audit.Entry, base: StatusUpdate, update: StatusUpdate) -> bool:
    """Take over the live evidence of the update that is confirmed or corrected, if there is any.

    Evidence for and against a claim, answers included, stays with it when the claim is repeated;
    what is linked already, or was removed from this update, is left as it is.
    """
    linked = EvidenceLink.objects.filter(update=update.pk).values("evidence")
    links = EvidenceLink.objects.live().filter(update=base.pk).exclude(evidence__in=linked)
    carried = [_carried(link, update) for link in links]
    place(entry, carried)
    return bool(carried)


def carry_contradictions(
    entry: audit.Entry, update: StatusUpdate, current: StatusUpdate | None
) -> None:
    """Take over what contradicts the update before and is not ended.

    ``current`` is the update in force in its scope. An item that this update names as support
    meanwhile contradicts it from now on: its link is removed for that. What has been ended on this
    update itself is not carried once more.
    """
    base = contradicted_base(update, current)
    if base is not None:
        carry_from(entry, update, base, links_beside(entry, update, base))


def links_beside(
    entry: audit.Entry, update: StatusUpdate, base: StatusUpdate | None, *rests_on: int | None
) -> list[Any]:
    """The links of an update and of its base, and of withdrawn ones that rested on the same.

    These are of an update that is submitted, which is to rest on that one: whoever is contradicted
    while it waits would withdraw it and write it once more.
    """
    of = Q(pk__in=[row.pk for row in (update, base) if row is not None])
    for pk in rests_on:
        of |= Q(
            ~Q(kind=UpdateKind.RETRACTION),
            addressee=update.addressee_id,
            state=UpdateState.WITHDRAWN,
            based_on=pk,
        )
    updates = StatusUpdate.objects.order_by().filter(of, recommendation=update.recommendation_id)
    links = EvidenceLink.objects.filter(update__in=updates.values("pk")).with_checked()
    told = {"is_expired": ~unexpired_on(entry.today), "is_unanswered": UNANSWERED}
    return list(links.annotate(**told).order_by("pk"))


def carry_from(
    entry: audit.Entry,
    update: StatusUpdate,
    base: StatusUpdate | None,
    links: Sequence[EvidenceLink],
) -> None:
    """Take over what contradicts those beside an update, of which these are the links.

    What contradicts ``base`` comes first: of several links of one contradiction only one is
    carried.
    """
    own = [link for link in links if link.update_id == update.pk]
    carried = [
        link
        for link in links
        if link.update_id != update.pk
        and link.removed_at is None
        and link.stance == Stance.UNDERMINES
    ]
    carried.sort(key=lambda link: base is None or link.update_id != base.pk)
    _carry_open(entry, carried, update, own)


def choose_evidence(
    entry: audit.Entry, update: StatusUpdate, by: User, kept: Mapping[int, bool]
) -> None:
    """Keep or drop evidence that supports an approved update of the same scope for a new claim.

    ``kept`` says which, by the ids of the links of that update; once done it can be done again
    and changes nothing. Who keeps an item says that it supports the new claim, so the link is
    theirs. What is dropped leaves a removed link: the choice is on record, and the form knows it.
    """
    if not kept or update.kind != UpdateKind.REGULAR:
        return
    offered = Q(
        pk__in=kept,
        removed_at=None,
        stance=Stance.SUPPORTS,
        update__state=UpdateState.APPROVED,
        update__recommendation=update.recommendation_id,
        update__addressee=update.addressee_id,
    )
    every = list(EvidenceLink.objects.filter(offered | Q(update=update.pk)).order_by("pk"))
    own = [link for link in every if link.update_id == update.pk]
    live = {link.evidence_id: link for link in own if link.removed_at is None}
    decided = {link.evidence_id for link in own}
    added, removed = [], []
    for link in every:
        if link.update_id == update.pk:
            continue
        placed = live.get(link.evidence_id)
        if kept[link.pk]:
            if placed is None:
                added.append(("keep_evidence", _chosen(entry, link, update, by)))
        elif placed is not None and placed.stance == Stance.SUPPORTS:
            removed.append(("drop_evidence", placed))
        elif link.evidence_id not in decided:
            chosen = _chosen(entry, link, update, by)
            chosen.removed_at, chosen.removed_by = entry.at, by
            added.append(("drop_evidence", chosen))
    place(entry, added, removed)


def _chosen(entry: audit.Entry, link: EvidenceLink, update: StatusUpdate, by: User) -> EvidenceLink:
    """The link by which the author keeps what another update rests on."""
    return EvidenceLink(
        evidence_id=link.evidence_id,
        update=update,
        stance=Stance.SUPPORTS,
        why=link.why,
        is_placed_by_source=link.is_placed_by_source,
        added_at=entry.at,
        added_by=by,
    )


def contradicted_base(update: StatusUpdate, current: StatusUpdate | None) -> StatusUpdate | None:
    """The update whose contradictions an update inherits, if any.

    That is the current one; where none is, since the only one was retracted, the one retracted
    last: a new update that makes the claim of a retracted one meets the same objections. A
    correction inherits those of what it corrects, a retraction none.
    """
    if update.kind == UpdateKind.RETRACTION:
        return None
    if update.kind == UpdateKind.CORRECTION:
        return update.corrects
    return current or last_retracted(update)


def return_contradictions(
    entry: audit.Entry, retraction: StatusUpdate, current: StatusUpdate | None
) -> None:
    """Once an update is retracted, what contradicts it stands against the one current again.

    Only where the retracted one was current: an older one handed its own on already.
    """
    retracted = retraction.retracts
    if retracted is not None and current is not None and retracted == retraction.based_on:
        carry_from(entry, current, retracted, links_beside(entry, current, retracted))


def carry_open(
    entry: audit.Entry, base_links: Iterable[EvidenceLink], update: StatusUpdate
) -> bool:
    """Take over those of the live links of a base that contradict an update without an answer."""
    contradictions = [link for link in base_links if is_open_on(update, link)]
    if not contradictions:
        return False
    own = list(EvidenceLink.objects.filter(update=update.pk))
    return _carry_open(entry, contradictions, update, own)


def _carry_open(
    entry: audit.Entry,
    base_links: Iterable[EvidenceLink],
    update: StatusUpdate,
    links: Sequence[EvidenceLink],
) -> bool:
    """The same, of an update that has these links already."""
    known = {identity(link) for link in links if link.stance == Stance.UNDERMINES}
    live = {link.evidence_id: link for link in links if link.removed_at is None}
    added, removed = [], []
    for link in base_links:
        if not is_open_on(update, link):
            continue
        placed = live.get(link.evidence_id)
        if identity(link) in known or (placed and placed.stance == Stance.UNDERMINES):
            continue
        if placed is not None and update.state == UpdateState.APPROVED:
            continue  # Current again, it rests on the item as it was approved.
        if placed is not None:
            removed.append(("detach", placed))
        live[link.evidence_id] = link
        added.append(_carried(link, update))
    place(entry, added, removed)
    return bool(added)


def _carried(link: EvidenceLink, update: StatusUpdate) -> tuple[str, EvidenceLink]:
    """The same link to another update; who added it, when and why stay with it.

    So does its answer, unless that is of who wrote the update, who may not answer.
    """
    if is_open_on(update, link):
        link.answer, link.answered_at, link.answered_by = "", None, None
    link.pk, link.update, link._state.adding = None, update, True
    return "carry_evidence", link
