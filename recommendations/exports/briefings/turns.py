"""How many briefings a process makes at a time: each takes a core and 100 MB for its seconds."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

AT_ONCE = 2
WAITING = 4
"""Who comes while so many wait is told at once: threads are left for all other pages."""
MOST_SECONDS = 4
"""How long one waits for its turn."""

_places = BoundedSemaphore(AT_ONCE + WAITING)
_turns = BoundedSemaphore(AT_ONCE)


class BriefingsBusyError(Exception):
    """Too many briefings are being made."""


@contextmanager
def turn() -> Iterator[None]:
    """The turn of one briefing; ``BriefingsBusyError`` where it does not come."""
    if not _places.acquire(blocking=False):
        raise BriefingsBusyError
    try:
        if not _turns.acquire(timeout=MOST_SECONDS):
            raise BriefingsBusyError
        try:
            yield
        finally:
            _turns.release()
    finally:
        _places.release()
