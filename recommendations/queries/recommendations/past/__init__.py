"""Recommendations as they were: the state of any day, as it was known at any moment."""
