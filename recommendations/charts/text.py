"""Text in charts: its width, numbers as labels, and labels that do not cover each other.

The reader's font is not known, so widths are estimated, rather too wide than too narrow.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Final

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TEXT_SIZE: Final = 12.0
"""Pixels; the size of all text but the title."""

_NARROW: Final = frozenset("iljtfrI.,:;'’|!()[] ")
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL"})


def text_width(text: str, size: float = TEXT_SIZE, *, is_strong: bool = False) -> float:
    """The greatest width that a text is likely to take, in pixels where ``size`` is."""
    return size * sum(map(_em, text)) * (1.1 if is_strong else 1)


@lru_cache(maxsize=4096)
def _em(character: str) -> float:
    if character in _NARROW:
        return 0.37
    if unicodedata.east_asian_width(character) in {"W", "F"}:
        return 1.0
    if unicodedata.combining(character) or unicodedata.category(character) == "Cf":
        return 0.0
    if character.isupper():
        return 0.88 if character in "MW" else 0.7
    return 0.88 if character in "mw%" else 0.62


def cut_text(text: str, available: float, size: float = TEXT_SIZE) -> str:
    """The text, or its beginning with “…” where it does not fit."""
    if text_width(text, size) <= available:
        return text
    kept = text
    while kept and text_width(kept, size) > available - size:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"


def wrap_text(text: str, available: float, size: float = TEXT_SIZE) -> Iterator[str]:
    """The text in lines that fit; a word that is too long for a line is cut."""
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if line and text_width(longer, size) > available:
            yield line
            longer = word
        line = cut_text(longer, available, size)
    if line:
        yield line


def isolate(name: str) -> str:
    """A name for use inside a sentence: one that is written from the right does not reorder it."""
    if any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in name):
        return f"\u2068{name}\u2069"
    return name


# ---- numbers


NumberFormat = Callable[[Decimal], str]

_LARGE: Final = Decimal("1e12")
"""From here on a label is written as a power of ten; the table has every digit."""
_SMALL: Final = Decimal("1e-4")
_MOST_DECIMALS: Final = 4
_NAMED: Final[dict[int, str | Promise]] = {
    12: _("%(number)s trillion"),
    9: _("%(number)s billion"),
    6: _("%(number)s million"),
}
_RAISED: Final = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_MINUS: Final = "−"


def format_number(value: Decimal) -> str:
    """A number for a label; ``0.00001`` and ``1e12`` are written as powers of ten."""
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
    exponent, template = next(
        ((power, words) for power, words in _NAMED.items() if largest >= Decimal(10) ** power),
        (0, "%(number)s"),
    )
    scaled = [tick.scaleb(-exponent) for tick in ticks]
    places = max(map(_decimals, scaled), default=0)
    return [str(template) % {"number": _grouped(tick, places)} if tick else "0" for tick in scaled]


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


# ---- positions of labels


Position = tuple[float, float]
"""x and y in pixels."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, in pixels; y grows downwards."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: "Box") -> float:
        """The area that two boxes share, in square pixels."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return across * down if across > 0 and down > 0 else 0.0


@dataclass(slots=True)
class LabelLayout:
    """Positions labels one after the other inside ``bounds``, clear of what is drawn already."""

    bounds: Box
    taken: list[Box] = field(default_factory=list)

    def reserve_point(self, at: Position, around: float = 5) -> None:
        """Keep labels off a point and ``around`` pixels on each side of it."""
        x, y = at
        self.taken.append(Box(x - around, y - around, x + around, y + around))

    def reserve_line(self, positions: Sequence[Position]) -> None:
        """Keep labels off a line through these positions."""
        for (x1, y1), (x2, y2) in pairwise(positions):
            steps = max(1, int(max(abs(x2 - x1), abs(y2 - y1)) / 8))
            for step in range(steps + 1):
                x, y = x1 + (x2 - x1) * step / steps, y1 + (y2 - y1) * step / steps
                self.taken.append(Box(x - 2, y - 2, x + 2, y + 2))

    def position(self, width: float, at: Position, away: float = 9) -> tuple[float, float, str]:
        """x, base line and anchor of a label near ``at`` that covers as little as possible."""
        found, least = (*at, "start"), float("inf")
        for candidate in _candidates(at, away):
            cost = self._cost(_box(width, *candidate))
            if cost < least:
                found, least = candidate, cost
            if not cost:
                break
        self.taken.append(_box(width, *found))
        return found

    def _cost(self, box: Box) -> float:
        area = (box.right - box.left) * (box.bottom - box.top)
        outside = area - box.overlap(self.bounds)
        # Being cut off is worse than covering a line.
        return sum(box.overlap(other) for other in self.taken) + 20 * outside


def _candidates(at: Position, away: float) -> Iterable[tuple[float, float, str]]:
    """Positions and anchors for a label, the best first."""
    x, y = at
    for far in (away, away + 10, away + 22):
        yield x + far, y + 4, "start"
        yield x, y - far, "middle"
        yield x, y + far + 9, "middle"
        yield x - 4, y - far, "start"
        yield x + 4, y - far, "end"
        yield x - 4, y + far + 9, "start"
        yield x + 4, y + far + 9, "end"
        yield x - far, y + 4, "end"


def _box(width: float, x: float, y: float, anchor: str) -> Box:
    left = {"start": x, "middle": x - width / 2, "end": x - width}[anchor]
    return Box(left, y - 11, left + width, y + 4)


def spread_labels(wanted: Sequence[float], apart: float, low: float, high: float) -> list[float]:
    """Heights near the wanted ones, in their order and at least ``apart`` pixels from each other.

    Where they do not fit between ``low`` and ``high``, the distances are smaller and equal.
    """
    if len(wanted) < 2:
        return list(wanted)
    apart = min(apart, (high - low) / (len(wanted) - 1))
    order = sorted(range(len(wanted)), key=wanted.__getitem__)
    found = list(wanted)
    previous = low - apart
    for index in order:
        previous = found[index] = max(found[index], previous + apart)
    following = high + apart
    for index in reversed(order):
        following = found[index] = min(found[index], following - apart)
    return found
