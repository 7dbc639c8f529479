"""What still stands between an update and its approval."""

from datetime import date, datetime

from recommendations.models import EvidenceLink, StatusUpdate
from recommendations.vocabulary import Stance, UpdateKind
from recommendations.workflow import Claim, Condition, unmet


def unmet_conditions(update: StatusUpdate, *, today: date, known: datetime) -> list[Condition]:
    """The entry conditions that an update does not meet yet; a retraction has none.

    Asks the database three times: for the update in force, and for the two counts of links.
    """
    if update.kind == UpdateKind.RETRACTION:
        return []
    return list(unmet(claim_of(update, today=today, known=known)))


def claim_of(update: StatusUpdate, *, today: date, known: datetime) -> Claim:
    """What an update claims, with the evidence that is linked to it on ``today``."""
    supporting = EvidenceLink.objects.live().filter(update=update.pk, stance=Stance.SUPPORTS)
    return Claim(
        status=update.implementation_status,
        confidence=update.confidence,
        nature=update.recommendation.nature,
        previous_status=_previous_status(update, known),
        what_happened=update.what_happened,
        remaining=update.remaining,
        issue=update.issue,
        response_action=update.response_action,
        response_owner=update.response_owner,
        asked_for=update.asked_for,
        closing_reason=update.closing_reason,
        reopening_reason=update.reopening_reason,
        completed_on=update.completed_on,
        has_successor=update.successor_id is not None,
        has_review_date=update.review_on is not None,
        supporting=supporting.count() if update.pk else 0,
        checked=supporting.unexpired(today).checked().count() if update.pk else 0,
    )


def _previous_status(update: StatusUpdate, known: datetime) -> str:
    """The status that an update leaves: the one in force on the day that it speaks of.

    A later one does not count: an older update that comes in late leaves nothing. A correction
    says the same status again, whatever came after.
    """
    if update.kind == UpdateKind.CORRECTION:
        return update.implementation_status
    scope = StatusUpdate.objects.of_scope(update.recommendation_id, update.addressee_id)
    previous = scope.in_force(update.as_of, known).first()
    return previous.implementation_status if previous else ""
