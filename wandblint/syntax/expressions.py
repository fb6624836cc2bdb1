"""Expressions of `ast` as facts: names, constants, operators. What has brackets is elsewhere."""

from __future__ import annotations

import ast

from wandblint import facts
from wandblint.syntax.calls import lower_parameters
from wandblint.syntax.dispatch import expression, lower, lower_all
from wandblint.syntax.holes import lower_hole
from wandblint.syntax.operators import BINARY, COMPARE
from wandblint.syntax.source import SourceText, StringKind
from wandblint.syntax.strings import can_be_stored, kinds_of_strings

_SMALLEST, _LARGEST = -(2**63), 2**63 - 1
_SIGNS: dict[type[ast.unaryop], str] = {ast.USub: "-", ast.UAdd: "+", ast.Invert: "~"}
LONGEST_INTEGER = 200
"""Characters (there may be underscores); Python itself refuses to convert very long ones."""


@expression("Name")
def _name(node: ast.Name, start: int, end: int, _: SourceText) -> facts.Expr:
    return facts.Name(start, end, node.id)


@expression("Attribute")
def _attribute(node: ast.Attribute, start: int, end: int, source: SourceText) -> facts.Expr:
    return facts.Attr(start, end, lower(node.value, source), node.attr)


@expression("Constant")
def _constant(node: ast.Constant, start: int, end: int, source: SourceText) -> facts.Expr:
    value = node.value
    if isinstance(value, str):
        if source.is_rewritten and StringKind.UNKNOWN in kinds_of_strings(start, end, source):
            return facts.Other(start, end, [])
        return facts.Const(start, end, value) if can_be_stored(value) else facts.Other(start, end, [])
    if isinstance(value, int) and not isinstance(value, bool):
        return _integer(start, end, value, end - start)
    if value is None or isinstance(value, (bool, float)):
        return facts.Const(start, end, value)
    # Bytes, a complex number, `...`: or what stands for something else.
    return lower_hole(start, source) or facts.Other(start, end, [])


def _integer(start: int, end: int, value: int, width: int) -> facts.Expr:
    """The constant, or an unknown value if it does not fit 64 bits or is written at great length."""
    if width > LONGEST_INTEGER or not _SMALLEST <= value <= _LARGEST:
        return facts.Other(start, end, [])
    return facts.Const(start, end, value)


@expression("UnaryOp")
def _unary(node: ast.UnaryOp, start: int, end: int, source: SourceText) -> facts.Expr:
    operator, inner = type(node.op), node.operand
    operand = lower(inner, source)
    if operator is ast.Not:
        return facts.Not(start, end, operand)
    if operator is ast.USub:
        if type(inner) is ast.Constant and type(inner.value) is int:
            return _integer(start, end, -inner.value, operand.end - operand.start)
        if type(operand) is facts.Const and type(operand.value) is float:
            return facts.Const(start, end, -operand.value)
    return facts.Other(start, end, [operand], _SIGNS[operator])


@expression("BinOp")
def _binary(node: ast.BinOp, start: int, end: int, source: SourceText) -> facts.Expr:
    left = lower(node.left, source)
    return facts.Binary(start, end, BINARY[type(node.op)], left, lower(node.right, source))


@expression("BoolOp")
def _boolean(node: ast.BoolOp, start: int, end: int, source: SourceText) -> facts.Expr:
    op = "and" if type(node.op) is ast.And else "or"
    return facts.Bool(start, end, op, lower_all(node.values, source))


@expression("Compare")
def _comparison(node: ast.Compare, start: int, end: int, source: SourceText) -> facts.Expr:
    left = lower(node.left, source)
    ops = [COMPARE[type(op)] for op in node.ops]
    return facts.Compare(start, end, left, ops, lower_all(node.comparators, source))


@expression("IfExp")
def _conditional(node: ast.IfExp, start: int, end: int, source: SourceText) -> facts.Expr:
    body = lower(node.body, source)
    test = lower(node.test, source)
    return facts.Conditional(start, end, test, body, lower(node.orelse, source))


@expression("Lambda")
def _lambda(node: ast.Lambda, start: int, end: int, source: SourceText) -> facts.Expr:
    params = lower_parameters(node.args, start + len("lambda"), source)
    body = lower(node.body, source)
    source.effects += 1
    return facts.Lambda(start, end, params, body)


@expression("NamedExpr")
def _walrus(node: ast.NamedExpr, start: int, end: int, source: SourceText) -> facts.Expr:
    target = lower(node.target, source)
    assert isinstance(target, facts.Name), "the grammar allows nothing else"
    value = lower(node.value, source)
    source.effects += 1
    return facts.Walrus(start, end, target, value)


@expression("Await")
def _await(node: ast.Await, start: int, end: int, source: SourceText) -> facts.Expr:
    value = lower(node.value, source)
    source.effects += 1
    return facts.Wrapped(start, end, "await", value)


@expression("Yield", "YieldFrom")
def _yield(node: ast.Yield | ast.YieldFrom, start: int, end: int, source: SourceText) -> facts.Expr:
    value = None if node.value is None else lower(node.value, source)
    source.effects += 1
    return facts.Wrapped(start, end, "yield" if type(node) is ast.Yield else "from", value)
