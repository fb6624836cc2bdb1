"""The functions, methods and variables of a file, and what of the project each of them mentions."""

from __future__ import annotations

import builtins
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeAlias

import msgspec

from wandblint.analysis.project.files import is_test
from wandblint.analysis.project.module_index import ModuleIndex
from wandblint.index.references import References, ReferenceUnit


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


class CallGraphNode(msgspec.Struct, frozen=True, eq=False):
    """A function, method or variable, and what it mentions."""

    path: str
    name: str
    classes: tuple[str, ...]
    """The classes around it, outermost first."""
    refs: frozenset[Ref]
    reaches_wandb: bool
    """Whether it reaches wandb itself."""
    propagates: bool
    """Whether others may reach wandb through it: nobody calls a test."""

    @property
    def globals(self) -> Iterator[Global]:
        """The globals of the project that it mentions."""
        return (ref for ref in self.refs if isinstance(ref, Global))


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


def nodes_of(path: str, mentions: References, index: ModuleIndex) -> Iterator[CallGraphNode]:
    """The units of a file, given what they mention."""
    scope = _Scope(path, frozenset(mentions.own))
    for module, asname in mentions.imports:
        _note_import(scope, module, asname, index)
    for level, module, names in mentions.imports_from:
        _note_import_from(scope, level, module, names, index)
    spreads = not is_test(path)
    for unit in mentions.units:
        refs = _refs(scope, unit)
        reaches = unit.logs_to_run or not scope.wandb.isdisjoint(unit.words) or _has_seed(unit, refs)
        yield CallGraphNode(path, unit.name, unit.classes, refs, reaches, spreads)


def _note_import(scope: _Scope, module: str, asname: str | None, index: ModuleIndex) -> None:
    top = module.partition(".")[0]
    name = asname or top
    found = index.find(module if asname else top, scope.path)
    if found is not None:
        scope.imports[name].append(Global(found, ""))
    elif index.find(module, scope.path) is None:
        scope.outside.add(name)
    if top == "wandb":
        scope.wandb.add(name)


def _note_import_from(
    scope: _Scope, level: int, module: str, names: Iterable[tuple[str, str | None]], index: ModuleIndex
) -> None:
    base = index.relative(level, module, scope.path) if level else index.find(module, scope.path)
    for name, asname in names:
        bound = asname or name
        if base is not None:
            inner = index.submodule(base, name)
            scope.imports[bound].append(Global(base, name))
        elif level:
            inner = index.relative(level, f"{module}.{name}".lstrip("."), scope.path)
        else:
            inner = index.folder_submodule(module, name, scope.path)
        if inner is not None:
            scope.imports[bound].append(Global(inner, ""))
        elif base is None:
            scope.outside.add(bound)
        if module.partition(".")[0] == "wandb" and not level:
            scope.wandb.add(bound)


def _has_seed(unit: ReferenceUnit, refs: frozenset[Ref]) -> bool:
    """Whether it has a name that says itself that it reaches wandb. One that is defined in the project leads
    where its definition does."""
    if not unit.seeds:
        return False
    defined = {ref.name for ref in refs if isinstance(ref, Global)}
    return not defined.issuperset(unit.seeds)


def _refs(scope: _Scope, unit: ReferenceUnit) -> frozenset[Ref]:
    refs: set[Ref] = set()
    for word in unit.words:
        refs.update(_meanings(scope, word, unit.bound))
    for attribute in unit.attributes:
        refs.update(_attribute_meanings(scope, attribute, unit.bound))
    return frozenset(refs)


def _meanings(scope: _Scope, name: str, bound: list[str]) -> Iterable[Ref]:
    if name in scope.imports:
        return [made for made in scope.imports[name] if made.name]
    if name in bound or name in scope.outside:
        return ()
    if name in scope.own:
        return (Global(scope.path, name),)
    return () if hasattr(builtins, name) else (ByName(name),)


def _attribute_meanings(scope: _Scope, attribute: tuple[str, str, bool], bound: list[str]) -> Iterable[Ref]:
    attr, root, is_direct = attribute
    imported = scope.imports.get(root)
    if imported is None:
        # Of something from outside the project nothing is known to lead to wandb.
        return () if root in scope.outside and root not in bound else (Method(attr),)
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
