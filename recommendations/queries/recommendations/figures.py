"""What is counted and picked out of sources, kept part by part: a change costs its part alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from recommendations.models import Source
from recommendations.permissions import Person
from recommendations.queries.cache import audience_of, cached_each, cached_parts
from recommendations.queries.recommendations.by_lead import ByLead
from recommendations.queries.recommendations.by_theme import ByTheme
from recommendations.queries.recommendations.parts import Marks, Scope, read_marks
from recommendations.queries.recommendations.picked import KINDS, Pick, first_in, read_picks
from recommendations.queries.recommendations.sums import read_sums
from recommendations.queries.recommendations.tally import Tally, read_tallies


@dataclass(frozen=True, slots=True)
class Part:
    """What is counted of a part of a source, and the first of each kind that is picked out."""

    tally: Tally
    picks: Sequence[Sequence[Pick]]


@dataclass(frozen=True, slots=True)
class Figures:
    """What is counted and picked out of one source, for one audience."""

    tally: Tally
    leads: ByLead
    themes: ByTheme
    picks: Sequence[Sequence[Pick]]


def figures_of(sources: Sequence[Source], person: Person, today: date) -> dict[int, Figures]:
    """The figures of each source: by six statements for all whose figures are not kept.

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
    marks = read_marks(ids)
    parts = cached_parts(
        "figures of parts",
        partial(_count_parts, person=person, today=today),
        audience=audience_of(person),
        versions=marks,
    )
    sums = read_sums(marks, person, today)
    return {pk: _joined(list(parts.get(pk, {}).values()), *sums.get(pk, ({}, {}))) for pk in ids}


def _count_parts(
    wanted: Marks, is_whole: bool, *, person: Person, today: date
) -> dict[int, dict[int, Part]]:
    """These parts of each source; ``is_whole`` where these are all its parts."""
    scope = Scope.of(wanted, person, today, is_whole=is_whole)
    tallies, picks = read_tallies(scope), read_picks(scope)
    return {
        source: {part: Part(tallies[source, part], picks[source, part]) for part in parts}
        for source, parts in wanted.items()
    }


def _joined(parts: Sequence[Part], leads: ByLead, themes: ByTheme) -> Figures:
    """The figures of all parts of one source together."""
    tally = Tally()
    for part in parts:
        tally.add(part.tally)
    picks = tuple(first_in(part.picks[kind] for part in parts) for kind in KINDS)
    return Figures(tally, leads, themes, picks)
