"""The counts by lead organisation of whole sources, corrected by the parts that changed.

A part has nearly as many lead organisations as its source, so that adding up all parts takes as
long as counting all rows. The sum is corrected instead: by what a part was and is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from operator import add, sub

from recommendations import permissions
from recommendations.permissions import Person
from recommendations.queries.cache import audience_of, recall, remember
from recommendations.queries.recommendations.by_lead import ByLead, count_leads
from recommendations.queries.recommendations.parts import Marks, Place, Scope, read_marks

MOST_PARTS = 8
"""Parts of a source that are kept, those that changed last: it is they that change again."""

PartMarks = Mapping[int, str | None]


@dataclass(frozen=True, slots=True)
class _Sum:
    """The counts of a source when its parts had these marks, and of some parts by themselves."""

    marks: PartMarks
    counts: ByLead
    parts: Mapping[int, ByLead]

    def changed(self, marks: PartMarks) -> dict[int, str | None]:
        return {part: mark for part, mark in marks.items() if self.marks.get(part) != mark}

    def knows(self, marks: PartMarks) -> bool:
        """Whether it can be corrected: what changed was counted before, or is new."""
        return None not in marks.values() and all(
            part in self.parts or part not in self.marks for part in self.changed(marks)
        )

    def corrected(self, parts: Mapping[int, ByLead]) -> ByLead:
        """With these parts as they are now."""
        found = dict(self.counts)
        for part, counts in parts.items():
            for lead, was in self.parts.get(part, {}).items():
                found[lead] = tuple(map(sub, found[lead], was))
            for lead, now in counts.items():
                found[lead] = tuple(map(add, found[lead], now)) if lead in found else now
        return {lead: counts for lead, counts in found.items() if any(counts)}


def read_leads(marks: Marks, person: Person, today: date) -> dict[int, ByLead]:
    """The counts of each source: by two statements where parts that are known changed."""
    if not permissions.can_read_internally(person):
        return {}
    audience = audience_of(person)
    kept: dict[int, _Sum] = recall("leads of sources", audience, marks)
    changed = {pk: some for pk in kept if (some := kept[pk].changed(marks[pk]))}
    whole = {pk: marks[pk] for pk in marks if pk not in kept or not kept[pk].knows(marks[pk])}
    sums = count_leads(Scope.of(whole, person, today, is_whole=True))
    parts = _by_source(count_leads(Scope.of(changed, person, today, is_whole=False)))
    found = {
        pk: _Sum(
            marks[pk],
            sums[pk, 0] if pk in whole else kept[pk].corrected(parts.get(pk, {})),
            _latest(kept[pk].parts if pk in kept else {}, parts.get(pk, {})),
        )
        for pk in marks
    }
    # Only what was counted under these very marks may be subtracted later.
    if read_marks(marks) == marks:
        remember("leads of sources", audience, found)
    return {pk: each.counts for pk, each in found.items()}


def _by_source(parts: Mapping[Place, ByLead]) -> dict[int, dict[int, ByLead]]:
    found: dict[int, dict[int, ByLead]] = {}
    for (source, part), counts in parts.items():
        found.setdefault(source, {})[part] = counts
    return found


def _latest(kept: Mapping[int, ByLead], parts: Mapping[int, ByLead]) -> dict[int, ByLead]:
    """The parts that are known by now, of which the last ``MOST_PARTS`` are kept."""
    others = [each for each in kept.items() if each[0] not in parts]
    return dict([*others, *parts.items()][-MOST_PARTS:])
