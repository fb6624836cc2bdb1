"""Looking through facts without running them."""

from __future__ import annotations

import inspect
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import Any, TypeAlias, TypeVar, cast

from wandblint import facts

Kind = TypeVar("Kind", bound=facts.Node)

_HOLDS_FACTS = re.compile(r"\b(?!None\b)[A-Z]\w*")
"""What the type of a field names if it holds facts."""

_Field: TypeAlias = "tuple[str, bool, bool]"
"""The name of a field, whether it is a list, and whether texts are in it too."""


class _Fields(dict["type[facts.Node]", "tuple[_Field, ...]"]):
    """The fields of each kind of fact that hold other facts, last first."""

    def __missing__(self, kind: type[facts.Node]) -> tuple[_Field, ...]:
        """The fields of a kind that is met for the first time, by their types in `facts`."""
        types = inspect.get_annotations(kind)
        found = [(name, types[name]) for name in reversed(types) if _HOLDS_FACTS.search(types[name])]
        self[kind] = tuple((name, text.startswith("list"), "str" in text) for name, text in found)
        return self[kind]


_FIELDS = _Fields()


class _Blocks(dict["type[facts.Node]", "tuple[str, ...]"]):
    """The fields of each kind of fact that hold statements, last first."""

    def __missing__(self, kind: type[facts.Node]) -> tuple[str, ...]:
        """The fields of a kind that is met for the first time, by their types in `facts`."""
        types = inspect.get_annotations(kind)
        self[kind] = tuple(name for name in reversed(types) if types[name] in _HOLDS_STATEMENTS)
        return self[kind]


_HOLDS_STATEMENTS = frozenset({"list[Stmt]", "list[Handler]", "list[Case]"})
_BLOCKS = _Blocks()
_SCOPES = frozenset({facts.Function, facts.Class, facts.Lambda})


def walk(*nodes: facts.Node, into_scopes: bool = True) -> Iterator[facts.Node]:
    """The facts and all inside them, in order. Without `into_scopes` functions, lambdas and classes are met
    but not entered: what is left runs with the names of this scope."""
    waiting: list[facts.Node] = list(reversed(nodes))
    pop, push, extend = waiting.pop, waiting.append, waiting.extend
    while waiting:
        node = pop()
        yield node
        kind = type(node)
        if not into_scopes and kind in _SCOPES:
            continue
        for name, is_list, has_texts in _FIELDS[kind]:
            value = getattr(node, name)
            if has_texts:
                extend([part for part in reversed(value) if isinstance(part, facts.Node)])
            elif is_list:
                extend(value[::-1])
            elif value is not None:
                push(value)


def statements(*nodes: facts.Node, into_scopes: bool = True) -> Iterator[facts.Node]:
    """The same without expressions: statements, and the handlers and cases that hold some. They are a fifth
    of all facts."""
    waiting: list[facts.Node] = list(reversed(nodes))
    while waiting:
        node = waiting.pop()
        yield node
        kind = type(node)
        if into_scopes or kind not in _SCOPES:
            for name in _BLOCKS[kind]:
                waiting.extend(getattr(node, name)[::-1])


def functions(*nodes: facts.Node) -> Iterator[tuple[facts.Function, facts.Class | None]]:
    """The functions among statements and inside of them, each with the class whose method it is."""
    owners: dict[int, facts.Class] = {}
    for node in statements(*nodes):
        if isinstance(node, facts.Class):
            owners.update((inner.start, node) for inner in statements(*node.body, into_scopes=False))
        elif isinstance(node, facts.Function):
            yield node, owners.get(node.start)


def end_of(node: facts.Node) -> int:
    """Where a statement ends with all inside it: its own place is its first line's, without what it holds."""
    for name in _BLOCKS[type(node)]:
        block = getattr(node, name)
        if block:
            return end_of(block[-1])
    return node.end


def last_word(decorator: facts.Expr) -> str:
    """What a decorator, or the base of a class, is called: the last word of its name, without arguments."""
    if isinstance(decorator, facts.Call):
        return last_word(decorator.func)
    if isinstance(decorator, facts.Attr):
        return decorator.attr
    return decorator.id if isinstance(decorator, facts.Name) else ""


class ByKind(dict["type[facts.Node]", "list[facts.Node]"]):
    """All facts of a file by their kind, each kind in order: what looks for a few kinds need not walk."""

    def __init__(self, nodes: Iterable[facts.Node], *, into_scopes: bool = True) -> None:
        super().__init__()
        for node in walk(*nodes, into_scopes=into_scopes):
            self[type(node)].append(node)

    def __missing__(self, kind: type[facts.Node]) -> list[facts.Node]:
        """None of a kind that the file has not."""
        self[kind] = []
        return self[kind]

    def of(self, kind: type[Kind]) -> list[Kind]:
        """The facts of a kind."""
        return cast("list[Kind]", self[kind])

    def identifiers(self) -> set[str]:
        """Every name and attribute that they mention."""
        names = {node.id for node in self.of(facts.Name)}
        names.update(node.attr for node in self.of(facts.Attr))
        names.update(node.name for node in self.of(facts.Param))
        return names


