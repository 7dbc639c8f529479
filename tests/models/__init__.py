"""Tests of the tables: constraints, columns, querysets."""
