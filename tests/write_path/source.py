"""The modules of the project as syntax trees, and what each name in them refers to."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

from django.apps import apps

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("recommendations", "tracker")

UNTRACKED = {
    "AuditEvent": "is the record itself",
    "AuditRow": "belongs to the record: the content of one row that an event lists",
    "AuditText": "belongs to the record: the texts that its events refer to",
    "ChainHead": "belongs to the record: number and hash of its last event",
    "DraftEntries": "is what a form holds that is not submitted; what is written of it is recorded",
    "WebhookDelivery": "that a webhook is to be told of what is recorded; it goes once it is old",
    "OutgoingMail": "a copy of what recorded acts tell people, which goes once it is sent",
    "ReadModel": "says which release of the kept state the tables hold",
    "RecommendationState": "follows from tracked rows; verification compares it with them",
    "SourceStamp": "holds the number of an event that is recorded",
    "Reminder": "says what a person was told on a day of what is recorded; mail, kept some weeks",
    "ResetRequest": "counts who asks for a new password, for an hour",
    "SearchDocument": "holds the words of recorded rows, and is made of them again at any time",
    "StagedFigure": "is a copy that waits to be imported; what is written from it is recorded",
    "StagedImport": "says that an import is under way; what it writes in the end is recorded",
    "StagedText": "is a copy that waits to be imported with the figures that refer to it",
}
"""Models whose rows leave no event of their own, each with the reason."""

Name = tuple[str, str]
"""A module, and a name defined at its top level."""


@dataclass(frozen=True)
class Module:
    """One Python file: its dotted name and its tree."""

    name: str
    tree: ast.Module
    is_package: bool = False
    imported: dict[str, str] = field(default_factory=dict)
    """Local name to the dotted name of what it is."""

    @classmethod
    def parsed(cls, name: str, text: str, is_package: bool = False) -> "Module":
        tree = ast.parse(text)
        return cls(name, tree, is_package, dict(_imports(tree)))

    @cached_property
    def defined(self) -> dict[str, ast.stmt]:
        """Functions, classes and variables of the top level, by name."""
        found: dict[str, ast.stmt] = {}
        for statement in self.tree.body:
            for name in _names_of(statement):
                found[name] = statement
        return found

    def is_in(self, *packages: str) -> bool:
        return any(self.name == p or self.name.startswith(f"{p}.") for p in packages)


def _imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Every import, also those inside functions. The project has no relative ones."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                # Without "as" the statement binds the first part only.
                whole = alias.name if alias.asname else alias.name.partition(".")[0]
                yield alias.asname or whole, whole
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _names_of(statement: ast.stmt) -> Iterator[str]:
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield statement.name
        case ast.Assign(targets=targets):
            yield from (target.id for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name


@cache
def project() -> dict[str, Module]:
    """All modules of the site by dotted name, migrations and tests aside."""
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            is_package = parts[-1] == "__init__"
            name = ".".join(parts[:-1] if is_package else parts)
            # Migrations run before the application, and its record, are there.
            if "migrations" not in parts:
                found[name] = Module.parsed(name, path.read_text(), is_package)
    return found


def dotted(node: ast.expr) -> str:
    """``a.b.c`` for a chain of names; empty for anything else."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr):
            return f"{start}.{attr}" if (start := dotted(value)) else ""
    return ""


def resolve(modules: dict[str, Module], module: Module, node: ast.expr) -> Name | None:
    """Where a name or a chain of names is defined, through imports and re-exports."""
    first, _dot, rest = dotted(node).partition(".")
    if not first:
        return None
    if first in module.imported:
        return find(modules, f"{module.imported[first]}.{rest}".rstrip("."))
    return (module.name, first) if first in module.defined else None


def find(modules: dict[str, Module], name: str) -> Name | None:
    """The definition behind a dotted name; none where it is not in the project."""
    owner, _dot, rest = name, "", ""
    while owner and owner not in modules:
        owner, _dot, last = owner.rpartition(".")
        rest = f"{last}.{rest}".rstrip(".")
    if owner and not rest:
        # A package that imports a function by the name of the module it is in means the function.
        owner, _dot, rest = owner.rpartition(".")
        if owner not in modules or modules[owner].imported.get(rest, name) == name:
            return None
    if not owner:
        return None
    first, _dot, rest = rest.partition(".")
    module = modules[owner]
    if first in module.defined:
        return owner, first
    if first in module.imported and module.imported[first] != name:
        return find(modules, f"{module.imported[first]}.{rest}".rstrip("."))
    return None


@cache
def tracked_models() -> dict[str, type]:
    """The models whose rows are on record, by class name, tables of many-to-many fields included.

    All of the app's but ``UNTRACKED``: a new one is tracked until somebody gives a reason.
    """
    config = apps.get_app_config("recommendations")
    return {
        model.__name__: model
        for model in config.get_models(include_auto_created=True)
        if model.__name__ not in UNTRACKED
    }


@cache
def accessors() -> frozenset[str]:
    """Names under which rows of tracked models hold managers of related rows."""
    found = set()
    for model in tracked_models().values():
        found |= {field.name for field in model._meta.many_to_many}
        found |= {
            name
            for relation in model._meta.related_objects
            if not relation.one_to_one and (name := relation.get_accessor_name())
        }
    return frozenset(found)
