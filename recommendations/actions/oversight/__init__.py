"""Verifying everything, and loading a whole database."""
