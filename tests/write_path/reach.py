"""Which actions anything but a test uses, and which of them write."""

import ast
from collections.abc import Iterator

from tests.write_path.offences import in_module
from tests.write_path.source import Module, Name, accessors, find, resolve

ACTIONS = "recommendations.actions"
APART = tuple(
    f"{ACTIONS}.{name}"
    for name in (
        *("base", "deliveries", "mail", "notifications", "oversight", "sending", "webhooks"),
    )
)
"""Packages whose own rows are not what histories are of; others write through ``base``."""


def public_functions(modules: dict[str, Module]) -> list[Name]:
    """The actions: functions of ``recommendations.actions`` without a leading underscore."""
    return [
        (module.name, name)
        for module in modules.values()
        if module.is_in(ACTIONS)
        for name, node in module.defined.items()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not name.startswith("_")
    ]


def unused(modules: dict[str, Module]) -> list[Name]:
    """Actions that no page, form, command or other action in use leads to."""
    used = in_use(modules)
    return [action for action in public_functions(modules) if action not in used]


def called_from_outside(modules: dict[str, Module]) -> set[Name]:
    """What other packages use of the actions, by itself or through a name imported again."""
    found: set[Name] = set()
    for module in modules.values():
        if not module.is_in(ACTIONS):
            found |= set(references(modules, module, module.tree))
    return {(owner, name) for owner, name in found if modules[owner].is_in(ACTIONS)}


def in_use(modules: dict[str, Module]) -> set[Name]:
    """Every name of the actions that is reached from outside of them."""
    found, waiting = set(), list(called_from_outside(modules))
    for module in modules.values():
        if module.is_in(ACTIONS):
            # What a module does when it is imported.
            for statement in module.tree.body:
                if statement not in module.defined.values():
                    waiting += references(modules, module, statement)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        owner = modules[name[0]]
        if owner.is_in(ACTIONS):
            waiting += references(modules, owner, owner.defined[name[1]])
    return found


def writing(modules: dict[str, Module]) -> list[Name]:
    """The actions from which a call that may write is reached."""
    managers = accessors()
    writers = {
        (module.name, offence.function.partition(".")[0])
        for module in modules.values()
        if module.is_in(ACTIONS)
        for offence in in_module(module, managers)
    }

    def reaches(name: Name, seen: set[Name]) -> bool:
        owner = modules[name[0]]
        if name in seen or not owner.is_in(ACTIONS):
            return False
        seen.add(name)
        further = references(modules, owner, owner.defined[name[1]])
        return name in writers or any(reaches(each, seen) for each in further)

    return [
        action
        for action in public_functions(modules)
        if not modules[action[0]].is_in(*APART) and reaches(action, set())
    ]


def references(modules: dict[str, Module], module: Module, node: ast.AST) -> Iterator[Name]:
    """The names of the project that a piece of code uses. Importing one is not using it."""
    for inner in ast.walk(node):
        match inner:
            case ast.Name(ctx=ast.Load()) | ast.Attribute(ctx=ast.Load()):
                if name := resolve(modules, module, inner):
                    yield name
            case ast.ImportFrom(module=str(owner)):
                for alias in inner.names:
                    # "import *" uses all; the project has none, and ruff refuses it.
                    if alias.name == "*" and owner in modules:
                        yield from (
                            found
                            for name in modules[owner].defined
                            if (found := find(modules, f"{owner}.{name}"))
                        )
