"""What the database asks of each status update, whatever writes it."""

from typing import Any

from django.db import models
from django.db.models import F, Q

from recommendations.choices import (
    CLOSED_STATUSES,
    Confidence,
    ImplementationStatus,
    UpdateKind,
    UpdateState,
)


def _blank(**conditions: Any) -> Q:
    """True while not approved: what follows is asked of approved rows only."""
    return ~Q(state=UpdateState.APPROVED) | Q(**conditions)


UNASKED = ~Q(state=UpdateState.APPROVED) | Q(kind__in=[UpdateKind.OPENING, UpdateKind.RETRACTION])
"""Where nobody asks what a new approval needs: of what is not approved, of what was taken over, and
of a retraction, which repeats what it retracts and claims nothing."""

UPDATE_CONSTRAINTS: tuple[models.BaseConstraint, ...] = (
    models.CheckConstraint(
        name="update_decision_together",
        condition=Q(decided_at__isnull=True, decided_by__isnull=True, decision_note="")
        & ~Q(state__in=[UpdateState.APPROVED, UpdateState.RETURNED])
        | Q(decided_at__isnull=False, decided_by__isnull=False)
        & Q(state__in=[UpdateState.APPROVED, UpdateState.RETURNED, UpdateState.WITHDRAWN]),
    ),
    models.CheckConstraint(
        name="update_decided_by_another",
        condition=Q(decided_by__isnull=True)
        | (~Q(decided_by=F("author")) & ~Q(decided_by=F("last_editor"))),
    ),
    models.CheckConstraint(
        name="update_returned_with_note",
        condition=~Q(state=UpdateState.RETURNED) | ~Q(decision_note=""),
    ),
    models.CheckConstraint(
        name="update_confirms_at_approval",
        condition=Q(contradictions_confirmed=0) | Q(state=UpdateState.APPROVED),
    ),
    models.CheckConstraint(
        name="update_submitted_is_dated",
        condition=~Q(state__in=[UpdateState.SUBMITTED, UpdateState.APPROVED])
        | Q(submitted_at__isnull=False) & ~Q(implementation_status=""),
    ),
    models.CheckConstraint(
        name="update_kind_has_its_target",
        condition=Q(kind=UpdateKind.CORRECTION, corrects__isnull=False, retracts__isnull=True)
        | Q(kind=UpdateKind.RETRACTION, retracts__isnull=False, corrects__isnull=True)
        | Q(
            kind__in=[UpdateKind.REGULAR, UpdateKind.NO_CHANGE, UpdateKind.OPENING],
            corrects__isnull=True,
            retracts__isnull=True,
        ),
    ),
    models.CheckConstraint(
        name="update_opening_has_its_row",
        condition=Q(
            kind=UpdateKind.OPENING,
            opening_row__isnull=False,
            addressee__isnull=True,
            state__in=[UpdateState.SUBMITTED, UpdateState.APPROVED],
        )
        | Q(~Q(kind=UpdateKind.OPENING), opening_row__isnull=True),
    ),
    models.CheckConstraint(
        name="update_implemented_has_day",
        condition=~Q(implementation_status=ImplementationStatus.IMPLEMENTED)
        | UNASKED
        | Q(completed_on__isnull=False),
    ),
    models.CheckConstraint(
        name="update_completed_by_as_of",
        condition=_blank(completed_on__isnull=True) | Q(completed_on__lte=F("as_of")),
    ),
    models.CheckConstraint(
        name="update_closed_is_not_rated",
        condition=~Q(implementation_status__in=CLOSED_STATUSES)
        | _blank(confidence=Confidence.NOT_RATED),
    ),
    models.CheckConstraint(
        name="update_closed_has_reason",
        condition=~Q(
            implementation_status__in=[
                ImplementationStatus.NOT_IMPLEMENTED,
                ImplementationStatus.NO_LONGER_APPLICABLE,
            ]
        )
        | UNASKED
        | ~Q(closing_reason=""),
    ),
    models.CheckConstraint(
        name="update_superseded_has_successor",
        condition=~Q(implementation_status=ImplementationStatus.SUPERSEDED)
        | UNASKED
        | Q(successor__isnull=False),
    ),
    models.CheckConstraint(
        name="update_partly_names_the_rest",
        condition=~Q(implementation_status=ImplementationStatus.PARTLY_IMPLEMENTED)
        | UNASKED
        | ~Q(remaining=""),
    ),
    models.CheckConstraint(
        name="update_red_asks",
        condition=~Q(confidence=Confidence.RED) | UNASKED | ~Q(asked_for=""),
    ),
    models.CheckConstraint(
        name="update_amber_answers",
        condition=~Q(confidence=Confidence.AMBER)
        | UNASKED
        | ~(Q(issue="") | Q(response_action="") | Q(response_owner="")),
    ),
    models.UniqueConstraint(
        fields=["corrects"],
        condition=Q(state=UpdateState.APPROVED),
        name="update_corrected_once",
    ),
    models.UniqueConstraint(
        fields=["retracts"],
        condition=Q(state=UpdateState.APPROVED),
        name="update_retracted_once",
    ),
)
