"""The kept state of recommendations: its tables, its columns for a reader, and flags upon it."""

from recommendations.models.state.columns import StateColumns
from recommendations.models.state.flags import flag_conditions
from recommendations.models.state.tables import (
    IS_OPENING,
    ReadModel,
    RecommendationState,
    RecommendationStateQuerySet,
    SourceStamp,
    flag_tests,
)
