"""Patterns of `match`: the names they bind and their plain values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import libcst as cst

from wandblint import facts
from wandblint.reading.cursor import Cursor
from wandblint.reading.dispatch import lower
from wandblint.reading.identifiers import identifier


class Pattern:
    """What a pattern binds and compares with, here and in its sub-patterns."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.values: list[facts.Expr] = []


def lower_pattern(node: cst.MatchPattern, cursor: Cursor) -> Pattern:
    """Passes the pattern of a case. Only a plain value, or an `|` of plain values, has values."""
    pattern = Pattern()
    _pass(node, cursor, pattern)
    alternatives = [element.pattern for element in node.patterns] if isinstance(node, cst.MatchOr) else [node]
    if not all(isinstance(alternative, _VALUES) for alternative in alternatives):
        pattern.values = []
    return pattern


def _pass(node: cst.MatchPattern, cursor: Cursor, pattern: Pattern) -> None:
    if isinstance(node, _VALUES):  # its parentheses are those of its expression
        pattern.values.append(lower(node.value, cursor))
        return
    cursor.at += len(node.lpar)
    _PATTERNS[type(node)](node, cursor, pattern)
    cursor.at += len(node.lpar)


def _pass_name(node: cst.Name | None, cursor: Cursor, pattern: Pattern) -> None:
    """A captured name; `None` is the wildcard."""
    if node is None:
        cursor.take("_")
    else:
        cursor.take(node.value)
        pattern.names.append(identifier(node.value))


def _pass_elements(
    nodes: Sequence[cst.MatchSequenceElement | cst.MatchStar], cursor: Cursor, pattern: Pattern
) -> None:
    for node in nodes:
        if isinstance(node, cst.MatchStar):
            _pass_name(node.name, cursor, pattern)
        else:
            _pass(node.value, cursor, pattern)


def _pass_list(node: cst.MatchList, cursor: Cursor, pattern: Pattern) -> None:
    brackets = 0 if node.lbracket is None else 1
    cursor.at += brackets
    _pass_elements(node.patterns, cursor, pattern)
    cursor.at += brackets


def _pass_tuple(node: cst.MatchTuple, cursor: Cursor, pattern: Pattern) -> None:
    _pass_elements(node.patterns, cursor, pattern)


def _pass_mapping(node: cst.MatchMapping, cursor: Cursor, pattern: Pattern) -> None:
    cursor.take("{")
    for element in node.elements:
        lower(element.key, cursor)
        _pass(element.pattern, cursor, pattern)
    if node.rest is not None:
        _pass_name(node.rest, cursor, pattern)
    cursor.take("}")


def _pass_class(node: cst.MatchClass, cursor: Cursor, pattern: Pattern) -> None:
    lower(node.cls, cursor)
    cursor.take("(")
    _pass_elements(node.patterns, cursor, pattern)
    for keyword in node.kwds:
        cursor.take(keyword.key.value)
        _pass(keyword.pattern, cursor, pattern)
    cursor.take(")")


def _pass_as(node: cst.MatchAs, cursor: Cursor, pattern: Pattern) -> None:
    if node.pattern is not None:
        _pass(node.pattern, cursor, pattern)
        cursor.take("as")
    _pass_name(node.name, cursor, pattern)


def _pass_or(node: cst.MatchOr, cursor: Cursor, pattern: Pattern) -> None:
    for element in node.patterns:
        _pass(element.pattern, cursor, pattern)


_VALUES = (cst.MatchValue, cst.MatchSingleton)

_PassPattern: TypeAlias = Callable[[Any, Cursor, Pattern], None]

_PATTERNS: dict[type[cst.MatchPattern], _PassPattern] = {
    cst.MatchList: _pass_list,
    cst.MatchTuple: _pass_tuple,
    cst.MatchMapping: _pass_mapping,
    cst.MatchClass: _pass_class,
    cst.MatchAs: _pass_as,
    cst.MatchOr: _pass_or,
}
