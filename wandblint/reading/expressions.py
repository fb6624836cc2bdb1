"""Expressions of LibCST as facts: names, calls, operators, displays. Strings are in `strings`."""

from __future__ import annotations

import libcst as cst

from wandblint import facts
from wandblint.reading import operators
from wandblint.reading.cursor import Cursor, OutOfStep
from wandblint.reading.dispatch import expression, lower
from wandblint.reading.identifiers import identifier
from wandblint.reading.numbers import LARGEST, LONGEST_INTEGER, SMALLEST
from wandblint.reading.parameters import lower_parameters

_NAMED_CONSTANTS: dict[str, bool | None] = {"True": True, "False": False, "None": None}


@expression("Name")
def _name(node: cst.Name, cursor: Cursor) -> facts.Expr:
    at, value = cursor.at, node.value
    if cursor.texts[at] != value:
        raise OutOfStep
    cursor.at = at + 1
    if value in _NAMED_CONSTANTS:
        return facts.Const(cursor.starts[at], cursor.ends[at], _NAMED_CONSTANTS[value])
    return facts.Name(cursor.starts[at], cursor.ends[at], identifier(value))


@expression("Attribute")
def _attribute(node: cst.Attribute, cursor: Cursor) -> facts.Expr:
    start = cursor.starts[cursor.at]
    value = lower(node.value, cursor)
    at, attr = cursor.at, node.attr.value
    if cursor.texts[at] != attr:
        raise OutOfStep
    cursor.at = at + 1
    return facts.Attr(start, cursor.ends[at], value, identifier(attr))


@expression("Call")
def _call(node: cst.Call, cursor: Cursor) -> facts.Expr:
    start = cursor.starts[cursor.at]
    func = lower(node.func, cursor)
    cursor.at += 1
    args = [lower_argument(arg, cursor) for arg in node.args]
    cursor.at += 1
    cursor.effects += 1
    return facts.Call(start, cursor.end, func, args)


def lower_argument(node: cst.Arg, cursor: Cursor) -> facts.Arg:
    """An argument of a call, or a base of a class."""
    star = len(node.star)
    start = cursor.start_of("*") if star else cursor.starts[cursor.at]
    keyword = None
    if node.keyword is not None:
        cursor.take(node.keyword.value)
        keyword = identifier(node.keyword.value)
    value = lower(node.value, cursor)
    return facts.Arg(start, cursor.ends[cursor.at - 1], value, keyword, star)


@expression("Integer")
def _integer(node: cst.Integer, cursor: Cursor) -> facts.Expr:
    at = cursor.take(node.value)
    return _number(cursor.starts[at], cursor.ends[at], _integer_value(node))


@expression("Float")
def _float(node: cst.Float, cursor: Cursor) -> facts.Expr:
    at = cursor.take(node.value)
    return facts.Const(cursor.starts[at], cursor.ends[at], float(node.value))


@expression("Imaginary")
def _imaginary(node: cst.Imaginary, cursor: Cursor) -> facts.Expr:
    at = cursor.take(node.value)
    return facts.Other(cursor.starts[at], cursor.ends[at], [])


@expression("Ellipsis")
def _ellipsis(_: cst.Ellipsis, cursor: Cursor) -> facts.Expr:
    at = cursor.take("...")
    return facts.Other(cursor.starts[at], cursor.ends[at], [])


def _integer_value(node: cst.Integer) -> int | None:
    if len(node.value) > LONGEST_INTEGER:
        return None
    return int(node.value, 0)


def _number(start: int, end: int, value: int | None) -> facts.Expr:
    """The constant, or an unknown value if it does not fit 64 bits."""
    if value is None or not SMALLEST <= value <= LARGEST:
        return facts.Other(start, end, [])
    return facts.Const(start, end, value)


