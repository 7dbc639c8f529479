"""The counts of whole sources by lead organisation and theme, corrected by the parts that changed.

A part has nearly as many lead organisations as its source, so that adding up all parts takes as
long as counting all rows. The sum is corrected instead: by what a part was and is.
"""

import marshal
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from operator import add, sub
from typing import Any

from recommendations import permissions
from recommendations.permissions import Person
from recommendations.queries.cache import audience_of, recall, remember
from recommendations.queries.recommendations.by_lead import ByLead, Counts, count_leads
from recommendations.queries.recommendations.by_theme import ByTheme, count_themes
from recommendations.queries.recommendations.parts import Marks, Place, Scope, read_marks

PARTS_AT_ONCE = 16
"""Parts that are counted by one statement: some 30,000 recommendations."""

LEAD, THEME = range(2)

Key = tuple[int, Any]
"""What is counted by: the kind, and the organisation or theme, if any."""

ByKey = Mapping[Key, Counts]

PartMarks = Mapping[int, str | None]


@dataclass(frozen=True, slots=True)
class _Sum:
    """The counts of a source when its parts had these marks.

    Those of each part are packed: they are read again once, when the part has changed.
    """

    marks: PartMarks = field(default_factory=dict)
    counts: ByKey = field(default_factory=dict)
    parts: Mapping[int, bytes] = field(default_factory=dict)

    def changed(self, marks: PartMarks) -> dict[int, str | None]:
        return {part: mark for part, mark in marks.items() if self.marks.get(part) != mark}

    def is_of(self, marks: PartMarks) -> bool:
        """Whether it can be corrected: its parts are all still there, and each has a mark."""
        return self.marks.keys() <= marks.keys() and None not in marks.values()

    def corrected(self, marks: PartMarks, parts: Mapping[int, ByKey]) -> "_Sum":
        """With these parts as they are now, under these marks."""
        found = dict(self.counts)
        for part, counts in parts.items():
            for key, was in _unpack(self.parts.get(part)).items():
                found[key] = tuple(map(sub, found[key], was))
            for key, now in counts.items():
                found[key] = tuple(map(add, found[key], now)) if key in found else now
        packed = {part: _pack(counts) for part, counts in parts.items()}
        some = {key: counts for key, counts in found.items() if any(counts)}
        return _Sum({**self.marks, **marks}, some, {**self.parts, **packed})


def read_sums(marks: Marks, person: Person, today: date) -> dict[int, tuple[ByLead, ByTheme]]:
    """The counts of each source: by two statements over so many parts that are not known yet."""
    if not permissions.can_read_internally(person):
        return {}
    audience = audience_of(person)
    kept: dict[int, _Sum] = recall("sums of sources", audience, marks)
    sums = {pk: kept[pk] if pk in kept and kept[pk].is_of(marks[pk]) else _Sum() for pk in marks}
    wanted = {pk: changed for pk in marks if (changed := sums[pk].changed(marks[pk]))}
    for some in _at_once(wanted):
        counted = _count(Scope.of(some, person, today, is_whole=some == marks))
        for pk, parts in some.items():
            now = {part: counted.get((pk, part), {}) for part in parts}
            sums[pk] = sums[pk].corrected(parts, now)
    # Only what was counted under these very marks may be subtracted later.
    if wanted and read_marks(marks) == marks:
        remember("sums of sources", audience, {pk: sums[pk] for pk in wanted})
    return {pk: _by_kind(each.counts) for pk, each in sums.items()}


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


def _count(scope: Scope) -> dict[Place, dict[Key, Counts]]:
    found: dict[Place, dict[Key, Counts]] = {}
    for kind, rows in ((LEAD, count_leads(scope)), (THEME, count_themes(scope))):
        for place, key, counts in rows:
            found.setdefault(place, {})[kind, key] = counts
    return found


def _by_kind(counts: ByKey) -> tuple[ByLead, ByTheme]:
    leads = {key: each for (kind, key), each in counts.items() if kind == LEAD}
    themes = {key: each for (kind, key), each in counts.items() if kind == THEME}
    return leads, themes


def _pack(counts: ByKey) -> bytes:
    """Numbers and names, small: a source of a million has hundreds of parts."""
    return zlib.compress(marshal.dumps(dict(counts)), 1)


def _unpack(packed: bytes | None) -> ByKey:
    return marshal.loads(zlib.decompress(packed)) if packed else {}  # noqa: S302  our own
