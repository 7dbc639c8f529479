"""Labels that do not lie on each other, on a point or on a line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: "Box") -> float:
        """The area that two boxes share."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return across * down if across > 0 and down > 0 else 0.0


@dataclass(slots=True)
class Labels:
    """Finds room for one label after the other inside ``bounds``."""

    bounds: Box
    taken: list[Box] = field(default_factory=list)

    def keep_clear(self, at: Place, around: float = 5) -> None:
        """A point that no label may cover."""
        x, y = at
        self.taken.append(Box(x - around, y - around, x + around, y + around))

    def keep_line_clear(self, places: Sequence[Place]) -> None:
        for (x1, y1), (x2, y2) in pairwise(places):
            steps = max(1, int(max(abs(x2 - x1), abs(y2 - y1)) / 8))
            for step in range(steps + 1):
                x, y = x1 + (x2 - x1) * step / steps, y1 + (y2 - y1) * step / steps
                self.taken.append(Box(x - 2, y - 2, x + 2, y + 2))

    def place(self, room: float, at: Place, away: float = 9) -> tuple[float, float, str]:
        """Where a label of width ``room`` near ``at`` is in nobody's way: x, base line, anchor."""
        found, least = (*at, "start"), float("inf")
        for candidate in _around(at, away):
            cost = self._cost(_box(room, *candidate))
            if cost < least:
                found, least = candidate, cost
            if not cost:
                break
        self.taken.append(_box(room, *found))
        return found

    def _cost(self, box: Box) -> float:
        area = (box.right - box.left) * (box.bottom - box.top)
        outside = area - box.overlap(self.bounds)
        # To be cut off is worse than to lie on a line.
        return sum(box.overlap(other) for other in self.taken) + 20 * outside


def _around(at: Place, away: float) -> Iterable[tuple[float, float, str]]:
    """Places for a label, from the first choice to the last."""
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


def _box(room: float, x: float, y: float, anchor: str) -> Box:
    left = {"start": x, "middle": x - room / 2, "end": x - room}[anchor]
    return Box(left, y - 11, left + room, y + 4)


def spread(wanted: Sequence[float], apart: float, low: float, high: float) -> list[float]:
    """Heights as near to the wanted ones as can be, ``apart`` from each other, in their order.

    More labels than there is room for stand closer together, evenly.
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