@expression("UnaryOperation")
def _unary(node: cst.UnaryOperation, cursor: Cursor) -> facts.Expr:
    start, effects = cursor.start, cursor.effects
    cursor.at += 1
    operand = lower(node.expression, cursor)
    end = cursor.end
    if isinstance(node.operator, cst.Not):
        return facts.Not(start, end, operand)
    if isinstance(node.operator, cst.Minus):
        if isinstance(node.expression, cst.Integer):
            value = _integer_value(node.expression)
            return _number(start, end, None if value is None else -value)
        if isinstance(operand, facts.Const) and isinstance(operand.value, float):
            return facts.Const(start, end, -operand.value)
    return facts.Other(start, end, [operand] if cursor.effects != effects else [])


@expression("BinaryOperation")
def _binary(node: cst.BinaryOperation, cursor: Cursor) -> facts.Expr:
    start = cursor.start
    left = lower(node.left, cursor)
    op = operators.BINARY[type(node.operator)]
    cursor.at += operators.TOKENS.get(op, 0)
    right = lower(node.right, cursor)
    return facts.Binary(start, cursor.end, op, left, right)


@expression("BooleanOperation")
def _boolean(node: cst.BooleanOperation, cursor: Cursor) -> facts.Expr:
    start, operator = cursor.start, type(node.operator)
    operands = [node.right]
    left = node.left
    while isinstance(left, cst.BooleanOperation) and type(left.operator) is operator and not left.lpar:
        operands.append(left.right)
        left = left.left
    values = [lower(left, cursor)]
    for operand in reversed(operands):
        cursor.at += 1
        values.append(lower(operand, cursor))
    return facts.Bool(start, cursor.end, "and" if operator is cst.And else "or", values)


@expression("Comparison")
def _comparison(node: cst.Comparison, cursor: Cursor) -> facts.Expr:
    start = cursor.start
    left = lower(node.left, cursor)
    ops, rights = [], []
    for target in node.comparisons:
        op = operators.COMPARE[type(target.operator)]
        cursor.at += operators.TOKENS.get(op, 0)
        ops.append(op)
        rights.append(lower(target.comparator, cursor))
    return facts.Compare(start, cursor.end, left, ops, rights)


@expression("IfExp")
def _conditional(node: cst.IfExp, cursor: Cursor) -> facts.Expr:
    start = cursor.start
    body = lower(node.body, cursor)
    cursor.at += 1
    test = lower(node.test, cursor)
    cursor.at += 1
    orelse = lower(node.orelse, cursor)
    return facts.Conditional(start, cursor.end, test, body, orelse)


@expression("Lambda")
def _lambda(node: cst.Lambda, cursor: Cursor) -> facts.Expr:
    start = cursor.starts[cursor.take("lambda")]
    params = lower_parameters(node.params, cursor)
    body = lower(node.body, cursor)
    cursor.effects += 1
    return facts.Lambda(start, cursor.end, params, body)


@expression("NamedExpr")
def _walrus(node: cst.NamedExpr, cursor: Cursor) -> facts.Expr:
    target = lower(node.target, cursor)
    assert isinstance(target, facts.Name), "the grammar allows nothing else"
    value = lower(node.value, cursor)
    cursor.effects += 1
    return facts.Walrus(target.start, cursor.end, target, value)


@expression("Await")
def _await(node: cst.Await, cursor: Cursor) -> facts.Expr:
    start = cursor.starts[cursor.take("await")]
    value = lower(node.expression, cursor)
    cursor.effects += 1
    return facts.Wrapped(start, cursor.end, "await", value)


@expression("Yield")
def _yield(node: cst.Yield, cursor: Cursor) -> facts.Expr:
    start = cursor.starts[cursor.take("yield")]
    kind, inner = "yield", node.value
    if isinstance(inner, cst.From):
        kind, inner = "from", inner.item
        cursor.take("from")
    value = None if inner is None else lower(inner, cursor)
    cursor.effects += 1
    return facts.Wrapped(start, cursor.end if value is None else max(cursor.end, value.end), kind, value)