class SyntaxParts:
    """Cuts from all facts of a file those that are inside of one of its functions: none is walked twice."""

    def __init__(self, whole: ByKind) -> None:
        self._whole = whole
        self._placed: dict[type[facts.Node], tuple[list[int], list[facts.Node]]] = {}
        bound = [(node.start, name) for kind in _BINDERS for node in whole[kind] for name in bound_by(node)]
        bound.sort()
        self._bound_at = [start for start, _ in bound]
        self._bound = [name for _, name in bound]

    def of(self, function: facts.Function) -> ByKind:
        """The function and what is inside of it."""
        return _SyntaxPart(self, function.start, end_of(function))

    def bound_in(self, function: facts.Function) -> list[str]:
        """The names that are bound, or unbound, inside of a function, in whatever scope."""
        first = bisect_right(self._bound_at, function.start)
        return self._bound[first : bisect_left(self._bound_at, end_of(function), first)]

    def between(self, kind: type[facts.Node], start: int, end: int) -> list[facts.Node]:
        """The facts of a kind that begin between two places, by their places."""
        if kind not in self._placed:
            nodes = sorted(self._whole[kind], key=_START)
            self._placed[kind] = list(map(_START, nodes)), nodes
        starts, nodes = self._placed[kind]
        first = bisect_left(starts, start)
        return nodes[first : bisect_left(starts, end, first)]


class _SyntaxPart(ByKind):
    """A stretch of a file; each kind is cut out when it is asked for."""

    def __init__(self, parts: SyntaxParts, start: int, end: int) -> None:
        super().__init__(())
        self._parts, self._start, self._end = parts, start, end

    def __missing__(self, kind: type[facts.Node]) -> list[facts.Node]:
        """Those of a kind that is asked for first."""
        self[kind] = self._parts.between(kind, self._start, self._end)
        return self[kind]


_START = attrgetter("start")


def identifiers(*nodes: facts.Node) -> set[str]:
    """Every name and attribute that the facts mention."""
    return ByKind(nodes).identifiers()


def target_names(*targets: facts.Expr) -> Iterator[str]:
    """The names that assignment targets bind."""
    for target in targets:
        if isinstance(target, facts.Name):
            yield target.id
        elif isinstance(target, facts.Sequence):
            yield from target_names(*target.items)
        elif isinstance(target, facts.Starred):
            yield from target_names(target.value)


def bound_names(*statements: facts.Stmt) -> Iterator[str]:
    """The names that statements bind, or unbind, in their own scope."""
    for node in walk(*statements, into_scopes=False):
        yield from bound_by(node)


def bound_by(node: facts.Node) -> Iterable[str]:
    """The names that a statement or expression binds, or unbinds, itself."""
    binder = _BINDERS.get(type(node))
    return () if binder is None else binder(node)


_BINDERS: dict[type[facts.Node], Callable[[Any], Iterable[str]]] = {
    facts.Assign: lambda node: target_names(*node.targets),
    facts.Delete: lambda node: target_names(*node.targets),
    facts.AugAssign: lambda node: target_names(node.target),
    facts.For: lambda node: target_names(node.target),
    facts.Walrus: lambda node: target_names(node.target),
    facts.WithItem: lambda node: () if node.target is None else target_names(node.target),
    facts.Function: lambda node: (node.name,),
    facts.Class: lambda node: (node.name,),
    facts.Handler: lambda node: () if node.name is None else (node.name,),
    facts.Case: lambda node: node.names,
    facts.Import: lambda node: (node.asname or node.module.partition(".")[0],),
    facts.ImportFrom: lambda node: [asname or name for name, asname in node.names],
}


def repeats(body: list[facts.Stmt]) -> bool:
    """Whether a pass of a loop with this body can be followed by another one, if nothing raises."""
    return bool(_continuations(body))


def _continuations(body: list[facts.Stmt]) -> set[str]:
    """How a block goes on where nothing raises: to its `end`, or to the next pass by `continue`."""
    ways: set[str] = set()
    for node in body:
        match node:
            case facts.Jump(kind=kind):
                return ways | ({kind} & {"continue"})
            case facts.Return() | facts.Raise():
                return ways
            case facts.If():
                inside = _continuations(node.body) | _continuations(node.orelse)
            case facts.Match():
                inside = {"end"}.union(*(_continuations(case.body) for case in node.cases))
            case facts.With():
                inside = _continuations(node.body)
            case facts.Try():
                inside, last = _continuations([*node.body, *node.orelse]), _continuations(node.final)
                inside = inside if "end" in last else last
            case _:
                continue
        ways |= inside - {"end"}
        if "end" not in inside:
            return ways
    return ways | {"end"}


def base_name(expr: facts.Expr) -> str:
    """The name that an attribute or item belongs to in the end; empty where it is none."""
    while isinstance(expr, (facts.Attr, facts.Subscript)):
        expr = expr.value
    return expr.id if isinstance(expr, facts.Name) else ""
