"""Texts of any script: their direction, their language, and what no font can show of them."""

import re
import unicodedata
from collections import namedtuple
from collections.abc import Iterable, Set
from dataclasses import dataclass, fields
from typing import Any

from django.utils.translation import gettext as _

from recommendations.characters import without_unseen

_BLANK = frozenset({"Zs", "Zl", "Zp"})
_WITHOUT_SHAPE = "Cf"
"""Categories that need no font: a space is set in place of the first, and nothing of the other."""

_LONG_WORD = re.compile(r"[^\s\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]{41,}")
"""What would run out of its column: no word of a language is so long."""

_BREAK_AFTER = 12

_REFERENCE = re.compile(r"[A-Z][A-Z0-9]*-\d+\s+")
"""What stands before a title in a table, and tells nothing of the language of the title."""

_OTHER_FONTS = {
    "CJK": "Noto Sans CJK",
    "HANGUL": "Noto Sans KR",
    "HIRAGANA": "Noto Sans JP",
    "KATAKANA": "Noto Sans JP",
    "MYANMAR": "Noto Sans Myanmar",
}
_SYMBOLS = frozenset({"So", "Sk", "Sm", "Sc", "Co", "Cn"})


class Texts:
    """Makes texts ready to be set with fonts that have certain characters.

    Notes by name the fonts that are missing.
    """

    def __init__(self, characters: Set[int]) -> None:
        self.characters = characters
        self.missing_fonts: set[str] = set()

    def ready(self, text: str) -> str | dict[str, Any]:
        """The text as it can be shown; with language and direction where its script has others."""
        shown = self._shown(without_unseen(text).replace("\ufffd", "?").replace("\t", " "))
        shown = _LONG_WORD.sub(_with_breaks, shown)
        language = language_of(shown)
        if not language:
            return shown
        return {"text": shown, "lang": language, "rtl": language in ("ar", "he")}

    def _shown(self, text: str) -> str:
        """The text with a mark in place of each run of characters that no font has."""
        parts: list[str] = []
        was_shown = True
        for character in text:
            shown = self._set(character)
            if shown is not None:
                parts.append(shown)
                was_shown = was_shown or bool(shown)
            elif was_shown:
                parts.append(_("[not shown]"))
                was_shown = False
        return "".join(parts)

    def _set(self, character: str) -> str | None:
        """What is set for a character, be it nothing; ``None`` where a font would be needed."""
        category = unicodedata.category(character)
        if ord(character) in self.characters or category == "Cc":
            return character
        if category in _BLANK:
            return " "
        if category == _WITHOUT_SHAPE:
            return ""
        self.missing_fonts.add(font_for(character))
        return None


def _with_breaks(found: re.Match[str]) -> str:
    word = found.group()
    return "\u200b".join(word[at : at + _BREAK_AFTER] for at in range(0, len(word), _BREAK_AFTER))


def font_for(character: str) -> str:
    """The name of a font that has the character."""
    if unicodedata.category(character) in _SYMBOLS:
        return "Noto Emoji" if ord(character) >= 0x1F000 else "Noto Sans Symbols"
    script = unicodedata.name(character, "SYMBOLS").split()[0]
    return _OTHER_FONTS.get(script, f"Noto Sans {script.title()}")


def language_of(text: str) -> str:
    """The language that the first letter of a text tells of; empty for scripts of many languages.

    That is the first after a reference. Arabic letters serve more than one language, of which
    Arabic is taken.
    """
    reference = _REFERENCE.match(text)
    for character in text[reference.end() :] if reference else text:
        match unicodedata.bidirectional(character):
            case "AL":
                return "ar"
            case "R":
                return "he"
            case "L":
                name = unicodedata.name(character, "")
                if name.startswith("CJK"):
                    return "ja" if re.search(r"[\u3040-\u30ff]", text) else "zh"
                return {"HIRAGANA": "ja", "KATAKANA": "ja", "HANGUL": "ko"}.get(
                    name.split(" ")[0], ""
                )
    return ""


# ---- What a briefing is made of: plain data, which ``briefing.typ`` sets one after the other.
# Each text is shown as it stands, whatever signs it holds.


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


# Their parts are runs, lines of these, blocks, or plain values.

Heading = namedtuple("Heading", "line level", defaults=[2])
Text = namedtuple("Text", "lines style", defaults=[""])
"""Paragraphs; ``style`` is ``lead`` for what is asked or summed up, ``small``, or nothing."""
Note = namedtuple("Note", "lines tone", defaults=[""])
"""What the reader is asked for or warned of, on a ground of its own."""
Term = namedtuple("Term", "label lines")
Facts = namedtuple("Facts", "facts")
"""Up to five terms, side by side."""
Terms = namedtuple("Terms", "terms")
"""One below the other, each beside its label."""
Number = namedtuple("Number", "number lines")
Numbers = namedtuple("Numbers", "label numbers")
"""Counts side by side, each with its shape."""
Points = namedtuple("Points", "points")
Part = namedtuple("Part", "number line")
Bar = namedtuple("Bar", "parts")
"""Shares with their words, which say the number; one of 0 has words alone."""
Column = namedtuple("Column", "lines share is_number", defaults=[0, False])
"""``share`` of the width that is left; 0 is as wide as its cells are."""
Table = namedtuple("Table", "columns rows")
"""Rows of cells, each of lines."""


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
    """Blocks as what JSON holds: each with its ``kind``, each text ready to be set."""
    if isinstance(value, str):
        return texts.ready(value)
    if value is None or isinstance(value, int):
        return value
    names = getattr(value, "_fields", ())  # of a block
    if not names and isinstance(value, Iterable):
        return [plain(each, texts) for each in value]
    named = {name: getattr(value, name) for name in names or (each.name for each in fields(value))}
    return {
        "kind": type(value).__name__,
        **{
            name: each if name in FOR_PROGRAMS else plain(each, texts)
            for name, each in named.items()
        },
    }
