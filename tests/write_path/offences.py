"""Finds what may write a row outside the packages that write.

Python does not say what an object is, so a name decides: whatever is called ``save`` counts, until
a list with reasons says of that very call that it is something else.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.write_path.source import Module, accessors, dotted

WRITERS = tuple(f"recommendations.{name}" for name in ("actions", "audit", "search", "state"))
"""The packages in which rows are written."""

_PLAIN = (
    "save delete create get_or_create update_or_create bulk_create bulk_update "
    "update add set remove clear"
).split()
RELATED = frozenset(name for plain in _PLAIN[-4:] for name in (plain, f"a{plain}"))
"""Methods of the managers of related rows; sets and charts have such methods as well."""
UPDATE = frozenset({"update", "aupdate"})
"""Also a method of dictionaries and digests, and the field of several models."""
SAVES = frozenset(
    {
        *(name for plain in _PLAIN[:-5] for name in (plain, f"a{plain}")),
        # What Django's models and query sets do underneath.
        *"save_base _raw_delete _insert _update _do_insert _do_update _save_table".split(),
        # Forms, form sets, the administration, import-export, sessions of people.
        *"save_m2m _save_m2m save_form save_formset save_model save_related".split(),
        *"save_new save_existing save_new_objects save_existing_objects delete_existing".split(),
        *"delete_model delete_queryset import_data import_row save_instance".split(),
        *"do_instance_save set_password_and_save update_last_login user_change_password".split(),
    }
)
CLASSES = frozenset(
    {
        *"CreateView UpdateView DeleteView BaseCreateView BaseUpdateView BaseDeleteView".split(),
        *"ModelFormMixin DeletionMixin InsertQuery UpdateQuery DeleteQuery Collector".split(),
    }
)
"""What writes without a call of ours."""
NO_ROWS = frozenset({"dict", "set", "vars", "Counter", "hashlib.sha256"})
"""What, once called, answers something with an ``update`` of its own."""
COMMANDS = frozenset({"loaddata", "flush", "createsuperuser", "changepassword", "sqlflush"})
BY_NAME = frozenset({"getattr", "attrgetter", "methodcaller", "__getattribute__"})
SQL = frozenset({"execute", "executemany", "executescript", "callproc", "raw", "RawSQL", "RunSQL"})

_WRITING_SQL = re.compile(
    r"\b(INSERT(\s+OR\s+\w+)?\s+INTO|UPDATE\s+\S+\s+SET|DELETE\s+FROM|REPLACE\s+INTO|"
    r"TRUNCATE\s+(?!ON\b)\w+|MERGE\s+INTO|COPY\s+\S+(\s*\(.*\))?\s+FROM)\b",
    re.IGNORECASE | re.DOTALL,
)
_READING_SQL = re.compile(
    r"\s*(SELECT|EXPLAIN|PRAGMA|ANALYZE|SHOW|SET|SAVEPOINT|RELEASE|CREATE|ALTER|DROP)\s",
    re.IGNORECASE,
)


Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, order=True)
class Offence:
    """One call that may write, by module, function and what is called; ``line`` to find it."""

    module: str
    function: str
    call: str
    line: int = field(default=0, compare=False)

    @property
    def key(self) -> str:
        return f"{self.module} {self.function}: {self.call}"

    def __str__(self) -> str:
        return f"{self.module}:{self.line} {self.function}: {self.call}"


def offences(modules: dict[str, Module]) -> list[Offence]:
    """Every call outside ``WRITERS`` that may write."""
    managers = accessors()
    found: set[Offence] = set()
    for module in modules.values():
        if not module.is_in(*WRITERS):
            found.update(in_module(module, managers))
    return sorted(found)


def in_module(module: Module, managers: frozenset[str]) -> Iterator[Offence]:
    finder = _Finder(managers)
    finder.visit(module.tree)
    for function, node, call in finder.found:
        yield Offence(module.name, function, call, node.lineno)


def _own(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a scope without those of the functions and classes in it."""
    waiting = list(ast.iter_child_nodes(scope))
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, Scope):
            waiting += ast.iter_child_nodes(node)


