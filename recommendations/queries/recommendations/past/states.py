"""The kept state of recommendations on any day, as it was known at any moment.

Worked out by the statement that keeps the state of today, of rows set back to that moment.
"""

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol, TypeVar

from recommendations.audit.rewind import Past
from recommendations.choices import UpdateKind, UpdateState, Visibility
from recommendations.models import (
    Evidence,
    EvidenceLink,
    PartCompletion,
    RecommendationState,
    StatusUpdate,
)
from recommendations.queries.recommendations.past.rows import (
    OneEvidence,
    OneRecommendation,
    PastRows,
    Tables,
    past_rows,
)
from recommendations.state.days import next_due_day, rating_end
from recommendations.state.then import states_of


def state_at(
    ids: Iterable[int], effective: date, known: datetime
) -> dict[int, RecommendationState]:
    """The states of recommendations on the day ``effective`` as known at ``known``, by their ids.

    Unsaved rows. A recommendation that was not there by then is left out.
    """
    found = standings(ids, effective, known)
    return {pk: standing.state for pk, standing in found.items()}


@dataclass(frozen=True, slots=True)
class Standing:
    """A recommendation as it was, with its state and the update in force, if there was one.

    ``evidence`` are the links of that update that stood then, with what they lead to.
    """

    one: OneRecommendation
    current: StatusUpdate | None
    state: RecommendationState
    evidence: Sequence[tuple[EvidenceLink, OneEvidence]]
    past: Past
    """Which set all of it back."""


def standings(
    ids: Iterable[int], effective: date, known: datetime, *, is_still_public: bool = False
) -> dict[int, Standing]:
    """The same with all that the states follow from. A fixed number of statements.

    With ``is_still_public`` the public columns rest on what was public then and is today.
    """
    rows = past_rows(ids, known)
    current = {one.itself.pk: _derive(one, effective, known) for one in rows.recommendations}
    tables = _of_day(rows, effective, known)
    if is_still_public:
        tables[Evidence] = [_as_public(each) for each in rows.evidence.values()]
    states = states_of(tables, current, known)
    found = {}
    for one in rows.recommendations:
        update = current[one.itself.pk]
        links = one.evidence_links[update.pk] if update else []
        pairs = [(link, rows.evidence[link.evidence_id]) for link in links]
        found[one.itself.pk] = Standing(one, update, states[one.itself.pk], pairs, rows.past)
    return found


def _derive(one: OneRecommendation, effective: date, known: datetime) -> StatusUpdate | None:
    """Set what no event tells of a recommendation: the update in force, and what follows of it."""
    itself = one.itself
    overall = (row for row in one.updates if row.addressee_id is None)
    current = update_in_force(overall, effective, known)
    itself.current_update_id = current.pk if current else None
    itself.next_due_on = next_due_day(itself, current)
    itself.rating_valid_until = rating_end(itself, current)
    return current


def _of_day(rows: PastRows, effective: date, known: datetime) -> Tables:
    """The rows without those that say nothing of the day, since they are of a later status."""
    tables = dict(rows.tables)
    standing = {
        update.pk
        for one in rows.recommendations
        for update in standing_updates(one.updates, effective, known)
    }
    tables[PartCompletion] = [row for row in tables[PartCompletion] if row.update_id in standing]
    tables[StatusUpdate] = [
        row
        for row in tables[StatusUpdate]
        if row.state != UpdateState.SUBMITTED or row.as_of <= effective
    ]
    return tables


def _as_public(found: OneEvidence) -> Evidence:
    """An item, as one that was internal where it is by now."""
    if found.is_still_public:
        return found.item
    hidden = copy(found.item)
    hidden.visibility = Visibility.INTERNAL
    return hidden


class Undoable(Protocol):
    """A row of a batch of opening statuses, as far as the update in force rests on it."""

    @property
    def undone_at(self) -> datetime | None: ...


class Decided(Protocol):
    """An update, as far as it decides which one is in force."""

    @property
    def pk(self) -> int: ...
    @property
    def state(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def as_of(self) -> date: ...
    @property
    def decided_at(self) -> datetime | None: ...
    @property
    def corrects_id(self) -> int | None: ...
    @property
    def retracts_id(self) -> int | None: ...
    @property
    def opening_row(self) -> Undoable | None: ...


Update = TypeVar("Update", bound=Decided)


def update_in_force(updates: Iterable[Update], effective: date, known: datetime) -> Update | None:
    """Of the updates on one scope the one in force on a day, as known at a moment."""
    standing = [
        (row.as_of, row.decided_at, row.pk, row)
        for row in standing_updates(updates, effective, known)
    ]
    return max(standing)[3] if standing else None


def standing_updates(updates: Iterable[Update], effective: date, known: datetime) -> list[Update]:
    """The approved ones that were neither corrected, retracted nor undone, as known at a moment.

    Read with their ``opening_row``.
    """
    decided = [
        (row, row.decided_at)
        for row in updates
        if row.state == UpdateState.APPROVED and row.decided_at and row.decided_at <= known
    ]
    replaced = {row.corrects_id or row.retracts_id for row, _at in decided}
    return [
        row
        for row, _at in decided
        if row.kind != UpdateKind.RETRACTION
        and row.pk not in replaced
        and row.as_of <= effective
        and not _was_undone(row, known)
    ]


def _was_undone(update: Decided, known: datetime) -> bool:
    """Whether it was taken over with a batch that was undone by then."""
    row = update.opening_row
    return row is not None and row.undone_at is not None and row.undone_at <= known
