"""Tests mirror the code: tests/views/test_review.py tests recommendations/views/review.py."""
