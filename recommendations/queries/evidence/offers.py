"""Evidence on the form of an update: its own, and that of the current one, to keep or drop."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from recommendations.choices import Stance, UpdateKind
from recommendations.models import StatusUpdate
from recommendations.permissions import Person
from recommendations.queries.evidence.claims import described_links, permit
from recommendations.queries.evidence.decision import DecisionEvidence


@dataclass(frozen=True, slots=True)
class Offer:
    """Evidence of the current update that supports it, for the next one.

    ``row`` is its link, as in ``claims_of``. ``is_kept`` says what was chosen, or what is proposed:
    to keep it.
    """

    row: Any
    is_kept: bool


def form_evidence(
    update: StatusUpdate,
    now: StatusUpdate | None,
    person: Person,
    today: date,
    choices: Mapping[int, bool],
) -> tuple[list[Any], list[Offer]]:
    """The rows of ``claims_of`` for an update, and what is offered to it: three queries for both.

    Contradictions of the current update that will be carried to this one are among the rows.
    ``now`` is the current update; ``choices`` was sent with the form and is not saved: by the id
    of a link whether it is kept.
    """
    read = [row for row in (update, now) if row is not None and not row._state.adding]
    rows = described_links(read, person, today, with_removed=True)
    own = [row for row in rows if row.update_id == update.pk]
    live = [row for row in own if row.removed_at is None]
    permit(live, person)
    if now is None or update.kind != UpdateKind.REGULAR:
        return live, []
    current = [row for row in rows if row.update_id == now.pk and row.removed_at is None]
    removed = [row for row in own if row.removed_at is not None]
    to_come = DecisionEvidence(update, own=live, base=current, removed=removed).carried
    linked = {row.evidence_id for row in live if row.stance == Stance.SUPPORTS}
    decided = {row.evidence_id for row in own}
    offers = [
        Offer(
            row,
            choices.get(row.pk, row.evidence_id in linked or row.evidence_id not in decided),
        )
        for row in current
        if row.stance == Stance.SUPPORTS
    ]
    return live + to_come, offers
