"""The functions, methods and variables of a file, and what each of them mentions."""

from __future__ import annotations

import builtins
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple, TypeAlias

import msgspec

from wandblint import facts
from wandblint.linking.modules import ModuleIndex, is_test
from wandblint.linking.walk import ByKind, Parts, bound_names


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

_Attribute: TypeAlias = "tuple[str, str, bool]"
"""An attribute that is mentioned, the name before its first dot (empty where there is none), and whether it
is one of that name itself."""


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
    parts: Parts
    own: frozenset[str]
    """Names that the module binds itself."""
    seeds: frozenset[str]
    """Names and attributes in it that say themselves that they reach wandb."""
    is_test: bool
    imports: dict[str, list[Global]] = msgspec.field(default_factory=lambda: defaultdict(list))
    """What an imported name is; a module of the project is a global without a name."""
    outside: set[str] = msgspec.field(default_factory=set)
    """Names imported from outside the project."""
    wandb: set[str] = msgspec.field(default_factory=lambda: {"wandb"})
    """Names that mean wandb, or something of it."""


def units_of(file: facts.FileFacts, seen: ByKind, index: ModuleIndex) -> Iterator[Unit]:
    """The units of a file, of which all facts were seen."""
    words = {node.id for node in seen.of(facts.Name)}.union(node.attr for node in seen.of(facts.Attr))
    # A name that is only imported is mentioned where it can be imported from.
    words.update(asname or name for node in seen.of(facts.ImportFrom) for name, asname in node.names)
    seeds = frozenset(filter(is_seed, words))
    scope = _Scope(file.path, Parts(seen), frozenset(bound_names(*file.body)), seeds, is_test(file.path))
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
            part = scope.parts.of(statement)
            yield _unit(scope, statement.name, classes, part, scope.parts.bound_in(statement))
        elif isinstance(statement, facts.Class):
            yield _unit(scope, statement.name, classes, ByKind([*statement.bases, *statement.decorators]))
            yield from _units_in(scope, statement.body, (*classes, statement.name))
        elif isinstance(statement, facts.Assign) and statement.value is not None:
            for target in statement.targets:
                if isinstance(target, facts.Name):
                    yield _unit(scope, target.id, classes, ByKind([statement.value]))
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
                    yield _imported(scope, asname or name, classes)


def _imported(scope: _Scope, name: str, classes: tuple[str, ...]) -> Unit:
    refs = frozenset(_meanings(scope, name, ()))
    is_seed_itself = name in scope.seeds and not any(
        isinstance(ref, Global) and ref.name == name for ref in refs
    )
    return Unit(scope.path, name, classes, refs, name in scope.wandb or is_seed_itself, not scope.is_test)


def _unit(
    scope: _Scope, name: str, classes: tuple[str, ...], seen: ByKind, bound: Iterable[str] = ()
) -> Unit:
    """`bound` are the names that are bound inside, in whatever scope: they mean no variable of the module."""
    inner = {param.name for param in seen.of(facts.Param)}.union(bound)
    inner.difference_update(*(node.names for node in seen.of(facts.Scope)))
    words = {node.id for node in seen.of(facts.Name)}
    attributes = set(map(_attribute, seen.of(facts.Attr)))
    refs: set[Ref] = set()
    for word in words:
        refs.update(_meanings(scope, word, inner))
    for attribute in attributes:
        refs.update(_attribute_meanings(scope, attribute, inner))
    # A name that is defined in the project leads where its definition does.
    defined = {ref.name for ref in refs if isinstance(ref, Global)}
    attrs = {attr for attr, _, _ in attributes}
    reaches = (
        not words.isdisjoint(scope.wandb)
        or ("log" in attrs and not (words | attrs).isdisjoint(_RUN_NAMES))
        or not scope.seeds.isdisjoint((words | attrs) - defined)
    )
    return Unit(scope.path, name, classes, frozenset(refs), reaches, not scope.is_test)


def _meanings(scope: _Scope, name: str, inner: Collection[str]) -> Iterable[Ref]:
    if name in scope.imports:
        return [made for made in scope.imports[name] if made.name]
    if name in inner or name in scope.outside:
        return ()
    if name in scope.own:
        return (Global(scope.path, name),)
    return () if hasattr(builtins, name) else (ByName(name),)


def _attribute(node: facts.Attr) -> _Attribute:
    root = node.value
    while isinstance(root, facts.Attr):
        root = root.value
    return node.attr, root.id if isinstance(root, facts.Name) else "", root is node.value


def _attribute_meanings(scope: _Scope, attribute: _Attribute, inner: set[str]) -> Iterable[Ref]:
    attr, root, is_direct = attribute
    imported = scope.imports.get(root)
    if imported is None:
        # Of something from outside the project nothing is known to lead to wandb.
        return () if root in scope.outside and root not in inner else (Method(attr),)
    modules = [made.path for made in imported if not made.name]
    refs: list[Ref] = []
    if modules and is_direct:
        return [Global(path, attr) for path in modules]
    if modules:
        # A module inside a package, or something of an object in a module.
        refs.append(ByName(attr))
    if root not in scope.outside:
        refs.append(Method(attr))
    return refs
