"""The audit log: which events there are of what, and each of them in words."""
