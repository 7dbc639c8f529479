"""Where the recommendations stand, by theme."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from recommendations.audit.rewind import Past
from recommendations.models import Theme
from recommendations.permissions import Person
from recommendations.queries.days import Days
from recommendations.queries.recommendations.by_lead import LeadCounts, counted_by

ThemeKey = tuple[int, str]
"""Id and name."""


@dataclass(frozen=True, slots=True)
class ThemeRow:
    """One theme; ``query`` narrows the list to what has it."""

    pk: int
    name: str
    query: str
    counts: LeadCounts
    description: str = ""


def themes_of(
    followed: Any, person: Person, today: date, days: Days | None = None
) -> dict[ThemeKey, LeadCounts]:
    """The counts of states by theme, each under all of its themes: two statements, no join.

    Of a past day by their names of then.
    """
    found: dict[str, LeadCounts] = {}
    rows = followed.exclude(theme_names="")
    for names, *counts in counted_by(["theme_names"], rows, person, today):
        for name in names.split("\n"):
            before = found.get(name, LeadCounts())
            found[name] = LeadCounts(*map(sum, zip(before, counts, strict=True)))
    themes = list(Theme.objects.all()) if found else []
    ids = {row.name: row.pk for row in (Past(days.known).back(themes) if days else themes)}
    return {(ids[name], name): counts for name, counts in found.items() if name in ids}


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
