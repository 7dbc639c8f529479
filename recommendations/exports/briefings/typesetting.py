"""Briefings as tagged PDF, by typst, a few at a time."""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from recommendations.characters import without_unseen
from recommendations.exports.briefings.blocks import Document, Run, Text, Texts, plain

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
    notice = [
        plain(Text(((Run(_missing(texts.missing_fonts)),),), "small"), Texts(known.characters))
    ]
    return {
        **made,
        "kind": texts.ready(_("Briefing")),
        "title": without_unseen(f"{document.mark} {document.heading}").strip(),
        "address": _breakable(document.address),
        "author": _("Recommendation Tracker"),
        "site": texts.ready(_("Recommendation Tracker")),
        "pages": _("Page %(page)s of %(pages)s") % {"page": "{page}", "pages": "{pages}"},
        "language": (get_language() or "en").split("-")[0],
        "sans": known.sans,
        "serif": known.serif,
        "blocks": [*(notice if texts.missing_fonts else []), *made["blocks"]],
    }


def _breakable(address: str) -> str:
    """An address for the foot of a page: one that is too long for it ends with an ellipsis."""
    address = without_unseen(address)
    if len(address) > MOST_OF_ADDRESS:
        address = f"{address[:MOST_OF_ADDRESS]}…"
    return address.replace("&", "&\u200b")


def _missing(names: set[str]) -> str:
    return _(
        "Some characters are not shown, because the server has no font for them. An administrator "
        "can install: %(fonts)s."
    ) % {"fonts": ", ".join(sorted(names))}
