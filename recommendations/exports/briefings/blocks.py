"""What a briefing is made of: plain data, which ``briefing.typ`` sets one after the other.

Each text is shown as it stands, whatever signs it holds.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from recommendations.exports.briefings.scripts import Texts


@dataclass(frozen=True, slots=True)
class Run:
    """Words that look alike. ``shape`` is an SVG in ``currentColor`` that stands before them.

    ``change`` is ``added`` or ``removed`` in the comparison of two texts; a chip is a coded value.
    """

    text: str
    tone: str = ""
    shape: str = ""
    address: str = ""
    change: str = ""
    is_strong: bool = False
    is_quiet: bool = False
    is_chip: bool = False


Line = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    line: Line
    level: int = 2


@dataclass(frozen=True, slots=True)
class Text:
    """Paragraphs; ``style`` is ``lead`` for what is asked or summed up, ``small``, or nothing."""

    lines: tuple[Line, ...]
    style: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """What the reader is asked for or warned of, on a ground of its own."""

    lines: tuple[Line, ...]
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    label: tuple[Line, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Up to five, side by side."""

    facts: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """One below the other, each beside its label."""

    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Number:
    number: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Numbers:
    """Counts side by side, each with its shape."""

    label: Line
    numbers: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class Points:
    points: tuple[tuple[Line, ...], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A share of a bar."""

    number: int
    line: Line


@dataclass(frozen=True, slots=True)
class Bar:
    """Shares with their words, which say the number; one of 0 has words alone."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """``share`` of the width that is left; 0 is as wide as its cells are."""

    lines: tuple[Line, ...]
    share: int = 0
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, each of lines."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[tuple[Line, ...], ...], ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A briefing. ``mark`` stands before the heading; the other short texts on each page.

    ``demonstration`` and ``audience`` are empty where there is nothing to mark.
    """

    reference: str
    mark: str
    heading: str
    address: str
    day: str
    demonstration: str
    audience: str
    blocks: tuple[Any, ...]


FOR_PROGRAMS = frozenset({"address", "change", "shape", "style", "tone"})
"""Names of what is no text."""


def plain(value: Any, texts: Texts) -> Any:
    """Blocks as what JSON holds: each dataclass with its ``kind``, each text ready to be set."""
    if isinstance(value, str):
        return texts.ready(value)
    if isinstance(value, Iterable):
        return [plain(each, texts) for each in value]
    if value is None or isinstance(value, int):
        return value
    named = {name: getattr(value, name) for name in (field.name for field in fields(value))}
    return {
        "kind": type(value).__name__,
        **{
            name: each if name in FOR_PROGRAMS else plain(each, texts)
            for name, each in named.items()
        },
    }
