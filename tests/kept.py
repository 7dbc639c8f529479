"""The kept state of rows that tests put in place themselves, past the actions.

Entries of the record keep it; a test that writes rows of its own would leave it behind. So such a
write is noted, and the state is made anew before anything reads it: unseen by tests that count
statements.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.models import Max

from recommendations import state
from recommendations.models import ChainHead, Recommendation, RecommendationState, SearchDocument
from recommendations.state.refresh import MANY, _count_rows

TABLES = (RecommendationState._meta.db_table, SearchDocument._meta.db_table)

_stale: list[bool] = []


def mark_stale() -> None:
    """A test wrote rows."""
    _stale[:] = [True]


def forget() -> None:
    """The database is again as it was before the test."""
    _stale.clear()


def renew() -> None:
    """Make the kept state of all recommendations anew, where tests wrote rows since."""
    if _stale:
        _stale.clear()
        with _unlogged():
            ids = list(Recommendation.objects.values_list("pk", flat=True))
            if connection.vendor == "postgresql":
                # Rows of other tests were rolled back: plans for empty tables take minutes.
                with connection.cursor() as cursor:
                    _count_rows(cursor, MANY)
            state.refresh(ids)
            state.stamp(ids, ChainHead.objects.aggregate(last=Max("last_sequence"))["last"] or 0)


@contextmanager
def _unlogged() -> Iterator[None]:
    """Keep statements out of what a test captures."""
    before, connection.force_debug_cursor = connection.force_debug_cursor, False
    try:
        yield
    finally:
        connection.force_debug_cursor = before
