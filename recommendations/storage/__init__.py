"""Stored files: uploads between two steps of an import, and evidence."""
