"""Values that are not impossible, and so unlikely that a person confirms them."""

from collections.abc import Iterable
from decimal import Decimal

from django.utils.translation import gettext as _

from recommendations.choices import Measure
from recommendations.models import Indicator

TIMES = 10
"""How many times a value may be more than the highest, or less than the lowest, of its area."""


class Plausibility:
    """What is plausible of one indicator: by what it measures, and by what is recorded of an area.

    ``recorded`` are the values there are, each with what it is a value of: an area and dimensions.
    """

    def __init__(
        self, indicator: Indicator, recorded: Iterable[tuple[tuple[int, str], Decimal | None]]
    ) -> None:
        self._is_percentage = indicator.measure == Measure.PERCENTAGE
        self._ranges: dict[tuple[int, str], tuple[Decimal, Decimal]] = {}
        self._has_negative = False
        for key, value in recorded:
            if value is not None:
                low, high = self._ranges.get(key, (value, value))
                self._ranges[key] = min(low, value), max(high, value)
                self._has_negative |= value < 0

    def doubt(self, key: tuple[int, str], value: Decimal | None) -> str:
        """Why a value of an area and dimensions is not plausible; empty where it is."""
        if value is None:
            return ""
        if self._is_percentage and not 0 <= value <= 100:
            return _("%(value)s is not between 0 and 100.") % {"value": format(value, "f")}
        if value < 0 and not self._has_negative:
            return _("%(value)s is negative.") % {"value": format(value, "f")}
        if key not in self._ranges:
            return ""
        low, high = self._ranges[key]
        if not _is_far(value, low, high):
            return ""
        words = _(
            "%(value)s is more than 10 times outside the range of the recorded values, %(low)s to "
            "%(high)s."
        )
        told = {"value": value, "low": low, "high": high}
        return words % {name: format(number, "f") for name, number in told.items()}


def _is_far(value: Decimal, low: Decimal, high: Decimal) -> bool:
    """Whether a value is ``TIMES`` outside a range; by its size only, where that has negatives."""
    if low < 0:
        return abs(value) > TIMES * max(abs(low), abs(high))
    return (bool(high) and value > TIMES * high) or value * TIMES < low
