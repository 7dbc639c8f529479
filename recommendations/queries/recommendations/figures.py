"""What Home and the page of a source count and pick out of the kept states."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from recommendations import permissions
from recommendations.permissions import Person
from recommendations.queries.cache import audience_of, cached
from recommendations.queries.recommendations.by_lead import LeadCounts, count_leads
from recommendations.queries.recommendations.by_theme import ThemeKey, themes_of
from recommendations.queries.recommendations.picked import read_picks
from recommendations.queries.recommendations.tally import Tally, count_groups


@dataclass(frozen=True, slots=True)
class Figures:
    """What is counted and picked out of some sources together, for one audience.

    ``picks`` are ids, of each of ``picked.KINDS``.
    """

    tallies: Mapping[int, Tally]
    leads: Mapping[int | None, LeadCounts]
    themes: Mapping[ThemeKey, LeadCounts]
    picks: Sequence[Sequence[int]]


def figures_of(sources: Sequence[Any], person: Person, today: date) -> Figures:
    """Seven statements, once for each event that touches one of these, ``with_last_event``."""
    stamps = {source.pk: source.last_event for source in sources}
    return cached(
        "figures",
        lambda: _read(list(stamps), person, today),
        audience=audience_of(person),
        version=repr(stamps),
    )


def _read(ids: Sequence[int], person: Person, today: date) -> Figures:
    tallies = defaultdict[int, Tally](Tally)
    for group in count_groups(ids, person, today):
        tallies[group["source"]].count(group)
        tallies[group["source"]].span((group["from_day"], group["to_day"]))
    is_internal = permissions.can_read_internally(person)
    leads = count_leads(ids, person, today) if is_internal else []
    return Figures(
        {pk: tallies[pk] for pk in ids},
        {lead: LeadCounts(*counts) for lead, *counts in leads},
        themes_of(ids, person, today) if is_internal else {},
        read_picks(ids, person, today),
    )
