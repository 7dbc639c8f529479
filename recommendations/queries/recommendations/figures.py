"""What Home and the page of a source count and pick out of the kept states."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Value

from recommendations import permissions
from recommendations.permissions import Person
from recommendations.queries.cache import audience_of, cached
from recommendations.queries.days import Days
from recommendations.queries.recommendations.by_lead import LeadCounts, count_leads
from recommendations.queries.recommendations.by_theme import ThemeKey, themes_of
from recommendations.queries.recommendations.narrowed import DUE_COLUMNS, followed_in
from recommendations.queries.recommendations.past.listed import kept_of_then
from recommendations.queries.recommendations.picked import ASKED, DUE, read_picks
from recommendations.queries.recommendations.tally import Tally, count_groups


@dataclass(frozen=True, slots=True)
class Figures:
    """What is counted and picked out of some sources together, for one audience.

    ``picks`` are ids, of each of ``picked.KINDS``; ``due`` are the days of those that ask for a
    decision or become due, with what they ask for.
    """

    tallies: Mapping[int, Tally]
    leads: Mapping[int | None, LeadCounts]
    themes: Mapping[ThemeKey, LeadCounts]
    picks: Sequence[Sequence[int]]
    due: Mapping[int, Mapping[str, Any]]


def figures_of(
    sources: Sequence[Any], person: Person, today: date, days: Days | None = None
) -> Figures:
    """Eight statements, once for each event that touches one of these, ``with_last_event``.

    Of a past day, which is kept, ``today`` is that day.
    """
    ids = [source.pk for source in sources]

    def read(states: Any = None) -> Figures:
        return _read(followed_in(ids, person, states), ids, person, today, days)

    if days is not None:
        return kept_of_then("figures of a past day", read, days=days, person=person, parts=ids)
    stamps = {source.pk: source.last_event for source in sources}
    return cached("figures", read, audience=audience_of(person), version=repr(stamps))


def _read(
    followed: Any, ids: Sequence[int], person: Person, today: date, days: Days | None
) -> Figures:
    tallies = defaultdict[int, Tally](Tally)
    for group in count_groups(followed, person, today):
        tallies[group["source"]].count(group)
        tallies[group["source"]].span((group["from_day"], group["to_day"]))
    is_internal = permissions.can_read_internally(person)
    leads = count_leads(followed, person, today) if is_internal else []
    picks = read_picks(followed, person, today)
    return Figures(
        {pk: tallies[pk] for pk in ids},
        {lead: LeadCounts(*counts) for lead, *counts in leads},
        themes_of(followed, person, today, days) if is_internal else {},
        picks,
        _due(followed.filter(pk__in=[*picks[ASKED], *picks[DUE]]), is_internal=is_internal),
    )


def _due(rows: Any, *, is_internal: bool) -> dict[int, Mapping[str, Any]]:
    asked_for = F("recommendation__current_update__asked_for") if is_internal else Value("")
    found = rows.annotate(asked_for=asked_for)
    return {
        row["pk"]: row for row in found.values("pk", "asks_decision", "asked_for", *DUE_COLUMNS)
    }
