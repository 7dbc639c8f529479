"""Where the recommendations stand, by theme."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import QuerySet

from recommendations import audiences, permissions
from recommendations.fixed import Among, fixed
from recommendations.models import RecommendationState, Theme
from recommendations.permissions import Person
from recommendations.queries.recommendations.by_lead import LeadCounts, counted_by

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
    groups = _groups(audiences.audience(person), today, sources=source_ids)
    return {(pk, name): LeadCounts(*counts) for pk, name, *counts in groups}


@fixed
def _groups(audience: audiences.Audience, today: date) -> QuerySet[Any, Any]:
    keys = ("recommendation__themes", "recommendation__themes__name")
    rows = RecommendationState.objects.visible_to(audience).followed().order_by()
    rows = rows.filter(Among("source", "sources"), recommendation__themes__isnull=False)
    return counted_by(keys, rows, audience, today)


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
    ordered = sorted(by_theme.items(), key=lambda pair: (pair[1].urgency, pair[0][1]))
    return [ThemeRow(pk, name, f"theme={pk}", counts) for (pk, name), counts in ordered]
