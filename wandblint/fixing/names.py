"""Names and their bindings, as far as moving or removing code depends on them."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from wandblint.fixing.source import ParsedSource


def bound_by_comprehensions(source: ParsedSource, node: cst.CSTNode) -> Iterator[str]:
    """The names that the comprehensions around a node bind."""
    for outer in source.ancestors(node):
        if isinstance(outer, cst.BaseComp):
            loop: cst.CompFor | None = outer.for_in
            while loop is not None:
                yield from (name.value for name in source.find_all(cst.Name, loop.target))
                loop = loop.inner_for_in


def bound_names(part: cst.CSTNode) -> Iterator[str]:
    """What a part of a statement binds: names, and attributes as written."""
    match part:
        case cst.Name():
            yield part.value
        case cst.Attribute(value=value, attr=attribute):
            yield from (f"{name}.{attribute.value}" for name in bound_names(value))
        case cst.Tuple() | cst.List():
            for element in part.elements:
                yield from bound_names(element.value)
        case cst.AssignTarget() | cst.AnnAssign() | cst.AugAssign() | cst.For() | cst.NamedExpr():
            yield from bound_names(part.target)
        case cst.Del():
            yield from bound_names(part.target)
        case cst.AsName(name=name) | cst.FunctionDef(name=name) | cst.ClassDef(name=name):
            yield from bound_names(name)
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
"""Methods that add items to their receiver."""


def used_names(source: ParsedSource, part: cst.CSTNode) -> set[str]:
    """The names and attributes in a part, as written."""
    return {name for node in source.find_all(_NAMED, part) for name in bound_names(node)}


def filled_names(part: cst.CSTNode) -> Iterator[str]:
    """The names that a statement fills: `row = ...`, `row[key] = ...`, `row.update(...)`."""
    match part:
        case cst.Assign():
            for target in part.targets:
                yield from _target_names(target.target)
        case cst.AnnAssign() | cst.AugAssign() | cst.For():
            yield from _target_names(part.target)
        case cst.Expr(value=cst.Call(func=cst.Attribute(value=receiver, attr=method))):
            yield from _target_names(receiver) if method.value in _FILLS else ()


def _target_names(target: cst.BaseExpression) -> Iterator[str]:
    while isinstance(target, cst.Subscript):
        target = target.value
    yield from bound_names(target)


def is_rebound(source: ParsedSource, expression: str, origin: cst.CSTNode, target: cst.CSTNode) -> bool:
    """Whether a name or attribute at `origin` may be rebound before the function reaches `target`."""
    parts = expression.split(".")
    holders = {".".join(parts[:length]) for length in range(1, len(parts) + 1)}
    end, start = source.span(origin)[1], source.span(target)[0]
    loops = [
        source.span(loop)
        for loop in source.ancestors(target)
        if isinstance(loop, (cst.For, cst.While)) and not source.span(loop)[0] <= end <= source.span(loop)[1]
    ]
    between = [(end, start), *loops]
    for part in source.find_all(_BINDS, source.scope(target)):
        if not holders.isdisjoint(bound_names(part)):
            position = source.span(part)[0]
            if any(low <= position < high for low, high in between):
                return True
    return False


def assigned_name(source: ParsedSource, call: cst.Call) -> str | None:
    """The name or attribute that gets the result of a call: `run = call()` or `with call() as run:`."""
    match next(source.ancestors(call), None):
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name() | cst.Attribute() as target)]):
            return next(bound_names(target), None)
        case cst.WithItem(asname=cst.AsName(name=cst.Name(value=name))):
            return name
    return None


def imported_name(source: ParsedSource, module: str, use: cst.CSTNode) -> str | None:
    """The name that a module has everywhere in a file, by an import above a use; None if it has none."""
    names = [
        alias.evaluated_alias or module
        for line in source.module.body
        if isinstance(line, cst.SimpleStatementLine) and source.span(line) < source.span(use)
        for statement in line.body
        if isinstance(statement, cst.Import)
        for alias in statement.names
        if alias.evaluated_name == module
    ]
    if len(names) != 1:
        return None
    bindings = sum(names[0] in bound_names(part) for part in source.find_all(_BINDS))
    parameters = any(parameter.name.value == names[0] for parameter in source.find_all(cst.Param))
    return None if bindings > 1 or parameters else names[0]


def can_become_comprehension(source: ParsedSource, loop: cst.For) -> bool:
    """Whether the function of a loop does not depend on the names that the loop binds.

    A comprehension has its own names, does not see those of a class, and cannot yield.
    """
    scope = source.scope(loop)
    if isinstance(scope, cst.ClassDef) or any(source.find_all(cst.Yield, loop)):
        return False
    if any(source.find_all(cst.NamedExpr, loop)):
        return False
    names = set(bound_names(loop))
    _, end = source.span(loop)
    after = (name for name in source.find_all(cst.Name, scope) if source.span(name)[0] >= end)
    first_uses = {name.value: name for name in reversed([use for use in after if use.value in names])}
    targets = {
        name for other in source.find_all(cst.For, scope) for name in source.find_all(cst.Name, other.target)
    }
    return all(name in targets for name in first_uses.values())


def can_be_removed(source: ParsedSource, statement: cst.CSTNode) -> bool:
    """Whether removing a dead statement does not change its function.

    Even a dead `yield` makes the function a generator, and a dead binding makes a name local.
    """
    scope = source.scope(statement)
    if any(source.scope(node) is scope for node in source.find_all(cst.Yield, statement)):
        return False
    removed = source.span(statement)
    bindings = list(source.find_all(_BINDS, scope))
    removed_bindings = {part for part in bindings if removed[0] <= source.span(part)[0] < removed[1]}
    lost = {name for part in removed_bindings for name in bound_names(part)}
    lost -= {name for part in bindings if part not in removed_bindings for name in bound_names(part)}
    return not any(
        name.value in lost
        for name in source.find_all(cst.Name, scope)
        if not removed[0] <= source.span(name)[0] < removed[1]
    )
