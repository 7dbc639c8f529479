"""Exact arithmetic on figures: no binary float, and nothing is rounded before it is shown."""

from collections.abc import Sequence
from datetime import date
from decimal import Clamped, Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow
from fractions import Fraction

DAYS_A_YEAR = Fraction(3652425, 10000)
"""The mean year of the Gregorian calendar."""

EXACT = Context(prec=500, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow, Clamped])
"""Sums, differences and products of figures fit in; what would not is an error, never rounded."""

SHOWN = Context(prec=28)
"""For roots and for quotients that have no end."""


def as_decimal(number: Fraction) -> Decimal:
    """A fraction as a decimal: exact where it has one, else to 28 digits."""
    numerator, denominator = Decimal(number.numerator), Decimal(number.denominator)
    try:
        return EXACT.divide(numerator, denominator)
    except Inexact:
        return SHOWN.divide(numerator, denominator)


def per_year(change: Fraction, first: date, last: date) -> Fraction | None:
    """A change between two days as one a year; None where no time lies between them."""
    days = (last - first).days
    return change * DAYS_A_YEAR / days if days > 0 else None


def line_at(points: Sequence[tuple[int, Fraction]], x: int) -> Fraction | None:
    """The value at ``x`` of the straight line through points by ordinary least squares.

    None where they lie at fewer than two places.
    """
    count = len(points)
    sum_x, sum_y = sum(at for at, _y in points), sum((y for _x, y in points), Fraction(0))
    around = count * sum(at * at for at, _y in points) - sum_x * sum_x
    if not around:
        return None
    together = count * sum((at * y for at, y in points), Fraction(0)) - sum_x * sum_y
    return (sum_y + together / around * (count * x - sum_x)) / count