def _bindings(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """What one node binds, to what."""
    match node:
        case ast.Assign(targets=targets, value=value):
            yield from ((target, value) for target in targets)
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            yield target, value
        case ast.NamedExpr(target=target, value=value):
            yield target, value
        case ast.For(target=target, iter=ast.Tuple(elts=values) | ast.List(elts=values)):
            yield from ((target, value) for value in values)


def _assigned(scope: ast.AST) -> dict[str, list[ast.expr]]:
    """What each name of a scope is ever bound to; a parameter to nothing that can be seen."""
    found: dict[str, list[ast.expr]] = {}

    def bind(target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            found.setdefault(target.id, []).append(value)
        elif isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
            for part, one in zip(target.elts, value.elts, strict=False):
                bind(part, one)

    for node in _own(scope):
        if isinstance(node, ast.arg):
            found.setdefault(node.arg, [])
        for target, value in _bindings(node):
            bind(target, value)
    return found


class _Finder(ast.NodeVisitor):
    """Visits one module and keeps the scope it is in."""

    def __init__(self, managers: frozenset[str]) -> None:
        self.managers = managers
        self.found: list[tuple[str, ast.expr | ast.stmt, str]] = []
        self.names: list[str] = []
        self.bound: list[dict[str, list[ast.expr]]] = []
        self.docstrings: set[int] = set()

    # ---- scopes

    def visit_Module(self, node: ast.Module) -> None:
        for inner in ast.walk(node):
            if isinstance(inner, ast.Expr) and isinstance(inner.value, ast.Constant):
                self.docstrings.add(id(inner.value))
        self._enter(node, "")

    def visit_FunctionDef(self, node: Scope) -> None:
        self._enter(node, node.name)

    visit_AsyncFunctionDef = visit_ClassDef = visit_FunctionDef

    def _enter(self, node: ast.AST, name: str) -> None:
        self.names.append(name)
        self.bound.append(_assigned(node))
        self.generic_visit(node)
        self.bound.pop()
        self.names.pop()

    def _add(self, node: ast.expr | ast.stmt, call: str) -> None:
        self.found.append((".".join(filter(None, self.names)) or "<module>", node, call))

    def _values(self, name: str) -> list[ast.expr]:
        """What a name is bound to in the nearest scope that binds it."""
        return next((bound[name] for bound in reversed(self.bound) if name in bound), [])

    # ---- attributes and names

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if isinstance(node.ctx, ast.Load) and self._writes(node):
            self._add(node, ast.unparse(node))
        self.generic_visit(node)

    def _writes(self, node: ast.Attribute) -> bool:
        if node.attr in SAVES or node.attr in CLASSES:
            return True
        if node.attr in UPDATE:
            # Not called here: a field called "update", unless the rows say otherwise.
            owner = node.value
            last = dotted(owner).rpartition(".")[2]
            is_set = last[:1].isupper() or last.endswith("objects")
            return is_set or (isinstance(owner, ast.Call) and not _holds_no_rows(owner))
        return node.attr in RELATED and self._is_manager(node.value)

    def _is_manager(self, node: ast.expr, depth: int = 5) -> bool:
        """Whether this may be the manager of related rows."""
        match node:
            case ast.Attribute(attr=attr):
                return attr in self.managers
            case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(value=str(name)), *_]):
                return name in self.managers
            case ast.Call(func=ast.Name(id="getattr")):
                return True
            case ast.Name(id=name) if depth:
                return any(self._is_manager(value, depth - 1) for value in self._values(name))
            case ast.IfExp(body=one, orelse=other):
                return self._is_manager(one, depth) or self._is_manager(other, depth)
            case ast.BoolOp(values=values):
                return any(self._is_manager(value, depth) for value in values)
            case ast.NamedExpr(value=value):
                return self._is_manager(value, depth)
        return False

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            # Under "as" or not, what is imported writes.
            if alias.name in CLASSES or alias.name in SAVES:
                self._add(node, f"from {node.module} import {alias.name}")
            if node.module == "recommendations.actions.base" and alias.name in {"create", "change"}:
                # They write whatever they are given: only an action knows what that may be.
                self._add(node, f"from {node.module} import {alias.name}")

    # ---- calls

    def visit_Call(self, node: ast.Call) -> None:
        name = dotted(node.func).rpartition(".")[2] or getattr(node.func, "attr", "")
        if (
            (isinstance(node.func, ast.Attribute) and self._updates(node.func))
            or (name in BY_NAME and self._names_a_write(node))
            or (name == "call_command" and _first_text(node) in COMMANDS)
            or (isinstance(node.func, ast.Name) and self._is_method(node.func))
            or _is_dynamic(node.func)
        ):
            self._add(node, ast.unparse(node.func if name not in BY_NAME else node))
        if name in SQL and not self._reads_only(node):
            self._add(node, ast.unparse(node))
        self.generic_visit(node)

    def _updates(self, node: ast.Attribute) -> bool:
        if node.attr not in UPDATE:
            return False
        owner = node.value
        values = self._values(owner.id) if isinstance(owner, ast.Name) else [owner]
        return not (values and all(_holds_no_rows(value) for value in values))

    def _names_a_write(self, node: ast.Call) -> bool:
        texts = {arg.value for arg in node.args if isinstance(arg, ast.Constant)}
        # A manager that is asked for by its name is seen where one of its methods is.
        return bool(texts & (SAVES | UPDATE))

    def _is_method(self, node: ast.Name) -> bool:
        """Whether a name that is called was bound to a method that writes, or to any at all."""
        return any(
            (isinstance(value, ast.Attribute) and value.attr in UPDATE) or _is_dynamic(value)
            for value in self._values(node.id)
        )

    # ---- SQL

    def visit_Constant(self, node: ast.Constant) -> None:
        is_text = isinstance(node.value, str) and id(node) not in self.docstrings
        if is_text and _WRITING_SQL.search(node.value):
            self._add(node, ast.unparse(node))

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        if _WRITING_SQL.search(_text(node)):
            self._add(node, ast.unparse(node))
        else:
            self.generic_visit(node)

    def _reads_only(self, node: ast.Call) -> bool:
        """Whether the SQL of this call can be read here, and only reads or defines."""
        given = node.args[0] if node.args else None
        keywords = {word.arg: word.value for word in node.keywords}
        given = given or keywords.get("sql") or keywords.get("raw_query")
        if given is None:
            return False
        texts = list(self._texts(given))
        return bool(texts) and all(
            _READING_SQL.match(text) and not _WRITING_SQL.search(text) for text in texts
        )

    def _texts(self, node: ast.expr, depth: int = 5) -> Iterator[str]:
        """What a text may be; an empty one where that cannot be seen."""
        match node:
            case ast.IfExp(body=one, orelse=other):
                yield from self._texts(one, depth)
                yield from self._texts(other, depth)
            case ast.Name(id=name) if depth and self._values(name):
                for value in self._values(name):
                    yield from self._texts(value, depth - 1)
            case _:
                yield _text(node)


def _text(node: ast.expr) -> str:
    """A constant text, with a mark where something is put in; empty where it is no text."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(_text(part) or "{}" for part in values)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return f"{_text(left)}{_text(right) or '{}'}" if _text(left) else ""
    return ""


def _first_text(node: ast.Call) -> str:
    return _text(node.args[0]) if node.args else ""


def _holds_no_rows(node: ast.expr) -> bool:
    """Whether this makes, or is, a dictionary, a set or a digest."""
    if isinstance(node, ast.Call):
        return dotted(node.func) in NO_ROWS
    return isinstance(node, ast.Dict | ast.DictComp | ast.Set | ast.SetComp)


def _is_dynamic(node: ast.expr) -> bool:
    """Whether this asks an object for something whose name is not written here."""
    match node:
        case ast.Call(func=ast.Name(id="getattr"), args=[_, named, *_]):
            return not isinstance(named, ast.Constant)
    return False
