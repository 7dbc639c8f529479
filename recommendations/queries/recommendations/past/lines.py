"""What a past list is narrowed, ordered and counted by: one line for each recommendation.

A few statements over whole sources: the update in force of each, what the record says of those
rows that were edited since, and what contradicted an update then. What a page shows besides is
worked out for its own rows alone (``shown``).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import BooleanField, Case, ExpressionWrapper, F, Q, When
from django.db.models.lookups import IsNull

from recommendations import permissions
from recommendations.audit.rewind import Past
from recommendations.choices import FINISHED_STATUSES, Flag, UpdateKind
from recommendations.models import Recommendation, StatusUpdate
from recommendations.permissions import Person
from recommendations.queries.dates import end_of
from recommendations.queries.days import Days
from recommendations.queries.recommendations.past.contradictions import contradictions
from recommendations.queries.recommendations.past.ever_public import never_public
from recommendations.state.days import is_rating_out_of_date

FLAGS: tuple[str, ...] = (Flag.CONTRADICTED, Flag.DATE_OVERDUE, Flag.RATING_OUT_OF_DATE)
"""The flags that lines know of: those that everybody may read."""


class Line(NamedTuple):
    """One recommendation on a past day; ``flags`` are those of ``FLAGS`` that were raised."""

    pk: int
    source_id: int
    number: int
    reference: str
    title: str
    nature: str
    lead_id: int | None
    status: str
    confidence: str
    as_of: date | None
    target_date: date | None
    flags: frozenset[str]
    is_opening: bool
    asks_decision: bool

    @property
    def is_open(self) -> bool:
        return self.status not in FINISHED_STATUSES


class _Current(NamedTuple):
    """The update in force on the whole of a recommendation."""

    pk: int | None = None
    status: str = ""
    confidence: str = ""
    as_of: date | None = None
    rated_on: date | None = None
    kind: str = ""
    asks: bool = False


class _Then(NamedTuple):
    """The columns of a recommendation as they were."""

    pk: int
    source_id: int
    number: int
    reference: str
    title: str
    nature: str
    lead_id: int | None
    target_date: date | None
    interval_months: int
    is_published: bool
    is_archived: bool
    published_late: datetime | None
    """Since when it was published, if only after the day that is shown."""


def lines_of(sources: Sequence[int], days: Days, person: Person) -> list[Line]:
    """The recommendations of these sources that were followed then: source by source, by number.

    For the public those that were published then and still are, and whose status was public
    (``ever_public``). A fixed number of statements.
    """
    current = _updates_in_force(sources, days)
    against = contradictions(Q(update__recommendation__source__in=sources), days, person)
    rows: Iterable[_Then] = _rows_then(sources, days, person)
    if not permissions.can_read_internally(person):
        rows = _ever_public(list(rows), current, days)
    found = (_line(row, current.get(row.pk, _Current()), against, days.as_of) for row in rows)
    place = {source: n for n, source in enumerate(sources)}
    return sorted(found, key=lambda line: (place[line.source_id], line.number, line.pk))


def _ever_public(
    rows: Sequence[_Then], current: Mapping[int, _Current], days: Days
) -> Iterator[_Then]:
    hidden = never_public(
        {row.pk: current.get(row.pk, _Current()).pk for row in rows},
        {row.pk: row.published_late for row in rows if row.published_late is not None},
        days,
    )
    return (row for row in rows if row.pk not in hidden)


def _line(row: _Then, current: _Current, against: Collection[int | None], day: date) -> Line:
    return Line(
        *row[:7],
        status=current.status,
        confidence=current.confidence,
        as_of=current.as_of,
        target_date=row.target_date,
        flags=frozenset(_raised(row, current, against, day)) or _NONE,
        is_opening=current.kind == UpdateKind.OPENING,
        asks_decision=current.asks and current.status not in FINISHED_STATUSES,
    )


_NONE: frozenset[str] = frozenset()
"""Shared by all of which no flag is raised: there may be many."""


def _raised(
    row: _Then, current: _Current, against: Collection[int | None], day: date
) -> Iterator[str]:
    if current.pk in against:
        yield Flag.CONTRADICTED
    if current.status in FINISHED_STATUSES:
        return
    if row.target_date is not None and row.target_date < day:
        yield Flag.DATE_OVERDUE
    if is_rating_out_of_date(
        current.status, current.confidence, current.rated_on, row.interval_months, day
    ):
        yield Flag.RATING_OUT_OF_DATE


def _rows_then(sources: Collection[int], days: Days, person: Person) -> Iterator[_Then]:
    """Those that were there and followed, as they were: only what was touched since is set back."""
    seen = Recommendation.objects.status_visible_to(person).filter(source__in=sources)
    past = Past(days.known)
    touched = past.learn_all(Recommendation)
    # Whether, not when: to read a time takes longer than all other columns of a row.
    whether = {
        "is_published": IsNull(F("published_at"), False),
        "is_archived": IsNull(F("archived_at"), False),
    }
    late = Case(When(published_at__gt=end_of(days.as_of), then=F("published_at")))
    columns = seen.order_by().annotate(**whether, published_late=late).values_list(*_Then._fields)
    rows = [_Then(*row) for row in columns]
    touched_rows = past.rows(
        Recommendation.objects.in_bulk([row.pk for row in rows if row.pk in touched]).values()
    )
    changed = (_then(row, end_of(days.as_of)) for row in touched_rows)
    is_internal = permissions.can_read_internally(person)
    for row in (*(row for row in rows if row.pk not in touched), *changed):
        if not row.is_archived and (is_internal or row.is_published):
            yield row


def _then(row: Recommendation, end: datetime) -> _Then:
    kept = (getattr(row, name) for name in _Then._fields[:-3])
    at = row.published_at
    late = at if at is not None and at > end else None
    return _Then._make((*kept, at is not None, row.archived_at is not None, late))


def _updates_in_force(sources: Collection[int], days: Days) -> Mapping[int, _Current]:
    """The update in force on the whole of each recommendation; one statement."""
    of_sources = StatusUpdate.objects.filter(recommendation__source__in=sources)
    first = of_sources.all_in_force(days.as_of, days.known)
    columns = ("pk", "implementation_status", "confidence", "as_of", "rated_on", "kind")
    asks = ExpressionWrapper(~Q(asked_for=""), BooleanField())
    rows = first.values_list("recommendation", *columns, asks)
    return {recommendation: _Current(*row) for recommendation, *row in rows}
