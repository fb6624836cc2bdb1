"""Which names hold what where: as much of it as moving an expression takes."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from wandblint.fixing.source import ParsedSource


def bound_by_comprehensions(source: ParsedSource, node: cst.CSTNode) -> Iterator[str]:
    """The names that the comprehensions around a node bind."""
    for outer in source.around(node):
        if isinstance(outer, cst.BaseComp):
            loop: cst.CompFor | None = outer.for_in
            while loop is not None:
                yield from (name.value for name in source.all_of(cst.Name, loop.target))
                loop = loop.inner_for_in


def bound(part: cst.CSTNode) -> Iterator[str]:
    """What a part of a statement binds: names, and attributes as they are written."""
    match part:
        case cst.Name():
            yield part.value
        case cst.Attribute(value=value, attr=attribute):
            yield from (f"{name}.{attribute.value}" for name in bound(value))
        case cst.Tuple() | cst.List():
            for element in part.elements:
                yield from bound(element.value)
        case cst.AssignTarget() | cst.AnnAssign() | cst.AugAssign() | cst.For() | cst.NamedExpr():
            yield from bound(part.target)
        case cst.Del():
            yield from bound(part.target)
        case cst.AsName(name=name) | cst.FunctionDef(name=name) | cst.ClassDef(name=name):
            yield from bound(name)
        case cst.ImportAlias(asname=None):
            yield part.evaluated_name.partition(".")[0]


_BINDS = (
    cst.AnnAssign,
    cst.AsName,
    cst.AssignTarget,
    cst.AugAssign,
    cst.ClassDef,
    cst.Del,
    cst.For,
    cst.FunctionDef,
    cst.ImportAlias,
    cst.NamedExpr,
)
_NAMED = (cst.Name, cst.Attribute)
_FILLS = frozenset({"append", "extend", "setdefault", "update"})
"""Methods that put something into what they are of."""


def used(source: ParsedSource, part: cst.CSTNode) -> set[str]:
    """The names and attributes in a part, as they are written."""
    return {name for node in source.all_of(_NAMED, part) for name in bound(node)}


def given(part: cst.CSTNode) -> Iterator[str]:
    """To what a statement gives something: `row = ...`, `row[key] = ...`, `row.update(...)`."""
    match part:
        case cst.Assign():
            for target in part.targets:
                yield from _holder(target.target)
        case cst.AnnAssign() | cst.AugAssign() | cst.For():
            yield from _holder(part.target)
        case cst.Expr(value=cst.Call(func=cst.Attribute(value=receiver, attr=method))):
            yield from _holder(receiver) if method.value in _FILLS else ()


def _holder(target: cst.BaseExpression) -> Iterator[str]:
    while isinstance(target, cst.Subscript):
        target = target.value
    yield from bound(target)


def is_rebound(source: ParsedSource, value: str, first: cst.CSTNode, then: cst.CSTNode) -> bool:
    """Whether a name or attribute may hold something else at a place of a function than at one before."""
    parts = value.split(".")
    holders = {".".join(parts[:length]) for length in range(1, len(parts) + 1)}
    end, start = source.span(first)[1], source.span(then)[0]
    loops = [
        source.span(loop)
        for loop in source.around(then)
        if isinstance(loop, (cst.For, cst.While)) and not source.span(loop)[0] <= end <= source.span(loop)[1]
    ]
    between = [(end, start), *loops]
    for part in source.all_of(_BINDS, source.scope(then)):
        if not holders.isdisjoint(bound(part)):
            at = source.span(part)[0]
            if any(low <= at < high for low, high in between):
                return True
    return False


def can_become_comprehension(source: ParsedSource, loop: cst.For) -> bool:
    """Whether nothing else of a loop's function sees what the loop does to its names.

    The names of a comprehension are its own; it sees none of a class, and cannot yield.
    """
    scope = source.scope(loop)
    if isinstance(scope, cst.ClassDef) or any(source.all_of(cst.Yield, loop)):
        return False
    if any(source.all_of(cst.NamedExpr, loop)):
        return False
    names = set(bound(loop))
    _, end = source.span(loop)
    after = (name for name in source.all_of(cst.Name, scope) if source.span(name)[0] >= end)
    firsts = {name.value: name for name in reversed([one for one in after if one.value in names])}
    targets = {
        name for other in source.all_of(cst.For, scope) for name in source.all_of(cst.Name, other.target)
    }
    return all(name in targets for name in firsts.values())


def can_go(source: ParsedSource, statement: cst.CSTNode) -> bool:
    """Whether a function does without a statement that is never run.

    A `yield` in it makes the function a generator nevertheless, and names that it binds are the function's.
    """
    scope = source.scope(statement)
    if any(source.scope(node) is scope for node in source.all_of(cst.Yield, statement)):
        return False
    inside = source.span(statement)
    binds = list(source.all_of(_BINDS, scope))
    within = {part for part in binds if inside[0] <= source.span(part)[0] < inside[1]}
    lost = {name for part in within for name in bound(part)}
    lost -= {name for part in binds if part not in within for name in bound(part)}
    return not any(
        name.value in lost
        for name in source.all_of(cst.Name, scope)
        if not inside[0] <= source.span(name)[0] < inside[1]
    )
