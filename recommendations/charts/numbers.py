"""Numbers as charts show them: grouped by the reader's language, short on an axis."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

from django.utils.formats import number_format
from django.utils.translation import gettext as _

Formatter = Callable[[Decimal], str]

_LARGE: Final = Decimal("1e12")
"""From here on a label is a power of ten; the table has every digit."""
_SMALL: Final = Decimal("1e-4")
_MOST_DECIMALS: Final = 4
_RAISED: Final = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_MINUS: Final = "−"


def plain(value: Decimal) -> str:
    """A figure for a label; ``0.00001`` and ``1e12`` are written as powers of ten."""
    size = abs(value)
    if value and not _SMALL <= size < _LARGE:
        return _power(value, size.adjusted(), 2)
    return _grouped(value, min(_MOST_DECIMALS, _decimals(value)))


def tick_labels(ticks: Sequence[Decimal]) -> list[str]:
    """The labels of an axis: all with the same decimals and the same power."""
    largest = max(map(abs, ticks), default=Decimal(0))
    if largest and not Decimal("1e-3") <= largest < Decimal("1e15"):
        exponent = largest.adjusted()
        places = max((_decimals(tick.scaleb(-exponent)) for tick in ticks), default=0)
        return [_power(tick, exponent, places) if tick else "0" for tick in ticks]
    exponent, words = _scale(largest)
    scaled = [tick.scaleb(-exponent) for tick in ticks]
    places = max(map(_decimals, scaled), default=0)
    return [words % {"number": _grouped(tick, places)} if tick else "0" for tick in scaled]


def _scale(largest: Decimal) -> tuple[int, str]:
    if largest >= Decimal("1e12"):
        return 12, _("%(number)s trillion")
    if largest >= Decimal("1e9"):
        return 9, _("%(number)s billion")
    if largest >= Decimal("1e6"):
        return 6, _("%(number)s million")
    return 0, "%(number)s"


def _decimals(value: Decimal) -> int:
    """How many decimals are needed to write the value in full."""
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _grouped(value: Decimal, places: int) -> str:
    text = number_format(value, decimal_pos=places, use_l10n=True, force_grouping=True)
    return text.replace("-", _MINUS, 1)


def _power(value: Decimal, exponent: int, places: int) -> str:
    factor = round(value.scaleb(-exponent), places)
    shown = _grouped(factor, min(places, _decimals(factor)))
    return f"{shown}×10{str(exponent).translate(_RAISED)}"
