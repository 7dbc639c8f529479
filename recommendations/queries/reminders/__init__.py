"""Reminders: on which days a person is told of what, and what their message says."""
