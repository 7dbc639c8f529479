"""What Home and the page of a source say of a past day."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from recommendations import permissions
from recommendations.audit.rewind import Past
from recommendations.choices import Age, Flag, ImplementationStatus, Nature, Only
from recommendations.models import Source
from recommendations.permissions import Person
from recommendations.queries.days import Days, kept_then
from recommendations.queries.recommendations.narrowed import RESPONSES
from recommendations.queries.recommendations.overview import (
    home_summary,
    source_summary,
    worst_sentence,
)
from recommendations.queries.recommendations.past.lines import Line, lines_of
from recommendations.queries.recommendations.tally import Tally


@dataclass(frozen=True, slots=True)
class PastOverview:
    """Some sources together on a past day: each with its counts, and all of them in words."""

    sources: Sequence[tuple[Source, Tally]]
    lines: Sequence[Line]
    tally: Tally = field(default_factory=Tally)

    @property
    def summary(self) -> str:
        if len(self.sources) == 1:
            return source_summary(self.tally)
        return home_summary(self.tally, len(self.sources))

    @property
    def worst(self) -> str:
        return worst_sentence(self.tally)


def overview_then(sources: Sequence[Source], days: Days, person: Person) -> PastOverview:
    """What there was by then in these ``sources_then``, as one person may see it.

    For the public those sources alone that showed something. A fixed number of statements.
    """
    lines = lines_of([source.pk for source in sources], days, person)
    tallies = _tallies(lines)
    if not permissions.can_read_internally(person):
        sources = [source for source in sources if source.pk in tallies]
    total = Tally()
    for each in tallies.values():
        total.add(each)
    return PastOverview([(row, tallies.get(row.pk, Tally())) for row in sources], lines, total)


def kept_overview(
    sources: Sequence[Source], days: Days, person: Person
) -> tuple[PastOverview, Sequence[int]]:
    """``overview_then`` without its lines, and the ids of these in order.

    No statement over whole sources once both were asked for.
    """

    def read() -> tuple[Sequence[int], Mapping[int, Tally]]:
        found = overview_then(sources, days, person)
        tallies = {source.pk: tally for source, tally in found.sources}
        return array("q", [line.pk for line in found.lines]), tallies

    pks = [source.pk for source in sources]
    ids, tallies = kept_then("overview of a past day", read, days=days, person=person, parts=pks)
    total = Tally()
    for each in tallies.values():
        total.add(each)
    shown = [(source, tallies[source.pk]) for source in sources if source.pk in tallies]
    return PastOverview(shown, (), total), ids


def sources_then(sources: Iterable[Source], days: Days) -> list[Source]:
    """Those of these sources that were there by then, as they were, by the titles of then."""
    then = Past(days.known).back(list(sources))
    return sorted(then, key=lambda source: (source.title, source.pk))


def _tallies(lines: Iterable[Line]) -> Mapping[int, Tally]:
    """The counts of each source."""
    groups: dict[tuple[int, str, str], list[Line]] = defaultdict(list)
    for line in lines:
        groups[line.source_id, line.status, line.confidence].append(line)
    found: dict[int, Tally] = defaultdict(Tally)
    for (source, status, confidence), some in groups.items():
        found[source].count(_group(status, confidence, some))
        found[source].span(line.as_of for line in some)
    return found


def _group(status: str, confidence: str, lines: Sequence[Line]) -> Mapping[str, Any]:
    """What ``tally`` counts by its statement, of recommendations of one status and confidence.

    What rests on more than lines know of is not counted, and no past page shows it.
    """
    raised = Counter(flag for line in lines for flag in line.flags)
    is_implemented = status == ImplementationStatus.IMPLEMENTED
    in_effect = [line for line in lines if is_implemented and line.nature == Nature.CONTINUOUS]
    return {
        "n": len(lines),
        "status": status,
        "confidence": confidence,
        "n_in_effect": len(in_effect),
        "n_opening": sum(line.is_opening for line in lines),
        "n_opening_in_effect": sum(line.is_opening for line in in_effect),
        "n_out_of_date": raised[Flag.RATING_OUT_OF_DATE],
        "n_overdue": raised[Flag.DATE_OVERDUE],
        "n_contradicted": raised[Flag.CONTRADICTED],
        "n_overdue_alone": sum(
            Flag.DATE_OVERDUE in line.flags and Flag.CONTRADICTED not in line.flags
            for line in lines
        ),
        f"n_{Only.OPEN}": sum(line.is_open for line in lines),
        **{f"n_{age}": 0 for age in Age.values},
        **{f"sum_{name}": 0 for name in ("addressed", *RESPONSES.values())},
    }
