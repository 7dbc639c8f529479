"""What is counted and picked out of sources, kept part by part: a change costs its part alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from recommendations.models import Source
from recommendations.permissions import Person
from recommendations.queries.cache import audience_of, cached_each
from recommendations.queries.recommendations.by_lead import ByLead
from recommendations.queries.recommendations.by_theme import ByTheme
from recommendations.queries.recommendations.parts import read_marks
from recommendations.queries.recommendations.picked import KINDS, Pick, first_in
from recommendations.queries.recommendations.sums import GROUP, LEAD, THEME, Sum, read_sums
from recommendations.queries.recommendations.tally import Tally, tally_of


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
    sums = read_sums(read_marks(ids), person, today)
    return {pk: _figures(sums.get(pk, Sum())) for pk in ids}


def _figures(found: Sum) -> Figures:
    firsts = found.firsts.values()
    return Figures(
        tally_of(found.of(GROUP), (days for days, _picks in firsts)),
        found.of(LEAD),
        found.of(THEME),
        tuple(first_in(picks[kind] for _days, picks in firsts) for kind in KINDS),
    )
