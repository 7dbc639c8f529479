"""The cases that must come out right, by their names."""
