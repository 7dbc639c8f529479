"""Tests of upgrading a database that an earlier version filled."""
