"""What lists are filtered, ordered and counted by on a past day: kept states as they were.

What was touched neither since the moment nor by anything of a later day is as it is kept now. The
states of the others are worked out (``states``), and stand in place of theirs.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, TypeVar

from django.db.models import Model
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from recommendations import permissions
from recommendations.choices import UpdateState
from recommendations.faults import UnfinishedError
from recommendations.models import (
    Addressee,
    AuditEvent,
    Recommendation,
    RecommendationRelation,
    RecommendationState,
    SearchDocument,
    StatusUpdate,
)
from recommendations.models.state import RecommendationStateQuerySet
from recommendations.permissions import Person
from recommendations.queries.cache import Version, audience_of, extended, version_of
from recommendations.queries.dates import end_of
from recommendations.queries.days import Days, kept_then, stays, version_of_past
from recommendations.queries.recommendations.past.ever_public import Publications, never_public
from recommendations.queries.recommendations.past.rows import Standing, standings
from recommendations.search.documents import title_of
from recommendations.state.refresh import touched_since
from recommendations.state.then import Batch, TablesThen

T = TypeVar("T")

AT_ONCE = 200
"""Recommendations that are worked out together: of more each takes longer."""

MOST_SECONDS = 5
"""How long one request works states out; the servers of the site end one after 30."""


def kept_of_then(
    what: str,
    ask: Callable[[RecommendationStateQuerySet], T],
    *,
    days: Days,
    person: Person,
    parts: Any,
) -> T:
    """What ``ask`` finds (``asked_of_then``), from memory where it was found before."""
    return kept_then(
        what, lambda: asked_of_then(ask, days, person), days=days, person=person, parts=parts
    )


def asked_of_then(ask: Callable[[RecommendationStateQuerySet], T], days: Days, person: Person) -> T:
    """What ``ask`` finds among the states of a past day, of all that one reader might see then.

    For the public those are of what was published then and still is, and whose status was public
    (``ever_public``). A fixed number of statements for each ``AT_ONCE`` that were touched since.
    ``UnfinishedError`` after ``MOST_SECONDS``: the next call goes on from there.
    """
    alias = StatusUpdate.objects.db
    while True:
        version = version_of(alias)
        tables = _tables(days, person, version)
        found = ask(tables.states())
        # What is kept now of what the record touched meanwhile is not of then.
        if version == version_of(alias) or _changed(days, person) <= set(tables.ids):
            return found


@dataclass(frozen=True, slots=True)
class _Worked:
    """How far the tables of a past day are worked out: ``left`` are not, as of that version."""

    version: Version
    tables: TablesThen
    left: int


def _tables(days: Days, person: Person, version: Version) -> TablesThen:
    """The tables of lists, with all that is not as it is now; worked out where it is not kept."""
    lasts = stays(days, person)

    def extend(kept: _Worked | None) -> _Worked:
        worked = kept or _Worked(version, TablesThen(), left=1)
        if not worked.left and worked.version == version:
            return worked
        tables = worked.tables
        if not lasts and worked.version != version:
            tables = _without(tables, _touched_after(worked.version))
        return _further(tables, days, person, version)

    worked = extended(
        "tables of a past day",
        extend,
        audience=audience_of(person),
        version=version_of_past(days) if lasts else "",
        parts=(days,),
    )
    if worked.left:
        done = len(worked.tables.ids)
        raise UnfinishedError(
            _("%(done)s of %(all)s recommendations are done.")
            % {"done": number_format(done), "all": number_format(done + worked.left)}
        )
    return worked.tables


def _touched_after(version: Version) -> set[int]:
    """What later events may have changed; some of the same moment may be among it."""
    last = AuditEvent.objects.filter(sequence=version.sequence, hash=version.hash)
    at = last.values_list("at", flat=True).first()
    return touched_since(at - timedelta(microseconds=1) if at else datetime.min.replace(tzinfo=UTC))


def _without(tables: TablesThen, ids: set[int]) -> TablesThen:
    return TablesThen([each for each in tables.batches if ids.isdisjoint(each.ids)])


def _further(tables: TablesThen, days: Days, person: Person, version: Version) -> _Worked:
    """With what else is not as it is now, as far as that is worked out in ``MOST_SECONDS``."""
    end = monotonic() + MOST_SECONDS
    left = sorted(_changed(days, person).difference(tables.ids))
    made: list[Batch] = []
    while left and (not made or monotonic() < end):
        some, left = left[:AT_ONCE], left[AT_ONCE:]
        made.append(_batch(some, days, person))
    return _Worked(version, TablesThen([*tables.batches, *made]), len(left))


def _changed(days: Days, person: Person) -> set[int]:
    """Of which something is not as it was, or is of a later day."""
    later = StatusUpdate.objects.filter(
        state__in=(UpdateState.APPROVED, UpdateState.SUBMITTED), as_of__gt=days.as_of
    )
    found = touched_since(days.known)
    found |= set(later.order_by().values_list("recommendation", flat=True).distinct())
    if not permissions.can_read_internally(person) and (
        days.as_of < timezone.localdate(days.known)
    ):
        late = Recommendation.objects.filter(published_at__gt=end_of(days.as_of)).order_by()
        found |= {*late.values_list("pk", flat=True), *Publications(days.known).again}
    return found


def _batch(ids: Sequence[int], days: Days, person: Person) -> Batch:
    """Some of the recommendations that were not as they are now, with the rows of theirs."""
    seen = Recommendation.objects.status_visible_to(person).filter(pk__in=ids)
    found = standings(
        sorted(seen.order_by().values_list("pk", flat=True)),
        days.as_of,
        days.known,
        is_still_public=not permissions.can_read_internal_evidence(person),
    )
    hidden: Collection[int] = ()
    if not permissions.can_read_internally(person):
        hidden = _never_public(found, days)
    return Batch.of(ids, _rows([each for pk, each in found.items() if pk not in hidden]))


def _never_public(found: Mapping[int, Standing], days: Days) -> set[int]:
    current = {pk: each.current.pk if each.current else None for pk, each in found.items()}
    published = {pk: each.one.itself.published_at for pk, each in found.items()}
    end = end_of(days.as_of)
    late = {pk: at for pk, at in published.items() if at is not None and at > end}
    return never_public(current, late, days)


def _rows(found: Collection[Standing]) -> Mapping[type[Model], list[Any]]:
    ones = [each.one for each in found]
    return {
        RecommendationState: [each.state for each in found],
        Recommendation: [one.itself for one in ones],
        Recommendation.themes.through: [row for one in ones for row in one.themes],
        Addressee: [row for one in ones for row in one.addressees],
        RecommendationRelation: [row for one in ones for row in one.relations],
        SearchDocument: [
            SearchDocument(recommendation_id=one.itself.pk, title=title_of(one.itself))
            for one in ones
        ],
    }
