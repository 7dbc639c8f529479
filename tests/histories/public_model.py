"""What somebody outside could have read by a day: found by opening the pages of each step.

Nothing of the project's reading side is asked, nor the record of what was published when.
"""

from collections.abc import Iterable
from datetime import date

from django.utils import timezone

from recommendations.models import Recommendation, StatusUpdate
from tests.histories.noted import Noted


def approved_of(noted: Noted, recommendation: int, day: date) -> list[StatusUpdate]:
    """Approved updates on the whole of it, of a day or before, that nothing replaced."""
    decided = [row for row in noted.of(StatusUpdate) if row.state == "approved"]
    replaced = {row.corrects_id for row in decided} | {row.retracts_id for row in decided}
    return [
        row
        for row in decided
        if row.recommendation_id == recommendation
        and row.addressee_id is None
        and row.kind != "retraction"
        and row.pk not in replaced | noted.undone
        and row.as_of <= day
    ]


def in_force_of(noted: Noted, recommendation: int, day: date) -> StatusUpdate | None:
    """The latest day, then the latest decision, then the highest key."""
    rows = approved_of(noted, recommendation, day)
    return max(rows, key=lambda row: (row.as_of, row.decided_at, row.pk), default=None)


def readable(notes: Iterable[Noted], recommendation: int) -> set[int | None]:
    """Keys of the updates that stood on a page, ``None`` if a page said that there was no report.

    Such pages were there after each step at whose end it was published: that of the day, and look
    backs to each day since which it had been published all the time.
    """
    found: set[int | None] = set()
    begun: date | None = None
    for noted in notes:
        itself = noted.rows[Recommendation].get(recommendation)
        if itself is None or itself.published_at is None:
            begun = None
            continue
        today = timezone.localdate(noted.at)
        begun = begun or today
        own = (row for row in noted.of(StatusUpdate) if row.recommendation_id == recommendation)
        for day in {begun, today, *(row.as_of for row in own if begun < row.as_of < today)}:
            update = in_force_of(noted, recommendation, day)
            found.add(update.pk if update else None)
    return found
