"""The few recommendations of each source that come first: the worst, what is asked, what is due."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Case, F, QuerySet, TextField, Value, When, Window
from django.db.models.functions import Cast, Least, RowNumber

from recommendations import permissions
from recommendations.choices import Confidence, Only
from recommendations.fixed import fixed
from recommendations.models import flag_tests
from recommendations.queries.recommendations.narrowed import (
    OFF_TRACK,
    due_columns,
    due_days,
    known_flags,
    only_tests,
)
from recommendations.queries.recommendations.parts import Place, Scope, Shape

MOST = 6
"""Recommendations of one source that are picked out."""

NONE = "99"
"""The rank of what is not picked, behind all others."""

URGENT, ASKED, DUE = KINDS = range(3)
"""What needs attention, what asks for a decision, what becomes due."""


Pick = tuple[str, int, int]
"""What a recommendation is ordered by, then its number and its id.

The first is a text, in whose order they come: the severity, the urgency or the day.
"""

Picks = Sequence[Sequence[Pick]]
"""Of each of ``KINDS``."""

NO_PICKS: Picks = ((), (), ())


def first_of(picked: Mapping[int, Sequence[Pick]], sources: Sequence[int], most: int) -> list[int]:
    """The ids of those that come first in all these sources, which break ties in their order."""
    every = (
        (rank, place, number, pk)
        for place, source in enumerate(sources)
        for rank, number, pk in picked.get(source, ())
    )
    return [pk for *_order, pk in sorted(every)[:most]]


def first_in(parts: Iterable[Sequence[Pick]]) -> tuple[Pick, ...]:
    """Those that come first in all parts of one source."""
    return tuple(sorted(pick for picks in parts for pick in picks)[:MOST])


def read_picks(scope: Scope) -> dict[Place, Picks]:
    """The first ``MOST`` of each kind and part of sources, by two statements."""
    found: dict[Place, tuple[list[Pick], ...]] = defaultdict(lambda: tuple([] for _kind in KINDS))
    for rows in (scope.ask(_urgent), scope.ask(_coming)):
        for kind, source, part, rank, number, pk in rows:
            if rank != NONE:
                found[source, part][kind].append((rank, number, pk))
    return dict(found)


@fixed
def _urgent(shape: Shape) -> QuerySet[Any, Any]:
    # Not filtered by the same conditions again: what has no flag comes last, and is left out.
    return _first(shape.rows(), URGENT, _severity(shape))


@fixed
def _coming(shape: Shape) -> QuerySet[Any, Any]:
    tests = only_tests(shape.audience, shape.today)
    due = _first(shape.rows().filter(tests[Only.DUE]), DUE, _first_day(shape))
    if not permissions.can_read_internally(shape.audience):
        return due
    asked = _first(shape.rows().filter(tests[Only.DECISION]), ASKED, _urgency())
    return due.union(asked, all=True)


def _first(rows: Any, kind: int, rank: Any) -> QuerySet[Any, Any]:
    order = Window(
        RowNumber(),
        partition_by=["source", "part"],
        order_by=[F("rank"), F("number"), F("pk")],
    )
    found = rows.annotate(kind=Value(kind), rank=rank).annotate(place=order)
    picked: QuerySet[Any, Any] = found.filter(place__lte=MOST).values_list(
        *("kind", "source", "part", "rank", "number", "pk")
    )
    return picked


def _severity(shape: Shape) -> Case:
    """By the worst that is true of each: what is off track comes first, as in the headline."""
    tests = flag_tests(shape.audience, shape.today)
    return Case(
        When(OFF_TRACK, then=Value("00")),
        *(
            When(tests[flag], then=Value(f"{place:02}"))
            for place, flag in enumerate(known_flags(shape.audience), start=1)
        ),
        default=Value(NONE),
        output_field=TextField(),
    )


def _urgency() -> Case:
    """Off track first, then at risk."""
    return Case(
        When(confidence=Confidence.RED, then=Value("0")),
        When(confidence=Confidence.AMBER, then=Value("1")),
        default=Value("2"),
        output_field=TextField(),
    )


def _first_day(shape: Shape) -> Any:
    """The first of the days ahead on which something is due, as a text."""
    within = due_days(shape.today)
    days = [
        Case(When(**{f"{name}__range": within}, then=F(name)), default=Value(date.max))
        for name in due_columns(shape.audience)
    ]
    return Cast(days[0] if len(days) == 1 else Least(*days), TextField())
