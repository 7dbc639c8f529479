"""Which status was ever public: the one rule for what readers outside are shown of a past day.

Two clocks: E is the day shown, K until when it was known. Shown outside is what was published at K
and still is, if its update in force at (E, K) was public by K: if at some time T ≤ K it was the one
in force at (D, T), on a day D such that the recommendation was published from D until T without a
break.

With the day of T for D that is the page of today at T; with an earlier D it is what a look back at
T showed of a day on which the recommendation was public already, such as a report that came late.
What was superseded, corrected or retracted before publication, or while publication was withdrawn,
was on no such page, and no later publication makes it public, unless it came in force again. “No
report yet” is public by the same rule. Archiving is no break, since nothing is approved meanwhile;
that what is archived has no status outside is asked of K and of now beside this.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils import timezone

from recommendations.choices import UpdateState
from recommendations.models import Recommendation, StatusUpdate
from recommendations.queries.dates import end_of
from recommendations.queries.days import Days
from recommendations.queries.publicity import Withdrawal, withdrawals
from recommendations.queries.recommendations.past.rows import Approved, Update, update_in_force


class Stretch(NamedTuple):
    """A time without a break for which something was published; ``until`` is not part of it."""

    since: datetime
    until: datetime | None = None


class Publications:
    """From when until when recommendations were published, as known at a moment.

    One statement, of some recommendations or of all.
    """

    def __init__(self, known: datetime, of: Collection[int] | None = None) -> None:
        self.known = known
        self._ended: dict[int, list[Stretch]] = defaultdict(list)
        self.again: dict[int, Withdrawal] = {}
        """What was published again by the undo of a withdrawal, with that undo: ``published_at``
        is what it was before."""
        for each in withdrawals(of, known):
            pk = each.recommendation
            begun = self.again.pop(pk, None)
            if each.before is not None:
                since = begun.at if begun else each.before
                self._ended[pk].append(Stretch(since, each.at))
            if each.after is not None:
                self.again[pk] = each

    def of(self, recommendation: int, published_at: datetime | None) -> list[Stretch]:
        """``published_at`` is that of the moment; none where it was not published then."""
        again = self.again.get(recommendation)
        last = again.at if again else published_at
        ended = self._ended.get(recommendation, [])
        return [*ended, *([Stretch(last)] if last is not None else [])]


def was_status_public(
    update: Update | None,
    updates: Collection[Update],
    stretches: Iterable[Stretch],
    known: datetime,
) -> bool:
    """The rule: whether this status was public by a moment; without an update, that there is none.

    ``updates`` are all on the whole of the recommendation that were approved by then, with their
    ``opening_row``.
    """
    return any(_was_status_public_in(stretch, update, updates, known) for stretch in stretches)


def _was_status_public_in(
    stretch: Stretch,
    update: Update | None,
    updates: Collection[Update],
    known: datetime,
) -> bool:
    """Of the days of a stretch the first is enough on which an update can be the one in force.

    One that is in force on some day is so from its own day on, and which one it is only changes
    when something is decided or undone.
    """
    first = timezone.localdate(stretch.since)
    day = max(first, update.as_of) if update else first
    moments = [
        at
        for at in (stretch.since, *moments_of(updates))
        if stretch.since <= at <= known and (stretch.until is None or at < stretch.until)
    ]
    return any(update_in_force(updates, day, at) == update for at in sorted(moments, reverse=True))


def moments_of(updates: Iterable[StatusUpdate | Approved]) -> Iterator[datetime]:
    """When something was decided, or undone with its batch."""
    for row in updates:
        if row.decided_at is not None:
            yield row.decided_at
        if row.opening_row is not None and row.opening_row.undone_at is not None:
            yield row.opening_row.undone_at


def is_public_of(
    then: Recommendation,
    update: StatusUpdate | None,
    updates: Collection[StatusUpdate],
    days: Days,
) -> bool:
    """Whether the status of one recommendation that was published then was public; one statement.

    None where the day is the one on which it was known, or later: then it was the page of today.
    """
    if days.as_of >= timezone.localdate(days.known):
        return True
    stretches = Publications(days.known, [then.pk]).of(then.pk, then.published_at)
    return was_status_public(update, updates, stretches, days.known)


def never_public(
    current: Mapping[int, int | None], published_late: Mapping[int, datetime], days: Days
) -> set[int]:
    """Of many recommendations that were published then those whose status was not; two statements.

    ``current`` has their updates in force, ``published_late`` since when those are published of
    which it is later than the day: of the others it is asked only if a withdrawal was undone.
    """
    if days.as_of >= timezone.localdate(days.known):
        return set()
    publications = Publications(days.known)
    begun = {pk for pk, each in publications.again.items() if each.at > end_of(days.as_of)}
    wanted = current.keys() & (published_late.keys() | begun)
    approved = approved_by(days.known, wanted)
    found = set()
    for pk in wanted:
        updates = approved.get(pk, [])
        update = next((row for row in updates if row.pk == current[pk]), None)
        stretches = publications.of(pk, published_late.get(pk))
        if not was_status_public(update, updates, stretches, days.known):
            found.add(pk)
    return found


def approved_by(known: datetime, of: Collection[int]) -> Mapping[int, Sequence[Approved]]:
    """What was approved on the whole of each by a moment; no statement where none is asked for."""
    found: dict[int, list[Approved]] = defaultdict(list)
    for row in _approved(of, known) if of else ():
        found[row[1]].append(Approved(*row))
    return found


def _approved(ids: Collection[int], known: datetime) -> QuerySet[Any, Any]:
    rows = StatusUpdate.objects.filter(
        recommendation__in=ids,
        addressee__isnull=True,
        state=UpdateState.APPROVED,
        decided_at__lte=known,
    )
    columns = ("kind", "as_of", "decided_at", "corrects_id", "retracts_id")
    return rows.order_by().values_list("pk", "recommendation", *columns, "opening_row__undone_at")
