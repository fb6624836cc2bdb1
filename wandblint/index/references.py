"""References of a file: its functions, methods and variables, and the names that each of them uses.

`analysis/project/call_graph.py` resolves the names over the project.
"""

from __future__ import annotations

import builtins
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Literal, TypeAlias

import msgspec
from msgspec.structs import replace

from wandblint import facts
from wandblint.index.walk import ByKind, SyntaxParts, bound_names, last_word, target_names
from wandblint.semantics.heuristics import LOGGING_SEEDS, QUESTION_NAMES, RUN_WORDS

_Attribute: TypeAlias = tuple[str, str, bool]
"""An attribute, the name of its module before its first dot (empty where there is none), and whether it
belongs to that name directly."""


def is_seed(name: str) -> bool:
    """Whether a name alone shows that code with it reaches wandb."""
    return name in LOGGING_SEEDS or ("wandb" in name.lower() and not QUESTION_NAMES.search(name))


UnitKind: TypeAlias = Literal["function", "class method", "class", "variable", "import"]
"""What a unit defines; a class is a unit with its bases and decorators, apart from what its body defines."""


class ReferenceUnit(msgspec.Struct, array_like=True, gc=False):
    """A function, method or variable, and the names that it uses."""

    name: str
    classes: tuple[str, ...]
    """The classes around it, outermost first."""
    words: list[str]
    """The names that refer to definitions outside of it; not those of which it uses attributes only."""
    attributes: list[_Attribute]
    bound: list[str]
    """Names that the file imports, or `wandb`, and that the unit binds."""
    seeds: list[str]
    """Its names and attributes that are seeds (`is_seed`)."""
    logs_to_run: bool
    """Whether it uses a run and an attribute `log`."""
    is_part: bool = False
    """Whether it is a variable of a loop or of an unpacked value: other code uses it by its own name only."""
    kind: UnitKind = "function"


class References(msgspec.Struct, array_like=True, gc=False):
    """The references of a file, and the sources of its names."""

    units: list[ReferenceUnit]
    own: list[str]
    """Names that the module itself binds."""
    imports: list[tuple[str, str | None]]
    """Imported modules, each with its alias."""
    imports_from: list[tuple[int, str, list[tuple[str, str | None]]]]
    """The number of dots, the module, and the names imported from it, each with its alias."""


class _FileNames(msgspec.Struct):
    """The names of a file by their origin."""

    parts: SyntaxParts
    own: frozenset[str]
    seeds: frozenset[str]
    """Names and attributes of the file that are seeds (`is_seed`)."""
    imported: frozenset[str]
    """Names that the file imports, and `wandb`, which counts everywhere."""


def references_of(body: list[facts.Stmt], by_kind: ByKind) -> References:
    """The references of a file with these facts."""
    words = {node.id for node in by_kind.of(facts.Name)}.union(node.attr for node in by_kind.of(facts.Attr))
    # A name that this file only imports counts, since other files can import it from here.
    words.update(asname or name for node in by_kind.of(facts.ImportFrom) for name, asname in node.names)
    imports = [(node.module, node.asname) for node in by_kind.of(facts.Import)]
    imports_from = [(node.level, node.module, node.names) for node in by_kind.of(facts.ImportFrom)]
    imported = {"wandb", *(asname or module.partition(".")[0] for module, asname in imports)}
    imported.update(asname or name for _, _, names in imports_from for name, asname in names)
    own = frozenset(bound_names(*body))
    scope = _FileNames(SyntaxParts(by_kind), own, frozenset(filter(is_seed, words)), frozenset(imported))
    return References(list(_units_in(scope, body, ())), sorted(own), imports, imports_from)


def _units_in(scope: _FileNames, body: list[facts.Stmt], classes: tuple[str, ...]) -> Iterator[ReferenceUnit]:
    for statement in body:
        if isinstance(statement, facts.FunctionDef):
            part = scope.parts.of(statement)
            unit = _unit(scope, statement.name, classes, part, scope.parts.bound_in(statement))
            is_class_method = "classmethod" in map(last_word, statement.decorators)
            yield replace(unit, kind="class method") if is_class_method else unit
        elif isinstance(statement, facts.ClassDef):
            head = _unit(scope, statement.name, classes, ByKind([*statement.bases, *statement.decorators]))
            yield replace(head, kind="class")
            yield from _units_in(scope, statement.body, (*classes, statement.name))
        for target, value in _bindings(statement):
            is_whole = isinstance(target, facts.Name) and not isinstance(statement, facts.For)
            for name in target_names(target):
                unit = _unit(scope, name, classes, ByKind([value]))
                yield replace(unit, is_part=not is_whole, kind="variable")
        if isinstance(statement, (facts.If, facts.Try, facts.With, facts.For, facts.While)):
            inner = [
                *statement.body,
                *(getattr(statement, "orelse", [])),
                *(s for handler in getattr(statement, "handlers", []) for s in handler.body),
            ]
            yield from _units_in(scope, inner, classes)
        elif isinstance(statement, facts.Match):
            yield from _units_in(scope, [s for case in statement.cases for s in case.body], classes)
        elif isinstance(statement, facts.ImportFrom):
            # Other files can import the name from here.
            for name in [asname or name for name, asname in statement.names if name != "*"]:
                seeds = [name] if name in scope.seeds else []
                yield ReferenceUnit(name, classes, [name], [], [], seeds, logs_to_run=False, kind="import")


def _bindings(statement: facts.Stmt) -> Iterator[tuple[facts.Expr, facts.Expr]]:
    """The targets of a statement, each with the expression that its names get values from."""
    match statement:
        case facts.Assign(targets=targets, value=value) if value is not None:
            yield from ((target, value) for target in targets)
        case facts.For(target=target, iter=value):
            yield target, value
        case facts.With(items=items):
            yield from ((item.target, item.value) for item in items if item.target is not None)


def _unit(
    scope: _FileNames, name: str, classes: tuple[str, ...], by_kind: ByKind, bound: Iterable[str] = ()
) -> ReferenceUnit:
    """A unit; `bound` holds the names that any scope inside it binds: they do not refer to the module."""
    inner = {param.name for param in by_kind.of(facts.Param)}.union(bound)
    inner.difference_update(*(node.names for node in by_kind.of(facts.ScopeDeclaration)))
    names = Counter(node.id for node in by_kind.of(facts.Name))
    owners = Counter(node.value.id for node in by_kind.of(facts.Attr) if isinstance(node.value, facts.Name))
    attributes = {_attribute(scope, node, inner) for node in by_kind.of(facts.Attr)}
    words = [name for name, count in names.items() if count > owners[name]]
    all_names = {*names, *(attr for attr, _, _ in attributes)}
    return ReferenceUnit(
        name,
        classes,
        sorted(word for word in words if _matters(scope, word, inner)),
        sorted(attributes),
        sorted(inner & scope.imported),
        sorted(scope.seeds & all_names),
        any(attr == "log" for attr, _, _ in attributes) and not all_names.isdisjoint(RUN_WORDS),
    )


def _matters(scope: _FileNames, word: str, inner: set[str]) -> bool:
    """Whether a name may refer to a definition outside of its unit."""
    if word in scope.imported:
        return True
    return word not in inner and (word in scope.own or not hasattr(builtins, word))


def _attribute(scope: _FileNames, node: facts.Attr, inner: set[str]) -> _Attribute:
    base = node.value
    while isinstance(base, facts.Attr):
        base = base.value
    if isinstance(base, facts.Name) and (
        base.id in scope.imported or (base.id in scope.own and base.id not in inner)
    ):
        return node.attr, base.id, base is node.value
    return node.attr, "", False
