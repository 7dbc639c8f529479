"""The figures of an indicator as they stand: what a file is compared with."""

from __future__ import annotations

from decimal import Decimal

from recommendations.models import Indicator, Observation

Key = tuple[int, str, str]
"""Area, period code, dimensions: what a figure is known by."""

Held = tuple[Decimal | None, str, str, int]
"""Number, words, SDMX status, revision."""


class Known:
    """The last revision of each figure of one indicator, read in one query; a tuple each."""

    def __init__(self, indicator: Indicator) -> None:
        rows = Observation.objects.filter(indicator=indicator.pk).order_by("revision")
        columns = ("area", "period", "dimensions", "value", "text", "obs_status", "revision")
        self._held: dict[Key, Held] = {}
        # Later revisions overwrite the earlier: simpler, and quicker, than asking for the last.
        for area, period, dimensions, *held in rows.values_list(*columns).iterator(5000):
            self._held[area, period, dimensions] = (held[0], held[1], held[2], held[3])

    def get(self, key: Key) -> Held | None:
        return self._held.get(key)

    def __len__(self) -> int:
        return len(self._held)
