"""The fonts of briefings: those that come as packages, and those in folders that the site names."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.conf import settings

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
