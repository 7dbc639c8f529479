"""The kept state of recommendations on any day, as it was known at any moment.

Worked out row by row in Python from what was there then: slowly, and by code of its own, so that it
also proves the statement that keeps the state of today.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol, TypeVar

from recommendations.choices import (
    MEASURING_RELATIONS,
    NOT_ACCEPTED,
    PARTLY_ACCEPTED,
    PRIORITY_ORDER,
    STATUS_ORDER,
    UNDECIDED,
    DateChangeState,
    Movement,
    ResponsePosition,
    UpdateKind,
    UpdateState,
)
from recommendations.models import EvidenceLink, RecommendationState, Response, StatusUpdate
from recommendations.queries.recommendations.past.evidence import evidence_columns
from recommendations.queries.recommendations.past.flags import flag_columns
from recommendations.queries.recommendations.past.rows import (
    Measure,
    OneEvidence,
    OneRecommendation,
    past_rows,
)


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


def standings(
    ids: Iterable[int], effective: date, known: datetime, *, is_still_public: bool = False
) -> dict[int, Standing]:
    """The same with all that the states follow from. A fixed number of statements.

    With ``is_still_public`` the public columns rest on what was public then and is today.
    """
    rows = past_rows(ids, known)
    found = {}
    for one in rows.recommendations:
        overall = [row for row in one.updates if row.addressee_id is None]
        current = update_in_force(overall, effective, known)
        links = one.evidence_links[current.pk] if current else []
        pairs = [(link, rows.evidence[link.evidence_id]) for link in links]
        evidence = evidence_columns(
            one, rows.editors, current, pairs, is_still_public=is_still_public
        )
        state = RecommendationState(
            **_itself(one),
            **_current(current, rows.verbs),
            **evidence,
            **_waiting(one, effective),
            **_parts(one, overall, effective, known),
            **_dates(one),
            **_measured(one, current),
        )
        found[one.itself.pk] = Standing(one, current, state, pairs)
    return found


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


def _measured(one: OneRecommendation, current: StatusUpdate | None) -> dict[str, Any]:
    """Of indicators and responses, and the flags that rest on these and on its own columns."""
    responses = one.newest_responses
    measures = [each for each in one.measures if each.link.relation in MEASURING_RELATIONS]
    against = any(each.movement == Movement.AGAINST for each in measures)
    return {
        **_measures(measures),
        **_said(one, responses),
        **flag_columns(one, current, responses, moves_against=against),
    }


def _itself(one: OneRecommendation) -> dict[str, Any]:
    itself = one.itself
    return {
        "recommendation_id": itself.pk,
        "source_id": itself.source_id,
        "source_title": one.source.title,
        "number": itself.number,
        "nature": itself.nature,
        "priority_rank": PRIORITY_ORDER.index(itself.priority)
        if itself.priority in PRIORITY_ORDER
        else None,
        "theme_names": "\n".join(one.themes),
        "lead_id": itself.lead_id,
        "target_date": itself.target_date,
        "is_published": itself.published_at is not None,
        "is_archived": itself.archived_at is not None,
    }


def _current(current: StatusUpdate | None, verbs: Mapping[int, set[str]]) -> dict[str, Any]:
    told = verbs[current.pk] if current else set()
    status = current.implementation_status if current else ""
    return {
        "status": status,
        "status_rank": STATUS_ORDER.index(status),
        "confidence": current.confidence if current else "",
        "as_of": current.as_of if current else None,
        "is_approved_by_import": "approve" in told and "submit" not in told,
    }


def _waiting(one: OneRecommendation, effective: date) -> dict[str, Any]:
    """What awaited review of the day; a later status says nothing of it, approved or not."""
    waiting = [
        row for row in one.updates if row.state == UpdateState.SUBMITTED and row.as_of <= effective
    ]
    overall = [
        (row.submitted_at, row.pk, row.implementation_status)
        for row in waiting
        if row.addressee_id is None
    ]
    return {
        "reported_status": max(overall)[2] if overall else "",
        "submitted": len(waiting),
        "has_date_request": any(row.state == DateChangeState.REQUESTED for row in one.dates),
    }


def _parts(
    one: OneRecommendation, overall: Iterable[StatusUpdate], effective: date, known: datetime
) -> dict[str, Any]:
    standing = {row.pk for row in standing_updates(overall, effective, known)}
    done = {row.part_id for row in one.completions if row.update_id in standing}
    return {"parts": len(one.parts), "parts_done": sum(part.pk in done for part in one.parts)}


def _dates(one: OneRecommendation) -> dict[str, Any]:
    approved = {row.number: row for row in one.dates if row.state == DateChangeState.APPROVED}
    first = approved.pop(0, None)
    return {"first_date": first.new_date if first else None, "date_moves": len(approved)}


def _measures(measures: list[Measure]) -> dict[str, Any]:
    return {
        "measures": len(measures),
        "public_measures": sum(each.indicator.is_published for each in measures),
    }


def _said(one: OneRecommendation, responses: Iterable[Response]) -> dict[str, Any]:
    positions = [row.position for row in responses]
    return {
        "addressed": len(one.addressees),
        "said_accepted": positions.count(ResponsePosition.ACCEPTED),
        "said_in_part": sum(position in PARTLY_ACCEPTED for position in positions),
        "said_neither": sum(position in UNDECIDED for position in positions),
        "said_no": sum(position in NOT_ACCEPTED for position in positions),
    }
