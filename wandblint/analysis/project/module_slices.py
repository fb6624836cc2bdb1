"""A module in parts: the statements that have to be run together, in order, before one of its names is known.

An imported module is not run from top to bottom: most of what it defines is of no use to who imports it. Its
statements are put into parts such that no part changes what another one made; a part is run when one of its
names is looked up. Only what may reach wandb, or change another module, is run at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

import msgspec

from wandblint import facts
from wandblint.analysis.domain.hashing import stable_hash
from wandblint.analysis.project.module_index import ModuleIndex
from wandblint.index.walk import ByKind, base_name, bound_names, identifiers, statements


class ModuleSlice(msgspec.Struct, frozen=True):
    """Statements that belong together, and the names that they bind."""

    statements: list[facts.Stmt]
    names: frozenset[str]
    is_eager: bool
    """Whether it may do more than bind its names."""

    @property
    def fingerprint(self) -> int:
        """Tells whether it is what it was: where a statement starts is told once (`places.py`)."""
        starts = [statement.start for statement in self.statements]
        return stable_hash((starts, sorted(self.names), self.is_eager))


class _Use(msgspec.Struct):
    """What one statement does with the names of its module."""

    binds: set[str]
    reads: set[str] = msgspec.field(default_factory=set)
    changes: set[str] = msgspec.field(default_factory=set)
    """Names whose object it may change: it assigns to a part of it, calls a method of it or hands it over."""
    does: set[str] = msgspec.field(default_factory=set)
    """The names behind the parts that it assigns to, and behind calls whose results nobody gets."""
    words: set[str] = msgspec.field(default_factory=set)
    """All names and attributes that it mentions, where it calls something."""


def slice_module(
    file: facts.FileFacts, index: ModuleIndex, leads: Callable[[str], bool]
) -> list[ModuleSlice]:
    """The parts of a module in the order of their first statements.

    `leads` tells which names lead to wandb. Where a star import may bind what was bound before it, all of
    the module is one part.
    """
    body = file.body
    if _has_late_star(body):
        return [ModuleSlice(body, frozenset(), is_eager=True)]
    uses = [_use(statement) for statement in body]
    defined, ours = _defined(file, index)
    parts: list[ModuleSlice] = []
    for group in _groups(uses, defined):
        at_once = any(_has_effects(body[number], uses[number], ours, leads) for number in group)
        names = frozenset[str]().union(*(uses[number].binds for number in group))
        if names or at_once:
            parts.append(ModuleSlice([body[number] for number in group], names, at_once))
    return parts


def _is_star(node: facts.Node) -> bool:
    return isinstance(node, facts.ImportFrom) and ("*", None) in node.names


def _has_late_star(body: Sequence[facts.Stmt]) -> bool:
    behind = False
    for statement in body:
        if isinstance(statement, (facts.Import, facts.ImportFrom)):
            if behind and _is_star(statement):
                return True
        elif not isinstance(statement, facts.ExprStmt):
            behind = True
            if any(map(_is_star, statements(statement, into_scopes=False))):
                return True
    return False


def _at_top(*body: facts.Stmt) -> Iterator[facts.Node]:
    """What of statements runs when their module does: also defaults, decorators and the bodies of classes."""
    yield from body
    for node in statements(*body, into_scopes=False):
        if isinstance(node, facts.Function):
            yield from node.decorators
            yield from (param.default for param in node.params if param.default is not None)
        elif isinstance(node, facts.Class):
            yield from (*node.bases, *node.decorators)
            yield from _at_top(*node.body)


def _use(statement: facts.Stmt) -> _Use:
    use = _Use(set(bound_names(statement)))
    if isinstance(statement, (facts.Import, facts.ImportFrom)):
        return use
    seen = ByKind(_at_top(statement), into_scopes=False)
    use.reads = {node.id for node in seen.of(facts.Name)}
    calls = seen.of(facts.Call)
    if calls:
        use.words = use.reads.union(node.attr for node in seen.of(facts.Attr))
    for alone in seen.of(facts.ExprStmt):
        if isinstance(alone.value, facts.Call):
            use.does.add(base_name(alone.value.func))
            use.changes.update(base_name(arg.value) for arg in alone.value.args)
    targets = [
        *(target for node in seen.of(facts.Assign) for target in node.targets),
        *(target for node in seen.of(facts.Delete) for target in node.targets),
        *(node.target for node in seen.of(facts.AugAssign)),
        *(node.target for node in seen.of(facts.For)),
    ]
    use.does.update(_changed_slices(*targets))
    use.changes.update(base_name(node.func) for node in calls if isinstance(node.func, facts.Attr))
    use.changes |= use.does
    return use


def _changed_slices(*targets: facts.Expr) -> Iterator[str]:
    for target in targets:
        if isinstance(target, (facts.Attr, facts.Subscript)):
            yield base_name(target)
        elif isinstance(target, facts.Sequence):
            yield from _changed_slices(*target.items)


def _defined(file: facts.FileFacts, index: ModuleIndex) -> tuple[set[str], set[str]]:
    """The names of functions, classes and imports; and those of them that mean something of the project."""
    defined: set[str] = set()
    ours: set[str] = set()
    for node in statements(*file.body, into_scopes=False):
        if isinstance(node, (facts.Function, facts.Class)):
            defined.add(node.name)
            ours.add(node.name)
        elif isinstance(node, facts.Import):
            name = node.asname or node.module.partition(".")[0]
            defined.add(name)
            if index.find(node.module, file.path) is not None:
                ours.add(name)
        elif isinstance(node, facts.ImportFrom):
            for name, asname in node.names:
                defined.add(asname or name)
                if node.level or any(
                    index.find(dotted, file.path) for dotted in (node.module, f"{node.module}.{name}")
                ):
                    ours.add(asname or name)
    return defined, ours


def _groups(uses: list[_Use], defined: set[str]) -> list[list[int]]:
    """The statements that share a name which is bound twice or changed, in order."""
    binders: dict[str, int] = defaultdict(int)
    users: dict[str, list[int]] = defaultdict(list)
    shared: set[str] = set()
    for number, use in enumerate(uses):
        for name in use.binds:
            binders[name] += 1
        for name in use.reads | use.binds:
            users[name].append(number)
        # What a function, a class or another module is does not change with the calls of it.
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


def _has_effects(statement: facts.Stmt, use: _Use, ours: set[str], leads: Callable[[str], bool]) -> bool:
    """Whether a statement may do more than bind names of its module."""
    if isinstance(statement, (facts.Function, facts.Class)):
        words = identifiers(*statement.decorators) if statement.decorators else set[str]()
        return not words.isdisjoint(ours) or any(map(leads, words))
    return _is_star(statement) or not use.does.isdisjoint(ours) or any(map(leads, use.words))
