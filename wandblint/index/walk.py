"""Walks over facts without interpreting them."""

from __future__ import annotations

import inspect
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any, TypeAlias, TypeVar, cast

from wandblint import facts

Kind = TypeVar("Kind", bound=facts.Node)

_Field: TypeAlias = "tuple[str, bool, bool]"
"""The name of a field, whether it is a list, and whether that may hold strings, too."""

_FIELD_TYPES = [
    (kind, list(reversed(inspect.get_annotations(kind).items())))
    for kind in vars(facts).values()
    if isinstance(kind, type) and issubclass(kind, facts.Node)
]
"""The fields of each kind of fact with their types, last first."""

_HOLDS_FACTS = re.compile(r"\b(?!None\b)[A-Z]\w*")
"""Matches the type of a field that holds facts."""

_FIELDS: dict[type[facts.Node], tuple[_Field, ...]] = {
    kind: tuple(
        (name, text.startswith("list"), "str" in text) for name, text in fields if _HOLDS_FACTS.search(text)
    )
    for kind, fields in _FIELD_TYPES
}
"""The fields of each kind of fact that hold other facts, last first."""

_STATEMENT_LISTS = {"list[Stmt]", *(f"list[{kind.__name__}]" for kind in (facts.Handler, facts.MatchCase))}

_BLOCKS: dict[type[facts.Node], tuple[str, ...]] = {
    kind: tuple(name for name, text in fields if text in _STATEMENT_LISTS) for kind, fields in _FIELD_TYPES
}
"""The fields of each kind of fact that hold statements, last first."""

_SCOPES = frozenset({facts.FunctionDef, facts.ClassDef, facts.Lambda})


def walk(*nodes: facts.Node, into_scopes: bool = True) -> Iterator[facts.Node]:
    """The facts and all facts inside them, in order.

    Without `into_scopes` the walk yields functions, lambdas and classes but does not enter them: the rest
    runs with the names of this scope.
    """
    stack: list[facts.Node] = list(reversed(nodes))
    pop, push, extend = stack.pop, stack.append, stack.extend
    while stack:
        node = pop()
        yield node
        kind = type(node)
        if not into_scopes and kind in _SCOPES:
            continue
        for name, is_list, has_strings in _FIELDS[kind]:
            value = getattr(node, name)
            if has_strings:
                extend([part for part in reversed(value) if isinstance(part, facts.Node)])
            elif is_list:
                extend(value[::-1])
            elif value is not None:
                push(value)


def statements(*nodes: facts.Node, into_scopes: bool = True) -> Iterator[facts.Node]:
    """The statements of a walk, and the handlers and cases that hold some: a fifth of all facts."""
    stack: list[facts.Node] = list(reversed(nodes))
    while stack:
        node = stack.pop()
        yield node
        kind = type(node)
        if into_scopes or kind not in _SCOPES:
            for name in _BLOCKS[kind]:
                stack.extend(getattr(node, name)[::-1])


def functions(*nodes: facts.Node) -> Iterator[tuple[facts.FunctionDef, facts.ClassDef | None]]:
    """The functions among and inside statements, each with the class whose method it is."""
    owners: dict[int, facts.ClassDef] = {}
    for node in statements(*nodes):
        if isinstance(node, facts.ClassDef):
            owners.update((inner.start, node) for inner in statements(*node.body, into_scopes=False))
        elif isinstance(node, facts.FunctionDef):
            yield node, owners.get(node.start)


def end_of(node: facts.Node) -> int:
    """The end of a statement with its blocks: its own span covers only its header."""
    for name in _BLOCKS[type(node)]:
        block = getattr(node, name)
        if block:
            return end_of(block[-1])
    return node.end


def last_word(decorator: facts.Expr) -> str:
    """The last word of the name of a decorator or base class, without arguments."""
    if isinstance(decorator, facts.Call):
        return last_word(decorator.func)
    if isinstance(decorator, facts.Attr):
        return decorator.attr
    return decorator.id if isinstance(decorator, facts.Name) else ""


class ByKind(dict["type[facts.Node]", "list[facts.Node]"]):
    """Facts by their kind, each kind in order, so that a search for few kinds needs no walk."""

    def __init__(self, nodes: Iterable[facts.Node], *, into_scopes: bool = True) -> None:
        super().__init__()
        for node in walk(*nodes, into_scopes=into_scopes):
            self[type(node)].append(node)

    def __missing__(self, kind: type[facts.Node]) -> list[facts.Node]:
        """The empty list for a kind without facts."""
        self[kind] = []
        return self[kind]

    def of(self, kind: type[Kind]) -> list[Kind]:
        """The facts of a kind."""
        return cast("list[Kind]", self[kind])

    def identifiers(self) -> set[str]:
        """Every name, attribute and parameter in them."""
        names = {node.id for node in self.of(facts.Name)}
        names.update(node.attr for node in self.of(facts.Attr))
        names.update(node.name for node in self.of(facts.Param))
        return names


