"""The functions, methods and variables of a file, and the words in each of them that may lead somewhere.

What the words mean, the project tells (`linking/units.py`).
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Iterator
from typing import TypeAlias

import msgspec

from wandblint import facts
from wandblint.index.walk import ByKind, SyntaxParts, bound_names
from wandblint.semantics.heuristics import LOGGING_SEEDS, QUESTION_NAMES, RUN_WORDS

_Attribute: TypeAlias = "tuple[str, str, bool]"
"""An attribute that is mentioned, the imported name before its first dot (empty where there is none), and
whether it is one of that name itself."""


def is_seed(name: str) -> bool:
    """Whether the name itself says that it reaches wandb."""
    return name in LOGGING_SEEDS or ("wandb" in name.lower() and not QUESTION_NAMES.search(name))


class ReferenceUnit(msgspec.Struct, array_like=True, gc=False):
    """A function, method or variable, and what it mentions."""

    name: str
    classes: tuple[str, ...]
    """The classes around it, outermost first."""
    words: list[str]
    """The names that mean something outside of it."""
    attributes: list[tuple[str, str, bool]]
    bound: list[str]
    """Names that are imported somewhere in the file, or `wandb`, and bound in here."""
    seeds: list[str]
    """Names and attributes in it that say themselves that they reach wandb."""
    logs_to_run: bool
    """Whether it mentions a run, and something called `log`."""


class References(msgspec.Struct, array_like=True, gc=False):
    """Those of a file, with what its names come from."""

    units: list[ReferenceUnit]
    own: list[str]
    """Names that the module binds itself."""
    imports: list[tuple[str, str | None]]
    """Modules that are imported, each with the name that it gets."""
    imports_from: list[tuple[int, str, list[tuple[str, str | None]]]]
    """How many dots, which module, and the names taken from it, each with the one that it gets."""


class _Scope(msgspec.Struct):
    """What is known of the names of a file."""

    parts: SyntaxParts
    own: frozenset[str]
    seeds: frozenset[str]
    """Names and attributes in it that say themselves that they reach wandb."""
    imported: frozenset[str]
    """Names that are imported somewhere in the file, and `wandb`, which counts wherever it stands."""


def references_of(body: list[facts.Stmt], seen: ByKind) -> References:
    """What the units of a file mention, of which all facts were seen."""
    words = {node.id for node in seen.of(facts.Name)}.union(node.attr for node in seen.of(facts.Attr))
    # A name that is only imported is mentioned where it can be imported from.
    words.update(asname or name for node in seen.of(facts.ImportFrom) for name, asname in node.names)
    imports = [(node.module, node.asname) for node in seen.of(facts.Import)]
    imports_from = [(node.level, node.module, node.names) for node in seen.of(facts.ImportFrom)]
    imported = {"wandb", *(asname or module.partition(".")[0] for module, asname in imports)}
    imported.update(asname or name for _, _, names in imports_from for name, asname in names)
    own = frozenset(bound_names(*body))
    scope = _Scope(SyntaxParts(seen), own, frozenset(filter(is_seed, words)), frozenset(imported))
    return References(list(_units_in(scope, body, ())), sorted(own), imports, imports_from)


def _units_in(scope: _Scope, body: list[facts.Stmt], classes: tuple[str, ...]) -> Iterator[ReferenceUnit]:
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
            for name in [asname or name for name, asname in statement.names if name != "*"]:
                seeds = [name] if name in scope.seeds else []
                yield ReferenceUnit(name, classes, [name], [], [], seeds, logs_to_run=False)


def _unit(
    scope: _Scope, name: str, classes: tuple[str, ...], seen: ByKind, bound: Iterable[str] = ()
) -> ReferenceUnit:
    """`bound` are the names that are bound inside, in whatever scope: they mean no variable of the module."""
    inner = {param.name for param in seen.of(facts.Param)}.union(bound)
    inner.difference_update(*(node.names for node in seen.of(facts.Scope)))
    words = {node.id for node in seen.of(facts.Name)}
    attributes = {_attribute(scope, node) for node in seen.of(facts.Attr)}
    everything = words.union(attr for attr, _, _ in attributes)
    return ReferenceUnit(
        name,
        classes,
        sorted(word for word in words if _matters(scope, word, inner)),
        sorted(attributes),
        sorted(inner & scope.imported),
        sorted(scope.seeds & everything),
        any(attr == "log" for attr, _, _ in attributes) and not everything.isdisjoint(RUN_WORDS),
    )


def _matters(scope: _Scope, word: str, inner: set[str]) -> bool:
    """Whether a name may mean something outside of where it stands."""
    if word in scope.imported:
        return True
    return word not in inner and (word in scope.own or not hasattr(builtins, word))


def _attribute(scope: _Scope, node: facts.Attr) -> _Attribute:
    root = node.value
    while isinstance(root, facts.Attr):
        root = root.value
    if isinstance(root, facts.Name) and root.id in scope.imported:
        return node.attr, root.id, root is node.value
    return node.attr, "", False
