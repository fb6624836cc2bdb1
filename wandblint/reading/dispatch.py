"""Which function lowers which node: a table that the modules of this package fill."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

import libcst as cst

from wandblint import facts
from wandblint.reading.cursor import Cursor

LowerExpression: TypeAlias = Callable[[Any, Cursor], facts.Expr]
"""Passes the tokens of an expression and gives its fact."""
LowerStatement: TypeAlias = Callable[[Any, Cursor, list[facts.Stmt]], None]
"""Appends the facts of a statement to the list: none, one, or one for each imported module."""

EXPRESSIONS: dict[type[cst.CSTNode], LowerExpression] = {}
STATEMENTS: dict[type[cst.CSTNode], LowerStatement] = {}

_Lower = TypeVar("_Lower", LowerExpression, LowerStatement)


def expression(name: str) -> Callable[[LowerExpression], LowerExpression]:
    """Registers a function for the expression nodes of this class of LibCST, where this version has it."""
    return lambda function: _register(EXPRESSIONS, name, function)


def statement(name: str) -> Callable[[LowerStatement], LowerStatement]:
    """Registers a function for the statement nodes of this class of LibCST, where this version has it."""
    return lambda function: _register(STATEMENTS, name, function)


def _register(table: dict[type[cst.CSTNode], _Lower], name: str, function: _Lower) -> _Lower:
    node = getattr(cst, name, None)
    if node is not None:
        table[node] = function
    return function


def lower(node: cst.BaseExpression, cursor: Cursor) -> facts.Expr:
    """The fact of an expression. Its parentheses are passed; only a tuple and a generator own theirs."""
    parentheses = node.lpar
    if not parentheses:
        return EXPRESSIONS[type(node)](node, cursor)
    cursor.at += len(parentheses)
    fact = EXPRESSIONS[type(node)](node, cursor)
    cursor.at += len(parentheses)
    return fact
