"""Briefings as tagged PDF, by typst, a few at a time: their texts, their blocks, their fonts."""

import json
import re
import subprocess
import sys
import unicodedata
from collections import namedtuple
from collections.abc import Iterable, Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from recommendations.characters import without_unseen

# ---- Texts of any script: their direction, their language, and what no font can show of them

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


# ---- The fonts of briefings: those that come as packages, and those in folders that the site names

PACKAGES = (
    "fontpkg_noto_sans",
    "fontpkg_noto_serif",
    "fontpkg_noto_sans_arabic",
    "pylopdf_fonts_zh_cn",
)
FIRST = ("Noto Sans", "Noto Sans Arabic", "Noto Sans SC")
FIRST_SERIF = ("Noto Serif", "Noto Sans Arabic", "Noto Serif SC")
REQUIRED = "Noto Sans"


@dataclass(frozen=True, slots=True)
class Fonts:
    """Folders with fonts, the families in them, and the characters that these have together."""

    folders: tuple[str, ...]
    families: frozenset[str]
    characters: frozenset[int]

    @property
    def sans(self) -> list[str]:
        """The families to take for most texts, each for what those before it lack."""
        return self._ordered(FIRST)

    @property
    def serif(self) -> list[str]:
        """The same for headings and for what may be quoted."""
        return self._ordered(FIRST_SERIF)

    def _ordered(self, first: Iterable[str]) -> list[str]:
        known = [family for family in first if family in self.families]
        return [*known, *sorted(self.families - set(known))]


def fonts() -> Fonts:
    """All that there are; read once a process for the folders that are named."""
    return _read(tuple(settings.BRIEFING_FONTS))


@cache
def _read(named: tuple[str, ...]) -> Fonts:
    import typst

    folders = (*_of_packages(), *named)
    found: list[Any] = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=list(folders)
    ).fonts()
    characters: set[int] = set()
    for path, index in {(font.path, font.index) for font in found if font.path}:
        characters |= _characters_of(path, index)
    return Fonts(folders, frozenset(font.family for font in found), frozenset(characters))


def _of_packages() -> Iterable[str]:
    for name in PACKAGES:
        spec = find_spec(name)
        if spec is not None and spec.origin:
            yield str(Path(spec.origin).parent)


def _characters_of(path: str, index: int) -> set[int]:
    from fontTools.ttLib import TTFont

    with TTFont(path, fontNumber=index, lazy=True) as font:
        return set(font.getBestCmap() or ())


# ---- How many briefings a process makes at a time: each takes a core and 100 MB for its seconds

AT_ONCE = 2
WAITING = 4
"""Who comes while so many wait is told at once: threads are left for all other pages."""
MOST_SECONDS_OF_WAITING = 4
"""How long one waits for its turn."""

_places = BoundedSemaphore(AT_ONCE + WAITING)
_turns = BoundedSemaphore(AT_ONCE)


class BriefingsBusyError(Exception):
    """Too many briefings are being made."""


@contextmanager
def turn() -> Iterator[None]:
    """The turn of one briefing; ``BriefingsBusyError`` where it does not come."""
    if not _places.acquire(blocking=False):
        raise BriefingsBusyError
    try:
        if not _turns.acquire(timeout=MOST_SECONDS_OF_WAITING):
            raise BriefingsBusyError
        try:
            yield
        finally:
            _turns.release()
    finally:
        _places.release()


# ---- Briefings as tagged PDF, by typst, which is installed besides (``requirements/pdf.txt``)

MOST_SECONDS = 20
"""A briefing that takes longer is given up."""

MOST_OF_ADDRESS = 200
"""Characters of an address at the foot of a page; the list names its filter besides."""

_PROGRAM = Path(__file__).with_name("typesetter.py")


class BriefingTimeoutError(Exception):
    """A briefing took too long to typeset."""


def is_offered() -> bool:
    """Whether pages lead to briefings: there is what they are made by. No font is opened for it."""
    return all(find_spec(name) for name in ("typst", "fontTools"))


def is_installed() -> bool:
    """Whether there is what briefings are made by, with the font that most texts need."""
    return is_offered() and REQUIRED in fonts().families


def typeset(document: Document) -> bytes:
    """The document as PDF/UA. Characters that no font has are left out, and the fonts named."""
    asked = {"fonts": fonts().folders, "document": as_json(document)}
    # It is our own program, with the Python that runs the site; what it is given is no argument.
    try:
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-I", str(_PROGRAM)],
            input=json.dumps(asked).encode(),
            capture_output=True,
            timeout=MOST_SECONDS,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        raise BriefingTimeoutError from error
    except subprocess.CalledProcessError as error:
        raise RuntimeError(error.stderr.decode(errors="replace")[-2000:]) from error
    return done.stdout


def as_json(document: Document) -> dict[str, Any]:
    """What the typesetter is given: the document with all texts that stand on each page."""
    known = fonts()
    texts = Texts(known.characters)
    made: dict[str, Any] = plain(document, texts)
    missing = _(
        "Some characters are not shown, because the server has no font for them. An administrator "
        "can install: %(fonts)s."
    ) % {"fonts": ", ".join(sorted(texts.missing_fonts))}
    notice = [plain(Text(((Run(missing),),), "small"), Texts(known.characters))]
    # An address for the foot of a page: one that is too long for it ends with an ellipsis.
    address = without_unseen(document.address)
    if len(address) > MOST_OF_ADDRESS:
        address = f"{address[:MOST_OF_ADDRESS]}…"
    return {
        **made,
        "kind": texts.ready(_("Briefing")),
        "title": without_unseen(f"{document.mark} {document.heading}").strip(),
        "address": address.replace("&", "&\u200b"),
        "author": _("Recommendation Tracker"),
        "site": texts.ready(_("Recommendation Tracker")),
        "pages": _("Page %(page)s of %(pages)s") % {"page": "{page}", "pages": "{pages}"},
        "language": (get_language() or "en").split("-")[0],
        "sans": known.sans,
        "serif": known.serif,
        "blocks": [*(notice if texts.missing_fonts else []), *made["blocks"]],
    }
