"""Slices of a module: the statements that have to run together, in order, to define a name.

An imported module does not run from top to bottom, because its importers use few of its names. Its statements
are grouped into slices such that no slice changes an object of another one. A slice runs when one of its
names is looked up; an eager slice, which may reach wandb or change another module, runs at the import.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

import msgspec

from wandblint import facts
from wandblint.analysis.domain.hashing import stable_hash
from wandblint.analysis.project.import_graph import targets_of
from wandblint.analysis.project.module_index import ModuleIndex
from wandblint.index.walk import ByKind, base_name, bound_names, identifiers, last_word, statements


class ModuleSlice(msgspec.Struct, frozen=True):
    """Statements that run together, with the names that they bind."""

    statements: list[facts.Stmt]
    names: frozenset[str]
    is_eager: bool
    """Whether it may have other effects than to bind its names."""

    @property
    def fingerprint(self) -> int:
        """A hash of its code: the stable start of a statement identifies its text (`stable_positions.py`)."""
        starts = [statement.start for statement in self.statements]
        return stable_hash((starts, sorted(self.names), self.is_eager))


class ModuleSlices(msgspec.Struct):
    """All slices of a module."""

    parts: list[ModuleSlice]
    """In the order of their first statements."""
    eager: list[ModuleSlice]
    """Those that run when the module is imported."""
    by_name: dict[str, ModuleSlice]
    """The slices by the names that they bind."""

    @classmethod
    def of(cls, parts: list[ModuleSlice]) -> ModuleSlices:
        """The slices of a module whose slices are these."""
        eager = [part for part in parts if part.is_eager]
        return cls(parts, eager, {name: part for part in parts for name in part.names})


class _Use(msgspec.Struct):
    """How a statement uses the names of its module."""

    binds: set[str]
    reads: set[str] = msgspec.field(default_factory=set)
    changes: set[str] = msgspec.field(default_factory=set)
    """Names whose object it may change: it assigns to its content, calls its method or passes it on."""
    effects: set[str] = msgspec.field(default_factory=set)
    """Names whose content it assigns to, or that it calls without using the result."""
    words: set[str] = msgspec.field(default_factory=set)
    """All names and attributes that it mentions, if it contains a call."""
    bases: set[str] = msgspec.field(default_factory=set)
    """The bases and the metaclass of a class."""


def slice_module(
    file: facts.FileFacts,
    index: ModuleIndex,
    reaches_wandb: Callable[[str], bool],
    opens_run: Callable[[str], bool],
) -> list[ModuleSlice]:
    """The slices of a module in the order of their first statements.

    `opens_run` says whether the import of a file may reach wandb: then the import statement is eager, too.
    A module in which a star import may rebind an earlier name is a single slice.
    """
    body = file.body
    if _has_late_star(body):
        return [ModuleSlice(body, frozenset(), is_eager=True)]
    uses = [_use(statement) for statement in body]
    defined, internal = _defined(file, index)
    registering = _registering(body)
    slices: list[ModuleSlice] = []
    for group in _groups(uses, defined):
        is_eager = any(
            _has_effects(body[number], uses[number], internal, registering, reaches_wandb)
            or any(map(opens_run, targets_of(body[number], file.path, index)))
            for number in group
        )
        names = frozenset[str]().union(*(uses[number].binds for number in group))
        if names or is_eager:
            slices.append(ModuleSlice([body[number] for number in group], names, is_eager))
    return slices


def _is_star(node: facts.Node) -> bool:
    return isinstance(node, facts.ImportFrom) and ("*", None) in node.names


def _has_late_star(body: Sequence[facts.Stmt]) -> bool:
    binds_names = False
    for statement in body:
        if isinstance(statement, (facts.Import, facts.ImportFrom)):
            if binds_names and _is_star(statement):
                return True
        elif not isinstance(statement, facts.ExprStmt):
            binds_names = True
            if any(map(_is_star, statements(statement, into_scopes=False))):
                return True
    return False


def _at_top(*body: facts.Stmt) -> Iterator[facts.Node]:
    """What runs when the module does: also defaults, decorators and the bodies of classes."""
    yield from body
    for node in statements(*body, into_scopes=False):
        if isinstance(node, facts.FunctionDef):
            yield from node.decorators
            yield from (param.default for param in node.params if param.default is not None)
        elif isinstance(node, facts.ClassDef):
            yield from (*node.bases, *node.decorators)
            yield from _at_top(*node.body)


def _use(statement: facts.Stmt) -> _Use:
    use = _Use(set(bound_names(statement)))
    if isinstance(statement, (facts.Import, facts.ImportFrom)):
        return use
    by_kind = ByKind(_at_top(statement), into_scopes=False)
    if isinstance(statement, facts.ClassDef):
        use.bases = {last_word(base.value) for base in statement.bases}
    use.reads = {node.id for node in by_kind.of(facts.Name)}
    calls = by_kind.of(facts.Call)
    if calls:
        use.words = use.reads.union(node.attr for node in by_kind.of(facts.Attr))
    for expression in by_kind.of(facts.ExprStmt):
        if isinstance(expression.value, facts.Call):
            use.effects.add(base_name(expression.value.func))
            use.changes.update(base_name(arg.value) for arg in expression.value.args)
    targets = [
        *(target for node in by_kind.of(facts.Assign) for target in node.targets),
        *(target for node in by_kind.of(facts.Delete) for target in node.targets),
        *(node.target for node in by_kind.of(facts.AugAssign)),
        *(node.target for node in by_kind.of(facts.For)),
    ]
    use.effects.update(_changed_bases(*targets))
    use.changes.update(base_name(node.func) for node in calls if isinstance(node.func, facts.Attr))
    use.changes |= use.effects
    return use


def _changed_bases(*targets: facts.Expr) -> Iterator[str]:
    for target in targets:
        if isinstance(target, (facts.Attr, facts.Subscript)):
            yield base_name(target)
        elif isinstance(target, facts.Sequence):
            yield from _changed_bases(*target.items)


def _defined(file: facts.FileFacts, index: ModuleIndex) -> tuple[set[str], set[str]]:
    """The names of functions, classes and imports, and those among them that belong to the project."""
    defined: set[str] = set()
    internal: set[str] = set()
    for node in statements(*file.body, into_scopes=False):
        if isinstance(node, (facts.FunctionDef, facts.ClassDef)):
            defined.add(node.name)
            internal.add(node.name)
        elif isinstance(node, facts.Import):
            name = node.asname or node.module.partition(".")[0]
            defined.add(name)
            if index.find(node.module, file.path) is not None:
                internal.add(name)
        elif isinstance(node, facts.ImportFrom):
            for name, asname in node.names:
                defined.add(asname or name)
                if node.level or any(
                    index.find(dotted, file.path) for dotted in (node.module, f"{node.module}.{name}")
                ):
                    internal.add(asname or name)
    return defined, internal


def _registering(body: Sequence[facts.Stmt]) -> set[str]:
    """The classes whose subclasses, or whose instances, are noted as they are made."""
    names: set[str] = set()
    for node in statements(*body):
        if isinstance(node, facts.ClassDef):
            methods = {inner.name for inner in node.body if isinstance(inner, facts.FunctionDef)}
            bases = {last_word(base.value) for base in node.bases}
            if "__init_subclass__" in methods or not bases.isdisjoint(names | {"type"}):
                names.add(node.name)
    return names


def _groups(uses: list[_Use], defined: set[str]) -> list[list[int]]:
    """Groups the statements that use a name which several of them bind or change; numbers in order."""
    binders: dict[str, int] = defaultdict(int)
    users: dict[str, list[int]] = defaultdict(list)
    shared: set[str] = set()
    for number, use in enumerate(uses):
        for name in use.binds:
            binders[name] += 1
        for name in use.reads | use.binds:
            users[name].append(number)
        # A call changes no function, class or module.
        shared |= use.changes - defined
    shared = {name for name in binders if name in shared or binders[name] > 1}
    leader = list(range(len(uses)))

    def find(number: int) -> int:
        while leader[number] != number:
            number = leader[number]
        return number

    for name in shared:
        for other in users[name]:
            first, second = sorted((find(users[name][0]), find(other)))
            leader[second] = first
    groups: dict[int, list[int]] = defaultdict(list)
    for number in range(len(uses)):
        groups[find(number)].append(number)
    return list(groups.values())


def _has_effects(
    statement: facts.Stmt,
    use: _Use,
    internal: set[str],
    registering: set[str],
    reaches_wandb: Callable[[str], bool],
) -> bool:
    """Whether a statement may have other effects than to bind names of its module."""
    if isinstance(statement, facts.ClassDef) and not use.bases.isdisjoint(registering):
        return True
    if isinstance(statement, (facts.FunctionDef, facts.ClassDef)):
        words = identifiers(*statement.decorators) if statement.decorators else set[str]()
        return not words.isdisjoint(internal) or any(map(reaches_wandb, words))
    return _is_star(statement) or not use.effects.isdisjoint(internal) or any(map(reaches_wandb, use.words))
