"""The days that follow from a recommendation and its update in force, now or at a past moment."""

from datetime import date, timedelta
from functools import lru_cache

from recommendations.choices import (
    CLOSED_STATUSES,
    FINISHED_STATUSES,
    GRACE_DAYS,
    Confidence,
    ImplementationStatus,
    Nature,
)
from recommendations.models import Recommendation, StatusUpdate
from recommendations.periods import add_months


def next_due_day(recommendation: Recommendation, current: StatusUpdate | None) -> date | None:
    """The day from which the next update is due; none once the matter is closed.

    What is in effect for good is next looked at on its review day, or after the interval where
    the update itself was that review.
    """
    if current is None:
        return add_months(recommendation.opened_on, recommendation.interval_months)
    if current.implementation_status in CLOSED_STATUSES:
        return None
    if current.implementation_status == ImplementationStatus.IMPLEMENTED:
        if recommendation.nature != Nature.CONTINUOUS:
            return None
        if recommendation.review_on is not None and recommendation.review_on > current.as_of:
            return recommendation.review_on
    return add_months(current.as_of, recommendation.interval_months)


def rating_end(recommendation: Recommendation, current: StatusUpdate | None) -> date | None:
    """The last day on which the confidence in force is up to date; none where none was given."""
    if current is None or current.rated_on is None:
        return None
    return _months_and_grace(current.rated_on, recommendation.interval_months)


@lru_cache(maxsize=4_096)  # Few days and intervals, and many rows.
def _months_and_grace(rated_on: date, months: int) -> date:
    return add_months(rated_on, months) + timedelta(days=GRACE_DAYS)


def is_rating_out_of_date(
    status: str, confidence: str, rated_on: date | None, months: int, day: date
) -> bool:
    """Whether the confidence in something open was out of date on a day."""
    if status in FINISHED_STATUSES or confidence == Confidence.NOT_RATED or rated_on is None:
        return False
    return _months_and_grace(rated_on, months) < day
