"""What follows from the updates in force, kept on the recommendation so that lists are quick."""

from recommendations import audit
from recommendations.models import Recommendation, StatusUpdate
from recommendations.state.days import next_due_day, rating_end


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
