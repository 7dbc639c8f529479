"""The list and the form of recommendations in the administration."""
