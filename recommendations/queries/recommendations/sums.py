"""The counts of whole sources, corrected by the parts that changed.

By lead organisation a part has nearly as many counts as its source, so that adding up all parts
takes as long as counting all rows. The sum is corrected instead: by what a part was and is.
"""

import marshal
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from recommendations import permissions
from recommendations.permissions import Person
from recommendations.queries.cache import audience_of, recall, remember
from recommendations.queries.recommendations.by_lead import count_leads
from recommendations.queries.recommendations.by_theme import count_themes
from recommendations.queries.recommendations.packed import Counts
from recommendations.queries.recommendations.parts import Marks, Place, Scope, read_marks
from recommendations.queries.recommendations.picked import NO_PICKS, Picks, read_picks
from recommendations.queries.recommendations.tally import Days, count_groups, first_and_last

PARTS_AT_ONCE = 64
"""Parts that are counted by one statement: some 30,000 recommendations."""


GROUP, LEAD, THEME = range(3)
"""What is counted by: status and confidence, lead organisation, theme."""

Key = tuple[int, Any]
"""The kind, and which of it; none where nobody leads."""

ByKey = Mapping[Key, Counts]

Firsts = tuple[Days, Picks]
"""What of a part cannot be added up: its first and last day, and what comes first in it."""

Part = tuple[ByKey, Firsts]

EMPTY: Part = ({}, ((None, None), NO_PICKS))

PartMarks = Mapping[int, str | None]


@dataclass(frozen=True, slots=True)
class Sum:
    """What is counted of a source when its parts had these marks, and what comes first in each.

    The counts of each part are packed: they are read again once, when the part has changed.
    """

    marks: PartMarks = field(default_factory=dict)
    counts: ByKey = field(default_factory=dict)
    firsts: Mapping[int, Firsts] = field(default_factory=dict)
    parts: Mapping[int, bytes] = field(default_factory=dict)

    def of(self, kind: int) -> dict[Any, Counts]:
        """The counts of one kind."""
        return {key: counts for (of, key), counts in self.counts.items() if of == kind}

    def changed(self, marks: PartMarks) -> dict[int, str | None]:
        """The parts that have another mark now; what has none is never known to be the same."""
        return {
            part: mark for part, mark in marks.items() if not mark or self.marks.get(part) != mark
        }

    def is_of(self, marks: PartMarks) -> bool:
        """Whether it can be corrected: its parts are all still there."""
        return self.marks.keys() <= marks.keys()

    def without(self, parts: Iterable[int]) -> "Sum":
        """As if these parts had not been counted."""
        gone, counts = frozenset(parts), dict(self.counts)
        for part in gone:
            for key, was in _unpack(self.parts.get(part)).items():
                counts[key] -= was
        kept = {key: each for key, each in counts.items() if each}
        return Sum(
            {part: mark for part, mark in self.marks.items() if part not in gone},
            kept,
            {part: firsts for part, firsts in self.firsts.items() if part not in gone},
            {part: packed for part, packed in self.parts.items() if part not in gone},
        )

    def corrected(self, marks: PartMarks, parts: Mapping[int, Part]) -> "Sum":
        """With these parts as they are now, under these marks."""
        rest = self.without(parts)
        counts = dict(rest.counts)
        for part, _firsts in parts.values():
            for key, now in part.items():
                counts[key] = counts.get(key, 0) + now
        firsts = {part: firsts for part, (_counts, firsts) in parts.items()}
        packed = {part: _pack(counted) for part, (counted, _firsts) in parts.items()}
        return Sum(
            {**rest.marks, **marks}, counts, {**rest.firsts, **firsts}, {**rest.parts, **packed}
        )


def read_sums(marks: Marks, person: Person, today: date) -> dict[int, Sum]:
    """The sum of each source: by five statements over so many parts that are not known yet."""
    audience = audience_of(person)
    kept: dict[int, Sum] = recall("sums of sources", audience, marks)
    sums = {pk: kept[pk] if pk in kept and kept[pk].is_of(marks[pk]) else Sum() for pk in marks}
    wanted = {pk: changed for pk in marks if (changed := sums[pk].changed(marks[pk]))}
    for some in _at_once(wanted):
        counted = _count(Scope.of(some, person, today, is_whole=some == marks))
        for pk, parts in some.items():
            now = {part: counted.get((pk, part), EMPTY) for part in parts}
            sums[pk] = sums[pk].corrected(parts, now)
    if wanted:
        # Only what was counted under the mark that it still has may be subtracted later.
        still = {pk: Sum(read) for pk, read in read_marks(wanted).items()}
        sure = {pk: sums[pk].without(still.get(pk, Sum()).changed(marks[pk])) for pk in wanted}
        remember("sums of sources", audience, sure)
    return sums


def _at_once(wanted: Marks) -> Iterator[Marks]:
    """These parts, so many at a time: a process would keep what all rows of a million take."""
    numbers = sorted({part for parts in wanted.values() for part in parts})
    for begun in range(0, len(numbers), PARTS_AT_ONCE):
        some = numbers[begun : begun + PARTS_AT_ONCE]
        yield {
            pk: {part: parts[part] for part in some if part in parts}
            for pk, parts in wanted.items()
            if not parts.keys().isdisjoint(some)
        }


def _count(scope: Scope) -> Mapping[Place, Part]:
    counts: dict[Place, dict[Key, Counts]] = defaultdict(dict)
    days: dict[Place, Days] = {}
    for place, group, each, span in count_groups(scope):
        counts[place][GROUP, group] = each
        days[place] = first_and_last((*days.get(place, ()), *span))
    if permissions.can_read_internally(scope.shape.audience):
        for place, lead, each in count_leads(scope):
            counts[place][LEAD, lead] = each
        for place, theme, each in count_themes(scope):
            counts[place][THEME, theme] = each
    picks = read_picks(scope)
    return {place: (counts[place], (days[place], picks.get(place, NO_PICKS))) for place in days}


def _pack(counts: ByKey) -> bytes:
    """Numbers and names, small: a source of a million has hundreds of parts."""
    return zlib.compress(marshal.dumps(dict(counts)), 1)


def _unpack(packed: bytes | None) -> ByKey:
    return marshal.loads(zlib.decompress(packed)) if packed else {}  # noqa: S302  our own
