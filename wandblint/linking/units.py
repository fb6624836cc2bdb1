"""The functions, methods and variables of a file, and what each of them mentions."""

from __future__ import annotations

import builtins
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

import msgspec

from wandblint import facts
from wandblint.linking.modules import ModuleIndex, is_test
from wandblint.linking.walk import ByKind, bound_by, bound_names


class Global(NamedTuple):
    """A function, class or variable of a module of the project."""

    path: str
    name: str


class Method(NamedTuple):
    """Whatever has this name in some class: an attribute of something that is not known."""

    attr: str


class ByName(NamedTuple):
    """Some global variable of the project that has this name."""

    id: str


Ref: TypeAlias = Global | Method | ByName


class Unit(msgspec.Struct, frozen=True, eq=False):
    """A function, method or variable, and what it mentions."""

    path: str
    name: str
    classes: tuple[str, ...]
    """The classes around it, outermost first."""
    refs: frozenset[Ref]
    reaches_wandb: bool
    """Whether it reaches wandb itself."""
    spreads: bool
    """Whether others may reach wandb through it: nobody calls a test."""

    @property
    def globals(self) -> Iterator[Global]:
        """The globals of the project that it mentions."""
        return (ref for ref in self.refs if isinstance(ref, Global))


_SEEDS = frozenset({"define_metric", "log_metrics", "log_dict", "add_scalar", "get_tracker"})
"""Methods that reach a run, through whatever front end."""

_ONLY_ASKS = re.compile(r"^_?(is|has|use|check|require)_|available|version|enabled|installed|^[A-Z_]+$")
"""Names that hold `wandb` and tell whether it is there, or how it is set: they log nothing."""

_RUN_NAMES = frozenset({"run", "_run"})


def is_seed(name: str) -> bool:
    """Whether the name itself says that it reaches wandb."""
    return name in _SEEDS or ("wandb" in name.lower() and not _ONLY_ASKS.search(name))


class _Scope(msgspec.Struct):
    """What the names of a file mean."""

    path: str
    own: frozenset[str]
    """Names that the module binds itself."""
    imports: dict[str, list[Global]] = msgspec.field(default_factory=lambda: defaultdict(list))
    """What an imported name is; a module of the project is a global without a name."""
    outside: set[str] = msgspec.field(default_factory=set)
    """Names imported from outside the project."""
    wandb: set[str] = msgspec.field(default_factory=lambda: {"wandb"})
    """Names that mean wandb, or something of it."""


def units_of(file: facts.FileFacts, seen: ByKind, index: ModuleIndex) -> Iterator[Unit]:
    """The units of a file, of which all facts were seen."""
    own = frozenset(bound_names(*file.body))
    scope = _Scope(file.path, own)
    for node in seen.of(facts.Import):
        _note_import(scope, node, index)
    for made in seen.of(facts.ImportFrom):
        _note_import_from(scope, made, index)
    yield from _units_in(scope, file.body, ())


def _note_import(scope: _Scope, node: facts.Import, index: ModuleIndex) -> None:
    top = node.module.partition(".")[0]
    name = node.asname or top
    found = index.find(node.module if node.asname else top, scope.path)
    if found is not None:
        scope.imports[name].append(Global(found, ""))
    elif index.find(node.module, scope.path) is None:
        scope.outside.add(name)
    if top == "wandb":
        scope.wandb.add(name)


def _note_import_from(scope: _Scope, node: facts.ImportFrom, index: ModuleIndex) -> None:
    base = (
        index.relative(node.level, node.module, scope.path)
        if node.level
        else index.find(node.module, scope.path)
    )
    for name, asname in node.names:
        bound = asname or name
        if base is not None:
            inner = index.submodule(base, name)
            scope.imports[bound].append(Global(base, name))
        elif node.level:
            inner = index.relative(node.level, f"{node.module}.{name}".lstrip("."), scope.path)
        else:
            inner = index.folder_submodule(node.module, name, scope.path)
        if inner is not None:
            scope.imports[bound].append(Global(inner, ""))
        elif base is None:
            scope.outside.add(bound)
        if node.module.partition(".")[0] == "wandb" and not node.level:
            scope.wandb.add(bound)


