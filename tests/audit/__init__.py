"""Tests of the record of events."""
