"""The moves of a status update, and what approval needs, as data.

Templates show buttons from this table, actions enforce it; nothing else knows the order of
states.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.choices import (
    CLAIMS_OF_EFFECT,
    CLOSED_STATUSES,
    FINISHED_STATUSES,
    Confidence,
    ImplementationStatus,
    Nature,
    UpdateState,
)

OPEN_TO_AUTHOR = frozenset({UpdateState.DRAFT, UpdateState.RETURNED})
UNDECIDED = OPEN_TO_AUTHOR | {UpdateState.SUBMITTED}


@dataclass(frozen=True, slots=True)
class Transition:
    """One move: its verb, the words on its button, and from where to where it goes.

    ``permission`` is the name of the function in ``permissions`` that is asked with the person
    and the update.
    """

    verb: str
    label: str | Promise
    done: str | Promise
    sources: frozenset[UpdateState]
    target: UpdateState | None
    permission: str
    is_note_required: bool = False


SAVE = Transition("save", _("Save draft"), _("saved"), OPEN_TO_AUTHOR, None, "can_edit")
SUBMIT = Transition(
    "submit", _("Submit"), _("submitted"), OPEN_TO_AUTHOR, UpdateState.SUBMITTED, "can_edit"
)
HAND_OVER = Transition(
    "hand_over", _("Hand over"), _("handed over"), OPEN_TO_AUTHOR, None, "can_hand_over"
)
WITHDRAW = Transition(
    "withdraw",
    _("Withdraw"),
    _("withdrawn"),
    frozenset(UNDECIDED),
    UpdateState.WITHDRAWN,
    "can_withdraw",
)
APPROVE = Transition(
    "approve",
    _("Approve"),
    _("approved"),
    frozenset({UpdateState.SUBMITTED}),
    UpdateState.APPROVED,
    "can_decide",
)
RETURN = Transition(
    "return",
    _("Return"),
    _("returned"),
    frozenset({UpdateState.SUBMITTED}),
    UpdateState.RETURNED,
    "can_decide",
    is_note_required=True,
)

MOVES: dict[str, Transition] = {
    move.verb: move for move in (SAVE, SUBMIT, HAND_OVER, WITHDRAW, APPROVE, RETURN)
}


@dataclass(frozen=True, slots=True)
class Claim:
    """All that an entry condition may look at, taken from one update and its links.

    ``supporting`` counts live links for this update; ``checked`` those of them whose evidence
    was checked by somebody who neither recorded it nor wrote the update, and has not expired.
    """

    status: str
    confidence: str
    nature: str
    previous_status: str
    what_happened: str
    remaining: str
    issue: str
    response_action: str
    response_owner: str
    asked_for: str
    closing_reason: str
    reopening_reason: str
    completed_on: date | None
    has_successor: bool
    has_review_date: bool
    supporting: int
    checked: int


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that approval needs: when it applies, whether it is met, and what to do."""

    code: str
    applies: Callable[[Claim], bool]
    is_met: Callable[[Claim], bool]
    advice: str | Promise


def _status(*codes: str) -> Callable[[Claim], bool]:
    return lambda claim: claim.status in codes


def _confidence(code: str) -> Callable[[Claim], bool]:
    return lambda claim: claim.confidence == code


def _leaves_a_finished_status(claim: Claim) -> bool:
    return claim.previous_status in FINISHED_STATUSES and claim.status != claim.previous_status


CONDITIONS: tuple[Condition, ...] = (
    Condition(
        "what_happened",
        _status(ImplementationStatus.IN_PROGRESS),
        lambda claim: bool(claim.what_happened),
        _("say what happened, with its date"),
    ),
    Condition(
        "supporting",
        _status(*CLAIMS_OF_EFFECT),
        lambda claim: claim.supporting > 0,
        _("at least one evidence item for this claim"),
    ),
    Condition(
        "remaining",
        _status(ImplementationStatus.PARTLY_IMPLEMENTED),
        lambda claim: bool(claim.remaining),
        _("name what remains to be done"),
    ),
    Condition(
        "checked",
        _status(ImplementationStatus.IMPLEMENTED),
        lambda claim: claim.checked > 0,
        _("a checked supporting item that has not expired"),
    ),
    Condition(
        "completed_on",
        _status(ImplementationStatus.IMPLEMENTED),
        lambda claim: claim.completed_on is not None,
        _("the day on which it was complete"),
    ),
    Condition(
        "review_on",
        lambda claim: (
            claim.status == ImplementationStatus.IMPLEMENTED and claim.nature == Nature.CONTINUOUS
        ),
        lambda claim: claim.has_review_date,
        _("a day for the next review of this continuous recommendation"),
    ),
    Condition(
        "closing_reason",
        _status(ImplementationStatus.NOT_IMPLEMENTED, ImplementationStatus.NO_LONGER_APPLICABLE),
        lambda claim: bool(claim.closing_reason),
        _("the reason for closing it"),
    ),
    Condition(
        "successor",
        _status(ImplementationStatus.SUPERSEDED),
        lambda claim: claim.has_successor,
        _("the recommendation that takes its place"),
    ),
    Condition(
        "not_rated",
        _status(*CLOSED_STATUSES),
        lambda claim: claim.confidence == Confidence.NOT_RATED,
        _("no forecast: a closed recommendation is not rated"),
    ),
    Condition(
        "amber",
        _confidence(Confidence.AMBER),
        lambda claim: bool(claim.issue and claim.response_action and claim.response_owner),
        _("the issue, what is done about it, and who does it"),
    ),
    Condition(
        "red",
        _confidence(Confidence.RED),
        lambda claim: bool(claim.asked_for),
        _("what is asked for to bring it back on track"),
    ),
    Condition(
        "reopening_reason",
        _leaves_a_finished_status,
        lambda claim: bool(claim.reopening_reason),
        _("the reason for leaving a finished status"),
    ),
)


def unmet(claim: Claim) -> Iterator[Condition]:
    """The conditions that stand between this claim and its approval, in the table's order."""
    return (
        condition
        for condition in CONDITIONS
        if condition.applies(claim) and not condition.is_met(claim)
    )


def applying_to_status(code: str) -> Iterator[Condition]:
    """The conditions of one status, whatever else is claimed; for the help page."""
    return (c for c in CONDITIONS if c.code != "not_rated" and c.applies(_blank(status=code)))


def applying_to_confidence(code: str) -> Iterator[Condition]:
    """The conditions of one forecast, whatever else is claimed; for the help page."""
    return (c for c in CONDITIONS if c.applies(_blank(confidence=code)))


def _blank(status: str = "", confidence: str = "") -> Claim:
    return Claim(
        status, confidence, "", "", "", "", "", "", "", "", "", "", None, False, False, 0, 0
    )
