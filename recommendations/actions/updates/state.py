"""What follows from the updates in force, kept on the recommendation so that lists are quick."""

from datetime import date, timedelta

from recommendations import audit
from recommendations.choices import CLOSED_STATUSES, GRACE_DAYS, ImplementationStatus, Nature
from recommendations.models import Recommendation, StatusUpdate
from recommendations.periods import add_months


def update_in_force(
    entry: audit.Entry, recommendation_id: int, addressee_id: int | None
) -> StatusUpdate | None:
    """The update in force now, for the whole or for one addressee."""
    scope = StatusUpdate.objects.of_scope(recommendation_id, addressee_id)
    return scope.in_force(entry.today, entry.at).first()


def refresh_state(
    entry: audit.Entry, recommendation: Recommendation, current: StatusUpdate | None
) -> None:
    """Point ``current_update`` at the update in force, and set the days that follow from it.

    Both were read in this entry. These columns are projections: they raise no version and leave no
    event of their own, because the decision that moves them leaves one.
    """
    Recommendation.objects.filter(pk=recommendation.pk).update(
        current_update=current,
        next_due_on=next_due_day(recommendation, current),
        rating_valid_until=rating_end(recommendation, current),
    )


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
    end = add_months(current.rated_on, recommendation.interval_months)
    return end + timedelta(days=GRACE_DAYS)
