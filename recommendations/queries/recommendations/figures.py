"""What is counted and picked out of sources, kept part by part: a change costs its part alone."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from recommendations import permissions
from recommendations.models import Source
from recommendations.permissions import Person
from recommendations.queries.cache import audience_of, cached_each
from recommendations.queries.recommendations.by_lead import ByLead, count_leads
from recommendations.queries.recommendations.by_theme import ByTheme, count_themes
from recommendations.queries.recommendations.packed import Counts
from recommendations.queries.recommendations.parts import Marks, Place, Scope, read_marks
from recommendations.queries.recommendations.picked import (
    KINDS,
    NO_PICKS,
    Pick,
    first_in,
    read_picks,
)
from recommendations.queries.recommendations.sums import Part, Sum, read_sums
from recommendations.queries.recommendations.tally import (
    Days,
    Tally,
    count_groups,
    first_and_last,
    tally_of,
)

GROUP, LEAD, THEME = range(3)
"""What is counted by: status and confidence, lead organisation, theme."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What is counted and picked out of one source, for one audience."""

    tally: Tally
    leads: ByLead
    themes: ByTheme
    picks: Sequence[Sequence[Pick]]


def figures_of(sources: Sequence[Source], person: Person, today: date) -> dict[int, Figures]:
    """The figures of each source: by seven statements for all whose figures are not kept.

    Those of a source are kept until something is recorded that touches it. Then only
    its parts that were touched are counted.
    """
    return cached_each(
        "figures of a source",
        partial(_read, person=person, today=today),
        audience=audience_of(person),
        versions={source.pk: getattr(source, "last_event", None) for source in sources},
    )


def _read(ids: Sequence[int], *, person: Person, today: date) -> dict[int, Figures]:
    sums = read_sums(
        "figures of parts",
        partial(_count, person=person, today=today),
        audience=audience_of(person),
        marks=read_marks(ids),
    )
    return {pk: _figures(sums.get(pk, Sum())) for pk in ids}


def _count(wanted: Marks, is_whole: bool, *, person: Person, today: date) -> Mapping[Place, Part]:
    """These parts: their counts by kind, and the first and last day and picks of each."""
    scope = Scope.of(wanted, person, today, is_whole=is_whole)
    counts: dict[Place, dict[Any, Counts]] = defaultdict(dict)
    days: dict[Place, Days] = {}
    for place, group, each, span in count_groups(scope):
        counts[place][GROUP, group] = each
        days[place] = first_and_last((*days.get(place, ()), *span))
    if permissions.can_read_internally(person):
        for place, lead, each in count_leads(scope):
            counts[place][LEAD, lead] = each
        for place, theme, each in count_themes(scope):
            counts[place][THEME, theme] = each
    picks = read_picks(scope)
    return {place: (counts[place], (days[place], picks.get(place, NO_PICKS))) for place in days}


def _figures(found: Sum) -> Figures:
    by_kind: tuple[dict[Any, Counts], ...] = ({}, {}, {})
    for (kind, key), counts in found.counts.items():
        by_kind[kind][key] = counts
    beside = found.beside.values()
    return Figures(
        tally_of(by_kind[GROUP], (days for days, _picks in beside)),
        by_kind[LEAD],
        by_kind[THEME],
        tuple(first_in(picks[kind] for _days, picks in beside) for kind in KINDS),
    )
