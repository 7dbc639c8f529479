"""Recommendations as they were: the state of any day, as it was known at any moment."""

from recommendations.queries.recommendations.past.rows import state_at

__all__ = ["state_at"]
