"""Whether two numbers are one figure, given with different numbers of digits.

Precision is the decimals as they are written, so that 12.50 is given to hundredths. Digits before
the decimal mark always count as given: whether 1200 was rounded to hundreds cannot be seen, and
programs write 100000 as 1e+05 without having rounded it.
"""

from decimal import Context, Decimal

_EXACT = Context(prec=400)  # beyond what ``ExactField`` holds, so that a difference never rounds


def is_same_figure(one: Decimal | None, other: Decimal | None) -> bool:
    """Whether both are equal within half a unit of the last decimal that both give.

    Half a unit is within, as some round it up and some to the even digit: all roundings of one
    number are the same figure. With as many decimals in both, only equal numbers are. ``None`` is
    no number, and the same as none.
    """
    if one is None or other is None:
        return one is other
    if one == other:
        return True
    shared = min(decimals(one), decimals(other))
    if shared == max(decimals(one), decimals(other)):
        return False
    half = Decimal((0, (5,), -shared - 1))
    return _EXACT.abs(_EXACT.subtract(one, other)) <= half


def decimals(number: Decimal) -> int:
    """Decimals as they are written: 2 for 12.50, 0 for 1E+3."""
    return max(0, -int(number.as_tuple().exponent))
