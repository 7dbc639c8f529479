"""Where the recommendations stand, by theme."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Count, Q

from recommendations import permissions
from recommendations.choices import Confidence, Flag, ImplementationStatus, Only
from recommendations.models import Theme, flag_tests
from recommendations.permissions import Person
from recommendations.queries.recommendations.by_lead import LeadCounts
from recommendations.queries.recommendations.narrowed import only_tests
from recommendations.queries.recommendations.parts import followed_in

ThemeKey = tuple[int, str]
"""Id and name."""

ByTheme = dict[ThemeKey, LeadCounts]
"""A recommendation of several themes is counted under each of them."""


@dataclass(frozen=True, slots=True)
class ThemeRow:
    """One theme; ``query`` narrows the list to what has it."""

    pk: int
    name: str
    query: str
    counts: LeadCounts
    description: str = ""


def read_themes(source_ids: Iterable[int], person: Person, today: date) -> ByTheme:
    """The counts of some sources by theme, by one statement. Inside alone."""
    if not permissions.can_read_internally(person):
        return {}
    tests = {
        "open": only_tests(person, today)[Only.OPEN],
        "overdue": flag_tests(person, today)[Flag.DATE_OVERDUE],
        "off_track": Q(confidence=Confidence.RED),
        "no_report": Q(status=""),
        "implemented": Q(status=ImplementationStatus.IMPLEMENTED),
    }
    keys = ("recommendation__themes", "recommendation__themes__name")
    groups = (
        followed_in(source_ids, person)
        .filter(recommendation__themes__isnull=False)
        .order_by()
        .values(*keys)
        .annotate(
            total=Count("pk"),
            **{f"n_{name}": Count("pk", filter=test) for name, test in tests.items()},
        )
        .values_list(*keys, "total", *(f"n_{name}" for name in tests))
    )
    return {(pk, name): LeadCounts(*counts) for pk, name, *counts in groups}


def described_themes(counted: list[ThemeRow]) -> list[ThemeRow]:
    """All themes with their descriptions, also those that no recommendation has; one statement."""
    there = {theme.pk: theme for theme in Theme.objects.order_by("name", "pk")}
    rows = [
        replace(row, description=there[row.pk].description) if row.pk in there else row
        for row in counted
    ]
    used = {row.pk for row in rows}
    return rows + [
        ThemeRow(pk, theme.name, f"theme={pk}", LeadCounts(), theme.description)
        for pk, theme in there.items()
        if pk not in used
    ]


def theme_rows(by_theme: ByTheme) -> list[ThemeRow]:
    """Most overdue first, then off track, then open."""
    ordered = sorted(
        by_theme.items(),
        key=lambda pair: (
            *(-pair[1].overdue, -pair[1].off_track, -pair[1].open, -pair[1].total),
            pair[0][1],
        ),
    )
    return [ThemeRow(pk, name, f"theme={pk}", counts) for (pk, name), counts in ordered]
