"""The kept state of recommendations: its tables, its columns for a reader, and flags upon it."""

from recommendations.models.state.columns import StateColumns
from recommendations.models.state.flags import flag_conditions
from recommendations.models.state.tables import (
    A_PART,
    IS_OPENING,
    ReadModel,
    RecommendationMark,
    RecommendationState,
    RecommendationStateQuerySet,
    SourcePart,
    flag_tests,
)

__all__ = [
    "A_PART",
    "IS_OPENING",
    "ReadModel",
    "RecommendationMark",
    "RecommendationState",
    "RecommendationStateQuerySet",
    "SourcePart",
    "StateColumns",
    "flag_conditions",
    "flag_tests",
]
