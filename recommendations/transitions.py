"""The transitions of a status update, and what approval needs, as data.

Pages show buttons from this table, actions enforce it; nothing else knows the order of states.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommendations.choices import (
    CLAIMS_OF_EFFECT,
    CLOSED_STATUSES,
    FINISHED_STATUSES,
    Confidence,
    ImplementationStatus,
    Nature,
    UpdateKind,
    UpdateState,
)

OPEN_TO_AUTHOR = frozenset({UpdateState.DRAFT, UpdateState.RETURNED})
UNDECIDED = OPEN_TO_AUTHOR | {UpdateState.SUBMITTED}


@dataclass(frozen=True, slots=True)
class Transition:
    """One transition: its verb, the states it starts from, and who is asked for permission.

    ``permission`` is the name of the function in ``permissions`` that is called with the person
    and the update.
    """

    verb: str
    sources: frozenset[UpdateState]
    permission: str


SAVE = Transition("save", OPEN_TO_AUTHOR, "can_edit")
SUBMIT = Transition("submit", OPEN_TO_AUTHOR, "can_edit")
HAND_OVER = Transition("hand_over", OPEN_TO_AUTHOR, "can_hand_over")
WITHDRAW = Transition("withdraw", UNDECIDED, "can_withdraw")
APPROVE = Transition("approve", frozenset({UpdateState.SUBMITTED}), "can_decide")
RETURN = Transition("return", frozenset({UpdateState.SUBMITTED}), "can_decide")

TRANSITIONS = (SAVE, SUBMIT, HAND_OVER, WITHDRAW, APPROVE, RETURN)


@dataclass(frozen=True, slots=True)
class ApprovalCase:
    """What an entry condition may look at: an update, the status it leaves, and its evidence.

    ``supporting`` counts live links that support this update; ``checked`` those of them whose
    evidence was checked by somebody who neither recorded it nor wrote the update, and has not
    expired. ``completed`` is how many parts this update completes, and ``left`` how many of the
    recommendation are open beside them.
    """

    update: Any
    previous_status: str = ""
    supporting: int = 0
    checked: int = 0
    completed: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that approval needs: when it applies, whether it is met, and what to do."""

    code: str
    applies: Callable[[ApprovalCase], bool]
    is_met: Callable[[ApprovalCase], bool]
    advice: str | Promise


def _status(*codes: str) -> Callable[[ApprovalCase], bool]:
    return lambda case: case.update.implementation_status in codes


def _confidence(code: str) -> Callable[[ApprovalCase], bool]:
    return lambda case: case.update.confidence == code


def _owes_a_public_reason(case: ApprovalCase) -> bool:
    """Whether readers outside will see that delivery is at risk; nothing was asked of a list."""
    update = case.update
    return (
        update.confidence in (Confidence.AMBER, Confidence.RED)
        and update.kind == UpdateKind.REGULAR
        and update.addressee_id is None
        and update.recommendation.published_at is not None
    )


def _leaves_a_finished_status(case: ApprovalCase) -> bool:
    return case.previous_status in FINISHED_STATUSES and case.update.implementation_status not in (
        "",
        case.previous_status,
    )


CONDITIONS: tuple[Condition, ...] = (
    Condition(
        "what_happened",
        _status(ImplementationStatus.IN_PROGRESS),
        lambda case: bool(case.update.what_happened),
        _("a description of the progress, with a date"),
    ),
    Condition(
        "supporting",
        _status(*CLAIMS_OF_EFFECT),
        lambda case: case.supporting > 0,
        _("at least one supporting evidence item"),
    ),
    Condition(
        "parts_supported",
        lambda case: case.completed > 0,
        lambda case: case.supporting > 0,
        _("at least one supporting evidence item for the parts that it completes"),
    ),
    Condition(
        "parts_complete",
        _status(ImplementationStatus.IMPLEMENTED),
        lambda case: case.left == 0,
        _("each part of the recommendation complete"),
    ),
    Condition(
        "remaining",
        _status(ImplementationStatus.PARTLY_IMPLEMENTED),
        lambda case: bool(case.update.remaining),
        _("a description of the remaining work"),
    ),
    Condition(
        "checked",
        _status(ImplementationStatus.IMPLEMENTED),
        lambda case: case.checked > 0,
        _("verified supporting evidence that has not expired"),
    ),
    Condition(
        "completed_on",
        _status(ImplementationStatus.IMPLEMENTED),
        lambda case: case.update.completed_on is not None,
        _("completion date"),
    ),
    Condition(
        "review_on",
        lambda case: (
            case.update.implementation_status == ImplementationStatus.IMPLEMENTED
            and case.update.recommendation.nature == Nature.CONTINUOUS
        ),
        lambda case: case.update.review_on is not None,
        _("a date for the next periodic review of this continuous recommendation"),
    ),
    Condition(
        "closing_reason",
        _status(ImplementationStatus.NOT_IMPLEMENTED, ImplementationStatus.NO_LONGER_APPLICABLE),
        lambda case: bool(case.update.closing_reason),
        _("reason for closing"),
    ),
    Condition(
        "successor",
        _status(ImplementationStatus.SUPERSEDED),
        lambda case: case.update.successor_id is not None,
        _("the recommendation that replaces this one"),
    ),
    Condition(
        "not_rated",
        _status(*CLOSED_STATUSES),
        lambda case: case.update.confidence == Confidence.NOT_RATED,
        _("no delivery confidence: a closed recommendation is not rated"),
    ),
    Condition(
        "issue",
        _confidence(Confidence.AMBER),
        lambda case: bool(case.update.issue),
        _("issue"),
    ),
    Condition(
        "response_action",
        _confidence(Confidence.AMBER),
        lambda case: bool(case.update.response_action),
        _("corrective action"),
    ),
    Condition(
        "response_owner",
        _confidence(Confidence.AMBER),
        lambda case: bool(case.update.response_owner),
        _("owner of the corrective action"),
    ),
    Condition(
        "red",
        _confidence(Confidence.RED),
        lambda case: bool(case.update.asked_for),
        _("decision or support needed"),
    ),
    Condition(
        "public_reason",
        _owes_a_public_reason,
        lambda case: bool(case.update.public_reason),
        _("the public reason of a published recommendation"),
    ),
    Condition(
        "reopening_reason",
        _leaves_a_finished_status,
        lambda case: bool(case.update.reopening_reason),
        _("reason for reopening"),
    ),
)


def unmet(case: ApprovalCase) -> Iterator[Condition]:
    """The conditions of approval that are not met, in the order of the table."""
    return (
        condition
        for condition in CONDITIONS
        if condition.applies(case) and not condition.is_met(case)
    )


def applying_to(field: str, code: str) -> Iterator[Condition]:
    """The conditions of one status or confidence, whatever else is reported; for the help page.

    ``field`` is ``implementation_status`` or ``confidence``.
    """
    about = SimpleNamespace(nature="", published_at=True)
    reported = {"implementation_status": "", "confidence": "", field: code}
    update = SimpleNamespace(
        recommendation=about, kind=UpdateKind.REGULAR, addressee_id=None, **reported
    )
    case = ApprovalCase(update)
    is_status = field == "implementation_status"
    return (c for c in CONDITIONS if c.applies(case) and not (is_status and c.code == "not_rated"))
