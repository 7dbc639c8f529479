"""Tests of the actions: every move, allowed and refused."""
