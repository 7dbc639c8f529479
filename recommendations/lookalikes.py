"""Names that look alike: words that mix scripts, and what is left of a name for the eye.

After Unicode's rules for identifiers (UTS 39: “highly restrictive”, and skeletons), with a table of
the few letters that stand for Latin ones. Whole tables of lookalikes hold thousands of signs that a
word in one script cannot have, and a library would be one more to keep for these lines.
"""

import re
import unicodedata
from collections.abc import Iterator

_TOGETHER = (
    {"LATIN", "CJK", "HIRAGANA", "KATAKANA"},
    {"LATIN", "CJK", "HANGUL"},
    {"LATIN", "CJK", "BOPOMOFO"},
)
"""Scripts that one word may have beside each other: Japanese, Korean, Chinese."""

_SAME = {"IDEOGRAPHIC": "CJK"}
_OF_ANY = {"MODIFIER"}
"""Letters such as an apostrophe, which belong to the script around them."""

_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Letters and marks without a shape, such as the fillers of Hangul."""

_CAPITALS = str.maketrans({"I": "l", "|": "l", "1": "l", "0": "o"})
"""Signs that look like small letters, as long as a capital is one."""

_LOOKS_LIKE = str.maketrans(
    dict(zip("авекмнорстухѕіјһԁԛԝьӏ", "abekmhopctyxsijhdqwbl", strict=True))
    | dict(zip("αβεζηικμνορτυχγϲϳω", "abezhikmvoptuxycjw", strict=True))
    | dict(zip("օոսհցյզ", "onuhgjq", strict=True))
    | dict(zip("ᎪᏴᏟᎠᎬᏀᎻᎥᎫᏦᏞᎷᏢᎡᏚᎢᏙᎳᏃ", "abcdeghijklmprstvwz", strict=True))  # noqa: RUF001
    | dict(zip("ıɑɡƒ", "iagf", strict=True))
)
"""Small letters as casefold leaves them, some of which look so as capitals alone.

Cyrillic, Greek, Armenian, Cherokee, and Latin ones of few languages.
"""
_PAIRS = (("rn", "m"), ("vv", "w"))


def mixed_word(text: str) -> str:
    """The first word with letters of scripts that no language writes together; empty if none."""
    for word in _words(unicodedata.normalize("NFKC", text)):
        scripts = {script for letter in word if (script := _script(letter))}
        if len(scripts) > 1 and not any(scripts <= together for together in _TOGETHER):
            return word
    return ""


def skeleton(text: str) -> str:
    """What the eye has of a text: two that look alike have the same."""
    plain = "".join(c for c in unicodedata.normalize("NFKC", text) if not _is_unseen(c))
    seen = unicodedata.normalize("NFD", plain.translate(_CAPITALS).casefold())
    seen = seen.translate(_LOOKS_LIKE)
    for pair, letter in _PAIRS:
        seen = seen.replace(pair, letter)
    return " ".join(seen.split())


def folded(text: str) -> str:
    """The same letters, however they are written: names that are equal, not alike."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _words(text: str) -> Iterator[str]:
    """Runs of letters, digits, and what joins them unseen."""
    kept = (c if _is_of_a_word(c) else " " for c in text)
    yield from "".join(kept).split()


def _is_of_a_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN" or _is_unseen(character)


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) == "Cf" or _BLANK.match(character) is not None


def _script(character: str) -> str:
    """The script of a letter, by the name that Unicode gives it; empty for what any script has."""
    if not unicodedata.category(character).startswith("L"):
        return ""
    first = unicodedata.name(character, "").split(" ")[0].split("-")[0]
    return "" if first in _OF_ANY else _SAME.get(first, first)