class SyntaxParts:
    """Selects the facts inside a function from those of its file, without a further walk."""

    def __init__(self, whole: ByKind) -> None:
        self._whole = whole
        self._by_start: dict[type[facts.Node], tuple[list[int], list[facts.Node]]] = {}
        bound = [(node.start, name) for kind in _BINDERS for node in whole[kind] for name in bound_by(node)]
        bound.sort()
        self._bound_at = [start for start, _ in bound]
        self._bound = [name for _, name in bound]

    def of(self, function: facts.FunctionDef) -> ByKind:
        """The function and the facts inside it."""
        return _SyntaxPart(self, function.start, end_of(function))

    def bound_in(self, function: facts.FunctionDef) -> list[str]:
        """The names that any scope inside a function binds or unbinds."""
        first = bisect_right(self._bound_at, function.start)
        return self._bound[first : bisect_left(self._bound_at, end_of(function), first)]

    def between(self, kind: type[facts.Node], start: int, end: int) -> list[facts.Node]:
        """The facts of a kind that start between two offsets, in order."""
        if kind not in self._by_start:
            nodes = sorted(self._whole[kind], key=_START)
            self._by_start[kind] = list(map(_START, nodes)), nodes
        starts, nodes = self._by_start[kind]
        first = bisect_left(starts, start)
        return nodes[first : bisect_left(starts, end, first)]


class _SyntaxPart(ByKind):
    """The facts in a range of a file; each kind is selected on first access."""

    def __init__(self, parts: SyntaxParts, start: int, end: int) -> None:
        super().__init__(())
        self._parts, self._start, self._end = parts, start, end

    def __missing__(self, kind: type[facts.Node]) -> list[facts.Node]:
        """Selects a kind on its first access."""
        self[kind] = self._parts.between(kind, self._start, self._end)
        return self[kind]


_START = attrgetter("start")


def identifiers(*nodes: facts.Node) -> set[str]:
    """Every name, attribute and parameter in the facts."""
    return ByKind(nodes).identifiers()


def mentions(node: facts.Node | None, names: Collection[str]) -> bool:
    """Whether one of the names stands in a node; nothing stands where there is none."""
    return node is not None and any(isinstance(part, facts.Name) and part.id in names for part in walk(node))


def assignment_targets(node: facts.Node) -> Sequence[facts.Expr]:
    """What an assignment, an augmented one or a `for` assigns; nothing for any other node."""
    match node:
        case facts.Assign(targets=targets):
            return targets
        case facts.AugAssign(target=target) | facts.For(target=target):
            return (target,)
    return ()


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
    """The names that statements bind or unbind in their own scope."""
    for node in walk(*statements, into_scopes=False):
        yield from bound_by(node)


def bound_by(node: facts.Node) -> Iterable[str]:
    """The names that a statement or expression itself binds or unbinds."""
    binder = _BINDERS.get(type(node))
    return () if binder is None else binder(node)


_BINDERS: dict[type[facts.Node], Callable[[Any], Iterable[str]]] = {
    facts.Assign: lambda node: target_names(*node.targets),
    facts.Delete: lambda node: target_names(*node.targets),
    facts.AugAssign: lambda node: target_names(node.target),
    facts.For: lambda node: target_names(node.target),
    facts.Walrus: lambda node: target_names(node.target),
    facts.WithItem: lambda node: () if node.target is None else target_names(node.target),
    facts.FunctionDef: lambda node: (node.name,),
    facts.ClassDef: lambda node: (node.name,),
    facts.Handler: lambda node: () if node.name is None else (node.name,),
    facts.MatchCase: lambda node: node.names,
    facts.Import: lambda node: (node.asname or node.module.partition(".")[0],),
    facts.ImportFrom: lambda node: [asname or name for name, asname in node.names],
}


def is_yield(node: facts.Node) -> bool:
    """Whether it is a `yield` or a `yield from`, which makes its function a generator."""
    return isinstance(node, facts.Wrapped) and node.kind != "await"


def repeats(body: list[facts.Stmt]) -> bool:
    """Whether an iteration of a loop with this body can lead to another one, if nothing raises."""
    return bool(_continuations(body))


def jumps(body: list[facts.Stmt], kind: str) -> list[facts.Jump]:
    """The `break` or `continue` statements in the body of a loop that are not those of a loop in it."""
    found = [node for node in statements(*body, into_scopes=False) if isinstance(node, facts.Jump)]
    of_inner_loops = {
        id(node)
        for loop in statements(*body, into_scopes=False)
        if isinstance(loop, (facts.For, facts.While))
        for node in statements(*loop.body, into_scopes=False)
    }
    return [node for node in found if node.kind == kind and id(node) not in of_inner_loops]


def _continuations(body: list[facts.Stmt]) -> set[str]:
    """How a block continues if nothing raises: at its `end`, or by `continue` in the next iteration."""
    continuations: set[str] = set()
    for node in body:
        match node:
            case facts.Jump(kind=kind):
                return continuations | ({kind} & {"continue"})
            case facts.Return() | facts.Raise():
                return continuations
            case facts.If():
                inner = _continuations(node.body) | _continuations(node.orelse)
            case facts.Match():
                inner = {"end"}.union(*(_continuations(case.body) for case in node.cases))
            case facts.With():
                inner = _continuations(node.body)
            case facts.Try():
                inner, final = _continuations([*node.body, *node.orelse]), _continuations(node.final)
                inner = inner if "end" in final else final
            case _:
                continue
        continuations |= inner - {"end"}
        if "end" not in inner:
            return continuations
    return continuations | {"end"}


def base_name(expr: facts.Expr) -> str:
    """The name at the base of an attribute or item; empty where the base is no name."""
    while isinstance(expr, (facts.Attr, facts.Subscript)):
        expr = expr.value
    return expr.id if isinstance(expr, facts.Name) else ""
