"""Simple statements of LibCST as facts."""

from __future__ import annotations

import libcst as cst

from wandblint import facts
from wandblint.reading import operators
from wandblint.reading.cursor import Cursor
from wandblint.reading.dispatch import lower, statement
from wandblint.reading.identifiers import identifier
from wandblint.reading.parameters import pass_type_parameters


@statement("Expr")
def _expression(node: cst.Expr, cursor: Cursor, into: list[facts.Stmt]) -> None:
    if isinstance(node.value, cst.SimpleString) and not node.value.lpar:  # a docstring
        cursor.take(node.value.value)
        return
    start, effects = cursor.start, cursor.effects
    value = lower(node.value, cursor)
    is_constant = isinstance(value, (facts.Const, facts.Other)) and cursor.effects == effects
    if not is_constant:
        into.append(facts.ExprStmt(min(start, value.start), max(cursor.end, value.end), value))


@statement("Assert")
def _assert(node: cst.Assert, cursor: Cursor, into: list[facts.Stmt]) -> None:
    start = cursor.starts[cursor.take("assert")]
    test = lower(node.test, cursor)
    if node.msg is not None:
        lower(node.msg, cursor)
    into.append(facts.ExprStmt(start, cursor.end, test))


@statement("Assign")
def _assign(node: cst.Assign, cursor: Cursor, into: list[facts.Stmt]) -> None:
    start = cursor.starts[cursor.at]
    targets = [lower(target.target, cursor) for target in node.targets]
    value = lower(node.value, cursor)
    start, end = min(start, targets[0].start), max(cursor.end, value.end)
    into.append(facts.Assign(start, end, targets, value))


@statement("AnnAssign")
def _annotated_assign(node: cst.AnnAssign, cursor: Cursor, into: list[facts.Stmt]) -> None:
    start = cursor.start
    target = lower(node.target, cursor)
    annotation = lower(node.annotation.annotation, cursor)
    value = None if node.value is None else lower(node.value, cursor)
    into.append(facts.Assign(start, _end(value, cursor), [target], value, annotation))


@statement("AugAssign")
def _augmented_assign(node: cst.AugAssign, cursor: Cursor, into: list[facts.Stmt]) -> None:
    start = cursor.start
    target = lower(node.target, cursor)
    value = lower(node.value, cursor)
    op = operators.AUGMENTED[type(node.operator)]
    into.append(facts.AugAssign(start, _end(value, cursor), target, op, value))


@statement("TypeAlias")
def _type_alias(node: cst.TypeAlias, cursor: Cursor, into: list[facts.Stmt]) -> None:
    """`type Name = value` binds a name as an assignment does."""
    start = cursor.starts[cursor.take("type")]
    target = lower(node.name, cursor)
    pass_type_parameters(node.type_parameters, cursor)
    value = lower(node.value, cursor)
    into.append(facts.Assign(start, cursor.end, [target], value))


@statement("Return")
def _return(node: cst.Return, cursor: Cursor, into: list[facts.Stmt]) -> None:
    start = cursor.starts[cursor.take("return")]
    value = None if node.value is None else lower(node.value, cursor)
    into.append(facts.Return(start, _end(value, cursor), value))


@statement("Raise")
def _raise(node: cst.Raise, cursor: Cursor, into: list[facts.Stmt]) -> None:
    start = cursor.starts[cursor.take("raise")]
    value = None if node.exc is None else lower(node.exc, cursor)
    if node.cause is not None:
        cursor.take("from")
        lower(node.cause.item, cursor)
    into.append(facts.Raise(start, cursor.end, value))


@statement("Del")
def _delete(node: cst.Del, cursor: Cursor, into: list[facts.Stmt]) -> None:
    start = cursor.starts[cursor.take("del")]
    target = lower(node.target, cursor)
    targets: list[facts.Expr] = target.items if isinstance(target, facts.Sequence) else [target]
    into.append(facts.Delete(start, _end(target, cursor), targets))


@statement("Pass")
def _pass(_: cst.Pass, cursor: Cursor, __: list[facts.Stmt]) -> None:
    cursor.take("pass")


@statement("Break")
def _break(_: cst.Break, cursor: Cursor, into: list[facts.Stmt]) -> None:
    at = cursor.take("break")
    into.append(facts.Jump(cursor.starts[at], cursor.ends[at], "break"))


@statement("Continue")
def _continue(_: cst.Continue, cursor: Cursor, into: list[facts.Stmt]) -> None:
    at = cursor.take("continue")
    into.append(facts.Jump(cursor.starts[at], cursor.ends[at], "continue"))


@statement("Global")
@statement("Nonlocal")
def _scope(node: cst.Global | cst.Nonlocal, cursor: Cursor, into: list[facts.Stmt]) -> None:
    kind = "global" if isinstance(node, cst.Global) else "nonlocal"
    start = cursor.starts[cursor.take(kind)]
    names = [item.name.value for item in node.names]
    for name in names:
        cursor.take(name)
    into.append(facts.Scope(start, cursor.end, kind, [identifier(name) for name in names]))


def _end(value: facts.Expr | None, cursor: Cursor) -> int:
    """The end of a statement: a tuple without parentheses may end in a comma, which is no token."""
    return cursor.end if value is None else max(cursor.end, value.end)
