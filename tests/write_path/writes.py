"""Who writes what: each action with the models of which it writes rows, as far as types are known.

Types come from annotations, from the models that rows are made of or asked from, and from the
fields of models; a value without any, such as the object of a helper, has the type of what the
helper is called with. Where no type is known, the list says ``*``.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps

from tests.write_path.offences import RELATED, SAVES, UPDATE, WRITERS
from tests.write_path.reach import ACTIONS, public_functions
from tests.write_path.source import Module, Name, dotted, resolve, tracked_models

PASSED_ON = frozenset(
    "list sorted set frozenset tuple next iter reversed islice chain filter enumerate batched type"
    " zip cast copy replace min max deepcopy".split()
)
"""Functions that answer what they are given."""

ANY = "*"
"""Rows of a model that is known at run time only."""

Type = str
"""A model's class name, a class of the project as ``module.Class``, or a parameter as ``?name``."""
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Summary:
    """What a function writes: models, and parameters whose objects it writes."""

    models: set[str] = field(default_factory=set)
    parameters: set[str] = field(default_factory=set)


def _relations(model: Any) -> Iterator[tuple[str, Type]]:
    """Attributes of a row that lead to rows, and the model that these are of."""
    for found in (*model._meta.fields, *model._meta.many_to_many):
        if found.related_model is not None:
            yield found.name, found.related_model.__name__
    for relation in model._meta.related_objects:
        if name := relation.get_accessor_name():
            yield name, relation.related_model.__name__


class Project:
    """All functions of the writing packages, with what each writes."""

    def __init__(self, modules: dict[str, Module]) -> None:
        self.modules = modules
        self.tracked = tracked_models()
        every = {model.__name__: model for model in apps.get_models(include_auto_created=True)}
        self.relations = {name: dict(_relations(model)) for name, model in every.items()}
        self.functions: dict[Name, tuple[Module, Function, str]] = {}
        for module in modules.values():
            if module.is_in(*WRITERS):
                self._collect(module)
        self.summaries = {name: Summary() for name in self.functions}
        self._settle()

    def _collect(self, module: Module) -> None:
        for name, node in module.defined.items():
            if isinstance(node, Function):
                self.functions[module.name, name] = module, node, ""
            elif isinstance(node, ast.ClassDef):
                for method in node.body:
                    if isinstance(method, Function):
                        key = module.name, f"{name}.{method.name}"
                        self.functions[key] = module, method, f"{module.name}.{name}"

    def _settle(self) -> None:
        """Go over all functions until nothing is added: they call each other."""
        bodies = {key: _Body(self, *found) for key, found in self.functions.items()}
        before = -1
        while before != (now := sum(len(s.models) + len(s.parameters) for s in self.all())):
            before = now
            for key, body in bodies.items():
                body.summarise(self.summaries[key])

    def all(self) -> list[Summary]:
        return list(self.summaries.values())

    def type_named(self, module: Module, node: ast.expr) -> Type | None:
        """The model or class that a name means."""
        found = resolve(self.modules, module, node)
        if found is None:
            last = module.imported.get(dotted(node), "").rpartition(".")[2]
            return last if last in self.relations else None
        if not isinstance(self.modules[found[0]].defined[found[1]], ast.ClassDef):
            return None
        return found[1] if found[1] in self.relations else ".".join(found)

    def annotated(self, module: Module, node: ast.expr | None) -> set[Type]:
        """The types in an annotation: of ``list[Source] | None`` it is ``Source``."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node = ast.parse(node.value, mode="eval").body
        found = (
            self.type_named(module, inner)
            for inner in (ast.walk(node) if node else ())
            if isinstance(inner, ast.Name | ast.Attribute)
        )
        return {name for name in found if name}

    def attribute(self, owner: Type, name: str) -> set[Type]:
        """The types of an attribute: through the fields of a model or a class's annotations."""
        if owner in self.relations:
            related = self.relations[owner].get(name)
            return {related} if related else set()
        module, _dot, last = owner.rpartition(".")
        node = self.modules[module].defined.get(last) if module in self.modules else None
        if not isinstance(node, ast.ClassDef):
            return set()
        for part in node.body:
            if isinstance(part, ast.AnnAssign) and getattr(part.target, "id", "") == name:
                return self.annotated(self.modules[module], part.annotation)
            if isinstance(part, Function) and part.name == name:
                return self.annotated(self.modules[module], part.returns)
            is_first = isinstance(part, Function) and part.name == "__init__"
            if is_first and (found := self._kept(self.modules[module], part, name)):
                return found
        return set()

    def _kept(self, module: Module, init: Function, name: str) -> set[Type]:
        """The type of a parameter that an object keeps under a name."""
        parameters = {a.arg: a.annotation for a in (*init.args.args, *init.args.kwonlyargs)}
        kept = {
            node.value.id
            for node in ast.walk(init)
            if isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Name)
            and ast.unparse(node.targets[0]) == f"self.{name}"
        }
        return set().union(*(self.annotated(module, parameters.get(word)) for word in kept))


