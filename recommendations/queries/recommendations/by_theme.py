"""Where the recommendations stand, by theme."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet

from recommendations.fixed import fixed
from recommendations.models import Theme
from recommendations.queries.recommendations.by_lead import (
    Counted,
    LeadCounts,
    counted_by,
)
from recommendations.queries.recommendations.packed import Counts, packed
from recommendations.queries.recommendations.parts import Scope, Shape

ThemeKey = tuple[int, str]
"""Id and name."""

ByTheme = Mapping[ThemeKey, Counts]
"""A recommendation of several themes is counted under each of them."""


@dataclass(frozen=True, slots=True)
class ThemeRow:
    """One theme; ``query`` narrows the list to what has it."""

    pk: int
    name: str
    query: str
    counts: LeadCounts
    description: str = ""


def count_themes(scope: Scope) -> Iterator[Counted[ThemeKey]]:
    """The counts of each part by theme, by one statement."""
    return (
        ((source, part), (theme, name), packed(counts))
        for source, part, theme, name, *counts in scope.ask(_groups)
    )


@fixed
def _groups(shape: Shape) -> QuerySet[Any, Any]:
    rows = shape.rows().filter(recommendation__themes__isnull=False)
    keys = ("recommendation__themes", "recommendation__themes__name")
    return counted_by(keys, rows, shape.audience, shape.today)


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


def theme_rows(by_theme: Mapping[ThemeKey, LeadCounts]) -> list[ThemeRow]:
    """Most overdue first, then off track, then open."""
    ordered = sorted(by_theme.items(), key=lambda pair: (pair[1].urgency, pair[0][1]))
    return [ThemeRow(pk, name, f"theme={pk}", counts) for (pk, name), counts in ordered]
