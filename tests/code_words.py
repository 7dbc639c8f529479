"""What Python says outside of whole messages: words that no office would print, and messages that
are joined to other texts.

Sentences for operators, for triggers and for errors are in no catalogue, but somebody reads them.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("recommendations", "tracker")

BANNED = re.compile(
    r"\b(somebody|nobody|things?|mend(s|ed)?|hand(s|ed)? in|take[sn]? (out|away)|took (out|away)"
    r"|pictures?|made up|any more|stands?|lies?|speaks?)\b",
    re.IGNORECASE,
)
"""Words in place of the terms of the field, or that are too familiar for a public office."""

OF_OTHERS = (
    *(
        "recommendations/actions/imports/spreadsheet/plans.py",
        "recommendations/readers/meanings.py",
    ),
    "recommendations/charts/tiles.py",
)
"""Words of files that people bring, and codes of countries."""

MESSAGES = re.compile(r"_|n?p?gettext(_lazy)?|ngettext_lazy")
"""What gives a message in the language of the reader."""


def faults() -> Iterator[str]:
    """What is wrong with the words of all modules, each with its place."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = str(path.relative_to(ROOT))
            if "/migrations/" not in name:
                for line, what in faults_of(path.read_text(), is_ours=name not in OF_OTHERS):
                    yield f"{name}:{line}: {what}"


def faults_of(source: str, *, is_ours: bool = True) -> Iterator[tuple[int, str]]:
    """What is wrong with the words of a module, each with its line."""
    tree = ast.parse(source)
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and is_ours and id(node) not in silent:
            yield from _banned(node)
        elif _is_joined(node):
            yield node.lineno, f"{ast.unparse(node)[:80]!r} joins a message: make it whole"


def _banned(node: ast.Constant) -> Iterator[tuple[int, str]]:
    """A text of several words is for people; one alone names something in code."""
    if isinstance(node.value, str) and " " in node.value and (found := BANNED.search(node.value)):
        yield node.lineno, f"{node.value!r} says {found[0]!r}: use the standard term"


def _is_joined(node: ast.AST) -> bool:
    """Whether a message is a piece of another text."""
    match node:
        case ast.JoinedStr(values=[_, _, *_] as parts):
            return any(isinstance(each, ast.FormattedValue) and _says(each.value) for each in parts)
        case ast.BinOp(op=ast.Add(), left=left, right=right):
            return _says(left) or _says(right)
        case ast.BinOp(op=ast.Mod(), left=ast.Constant(value=str()), right=right):
            return any(map(_says, ast.walk(right)))
        case ast.Call(func=ast.Attribute(attr="join"), args=[ast.List() | ast.Tuple() as parts]):
            return any(map(_says, parts.elts))
    return False


def _says(node: ast.AST) -> bool:
    """Whether it is a message, filled in or not."""
    match node:
        case ast.BinOp(op=ast.Mod(), left=message):
            return _says(message)
        case ast.Call(func=ast.Name(id=name)):
            return bool(MESSAGES.fullmatch(name))
    return False
