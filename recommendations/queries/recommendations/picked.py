"""The few recommendations of each source that come first: the worst, what is asked, what is due."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Case, F, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Least

from recommendations import permissions
from recommendations.audiences import Audience
from recommendations.choices import Confidence, Only
from recommendations.fixed import fixed
from recommendations.models import flag_tests
from recommendations.queries.recommendations.narrowed import (
    OFF_TRACK,
    due_columns,
    due_days,
    followed_in,
    known_flags,
    only_tests,
)

MOST = 6
"""Recommendations of each kind that are picked out."""

NONE = "99"
"""The rank of what is not picked, behind all others."""

URGENT, ASKED, DUE = KINDS = range(3)
"""What needs attention, what asks for a decision, what becomes due."""


def read_picks(audience: Audience, today: date, sources: Sequence[int]) -> list[list[int]]:
    """The ids of the first ``MOST`` of each kind, by one statement for each."""
    is_internal = permissions.can_read_internally(audience)
    found = [
        _urgent(audience, today, sources=sources),
        _asked(audience, today, sources=sources) if is_internal else [],
        _due(audience, today, sources=sources),
    ]
    return [[pk for pk, _rank in each] for each in found]


@fixed
def _urgent(audience: Audience, today: date) -> QuerySet[Any, Any]:
    # Not filtered by the same conditions again: what has no flag comes last, and is left out.
    return _first(followed_in(audience), _severity(audience, today)).exclude(rank=NONE)[:MOST]


@fixed
def _asked(audience: Audience, today: date) -> QuerySet[Any, Any]:
    rows = followed_in(audience).filter(only_tests(audience, today)[Only.DECISION])
    return _first(rows, _urgency())[:MOST]


@fixed
def _due(audience: Audience, today: date) -> QuerySet[Any, Any]:
    rows = followed_in(audience).filter(only_tests(audience, today)[Only.DUE])
    return _first(rows, _first_day(audience, today))[:MOST]


def _first(rows: Any, rank: Any) -> QuerySet[Any, Any]:
    order = ("rank", "source_title", "source", "number", "pk")
    ordered: QuerySet[Any, Any] = rows.annotate(rank=rank).order_by(*order)
    return ordered.values_list("pk", "rank")


def _severity(audience: Audience, today: date) -> Case:
    """By the worst that is true of each: what is off track comes first, as in the headline."""
    tests = flag_tests(audience, today)
    return Case(
        When(OFF_TRACK, then=Value("00")),
        *(
            When(tests[flag], then=Value(f"{place:02}"))
            for place, flag in enumerate(known_flags(audience), start=1)
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


def _first_day(audience: Audience, today: date) -> Any:
    """The first of the days ahead on which something is due, as a text."""
    within = due_days(today)
    days = [
        Case(When(**{f"{name}__range": within}, then=F(name)), default=Value(date.max))
        for name in due_columns(audience)
    ]
    return Cast(days[0] if len(days) == 1 else Least(*days), TextField())
