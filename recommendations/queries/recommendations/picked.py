"""The few recommendations of each source that come first: the worst, what is asked, what is due."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Case, F, IntegerField, QuerySet, Value, When, Window
from django.db.models.functions import Least, RowNumber

from recommendations import permissions
from recommendations.choices import Confidence, Only
from recommendations.models import flag_tests
from recommendations.permissions import Person
from recommendations.queries.recommendations.narrowed import (
    due_columns,
    due_days,
    known_flags,
    only_tests,
)
from recommendations.queries.recommendations.tally import followed_in

MOST = 6
"""Recommendations of one source that are picked out."""

Picked = Mapping[int, Sequence["Pick"]]
"""By the id of the source, the first of each in order."""


class Pick(NamedTuple):
    """A recommendation by what it is ordered by: the severity, the urgency or the day, then."""

    rank: Any
    number: int
    pk: int


def first_of(picked: Picked, sources: Sequence[int], most: int) -> list[int]:
    """The ids of those that come first in all these sources, which break ties in their order."""
    every = (
        (pick.rank, place, pick.number, pick.pk)
        for place, source in enumerate(sources)
        for pick in picked.get(source, ())
    )
    return [pk for *_order, pk in sorted(every)[:most]]


def most_urgent(source_ids: Iterable[int], person: Person, today: date) -> Picked:
    """What needs attention, by the worst that is true of each, then by number."""
    tests, flags = flag_tests(person, today), known_flags(person)
    severity = Case(
        *(When(tests[flag], then=Value(place)) for place, flag in enumerate(flags)),
        default=Value(len(flags)),
        output_field=IntegerField(),
    )
    # Not filtered by the same conditions again: what has no flag comes last, and is left out here.
    found = _picked(followed_in(source_ids, person), severity)
    return {
        source: [pick for pick in picks if pick.rank < len(flags)]
        for source, picks in found.items()
    }


def decisions_asked(source_ids: Iterable[int], person: Person, today: date) -> Picked:
    """What asks for a decision or a new date: off track first, then at risk. Inside alone."""
    if not permissions.can_read_internally(person):
        return {}
    urgency = Case(
        When(confidence=Confidence.RED, then=Value(0)),
        When(confidence=Confidence.AMBER, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    found = followed_in(source_ids, person).filter(only_tests(person, today)[Only.DECISION])
    return _picked(found, urgency)


def due_soon(source_ids: Iterable[int], person: Person, today: date) -> Picked:
    """What becomes due in the days ahead, the first day first."""
    within = due_days(today)
    days = [
        Case(When(**{f"{name}__range": within}, then=F(name)), default=Value(date.max))
        for name in due_columns(person)
    ]
    found = followed_in(source_ids, person).filter(only_tests(person, today)[Only.DUE])
    return _picked(found, days[0] if len(days) == 1 else Least(*days))


def _picked(found: QuerySet[Any], rank: Any) -> Picked:
    """The first ``MOST`` of each source, by one statement."""
    order = Window(RowNumber(), partition_by="source", order_by=[F("rank"), F("number"), F("pk")])
    rows = found.annotate(rank=rank).annotate(place=order).filter(place__lte=MOST)
    picked = defaultdict(list)
    for source, *pick in rows.order_by("source", "place").values_list(
        "source", "rank", "number", "pk"
    ):
        picked[source].append(Pick(*pick))
    return dict(picked)
