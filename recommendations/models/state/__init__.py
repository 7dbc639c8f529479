"""The kept state of recommendations: its tables, its columns for a reader, and flags upon it."""

from recommendations.models.state.columns import StateColumns
from recommendations.models.state.tables import (
    IS_OPENING,
    ReadModel,
    RecommendationState,
    RecommendationStateQuerySet,
    SourceStamp,
    flag_tests,
)

__all__ = [
    "IS_OPENING",
    "ReadModel",
    "RecommendationState",
    "RecommendationStateQuerySet",
    "SourceStamp",
    "StateColumns",
    "flag_tests",
]
