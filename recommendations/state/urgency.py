"""Which recommendation needs attention most, and the kept columns by which lists are in that order.

No index holds an order that turns by the calendar. So what follows from the flags of a day is kept
with the last day on which it holds, and every entry of the record brings up to date what has
turned since. Where that is not done yet, ``in_order`` works the order out: it is always true.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any

from django.db.models import Case, DateField, F, Q, TextField, Value, When
from django.db.models.functions import Cast, Concat, Least
from django.db.models.lookups import GreaterThanOrEqual
from django.db.models.sql import UpdateQuery
from django.utils import timezone

from recommendations import permissions
from recommendations.audiences import Audience
from recommendations.choices import RULES, Confidence, Flag, Role
from recommendations.fixed import Given, values_of, written
from recommendations.models import (
    IS_OPEN,
    RecommendationState,
    StateColumns,
    flag_tests,
    known_flags,
)
from recommendations.permissions import Person

OFF_TRACK = Q(confidence=Confidence.RED) & IS_OPEN
"""Open and off track: it needs attention whether or not a flag is raised."""

NONE = "99"
"""The rank of what needs no attention, behind all others."""

READERS = {
    "urgency": Audience(frozenset({Role.STAFF})),
    "inside_urgency": Audience(frozenset({Role.VIEWER})),
    "public_urgency": Audience(frozenset()),
}
"""For whom: all flags, the same by public evidence, and those that everybody may know of."""


def severity(tests: Mapping[str, Q], known: Sequence[str]) -> Case:
    """By the worst that is true of each: what is off track comes first, as in the headline.

    By the conditions of flags, as far as they are ``known`` to a reader.
    """
    return Case(
        When(OFF_TRACK, then=Value("00")),
        *(
            When(tests[flag], then=Value(f"{place:02}"))
            for place, flag in enumerate(known, start=1)
        ),
        default=Value(NONE),
        output_field=TextField(),
    )


def overdue_since(tests: Mapping[str, Q], known: Sequence[str]) -> Case:
    """The day that is past of what is alike: the longer overdue the worse."""
    late = [flag for flag in (Flag.DATE_OVERDUE, Flag.UPDATE_OVERDUE) if flag in known]
    days = (When(tests[flag], then=F(RULES[flag].column)) for flag in late)
    return Case(*days, default=Value(date.max), output_field=DateField())


def urgency(person: Person, today: Any) -> Concat:
    """Both as one text, which sorts from the worst on."""
    flags = flag_tests(person, today), known_flags(person)
    return Concat(
        severity(*flags), Cast(overdue_since(*flags), TextField()), output_field=TextField()
    )


def in_order(person: Person, today: date) -> Any:
    """What kept states are sorted by, the worst first: the column, or how it is worked out."""
    turned = RecommendationState.objects.followed().filter(urgency_until__lt=today)
    if turned.exists():
        return urgency(person, today)
    if permissions.can_read_internal_evidence(person):
        return F("urgency")
    return F("inside_urgency" if permissions.can_read_internally(person) else "public_urgency")


def holds_until(today: Any) -> Least:
    """The last day on which the flags of this day hold, if nothing else changes."""
    never = Value(date.max, DateField())
    days: list[Any] = []
    for rule in RULES.values():
        if rule.value is None:
            names = {StateColumns(is_office).name(rule.column) for is_office in (True, False)}
            turns = [F(name) for name in sorted(names)]
            days += (day - timedelta(1) if rule.lookup == "exact" else day for day in turns)
    ahead = (Case(When(GreaterThanOrEqual(day, today), then=day), default=never) for day in days)
    return Least(*ahead, output_field=DateField())


def turn(cursor: Any, connection: Any) -> None:
    """Work out what was written, and what has turned by the calendar."""
    sql, params = _turning(connection.alias)
    cursor.execute(sql, values_of(params, {"today": timezone.localdate()}, connection))


@cache
def _turning(alias: str) -> tuple[str, Sequence[Any]]:
    today = Given("today", DateField())
    turned = RecommendationState.objects.using(alias).filter(urgency_until__lt=today)
    query: Any = turned.query.chain(UpdateQuery)
    columns = {name: urgency(reader, today) for name, reader in READERS.items()}
    query.add_update_values({**columns, "urgency_until": holds_until(today)})
    return written(query.get_compiler(using=alias))


def definition() -> str:
    """Stands for how the order is worked out, so that what is kept is made anew with it."""
    return repr([(flag, rule.column, rule.lookup) for flag, rule in RULES.items()])
