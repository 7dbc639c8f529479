"""What lists are filtered, ordered and counted by on a past day: kept states as they were.

What was touched neither since the moment nor by anything of a later day is as it is kept now. The
states of the others are worked out (``states``), and stand in place of theirs.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, TypeVar

from django.db.models import Model
from django.utils import timezone

from recommendations import permissions
from recommendations.audit.snapshots import batches
from recommendations.choices import UpdateState
from recommendations.models import (
    Addressee,
    Recommendation,
    RecommendationRelation,
    RecommendationState,
    SearchDocument,
    StatusUpdate,
)
from recommendations.models.state import RecommendationStateQuerySet
from recommendations.permissions import Person
from recommendations.queries.cache import audience_of, cached, version_of
from recommendations.queries.dates import end_of
from recommendations.queries.days import Days, kept_then
from recommendations.queries.recommendations.past.ever_public import Publications, never_public
from recommendations.queries.recommendations.past.rows import Standing, standings
from recommendations.search.documents import title_of
from recommendations.state.refresh import touched_since
from recommendations.state.then import RowsOfTables, TablesThen

T = TypeVar("T")

AT_ONCE = 200
"""Recommendations that are worked out together: of more each takes longer."""


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
    """
    alias = StatusUpdate.objects.db
    version = version_of(alias)
    tables = cached(
        "tables of a past day",
        lambda: _tables(_changed(days, person), days, person),
        audience=audience_of(person),
        version=version.hash,
        parts=(days,),
    )
    while True:
        found = ask(tables.states())
        if version == (newer := version_of(alias)):
            return found
        # The record went on: what is kept now of what it touched is not of then.
        version, more = newer, _changed(days, person) - set(tables.ids)
        if not more:
            return found
        tables += _tables(more, days, person)


def _changed(days: Days, person: Person) -> set[int]:
    """Of which something is not as it was, or is of a later day."""
    later = StatusUpdate.objects.filter(
        state__in=(UpdateState.APPROVED, UpdateState.SUBMITTED), as_of__gt=days.as_of
    )
    found = touched_since(days.known)
    found |= set(later.order_by().values_list("recommendation", flat=True).distinct())
    if not permissions.can_read_internally(person) and _is_known_later(days):
        late = Recommendation.objects.filter(published_at__gt=end_of(days.as_of)).order_by()
        found |= {*late.values_list("pk", flat=True), *Publications(days.known).again}
    return found


def _is_known_later(days: Days) -> bool:
    return days.as_of < timezone.localdate(days.known)


def _tables(ids: Collection[int], days: Days, person: Person) -> TablesThen:
    """The tables of lists, of which these recommendations were not as they are now."""
    is_still_public = not permissions.can_read_internal_evidence(person)

    def read() -> Iterator[RowsOfTables]:
        for some in batches(sorted(ids), AT_ONCE):
            seen = Recommendation.objects.status_visible_to(person).filter(pk__in=some)
            shown = set(seen.order_by().values_list("pk", flat=True))
            found = standings(
                sorted(shown), days.as_of, days.known, is_still_public=is_still_public
            )
            hidden: Collection[int] = ()
            if not permissions.can_read_internally(person):
                hidden = _never_public(found, days)
            yield _rows([each for pk, each in found.items() if pk not in hidden])

    return TablesThen.of(sorted(ids), read())


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
