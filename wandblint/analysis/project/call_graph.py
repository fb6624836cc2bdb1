"""The functions, methods and variables of a file, and what each of them mentions of the project."""

from __future__ import annotations

import builtins
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeAlias

import msgspec

from wandblint.analysis.project.files import is_test
from wandblint.analysis.project.module_index import ModuleIndex
from wandblint.index.references import References, ReferenceUnit, UnitKind


class Global(NamedTuple):
    """A function, class or variable of a module of the project."""

    path: str
    name: str


class Method(msgspec.Struct, frozen=True):
    """An attribute of an unknown object: any method or attribute of this name."""

    attr: str


class ByName(msgspec.Struct, frozen=True):
    """Any global variable of the project with this name."""

    id: str


class Member(NamedTuple):
    """An attribute of a class or variable of a module, of which nothing else is used."""

    owner: Global | ByName
    attr: str


Import: TypeAlias = tuple[str, str | None]
"""An imported module, and its alias."""

ImportFrom: TypeAlias = tuple[int, str, list[tuple[str, str | None]]]
"""The number of dots, the module, and the names imported from it, each with its alias."""

Ref: TypeAlias = Global | Method | ByName | Member


class CallGraphNode(msgspec.Struct, frozen=True, eq=False):
    """A function, method or variable, with what it mentions."""

    path: str
    name: str
    classes: tuple[str, ...]
    """The classes around it, outermost first."""
    refs: frozenset[Ref]
    reaches_wandb: bool
    """Whether it reaches wandb directly."""
    propagates: bool
    """Whether its callers reach wandb through it: a test has no callers."""
    is_part: bool = False
    """Whether it is a variable of a loop or of an unpacked value: elsewhere its name means something else."""
    kind: UnitKind = "function"

    @property
    def outermost(self) -> Global:
        """The global that it is, or to which it belongs."""
        return Global(self.path, (*self.classes, self.name)[0])

    @property
    def globals(self) -> Iterator[Global]:
        """The globals of the project that it mentions."""
        return (ref for ref in self.refs if isinstance(ref, Global))


class FileScope(msgspec.Struct):
    """The meaning of the names of a file."""

    path: str
    own: frozenset[str] = frozenset()
    """Names that the module binds itself."""
    imports: dict[str, list[Global]] = msgspec.field(default_factory=lambda: defaultdict(list))
    """The targets of each imported name; a module of the project is a global without a name."""
    external: set[str] = msgspec.field(default_factory=set)
    """Names imported from outside the project."""
    wandb: set[str] = msgspec.field(default_factory=lambda: {"wandb"})
    """Names of wandb and of its members."""

    def note_imports(
        self, imports: Iterable[Import], imports_from: Iterable[ImportFrom], index: ModuleIndex
    ) -> None:
        """Adds what these statements import."""
        for module, asname in imports:
            _note_import(self, module, asname, index)
        for level, module, names in imports_from:
            _note_import_from(self, level, module, names, index)


def nodes_of(path: str, references: References, index: ModuleIndex) -> Iterator[CallGraphNode]:
    """The call graph nodes of a file."""
    scope = FileScope(path, frozenset(references.own))
    scope.note_imports(references.imports, references.imports_from, index)
    propagates = not is_test(path)
    for unit in references.units:
        refs = _refs(scope, unit)
        names = {*unit.words, *(base for _, base, _ in unit.attributes)}
        reaches = unit.logs_to_run or not scope.wandb.isdisjoint(names) or _has_seed(unit, refs)
        yield CallGraphNode(path, unit.name, unit.classes, refs, reaches, propagates, unit.is_part, unit.kind)


def _note_import(scope: FileScope, module: str, asname: str | None, index: ModuleIndex) -> None:
    top = module.partition(".")[0]
    name = asname or top
    path = index.find(module if asname else top, scope.path)
    if path is not None:
        scope.imports[name].append(Global(path, ""))
    elif index.find(module, scope.path) is None:
        scope.external.add(name)
    if top == "wandb":
        scope.wandb.add(name)


def _note_import_from(
    scope: FileScope, level: int, module: str, names: Iterable[tuple[str, str | None]], index: ModuleIndex
) -> None:
    base = index.relative(level, module, scope.path) if level else index.find(module, scope.path)
    for name, asname in names:
        bound = asname or name
        if base is not None:
            submodule = index.submodule(base, name)
            scope.imports[bound].append(Global(base, name))
        elif level:
            submodule = index.relative(level, f"{module}.{name}".lstrip("."), scope.path)
        else:
            submodule = index.folder_submodule(module, name, scope.path)
        if submodule is not None:
            scope.imports[bound].append(Global(submodule, ""))
        elif base is None:
            scope.external.add(bound)
        if module.partition(".")[0] == "wandb" and not level:
            scope.wandb.add(bound)


def _has_seed(unit: ReferenceUnit, refs: frozenset[Ref]) -> bool:
    """Whether it mentions a name that itself suggests wandb and that the project does not define."""
    if not unit.seeds:
        return False
    owners = (ref.owner if isinstance(ref, Member) else ref for ref in refs)
    defined = {owner.name for owner in owners if isinstance(owner, Global)}
    return not defined.issuperset(unit.seeds)


def _refs(scope: FileScope, unit: ReferenceUnit) -> frozenset[Ref]:
    refs: set[Ref] = set()
    for word in unit.words:
        refs.update(_meanings(scope, word, unit.bound))
    for attribute in unit.attributes:
        refs.update(_attribute_meanings(scope, attribute, unit.bound))
    return frozenset(refs)


def _meanings(scope: FileScope, name: str, bound: list[str]) -> Iterable[Ref]:
    if name in scope.imports:
        return [target for target in scope.imports[name] if target.name]
    if name in bound or name in scope.external:
        return ()
    if name in scope.own:
        return (Global(scope.path, name),)
    # Only a star import binds a name that no statement of the file binds.
    return (ByName(name),) if "*" in scope.imports and not hasattr(builtins, name) else ()


def _attribute_meanings(
    scope: FileScope, attribute: tuple[str, str, bool], bound: list[str]
) -> Iterable[Ref]:
    attr, base, is_direct = attribute
    imported = scope.imports.get(base)
    if imported is None:
        if base in scope.external and base not in bound:
            return ()  # Nothing of an external package is known to reach wandb.
        own: list[Ref] = [Member(Global(scope.path, base), attr)] if is_direct and base in scope.own else []
        return [Method(attr), *own]
    modules = [target.path for target in imported if not target.name]
    refs: list[Ref] = [Member(target, attr) for target in imported if target.name]
    if modules and is_direct:
        return [*refs, *(Global(path, attr) for path in modules)]
    if modules:
        # A module inside a package, or an attribute of an object in a module.
        refs.append(ByName(attr))
    if base not in scope.external:
        refs.append(Method(attr))
    return refs
