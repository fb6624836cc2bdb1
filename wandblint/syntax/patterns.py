"""Patterns of `match`: the names they bind and their plain values."""

from __future__ import annotations

import ast

from wandblint import facts
from wandblint.syntax.dispatch import lower
from wandblint.syntax.source import SourceText, Unsupported


class Pattern:
    """What a pattern binds and compares with, here and in its sub-patterns."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.values: list[facts.Expr] = []


def lower_pattern(node: ast.pattern, source: SourceText) -> Pattern:
    """The pattern of a case. Only a plain value, or an `|` of plain values, has values."""
    pattern = Pattern()
    _pass(node, source, pattern)
    alternatives = node.patterns if isinstance(node, ast.MatchOr) else [node]
    if not all(isinstance(alternative, (ast.MatchValue, ast.MatchSingleton)) for alternative in alternatives):
        pattern.values = []
    return pattern


def _pass(node: ast.pattern, source: SourceText, pattern: Pattern) -> None:
    match node:
        case ast.MatchValue():
            pattern.values.append(lower(node.value, source))
        case ast.MatchSingleton():
            start = source.rows[node.lineno] + node.col_offset
            end = source.rows[node.end_lineno] + node.end_col_offset
            pattern.values.append(facts.Const(start, end, node.value))
        case ast.MatchSequence() | ast.MatchOr():
            _pass_all(node.patterns, source, pattern)
        case ast.MatchMapping():
            _pass_all(node.patterns, source, pattern)
            _bind(node.rest, pattern)
        case ast.MatchClass():
            _pass_all([*node.patterns, *node.kwd_patterns], source, pattern)
        case ast.MatchAs():
            if node.pattern is not None:
                _pass(node.pattern, source, pattern)
            _bind(node.name, pattern)
        case ast.MatchStar():
            _bind(node.name, pattern)
        case _:
            raise Unsupported(type(node).__name__)


def _pass_all(nodes: list[ast.pattern], source: SourceText, pattern: Pattern) -> None:
    for node in nodes:
        _pass(node, source, pattern)


def _bind(name: str | None, pattern: Pattern) -> None:
    """Notes a captured name; `None` is the wildcard, or no name at all."""
    if name is not None:
        pattern.names.append(name)
