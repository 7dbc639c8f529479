"""Which way an indicator moved last: between its two newest figures that can be compared.

Only the headline is looked at: the figures for all areas, or for the one area that it has. What
moves in two hundred countries at once is a question for the page of the gap.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from recommendations import periods
from recommendations.models import Observation
from recommendations.periods import Period
from recommendations.vocabulary import Direction, Movement, ObsStatus

LOOKED_AT = 24
"""Newest figures among which two of one frequency are looked for: two years of months."""


@dataclass(frozen=True, slots=True)
class Point:
    """One figure of a series: its period, its number if it has one, and its SDMX status."""

    period: Period
    value: Decimal | None
    status: str = ObsStatus.NORMAL


def movement_of(indicator: Any) -> Movement:
    """The movement of the headline of an indicator, as its figures stand now."""
    return between(indicator.direction, headline(indicator.pk))


def headline(indicator_id: int) -> list[Point]:
    """The newest figures for all areas, or for the one area there is; newest first."""
    found = Observation.objects.filter(indicator=indicator_id).headline().latest_revisions()
    newest = found.order_by("-last_day", "first_day", "pk")[:LOOKED_AT]
    rows = newest.values_list("period", "value", "obs_status")
    return [Point(periods.parse(period), value, status) for period, value, status in rows]


def between(direction: str, points: Sequence[Point]) -> Movement:
    """How the newest number of a series stands to the one before it of the same frequency.

    ``points`` come newest first. A missing figure is passed over; a break in the series, or no
    second number, leaves nothing to compare. Without a direction nothing is for or against.
    """
    pair = compared(points)
    if pair is None or direction not in (Direction.INCREASE, Direction.DECREASE):
        return Movement.NOT_KNOWN
    newest, before = (_number(point) for point in pair)
    if newest == before:
        return Movement.STILL
    is_up = newest > before
    return Movement.TOWARDS if is_up == (direction == Direction.INCREASE) else Movement.AGAINST


def compared(points: Sequence[Point]) -> tuple[Point, Point] | None:
    """The newest figure of a series and the one that it can be compared with; none where none can.

    ``points`` come newest first.
    """
    newest: Point | None = None
    for point in points:
        if newest is None:
            newest = point if point.value is not None else None
        elif point.period.is_comparable_to(newest.period) and point.value is not None:
            return newest, point
        if newest is not None and point.status == ObsStatus.BREAK:
            # What comes before a break was measured otherwise.
            return None
    return None


def _number(point: Point) -> Decimal:
    if point.value is None:
        raise ValueError("A missing figure is compared with nothing.")
    return point.value
