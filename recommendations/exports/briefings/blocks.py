"""What a briefing is made of: plain data, which ``briefing.typ`` sets one after the other.

Each string is shown as it stands, whatever signs it holds.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from recommendations.choices import Confidence, label_of_confidence, label_of_status
from recommendations.exports.briefings.scripts import Texts

_TONES: dict[str, str] = {Confidence.AMBER: "amber", Confidence.RED: "red"}
"""Deviations alone are coloured."""


@dataclass(frozen=True, slots=True)
class Label:
    """A coded value: its code for the shape beside it, its label, and a tone."""

    code: str
    label: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    text: str


@dataclass(frozen=True, slots=True)
class Lead:
    """What is asked, or the headline sentence."""

    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prose:
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Small:
    """What the text above is based on, in small letters."""

    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class State:
    status: Label
    confidence: Label | None
    note: str


@dataclass(frozen=True, slots=True)
class Callout:
    """What the reader is asked for."""

    label: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    text: str
    notes: tuple[str, ...] = ()
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Up to five, side by side."""

    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Number:
    """How many have one status or confidence."""

    number: int
    code: str
    label: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Numbers:
    """Counts side by side, each with its shape."""

    label: str
    numbers: tuple[Number, ...]
    is_status: bool


@dataclass(frozen=True, slots=True)
class Point:
    strong: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Points:
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Term:
    label: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A share of a bar; ``is_missing`` is the one of which nothing is known."""

    number: int
    label: str
    is_missing: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    """Shares with their numbers, none of which is 0."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """``share`` of the width that is left; 0 is as wide as its cells are."""

    label: str
    share: int = 0
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    text: str = ""
    notes: tuple[str, ...] = ()
    tone: str = ""
    is_strong: bool = False
    address: str = ""
    status: Label | None = None
    confidence: Label | None = None


@dataclass(frozen=True, slots=True)
class Table:
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A briefing. ``mark`` stands before the heading; the other short texts on each page.

    ``demonstration`` and ``audience`` are empty where there is nothing to mark.
    """

    kind: str
    reference: str
    mark: str
    heading: str
    address: str
    day: str
    demonstration: str
    audience: str
    blocks: tuple[Any, ...]


def paragraphs(text: str) -> tuple[str, ...]:
    """The lines of a text that hold something."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def status_label(code: str, *, is_continuous: bool) -> Label:
    """The status with its shape."""
    return Label(code, label_of_status(code, is_continuous=is_continuous))


def confidence_label(code: str, *, has_date: bool) -> Label:
    """The delivery confidence with its shape, and a tone where delivery deviates."""
    known = code or Confidence.NOT_RATED
    return Label(known, label_of_confidence(code, has_date=has_date), _TONES.get(known, "grey"))


def plain(value: Any, texts: Texts) -> Any:
    """Blocks as what JSON holds: each dataclass with its ``kind``, each text ready to be set."""
    if isinstance(value, str):
        return texts.ready(value)
    if isinstance(value, Iterable):
        return [plain(each, texts) for each in value]
    if value is None or isinstance(value, int):
        return value
    named = {field.name: plain(getattr(value, field.name), texts) for field in fields(value)}
    return {"kind": type(value).__name__, **named}
