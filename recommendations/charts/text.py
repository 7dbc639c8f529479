"""How wide a text is, roughly, and what to do when it is too wide.

Nobody knows the reader's font here, so widths are guessed on the side of a wide one.
"""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

SIZE: Final = 12.0
"""The one size of text, in the units of the picture."""

_NARROW: Final = frozenset("iljtfrI.,:;'’|!()[] ")
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL"})


def width(text: str, size: float = SIZE, *, is_strong: bool = False) -> float:
    """How much room a text takes at most, in the units of ``size``."""
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


def cut(text: str, room: float, size: float = SIZE) -> str:
    """The text, or its beginning with “…” where it does not fit."""
    if width(text, size) <= room:
        return text
    kept = text
    while kept and width(kept, size) > room - size:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"


def wrap(text: str, room: float, size: float = SIZE) -> Iterator[str]:
    """The text in lines that fit; a word that is too long for a line is cut."""
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if line and width(longer, size) > room:
            yield line
            longer = word
        line = cut(longer, room, size)
    if line:
        yield line


def isolate(name: str) -> str:
    """A name to be set among other words: one from the right turns nothing around it."""
    if any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in name):
        return f"\u2068{name}\u2069"
    return name
