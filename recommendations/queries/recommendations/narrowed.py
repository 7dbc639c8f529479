"""What Home, the page of a source and lists count and narrow alike: one condition for each."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import F, Q

from recommendations import permissions
from recommendations.choices import (
    AGE_MONTHS,
    DUE_DAYS,
    PUBLIC_FLAGS,
    SEVERITY,
    Age,
    Confidence,
    Only,
    ResponseKind,
)
from recommendations.models import RecommendationState, flag_tests
from recommendations.periods import add_months
from recommendations.permissions import Person

DUE_COLUMNS = ("date_overdue_after", "update_due_on", "action_overdue_after")
"""The target date of what is open, its next update and its first open action; see ``due_columns``.

Where an action is overdue a later one is not looked for: it needs attention already.
"""

RESPONSES = {
    ResponseKind.ACCEPTED: "said_accepted",
    ResponseKind.IN_PART: "said_in_part",
    ResponseKind.NEITHER: "said_neither",
    ResponseKind.DECLINED: "said_no",
}
"""The number of addressees that gave each response, among the kept columns."""


def known_flags(person: Person) -> tuple[str, ...]:
    """The flags that a person may know of, from the worst to the mildest."""
    return SEVERITY if permissions.can_read_internally(person) else PUBLIC_FLAGS


def due_columns(person: Person) -> tuple[str, ...]:
    """The days that become due; for the public the target date alone."""
    return DUE_COLUMNS if permissions.can_read_internally(person) else DUE_COLUMNS[:1]


def due_days(today: date) -> tuple[date, date]:
    """The first and last day that counts as due soon."""
    return today, today + timedelta(days=DUE_DAYS)


def followed_in(sources: Sequence[int], person: Person, states: Any = None) -> Any:
    """The kept states of the recommendations that Home or the page of a source is of.

    Those of now, or ``states`` of a past day.
    """
    found: Any = RecommendationState.objects if states is None else states
    return found.visible_to(person).followed().order_by().filter(source__in=sources)


OFF_TRACK = Q(confidence=Confidence.RED, open_since__isnull=False)
"""Open and off track: it needs attention whether or not a flag is raised."""


def is_flagged(person: Person, today: date) -> Q:
    """The condition that a flag is raised of which a person may know."""
    return _any(flag_tests(person, today)[flag] for flag in known_flags(person))


def only_tests(person: Person, today: date) -> dict[str, Q]:
    """The condition of each ``Only`` on kept states, as far as a person may know."""
    tests: dict[str, Q] = {
        Only.OPEN: Q(open_since__isnull=False),
        Only.ATTENTION: is_flagged(person, today) | OFF_TRACK,
        Only.DUE: _any(Q(**{f"{name}__range": due_days(today)}) for name in due_columns(person)),
    }
    if permissions.can_read_internally(person):
        tests[Only.DECISION] = Q(asks_decision=True) | Q(has_date_request=True)
        tests[Only.NO_LEAD] = Q(lead__isnull=True)
        tests[Only.NO_THEME] = Q(theme_names="")
    return tests


def response_tests() -> dict[str, Q]:
    """The condition that at least one addressee gave each response, or none yet."""
    given = F("said_accepted") + F("said_in_part") + F("said_neither") + F("said_no")
    tests: dict[str, Q] = {code: Q(**{f"{name}__gt": 0}) for code, name in RESPONSES.items()}
    return tests | {ResponseKind.MISSING: Q(addressed__gt=given)}


def age_tests(today: date) -> dict[str, Q]:
    """The condition of each age; no comparison holds for what is not open."""
    return {age: _between(today, *AGE_MONTHS[age]) for age in Age.values}


def _between(today: date, months: int, below: int | None) -> Q:
    test = Q()
    if months:
        test &= Q(open_since__lte=add_months(today, -months))
    if below is not None:
        test &= Q(open_since__gt=add_months(today, -below))
    return test


def _any(tests: Iterable[Q]) -> Q:
    found = Q()
    for test in tests:
        found |= test
    return found
