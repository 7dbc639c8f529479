"""What follows from the updates in force, kept on the recommendation so that lists are quick."""

from django.db.models import BigIntegerField, DateField, DateTimeField, QuerySet

from recommendations import audit
from recommendations.fixed import Given, fixed
from recommendations.models import Recommendation, StatusUpdate
from recommendations.state.days import next_due_day, rating_end


def update_in_force(
    entry: audit.Entry, recommendation_id: int, addressee_id: int | None
) -> StatusUpdate | None:
    """The update in force now, for the whole or for one addressee."""
    rows = _rows_in_force(
        addressee_id is not None,
        recommendation=recommendation_id,
        addressee=addressee_id,
        today=entry.today,
        known=entry.at,
    )
    return rows[0] if rows else None


@fixed
def _rows_in_force(is_of_addressee: bool) -> QuerySet[StatusUpdate]:
    """The update in force of a scope, in a list of one or none."""
    number = BigIntegerField()
    scope = StatusUpdate.objects.of_scope(
        Given("recommendation", number), Given("addressee", number) if is_of_addressee else None
    )
    return scope.in_force(Given("today", DateField()), Given("known", DateTimeField()))[:1]


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
