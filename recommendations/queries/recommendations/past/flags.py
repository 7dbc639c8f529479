"""From which day each flag of a recommendation is raised, at a moment."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from recommendations.choices import (
    CLOSED_STATUSES,
    FINISHED_STATUSES,
    GRACE_DAYS,
    OPEN_ACTIONS,
    Confidence,
    ImplementationStatus,
    Nature,
)
from recommendations.models import Recommendation, Response, StatusUpdate
from recommendations.periods import add_months
from recommendations.queries.recommendations.past.rows import OneRecommendation


def flag_columns(
    one: OneRecommendation,
    current: StatusUpdate | None,
    responses: Iterable[Response],
    *,
    moves_against: bool,
) -> dict[str, Any]:
    """``responses`` are the newest of those addressed; ``moves_against``: an indicator does."""
    itself, is_followed = one.itself, one.itself.archived_at is None
    status = current.implementation_status if current else ""
    confidence = current.confidence if current else ""
    is_open = is_followed and status not in FINISHED_STATUSES
    is_good = status == ImplementationStatus.IMPLEMENTED or confidence == Confidence.GREEN
    due = [row.due_on for row in one.actions if row.state in OPEN_ACTIONS]
    return {
        "asks_decision": is_open and current is not None and current.asked_for != "",
        "open_since": itself.opened_on if is_open else None,
        "update_due_on": _next_due(itself, current) if is_followed else None,
        "date_overdue_after": itself.target_date if is_open else None,
        "rating_out_of_date_after": _rating_end(itself, current) if is_open else None,
        "open_without_date_since": _undated_since(itself) if is_open else None,
        "review_past_after": _review(itself, current) if is_followed else None,
        "response_overdue_after": _first(row.due_on for row in responses) if is_followed else None,
        "action_overdue_after": _first(due) if is_followed else None,
        "has_indicator_against": is_followed and is_good and moves_against,
        "has_no_lead": is_open and itself.lead_id is None,
        "has_no_officer": is_open and not one.has_active_officer,
    }


def _first(days: Iterable[date | None]) -> date | None:
    return min((day for day in days if day), default=None)


def _next_due(itself: Recommendation, current: StatusUpdate | None) -> date | None:
    if current is None:
        return add_months(itself.opened_on, itself.interval_months)
    if current.implementation_status in CLOSED_STATUSES:
        return None
    again = add_months(current.as_of, itself.interval_months)
    if current.implementation_status != ImplementationStatus.IMPLEMENTED:
        return again
    if itself.nature == Nature.TIME_BOUND:
        return None
    review = itself.review_on
    return review if review and review > current.as_of else again


def _rating_end(itself: Recommendation, current: StatusUpdate | None) -> date | None:
    if current is None:
        return None
    return rating_end(current.confidence, current.rated_on, itself.interval_months)


@lru_cache(maxsize=4_096)  # Few days and intervals, and many rows.
def rating_end(confidence: str, rated_on: date | None, months: int) -> date | None:
    """After which day a rating of confidence is out of date; none where nothing is rated."""
    if confidence == Confidence.NOT_RATED or not rated_on:
        return None
    return add_months(rated_on, months) + timedelta(days=GRACE_DAYS)


def is_rating_out_of_date(
    status: str, confidence: str, rated_on: date | None, months: int, day: date
) -> bool:
    """Whether the confidence in something open was out of date on a day."""
    ends = rating_end(confidence, rated_on, months)
    return status not in FINISHED_STATUSES and ends is not None and ends < day


def _undated_since(itself: Recommendation) -> date | None:
    is_undated = itself.nature == Nature.TIME_BOUND and itself.target_date is None
    return itself.opened_on if is_undated else None


def _review(itself: Recommendation, current: StatusUpdate | None) -> date | None:
    """The day of review of what is continuous; an update of that day or later was the review."""
    review = itself.review_on
    if itself.nature != Nature.CONTINUOUS or review is None:
        return None
    if current is None:
        return review
    is_closed = current.implementation_status in CLOSED_STATUSES
    return None if is_closed or current.as_of >= review else review
