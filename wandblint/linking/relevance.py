"""Which files are read, and which names lead to wandb.

Read are the files that mention wandb, and over the import graph those that reach an interesting name
of a file that is read; others are read when a value of theirs is needed.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from wandblint import facts
from wandblint.linking.modules import Files, ImportGraph, ModuleIndex, is_test
from wandblint.linking.walk import walk

MANY_DEFINITIONS = 4
"""A method that more classes than this define says little about what `x.method()` calls: it leads to wandb
for those who name the class or hold an instance, not for everybody who calls a method of that name."""


@dataclass
class Relevance:
    """What is read, what could not be, and the names of functions and classes that lead to wandb."""

    read: dict[str, facts.FileFacts] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)
    interesting: set[str] = field(default_factory=set)


def methods(read: dict[str, facts.FileFacts], interesting: set[str]) -> dict[str, list[tuple[str, str, int]]]:
    """The interesting methods of the classes that are read: file, class and start, by name."""
    found: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
    for path, file in read.items():
        for owner in [statement for statement in file.body if isinstance(statement, facts.Class)]:
            for method in owner.body:
                if isinstance(method, facts.Function) and method.name in interesting:
                    found[method.name].append((path, owner.name, method.start))
    return dict(found)


@dataclass(frozen=True)
class _Unit:
    """A function, method or module variable: its class, the names it uses and the methods it calls."""

    path: str
    name: str
    owner: str
    names: frozenset[str]
    called: frozenset[str]
    is_seed: bool
    """Whether it reaches wandb itself."""
    spreads: bool
    """Whether others may reach wandb through it: nobody calls a test."""


def choose(files: Files, index: ModuleIndex) -> Relevance:
    """Reads what matters."""
    out = Relevance()
    units: list[_Unit] = []
    waiting = [name for name in files.names if files.mentions_wandb(name)]
    graph: ImportGraph | None = None
    while waiting:
        for name in waiting:
            found = files.facts(name)
            if found is None:
                out.unreadable.append(name)
            else:
                try:
                    units.extend(_units(found))
                except Exception as error:
                    # A mistake of ours over one file costs this file.
                    files.crashed(name, error)
                    out.unreadable.append(name)
                else:
                    out.read[name] = found
        known = {name: set[str]() for name in out.read} | _spread(units, out.interesting)
        graph = graph or ImportGraph(files, index)
        waiting = sorted(graph.reaching(known).difference(out.unreadable))
    return out


def _spread(units: list[_Unit], interesting: set[str]) -> dict[str, set[str]]:
    """Closes the interesting names over who mentions whom; returns the interesting globals of each file."""
    defined = Counter(unit.name for unit in units if unit.owner)
    vague = {name for name, count in defined.items() if count > MANY_DEFINITIONS} | _TOO_COMMON
    waiting = list(units)
    changed = True
    while changed:
        changed = False
        rest: list[_Unit] = []
        for unit in waiting:
            if _leads(unit, interesting, vague):
                before = len(interesting)
                if unit.spreads:
                    interesting.update({unit.name, unit.owner} - _TOO_COMMON)
                changed = changed or len(interesting) > before
            else:
                rest.append(unit)
        waiting = rest
    by_file: dict[str, set[str]] = defaultdict(set)
    for unit in units:
        name = unit.owner or unit.name
        if unit.spreads and (name in interesting or _leads(unit, interesting, vague)):
            by_file[unit.path].add(name)
    return dict(by_file)


_TOO_COMMON = frozenset(
    {"", "__init__", "__call__", "__enter__", "__exit__", "__post_init__", "__setattr__", "__getattr__"}
)


def _leads(unit: _Unit, interesting: set[str], vague: set[str]) -> bool:
    return (
        unit.is_seed
        or not unit.names.isdisjoint(interesting)
        or not (unit.called - vague).isdisjoint(interesting)
    )


_SEEDS = frozenset({"define_metric", "log_metrics", "log_dict", "add_scalar", "get_tracker"})
"""Methods that reach a run, through whatever front end."""

_ONLY_ASKS = re.compile(r"^_?(is|has|use|check|require)_|available|version|enabled|installed|^[A-Z_]+$")
"""Names that hold `wandb` and tell whether it is there, or how it is set: they log nothing."""


def is_seed(name: str) -> bool:
    """Whether the name itself says that it reaches wandb."""
    return name in _SEEDS or ("wandb" in name.lower() and not _ONLY_ASKS.search(name))


def _units(file: facts.FileFacts) -> Iterator[_Unit]:
    aliases = {"wandb"}
    for node in walk(*file.body):
        if isinstance(node, facts.Import) and node.module.partition(".")[0] == "wandb":
            aliases.add(node.asname or node.module)
        elif isinstance(node, facts.ImportFrom) and node.module.partition(".")[0] == "wandb":
            aliases.update(asname or name for name, asname in node.names)
    yield from _units_of(file.path, file.body, "", frozenset(aliases))


def _units_of(path: str, body: list[facts.Stmt], owner: str, aliases: frozenset[str]) -> Iterator[_Unit]:
    for statement in body:
        if isinstance(statement, facts.Function):
            yield _unit(path, statement.name, owner, [statement], aliases)
        elif isinstance(statement, facts.Class):
            yield _unit(path, statement.name, "", statement.bases, aliases)
            yield from _units_of(path, statement.body, statement.name, aliases)
        elif isinstance(statement, facts.Assign) and statement.value is not None:
            for target in statement.targets:
                if isinstance(target, facts.Name):
                    yield _unit(path, target.id, owner, [statement.value], aliases)
        elif isinstance(statement, (facts.If, facts.Try, facts.With)):
            inner = [
                *statement.body,
                *(getattr(statement, "orelse", [])),
                *(s for handler in getattr(statement, "handlers", []) for s in handler.body),
            ]
            yield from _units_of(path, inner, owner, aliases)
        elif isinstance(statement, facts.ImportFrom):
            # A name imported here can be imported from here.
            for name, asname in statement.names:
                if name != "*":
                    yield _made(path, asname or name, owner, {name}, set())


def _unit(path: str, name: str, owner: str, nodes: Sequence[facts.Node], aliases: frozenset[str]) -> _Unit:
    names: set[str] = set()
    called: set[str] = set()
    for node in walk(*nodes):
        if isinstance(node, facts.Name):
            names.add(node.id)
        elif isinstance(node, facts.Attr):
            called.add(node.attr)
    if not names.isdisjoint(aliases) or ("log" in called and not (names | called).isdisjoint(_RUN_NAMES)):
        names.add("wandb")
    return _made(path, name, owner, names, called)


def _made(path: str, name: str, owner: str, names: set[str], called: set[str]) -> _Unit:
    reaches = any(map(is_seed, names)) or any(map(is_seed, called))
    return _Unit(path, name, owner, frozenset(names), frozenset(called), reaches, not is_test(path))


_RUN_NAMES = frozenset({"run", "_run"})
