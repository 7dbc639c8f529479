"""The words of the audit log: every verb that the code records has them."""

import ast
from collections.abc import Iterator

from django.conf import settings
from django.test import SimpleTestCase

from recommendations.queries.log.words import ACTIONS, OF_KIND, action_text, label_text

BY_POSITION = {
    "record": 0,
    "record_change": 1,
    "record_counts": 0,
    "record_loaded": 0,
    "Change": 0,
    "_change": 3,
    "close": 3,
}
"""Functions that take a verb by position, and where."""

CONSTANTS = (
    *("VERB", "ACCEPTED", "BASELINE"),
    *("CHANGED_MANY", "PUBLISHED_MANY", "UNPUBLISHED_MANY", "ARCHIVED_MANY", "RESTORED_MANY"),
    *("UNDID_MANY", "UNDID_LIST"),
)


def recorded_verbs(source: str) -> Iterator[str]:
    """Texts of a module that stand where a verb is given."""
    tree = ast.parse(source)
    places = any(
        word.name == "place"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for word in node.names
    )
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _texts(*(word.value for word in node.keywords if word.arg == "verb"))
            place = BY_POSITION.get(getattr(node.func, "attr", getattr(node.func, "id", "")))
            if place is not None:
                yield from _texts(*node.args[place : place + 1])
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            if node.targets[0].id in (*CONSTANTS, "verb"):
                yield from _texts(node.value)
        elif isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "VERB":
            yield from _texts(node.value)
        elif isinstance(node, ast.arguments):
            given = zip(node.kwonlyargs, node.kw_defaults, strict=True)
            yield from _texts(*(default for name, default in given if name.arg == "verb"))
        elif places and isinstance(node, ast.Tuple) and len(node.elts) == 2:
            # Rows that are placed together, each under its verb.
            yield from _texts(*(node.elts[:1] if _is_row(node.elts[1]) else []))


def _is_row(node: ast.AST) -> bool:
    return isinstance(node, ast.Call | ast.Name)


def _texts(*nodes: ast.AST | None) -> Iterator[str]:
    for node in nodes:
        for part in ast.walk(node) if node is not None else ():
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield part.value


class LogWordsTests(SimpleTestCase):
    def test_every_verb_that_is_recorded_has_words_and_no_others_have(self):
        found: set[str] = set()
        for folder in ("actions", "audit", "admin", "queries"):
            for path in (settings.BASE_DIR / "recommendations" / folder).rglob("*.py"):
                found |= set(recorded_verbs(path.read_text()))
        self.assertEqual(set(ACTIONS) - found, set())
        self.assertEqual({verb for verb in found if verb.isidentifier()} - set(ACTIONS), set())
        self.assertLessEqual({verb for verb, _kind in OF_KIND}, set(ACTIONS))

    def test_what_is_unknown_or_no_more_is_told_honestly(self):
        for kind, told in (
            ("recommendations.evidence", "Evidence item: unlisted change"),
            ("gone", "Former type of record: unlisted change"),
        ):
            self.assertEqual(action_text("unheard_of", kind), told)
        self.assertEqual(label_text("recommendations.evidence", "old_name"), "Old name")
