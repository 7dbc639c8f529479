"""The states of recommendations on any day, without what they follow from."""

from collections.abc import Iterable
from datetime import date, datetime

from recommendations.models import RecommendationState
from recommendations.queries.recommendations.past.rows import standings


def state_at(
    ids: Iterable[int], effective: date, known: datetime
) -> dict[int, RecommendationState]:
    """The states on the day ``effective`` as known at ``known``, by the ids."""
    return {pk: each.state for pk, each in standings(ids, effective, known).items()}
