"""What is computed about a recommendation on a day: one condition for each flag.

Each is a condition on rows of recommendations, so that lists are filtered by flags, and show them,
in one query.
"""

from datetime import date, timedelta

from django.db.models import Exists, F, OuterRef, Q

from recommendations.choices import (
    CLAIMS_OF_EFFECT,
    CLOSED_STATUSES,
    FINISHED_STATUSES,
    GRACE_DAYS,
    MEASURING_RELATIONS,
    OPEN_ACTIONS,
    UNDATED_DAYS,
    Confidence,
    Flag,
    ImplementationStatus,
    Movement,
    Nature,
    Stance,
)
from recommendations.models.evidence import EvidenceLinkQuerySet
from recommendations.models.indicators import IndicatorLink
from recommendations.models.responses import Action, Response

IS_FOLLOWED = Q(archived_at__isnull=True)

IS_OPEN = IS_FOLLOWED & (
    Q(current_update__isnull=True) | ~Q(current_update__implementation_status__in=FINISHED_STATUSES)
)
"""Still to be carried out: not archived, and neither finished nor closed."""

CLAIMS_GOOD = Q(current_update__implementation_status=ImplementationStatus.IMPLEMENTED) | Q(
    current_update__confidence=Confidence.GREEN
)
"""Says of itself that it is in effect, or on its way."""


def flag_tests(today: date, links: EvidenceLinkQuerySet) -> dict[str, Q]:
    """The condition of each flag on ``today``.

    ``links`` are the evidence links of the latest approved update that the reader may see.
    """
    return {**_of_dates(today), **_of_evidence(today, links), **_of_others(today)}


def _of_dates(today: date) -> dict[str, Q]:
    overdue_from = today - timedelta(days=GRACE_DAYS)
    undated_from = today - timedelta(days=UNDATED_DAYS)
    return {
        Flag.UPDATE_DUE: IS_FOLLOWED & Q(next_due_on__range=(overdue_from, today)),
        Flag.UPDATE_OVERDUE: IS_FOLLOWED & Q(next_due_on__lt=overdue_from),
        Flag.DATE_OVERDUE: IS_OPEN & Q(target_date__lt=today),
        Flag.RATING_OUT_OF_DATE: IS_OPEN
        & Q(rating_valid_until__lt=today)
        & ~Q(current_update__confidence=Confidence.NOT_RATED),
        Flag.NO_DATE: IS_OPEN
        & Q(nature=Nature.TIME_BOUND, target_date__isnull=True)
        & Q(opened_on__lt=undated_from),
        Flag.REVIEW_PAST: IS_FOLLOWED
        & Q(nature=Nature.CONTINUOUS, review_on__lt=today)
        # An update of that day or later was the review.
        & (Q(current_update__isnull=True) | Q(current_update__as_of__lt=F("review_on")))
        & (
            Q(current_update__isnull=True)
            | ~Q(current_update__implementation_status__in=CLOSED_STATUSES)
        ),
    }


def _of_evidence(today: date, links: EvidenceLinkQuerySet) -> dict[str, Q]:
    support = links.filter(stance=Stance.SUPPORTS).unexpired(today)
    against = links.filter(stance=Stance.UNDERMINES, answered_at__isnull=True)
    measures = IndicatorLink.objects.filter(
        recommendation=OuterRef("pk"),
        removed_at__isnull=True,
        relation__in=MEASURING_RELATIONS,
        indicator__movement=Movement.AGAINST,
    )
    return {
        Flag.EVIDENCE_GAP: Q(current_update__implementation_status__in=CLAIMS_OF_EFFECT)
        & Q(~Exists(support)),
        Flag.CONTRADICTED: Q(Exists(against)),
        Flag.INDICATOR_AGAINST: IS_FOLLOWED & CLAIMS_GOOD & Q(Exists(measures)),
    }


def _of_others(today: date) -> dict[str, Q]:
    overdue = {"due_on__lt": today}
    responses = Response.objects.current().filter(
        addressee__recommendation=OuterRef("pk"), **overdue
    )
    actions = Action.objects.filter(
        recommendation=OuterRef("pk"), state__in=OPEN_ACTIONS, **overdue
    )
    return {
        Flag.RESPONSE_OVERDUE: IS_FOLLOWED & Q(Exists(responses)),
        Flag.ACTION_OVERDUE: IS_FOLLOWED & Q(Exists(actions)),
        Flag.NO_LEAD: IS_OPEN & Q(lead__isnull=True),
        Flag.NO_OFFICER: IS_OPEN
        & (Q(lead_officer__isnull=True) | Q(lead_officer__is_active=False)),
    }