class _Body:
    """One function: the types of its names, and what it writes and calls."""

    def __init__(self, project: Project, module: Module, node: Function, owner: str) -> None:
        self.project, self.module, self.node = project, module, node
        self.types: dict[str, set[Type]] = {}
        arguments = node.args
        self.parameters = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            found = project.annotated(module, argument.annotation)
            self.types[argument.arg] = found or {f"?{argument.arg}"}
        if owner and self.parameters:
            self.types[self.parameters[0]] = {owner}
            self.parameters = self.parameters[1:]
        for _round in range(3):  # Names may be used before the line that binds them.
            self._bind()

    def summarise(self, summary: Summary) -> None:
        for node in ast.walk(self.node):
            if isinstance(node, ast.Call):
                self._note(summary, self._written(node))

    def _note(self, summary: Summary, written: set[Type]) -> None:
        for name in written:
            if name.startswith("?"):
                summary.parameters.add(name[1:])
            elif name == ANY or name.partition(".")[0] in self.project.tracked:
                summary.models.add(name)

    def _written(self, node: ast.Call) -> set[Type]:
        """What one call writes: by a method of rows, or by a function that does."""
        if isinstance(node.func, ast.Attribute):
            owner, name = node.func.value, node.func.attr
            # A dictionary or a digest is updated with a value, rows with values by name.
            if name in SAVES or (name in UPDATE and not node.args):
                return self.of(owner) or {ANY}
            if name in RELATED and isinstance(owner, ast.Attribute):
                return {
                    f"{model}.{owner.attr}"
                    for model in self.of(owner.value)
                    if owner.attr in self.project.relations.get(model, ())
                }
        written: set[Type] = set()
        for key in self._called(node.func):
            summary = self.project.summaries[key]
            written |= summary.models
            given = self._given(node, key)
            for parameter in summary.parameters:
                written |= (self.of(given[parameter]) or {ANY}) if parameter in given else set()
        return written

    def _called(self, node: ast.expr) -> Iterator[Name]:
        found = resolve(self.project.modules, self.module, node)
        if found in self.project.functions:
            yield found
        elif isinstance(node, ast.Attribute):
            for owner in self.of(node.value):
                module, _dot, last = owner.rpartition(".")
                if (module, f"{last}.{node.attr}") in self.project.functions:
                    yield module, f"{last}.{node.attr}"

    def _given(self, node: ast.Call, key: Name) -> dict[str, ast.expr]:
        """The arguments of a call by the names of the parameters."""
        _module, function, owner = self.project.functions[key]
        names = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
        given = dict(zip(names[1:] if owner else names, node.args, strict=False))
        return given | {word.arg: word.value for word in node.keywords if word.arg}

    # ---- types

    def _bind(self) -> None:
        for node in ast.walk(self.node):
            match node:
                case ast.Assign(targets=targets, value=value):
                    for target in targets:
                        self._bind_one(target, value)
                case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=value):
                    found = self.project.annotated(self.module, annotation)
                    self.types.setdefault(name, set()).update(found or self.of(value))
                case ast.NamedExpr(target=target, value=value):
                    self._bind_one(target, value)
                case (
                    ast.For(target=target, iter=value)
                    | ast.comprehension(target=target, iter=value)
                ):
                    self._bind_one(target, value)
                case ast.withitem(context_expr=value, optional_vars=ast.expr() as target):
                    self._bind_one(target, value)

    def _bind_one(self, target: ast.expr, value: ast.expr) -> None:
        match target, value:
            case ast.Name(id=name), _:
                self.types.setdefault(name, set()).update(self.of(value))
            case ast.Tuple(elts=targets), ast.Tuple(elts=values):
                for one, its in zip(targets, values, strict=False):
                    self._bind_one(one, its)
            case ast.Tuple(elts=targets), _:
                for one in targets:
                    self._bind_one(one, value)

    def of(self, node: ast.expr | None) -> set[Type]:
        """The types that an expression may have; of many rows, that of one of them."""
        match node:
            case ast.Name(id=name):
                found = self.project.type_named(self.module, node)
                return self.types.get(name, {found} if found else set())
            case ast.Attribute():
                return self._of_attribute(node)
            case ast.Call():
                return self._of_call(node)
        return set().union(*(self.of(part) for part in _parts(node)))

    def _of_attribute(self, node: ast.Attribute) -> set[Type]:
        if found := self.project.type_named(self.module, node):
            return {found}
        owners = self.of(node.value)
        if node.attr.endswith(("objects", "manager")):
            return owners
        return set().union(*(self.project.attribute(owner, node.attr) for owner in owners))

    def _of_call(self, node: ast.Call) -> set[Type]:
        if isinstance(node.func, ast.Name) and node.func.id in PASSED_ON:
            return set().union(*(self.of(argument) for argument in node.args))
        found = resolve(self.project.modules, self.module, node.func)
        if found in self.project.functions:
            module, function, _owner = self.project.functions[found]
            return self.project.annotated(module, function.returns)
        if name := self.project.type_named(self.module, node.func):
            return {name}
        if isinstance(node.func, ast.Name):
            return self.of(node.func)  # a class in a variable
        if not isinstance(node.func, ast.Attribute):
            return set()
        owners = self.of(node.func.value)
        asked = {owner for owner in owners if owner in self.project.relations or owner[0] == "?"}
        # A query set answers rows of its model; what another object answers, it declares.
        return asked.union(
            *(self.project.attribute(owner, node.func.attr) for owner in owners - asked)
        )


