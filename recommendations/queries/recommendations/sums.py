"""What is counted of whole sources, corrected by the parts that changed.

By lead organisation a part has nearly as many counts as its source, so that adding up all parts
takes as long as counting all rows. The sum is corrected instead: by what a part was and is.
"""

import marshal
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from recommendations.queries.cache import recall, remember
from recommendations.queries.recommendations.parts import Marks, Place, read_marks

PARTS_AT_ONCE = 64
"""Parts that are counted at once: some 30,000 recommendations."""

Counts = Mapping[Any, int]
"""What is counted, by plain values. A number may be several counts (``packed``)."""

Part = tuple[Counts, Any]
"""The counts of a part, and plain values of it that cannot be added up, if any."""

Count = Callable[[Marks, bool], Mapping[Place, Part]]
"""Counts these parts, which may be all there are; what is not among them has nothing."""

PartMarks = Mapping[int, str | None]


@dataclass(frozen=True, slots=True)
class Sum:
    """What is counted of a source when its parts had these marks, and what stands beside in each.

    The counts of each part are packed: they are read again once, when the part has changed.
    """

    marks: PartMarks = field(default_factory=dict)
    counts: Counts = field(default_factory=dict)
    beside: Mapping[int, Any] = field(default_factory=dict)
    parts: Mapping[int, bytes] = field(default_factory=dict)

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
            _add(counts, _unpack(self.parts.get(part)), -1)
        return Sum(
            {part: mark for part, mark in self.marks.items() if part not in gone},
            counts,
            {part: beside for part, beside in self.beside.items() if part not in gone},
            {part: packed for part, packed in self.parts.items() if part not in gone},
        )

    def corrected(self, marks: PartMarks, parts: Mapping[int, Part]) -> "Sum":
        """With these parts as they are now, under these marks."""
        rest = self.without(parts)
        counts = dict(rest.counts)
        for part, _beside in parts.values():
            _add(counts, part)
        beside = {part: beside for part, (_counts, beside) in parts.items() if beside is not None}
        packed = {part: _pack(counted) for part, (counted, _beside) in parts.items()}
        return Sum(
            {**rest.marks, **marks}, counts, {**rest.beside, **beside}, {**rest.parts, **packed}
        )


def read_sums(what: str, count: Count, *, audience: str, marks: Marks) -> dict[int, Sum]:
    """The sum of each source that has these marks; ``what`` names it, as in ``cached``.

    Only parts that are not known yet are counted, so many at once: a process would keep what all
    rows of a million take.
    """
    kept: dict[int, Sum] = recall(what, audience, marks)
    sums = {pk: kept[pk] if pk in kept and kept[pk].is_of(marks[pk]) else Sum() for pk in marks}
    wanted = {pk: changed for pk in marks if (changed := sums[pk].changed(marks[pk]))}
    for some in _at_once(wanted):
        counted = count(some, some == marks)
        for pk, parts in some.items():
            now = {part: counted.get((pk, part), ({}, None)) for part in parts}
            sums[pk] = sums[pk].corrected(parts, now)
    if wanted:
        # Only what was counted under the mark that it still has may be subtracted later.
        still = {pk: Sum(read) for pk, read in read_marks(wanted).items()}
        sure = {pk: sums[pk].without(still.get(pk, Sum()).changed(marks[pk])) for pk in wanted}
        remember(what, audience, sure)
    return sums


def _at_once(wanted: Marks) -> Iterator[Marks]:
    numbers = sorted({part for parts in wanted.values() for part in parts})
    for begun in range(0, len(numbers), PARTS_AT_ONCE):
        some = numbers[begun : begun + PARTS_AT_ONCE]
        yield {
            pk: {part: parts[part] for part in some if part in parts}
            for pk, parts in wanted.items()
            if not parts.keys().isdisjoint(some)
        }


def _add(counts: dict[Any, int], more: Counts, times: int = 1) -> None:
    """Add these; what comes to nothing is not counted, as parts may cancel each other out."""
    for key, n in more.items():
        if now := counts.get(key, 0) + times * n:
            counts[key] = now
        else:
            counts.pop(key, None)


def _pack(counts: Counts) -> bytes:
    """Numbers and names, small: a source of a million has thousands of parts."""
    return zlib.compress(marshal.dumps(dict(counts)), 1)


def _unpack(packed: bytes | None) -> Counts:
    return marshal.loads(zlib.decompress(packed)) if packed else {}  # noqa: S302  our own
