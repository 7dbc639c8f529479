"""Texts as folded words, so that a search finds them however they were written.

Case, accents, full-width and compatibility forms, invisible characters and the kind of a hyphen
make no difference. Scripts that are written without spaces are taken letter by letter: then a word
inside a run is a phrase of letters.
"""

import re
import unicodedata
from collections.abc import Iterator

from recommendations.names import LETTERS

LONGEST_WORD = 60
"""Characters of a word that are kept; a longer one is found by these."""

_UNSPACED = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e80-\u0ecf\u1000-\u103f\u1050-\u109f\u1780-\u17d3"
    "\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Thai, Lao, Burmese, Khmer, Chinese characters and Japanese syllables."""

_MARKS = "\u0900-\u0963\u0966-\u0dff\u0f18-\u0fbc\u3099\u309a"
"""Signs of India and Tibet, which are parts of words as letters are."""

_DROPPED = re.compile(
    "[\u00ad\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
    "\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u1ab0-\u1aff\u1dc0-\u1dff"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\ufeff]"
)
"""Accents and vowel points, and what has no width."""

_JOINERS = "\\-\u2010\u2012-\u2014\u2212'\u2019\u02bc"
"""Hyphens and apostrophes: what they join is one word as well."""

_SPACED = f"(?:[^\\W_{_UNSPACED}]|[{_MARKS}])+"
_WORD = re.compile(f"[{_UNSPACED}]|{_SPACED}")
_COMPOUND = re.compile(f"{_SPACED}(?:[{_JOINERS}]{_SPACED})+")
_JOINER = re.compile(f"[{_JOINERS}]")


def folded(text: str) -> str:
    """A text without differences that a search ignores; folding twice changes nothing."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text).casefold().translate(LETTERS)
    plain = _DROPPED.sub("", unicodedata.normalize("NFKD", plain))
    return unicodedata.normalize("NFC", plain)


def words_in(text: str) -> list[str]:
    """The words of a folded text, in order."""
    return [word[:LONGEST_WORD] for word in _WORD.findall(text)]


def compounds_in(text: str) -> list[str]:
    """What hyphens and apostrophes join in a folded text, written as one word."""
    return [_joined(found) for found in _COMPOUND.findall(text)]


def compound_of(text: str) -> str:
    """A folded text as one word, where it is nothing but what such signs join; else empty."""
    return _joined(text) if _COMPOUND.fullmatch(text) else ""


def spans_in(text: str) -> Iterator[tuple[str, int, int]]:
    """The words of a text as written, each folded, with the place where it begins and ends."""
    if text.isascii():
        for found in _WORD.finditer(text.lower()):
            yield found[0][:LONGEST_WORD], found.start(), found.end()
        return
    plain, places = "", []
    for cluster in _CLUSTER.finditer(text):
        part = folded(cluster[0])
        plain += part
        places += [cluster.span()] * len(part)
    for found in _WORD.finditer(plain):
        yield found[0][:LONGEST_WORD], places[found.start()][0], places[found.end() - 1][1]


_CLUSTER = re.compile(f".(?:{_DROPPED.pattern}|[\u3099\u309a\uff9e\uff9f])*", re.DOTALL)
"""A letter with the marks on it."""


def _joined(text: str) -> str:
    return _JOINER.sub("", text)[:LONGEST_WORD]