def _parts(node: ast.expr | None) -> list[ast.expr]:
    """The expressions of which another one is one, or holds some."""
    match node:
        case ast.Subscript(value=value) | ast.Starred(value=value) | ast.Await(value=value):
            return [value]
        case ast.NamedExpr(value=value):
            return [value]
        case ast.ListComp(elt=value) | ast.SetComp(elt=value) | ast.GeneratorExp(elt=value):
            return [value]
        case ast.IfExp(body=one, orelse=other):
            return [one, other]
        case ast.BoolOp(values=values) | ast.List(elts=values) | ast.Tuple(elts=values):
            return values
    return []


def who_writes_what(modules: dict[str, Module]) -> dict[Name, list[str]]:
    """Each public function of the actions that writes, with the models of which it writes rows."""
    project = Project(modules)
    found = {name: sorted(project.summaries[name].models) for name in public_functions(modules)}
    return {name: models for name, models in sorted(found.items()) if models}


def report(modules: dict[str, Module]) -> Iterator[str]:
    """Lines for people: a module, and under it each action with what it writes."""
    before = ""
    for (module, name), models in who_writes_what(modules).items():
        if module != before:
            yield module.removeprefix(f"{ACTIONS}.")
            before = module
        yield f"    {name}: {', '.join(models)}"
