"""Looking through facts without running them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from wandblint import facts

_ATOMS = frozenset(
    {"start", "end", "id", "attr", "op", "kind", "name_at", "keyword", "star", "level", "module"}
)
"""Fields that never hold other facts."""


@cache
def _fields(kind: type[facts.Node]) -> tuple[str, ...]:
    return tuple(reversed([name for name in kind.__struct_fields__ if name not in _ATOMS]))


def walk(*nodes: facts.Node, into_scopes: bool = True) -> Iterator[facts.Node]:
    """The facts and all inside them, in order. Without `into_scopes` functions, lambdas and classes are met
    but not entered: what is left runs with the names of this scope."""
    waiting: list[facts.Node] = list(reversed(nodes))
    pop, push = waiting.pop, waiting.append
    while waiting:
        node = pop()
        yield node
        if not into_scopes and isinstance(node, (facts.Function, facts.Class, facts.Lambda)):
            continue
        for name in _fields(type(node)):
            value = getattr(node, name)
            if isinstance(value, facts.Node):
                push(value)
            elif isinstance(value, list):
                for item in reversed(value):
                    if isinstance(item, facts.Node):
                        push(item)


def identifiers(*nodes: facts.Node) -> set[str]:
    """Every name and attribute that the facts mention."""
    found: set[str] = set()
    for node in walk(*nodes):
        if isinstance(node, facts.Name):
            found.add(node.id)
        elif isinstance(node, facts.Attr):
            found.add(node.attr)
        elif isinstance(node, facts.Param):
            found.add(node.name)
    return found


def yields(body: list[facts.Stmt]) -> bool:
    """Whether a function with this body is a generator."""
    return any(
        isinstance(node, facts.Wrapped) and node.kind != "await" for node in walk(*body, into_scopes=False)
    )


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
        match node:
            case facts.Assign(targets=targets) | facts.Delete(targets=targets):
                yield from target_names(*targets)
            case facts.AugAssign(target=target) | facts.For(target=target) | facts.Walrus(target=target):
                yield from target_names(target)
            case facts.WithItem(target=target) if target is not None:
                yield from target_names(target)
            case facts.Function(name=name) | facts.Class(name=name):
                yield name
            case facts.Handler(name=name) if name is not None:
                yield name
            case facts.Case(names=names):
                yield from names
            case facts.Import(module=module, asname=asname):
                yield asname or module.partition(".")[0]
            case facts.ImportFrom(names=names):
                yield from (asname or name for name, asname in names)


def goes_round(body: list[facts.Stmt]) -> bool:
    """Whether a pass of a loop with this body can be followed by another one, if nothing raises."""
    return bool(_ways_on(body))


def _ways_on(body: list[facts.Stmt]) -> set[str]:
    """How a block goes on where nothing raises: to its `end`, or to the next pass by `continue`."""
    ways: set[str] = set()
    for node in body:
        match node:
            case facts.Jump(kind=kind):
                return ways | ({kind} & {"continue"})
            case facts.Return() | facts.Raise():
                return ways
            case facts.If():
                inside = _ways_on(node.body) | _ways_on(node.orelse)
            case facts.Match():
                inside = {"end"}.union(*(_ways_on(case.body) for case in node.cases))
            case facts.With():
                inside = _ways_on(node.body)
            case facts.Try():
                inside, last = _ways_on([*node.body, *node.orelse]), _ways_on(node.final)
                inside = inside if "end" in last else last
            case _:
                continue
        ways |= inside - {"end"}
        if "end" not in inside:
            return ways
    return ways | {"end"}


def root_of(expr: facts.Expr) -> str:
    """The name that an attribute or item belongs to in the end; empty where it is none."""
    while isinstance(expr, (facts.Attr, facts.Subscript)):
        expr = expr.value
    return expr.id if isinstance(expr, facts.Name) else ""
