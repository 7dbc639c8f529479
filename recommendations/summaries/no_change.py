"""“No change” said again and again: when it has to be said in words."""

from recommendations.models import StatusUpdate
from recommendations.vocabulary import UpdateKind

MOST_WITHOUT_WORDS = 2
"""Confirmations in a row that may go without a sentence; the next one needs it."""


def needs_sentence(base: StatusUpdate | None) -> bool:
    """Whether another “no change” on this update in force must say a sentence of its own.

    So it is where this one and the one before it were confirmations without any words of their
    own. A sentence, and a correction of the words, begin the count again. Free of queries where
    ``based_on`` and what that is based on were read along.
    """
    silent = 0
    while base is not None and silent < MOST_WITHOUT_WORDS and is_silent(base):
        silent += 1
        base = base.based_on
    return silent == MOST_WITHOUT_WORDS


def is_silent(update: StatusUpdate) -> bool:
    """Whether this is a confirmation in the very words of what it confirms."""
    before = update.based_on
    return (
        update.kind == UpdateKind.NO_CHANGE
        and before is not None
        and update.what_happened.strip() == before.what_happened.strip()
    )
