"""The few recommendations of each source that come first: the worst, what is asked, what is due."""

from datetime import date
from typing import Any

from django.db.models import Case, F, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Least

from recommendations import permissions
from recommendations.choices import Confidence, Only
from recommendations.models import flag_tests
from recommendations.permissions import Person
from recommendations.queries.recommendations.narrowed import (
    OFF_TRACK,
    due_columns,
    due_days,
    known_flags,
    only_tests,
)

MOST = 6
"""Recommendations of each kind that are picked out."""

NONE = "99"
"""The rank of what is not picked, behind all others."""

URGENT, ASKED, DUE = KINDS = range(3)
"""What needs attention, what asks for a decision, what becomes due."""


def read_picks(rows: Any, person: Person, today: date) -> list[list[int]]:
    """The ids of the first ``MOST`` of each kind, by one statement for each."""
    tests = only_tests(person, today)
    is_internal = permissions.can_read_internally(person)
    asked = rows.filter(tests[Only.DECISION]) if is_internal else rows.none()
    found = [
        # Not filtered by the same conditions again: what has no flag comes last, and is left out.
        _first(rows, _severity(person, today)).exclude(rank=NONE),
        _first(asked, _urgency()),
        _first(rows.filter(tests[Only.DUE]), _first_day(person, today)),
    ]
    return [[pk for pk, _rank in each[:MOST]] for each in found]


def _first(rows: Any, rank: Any) -> QuerySet[Any, Any]:
    order = ("rank", "source_title", "source", "number", "pk")
    ordered: QuerySet[Any, Any] = rows.annotate(rank=rank).order_by(*order)
    return ordered.values_list("pk", "rank")


def _severity(person: Person, today: date) -> Case:
    """By the worst that is true of each: what is off track comes first, as in the headline."""
    tests = flag_tests(person, today)
    return Case(
        When(OFF_TRACK, then=Value("00")),
        *(
            When(tests[flag], then=Value(f"{place:02}"))
            for place, flag in enumerate(known_flags(person), start=1)
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


def _first_day(person: Person, today: date) -> Any:
    """The first of the days ahead on which something is due, as a text."""
    within = due_days(today)
    days = [
        Case(When(**{f"{name}__range": within}, then=F(name)), default=Value(date.max))
        for name in due_columns(person)
    ]
    return Cast(days[0] if len(days) == 1 else Least(*days), TextField())
