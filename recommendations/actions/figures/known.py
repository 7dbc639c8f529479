"""The figures of an indicator as they stand: what a file is compared with."""

from __future__ import annotations

from decimal import Decimal
from itertools import compress

from recommendations.models import Indicator, Observation
from recommendations.readers.statistics.own import MARKS

Key = tuple[int, str, str]
"""Area, period code, dimensions: what a figure is known by."""

Held = tuple[Decimal | None, str, str, int, frozenset[str]]
"""Number, words, SDMX status, revision, marks."""


class Known:
    """The last revision of each figure of one indicator, read in one query; a tuple each."""

    def __init__(self, indicator: Indicator) -> None:
        rows = Observation.objects.filter(indicator=indicator.pk).order_by("revision")
        columns = ("area", "period", "dimensions", "value", "text", "obs_status", "revision")
        flags = tuple(f"is_{mark}" for mark in MARKS)
        # Few sets stand for the marks of all figures.
        marks: dict[tuple[bool, ...], frozenset[str]] = {}
        self._held: dict[Key, Held] = {}
        # Later revisions overwrite the earlier: simpler, and quicker, than asking for the last.
        for area, period, dimensions, *held in rows.values_list(*columns, *flags).iterator(5000):
            marked = tuple(held[4:])
            if marked not in marks:
                marks[marked] = frozenset(compress(MARKS, marked))
            value, text, status, revision = held[:4]
            self._held[area, period, dimensions] = (value, text, status, revision, marks[marked])

    def get(self, key: Key) -> Held | None:
        return self._held.get(key)

    def __len__(self) -> int:
        return len(self._held)
