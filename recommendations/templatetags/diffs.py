"""The difference between two texts, word by word, as safe HTML.

Bounded: comparing words costs up to the product of both lengths, so long texts are compared line
by line and very long ones are shown whole, before and after.
"""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Final, NamedTuple

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()

MAX_WORDS: Final = 4_000
MAX_LINES: Final = 2_000
FEW_WORDS: Final = 6
"""A shorter text stands in one line with what it replaces."""

# A word, one character of a script written without spaces, a run of spaces, or one sign.
_WORD: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|\w+")
_TOKEN: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|\w+|\s+|[^\w\s]")

# The kind of change is said to readers by ear; they hear no colour and no line.
_HEARD: Final = (
    '<span class="visually-hidden"> [{} </span>{}<span class="visually-hidden">] </span>'
)


class Piece(NamedTuple):
    """Text both have, then what the first has alone and what the second has alone."""

    same: str
    removed: str
    added: str


@register.simple_tag
def text_diff(before: str | None, after: str | None) -> SafeString:
    """Mark in ``after`` what was added, and show beside it what was removed from ``before``.

    Texts that share less than half of their words stand as two blocks: word by word they would
    read as neither.
    """
    before, after = str(before or ""), str(after or "")
    found = pieces(before, after)
    if is_rewritten(found, before, after):
        return format_html(
            '<span class="rewritten"><del><small>{}</small> {}</del>'
            "<ins><small>{}</small> {}</ins></span>",
            *(_("Before"), before, _("After"), after),
        )
    marked = "".join(part for piece in found for part in _html(piece))
    return SafeString(f'<span class="prose">{marked}</span>')


def is_rewritten(found: list[Piece], before: str, after: str) -> bool:
    """Whether two texts of some length share less than half of their words."""
    words = len(_WORD.findall(before)), len(_WORD.findall(after))
    if min(words) == 0 or max(words) < FEW_WORDS:
        return False
    same = sum(len(_WORD.findall(piece.same)) for piece in found)
    return 2 * same < sum(words) / 2


def pieces(before: str, after: str) -> list[Piece]:
    """The pieces whose sames and removeds make ``before``, and sames and addeds ``after``."""
    if before == after:
        return [Piece(after, "", "")] if after else []
    if not before or not after:
        return [Piece("", before, after)]
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    if len(old) + len(new) > MAX_WORDS:
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
        if len(old) + len(new) > MAX_LINES:
            return [Piece("", before, after)]
    return _joined(_compared(old, new))


def _compared(old: list[str], new: list[str]) -> Iterator[Piece]:
    same = ""
    # The heuristic for frequent words keeps the time near linear; they still extend a match.
    matcher = SequenceMatcher(a=old, b=new)
    for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if tag == "equal":
            same = "".join(old[old_from:old_to])
        else:
            yield Piece(same, "".join(old[old_from:old_to]), "".join(new[new_from:new_to]))
            same = ""
    if same:
        yield Piece(same, "", "")


def _joined(found: Iterator[Piece]) -> list[Piece]:
    """Join changes that only a space divides: a phrase reads better than its single words."""
    result: list[Piece] = []
    for piece in found:
        is_change = bool(piece.removed or piece.added)
        if result and is_change and piece.same.isspace():
            last = result.pop()
            piece = Piece(
                last.same,
                last.removed + piece.same + piece.removed,
                last.added + piece.same + piece.added,
            )
        result.append(piece)
    return result


def _html(piece: Piece) -> Iterator[SafeString]:
    yield escape(piece.same)
    if body := piece.removed.rstrip():
        yield format_html(f"<del>{_HEARD}</del> ", _("removed:"), body)
    body = piece.added.rstrip()
    if body:
        yield format_html(f"<ins>{_HEARD}</ins>", _("added:"), body)
    yield escape(piece.added[len(body) :])
