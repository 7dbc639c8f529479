"""Actions under a recommendation: steps that somebody takes, which never set its status."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from recommendations.models import Action
from recommendations.vocabulary import OPEN_ACTIONS, ActionState

_RANKS = {
    ActionState.IN_PROGRESS: 1,
    ActionState.NOT_STARTED: 2,
    ActionState.DONE: 3,
    ActionState.DROPPED: 4,
}
_FAR_OFF = date.max
"""Sorts steps without a due day behind those that have one."""


@dataclass(frozen=True, slots=True)
class StepRow:
    """One action, as people inside see it."""

    pk: int
    title: str
    is_named_in_source: bool
    owner: str
    started_on: date | None
    due_on: date | None
    done_on: date | None
    state: str
    state_label: str
    dropped_reason: str
    is_overdue: bool
    url: str


def steps_of(recommendation: Any, person: Any, today: date) -> list[StepRow]:
    """The actions of a recommendation: overdue, under way, to be begun, done, dropped."""
    found = Action.objects.visible_to(person).filter(recommendation=recommendation.pk)
    rows = [_row(action, today) for action in found.order_by("pk")]
    return sorted(rows, key=_rank)


def overdue_in(rows: Iterable[StepRow]) -> int:
    """How many of them are past their due day and neither done nor dropped."""
    return sum(row.is_overdue for row in rows)


def _row(action: Action, today: date) -> StepRow:
    is_open = action.state in OPEN_ACTIONS
    return StepRow(
        pk=action.pk,
        title=action.title,
        is_named_in_source=action.is_named_in_source,
        owner=action.owner,
        started_on=action.started_on,
        due_on=action.due_on,
        done_on=action.done_on,
        state=action.state,
        state_label=action.get_state_display(),
        dropped_reason=action.dropped_reason,
        is_overdue=is_open and action.due_on is not None and action.due_on < today,
        url=action.get_absolute_url(),
    )


def _rank(row: StepRow) -> tuple[bool, int, date, int]:
    return (not row.is_overdue, _RANKS[ActionState(row.state)], row.due_on or _FAR_OFF, row.pk)