def _units_in(scope: _Scope, body: list[facts.Stmt], classes: tuple[str, ...]) -> Iterator[Unit]:
    for statement in body:
        if isinstance(statement, facts.Function):
            yield _unit(scope, statement.name, classes, [statement])
        elif isinstance(statement, facts.Class):
            yield _unit(scope, statement.name, classes, [*statement.bases, *statement.decorators])
            yield from _units_in(scope, statement.body, (*classes, statement.name))
        elif isinstance(statement, facts.Assign) and statement.value is not None:
            for target in statement.targets:
                if isinstance(target, facts.Name):
                    yield _unit(scope, target.id, classes, [statement.value])
        elif isinstance(statement, (facts.If, facts.Try, facts.With)):
            inner = [
                *statement.body,
                *(getattr(statement, "orelse", [])),
                *(s for handler in getattr(statement, "handlers", []) for s in handler.body),
            ]
            yield from _units_in(scope, inner, classes)
        elif isinstance(statement, facts.ImportFrom):
            # A name imported here can be imported from here.
            for name, asname in statement.names:
                if name != "*":
                    yield _unit(scope, asname or name, classes, [facts.Name(0, 0, asname or name)])


def _unit(scope: _Scope, name: str, classes: tuple[str, ...], nodes: Sequence[facts.Node]) -> Unit:
    seen = ByKind(nodes)
    inner = _locals(seen, nodes)
    words = {node.id for node in seen.of(facts.Name)}
    attrs = {node.attr for node in seen.of(facts.Attr)}
    refs: set[Ref] = set()
    for word in words:
        refs.update(_meanings(scope, word, inner))
    for node in seen.of(facts.Attr):
        refs.update(_attribute_meanings(scope, node, inner))
    # A name that is defined in the project leads where its definition does.
    defined = {ref.name for ref in refs if isinstance(ref, Global)}
    reaches = (
        not words.isdisjoint(scope.wandb)
        or ("log" in attrs and not (words | attrs).isdisjoint(_RUN_NAMES))
        or any(is_seed(word) for word in (words | attrs) - defined)
    )
    return Unit(scope.path, name, classes, frozenset(refs), reaches, not is_test(scope.path))


def _locals(seen: ByKind, nodes: Sequence[facts.Node]) -> set[str]:
    """Names that are bound inside a unit, in whatever scope: they mean no variable of the module."""
    found = {param.name for param in seen.of(facts.Param)}
    if seen.of(facts.Function):
        found.update(name for node in seen.binding() if node not in nodes for name in bound_by(node))
    return found.difference(*(node.names for node in seen.of(facts.Scope)))


def _meanings(scope: _Scope, name: str, inner: set[str]) -> Iterator[Ref]:
    if name in scope.imports:
        yield from (made for made in scope.imports[name] if made.name)
    elif name in inner or name in scope.outside:
        return
    elif name in scope.own:
        yield Global(scope.path, name)
    elif not hasattr(builtins, name):
        yield ByName(name)


def _attribute_meanings(scope: _Scope, node: facts.Attr, inner: set[str]) -> Iterator[Ref]:
    depth, root = 1, node.value
    while isinstance(root, facts.Attr):
        depth, root = depth + 1, root.value
    if not isinstance(root, facts.Name) or (root.id in inner and root.id not in scope.imports):
        yield Method(node.attr)
        return
    modules = [made.path for made in scope.imports.get(root.id, ()) if not made.name]
    if modules and depth == 1:
        yield from (Global(path, node.attr) for path in modules)
    elif modules:
        # A module inside a package, or something of an object in a module.
        yield ByName(node.attr)
    if root.id not in scope.outside and not (modules and depth == 1):
        yield Method(node.attr)
