"""Whatever decides for a person says what that person has seen: the code is read for calls."""

import ast
import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

from django.test import SimpleTestCase

import recommendations
from recommendations import actions

WITHOUT_PAGE = {"recommendations/management/demo.py"}
"""What decides without a page: the demonstration replays decisions of people who never were."""

COMMON = {"archive", "restore"}
"""Names that files and backups have as well: they count where a module of actions is named."""


def deciding_actions() -> Iterator[str]:
    """Names of the actions that take what the person has seen."""
    for module in walk_packages(actions.__path__, "recommendations.actions."):
        for name, found in inspect.getmembers(import_module(module.name), inspect.isfunction):
            is_own = found.__module__ == module.name and not name.startswith("_")
            if is_own and "seen" in inspect.signature(found).parameters:
                yield name


class WaysToDecideTests(SimpleTestCase):
    def test_pages_and_admin_never_decide_without_what_was_seen(self) -> None:
        """A call of such an action says what was seen; a name for it is called the same way."""
        names = set(deciding_actions()) - {"require_as_seen"}
        self.assertIn("approve_update", names)
        root = Path(recommendations.__file__).parent
        for path in root.rglob("*.py"):
            place = path.relative_to(root.parent)
            if place.parts[1] == "actions" or str(place) in WITHOUT_PAGE:
                continue
            tree = ast.parse(path.read_text())
            for function in ast.walk(tree):
                if isinstance(function, ast.FunctionDef):
                    self.assert_passes_seen(function, names, f"{place}: {function.name}")

    def assert_passes_seen(self, function: ast.FunctionDef, names: set[str], where: str) -> None:
        used = {
            node.attr if isinstance(node, ast.Attribute) else node.id
            for node in ast.walk(function)
            if isinstance(node, ast.Attribute | ast.Name) and not is_common(node)
        }
        if used & names:
            given = {node.arg for node in ast.walk(function) if isinstance(node, ast.keyword)}
            given |= {node.value for node in ast.walk(function) if isinstance(node, ast.Constant)}
            # An ``Edit`` that ``decides`` gives it.
            self.assertFalse(given.isdisjoint({"seen", "decides"}), where)


def is_common(node: ast.Attribute | ast.Name) -> bool:
    """Whether it has a common name, and names no action by it."""
    if isinstance(node, ast.Name):
        return node.id in COMMON
    of = node.value.id if isinstance(node.value, ast.Name) else ""
    return node.attr in COMMON and of not in {"actions", "recommendations"}
