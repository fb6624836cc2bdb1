"""Which function makes the facts of which node of `ast`: a table that the modules of this package fill."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

from wandblint import facts
from wandblint.syntax.source import SourceText, Unsupported, rows_of

LowerExpression: TypeAlias = Callable[[Any, int, int, SourceText], facts.Expr]
"""Gives the fact of an expression with its place."""
LowerStatement: TypeAlias = Callable[[Any, int, int, SourceText, list[facts.Stmt]], None]
"""Appends the facts of a statement with its place to the list: none, one, or one for each imported module."""

_Lower = TypeVar("_Lower", LowerExpression, LowerStatement)


class _Table(dict[type[ast.AST], _Lower]):
    def __missing__(self, node: type[ast.AST]) -> _Lower:
        # A node of a Python that is newer than this reader.
        raise Unsupported(node.__name__)


EXPRESSIONS: _Table[LowerExpression] = _Table()
STATEMENTS: _Table[LowerStatement] = _Table()


def expression(*names: str) -> Callable[[LowerExpression], LowerExpression]:
    """Registers a function for expressions of these classes of `ast`, where this Python has them."""
    return lambda function: _register(EXPRESSIONS, names, function)


def statement(*names: str) -> Callable[[LowerStatement], LowerStatement]:
    """Registers a function for statements of these classes of `ast`, where this Python has them."""
    return lambda function: _register(STATEMENTS, names, function)


def _register(table: _Table[_Lower], names: tuple[str, ...], function: _Lower) -> _Lower:
    for name in names:
        node = getattr(ast, name, None)
        if node is not None:
            table[node] = function
    return function


def lower(node: ast.expr, source: SourceText) -> facts.Expr:
    """The fact of an expression. Only a tuple and a generator own their parentheses."""
    rows = source.rows
    start = rows[node.lineno] + node.col_offset
    end = rows[node.end_lineno] + node.end_col_offset  # type: ignore[index,operator]  # a parsed node has them
    return EXPRESSIONS[type(node)](node, start, end, source)


def lower_all(nodes: list[ast.expr], source: SourceText) -> list[facts.Expr]:
    """The facts of expressions."""
    return [lower(node, source) for node in nodes]


def lower_body(nodes: list[ast.stmt], source: SourceText) -> list[facts.Stmt]:
    """The statements of a module or a block."""
    statements: list[facts.Stmt] = []
    rows, starts = source.rows, source.starts
    for node in nodes:
        start = rows[node.lineno] + node.col_offset
        end = rows[node.end_lineno] + node.end_col_offset  # type: ignore[index,operator]  # as above
        if start in starts:
            start = starts[start]
        STATEMENTS[type(node)](node, start, end, source, statements)
    return statements


def lower_at(nodes: list[ast.expr], text: str, offset: int, source: SourceText) -> list[facts.Expr]:
    """The facts of expressions of a part of the text, which was parsed alone and begins at an offset."""
    rows, source.rows = source.rows, rows_of(text, offset)
    try:
        return lower_all(nodes, source)
    finally:
        source.rows = rows
