"""LibCST's tree of a text, with the position of each node."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache, cached_property
from typing import TypeAlias, TypeVar, cast

import libcst as cst

from wandblint.findings.fix import TextEdit
from wandblint.span import Span
from wandblint.syntax.concrete import parse_concrete, positions

N = TypeVar("N", bound=cst.CSTNode)
Scope: TypeAlias = cst.FunctionDef | cst.Lambda | cst.ClassDef | cst.Module

_NEEDS_ESCAPE = re.compile(r"""[^ -~\xa1-\U0010ffff]|[\\"']""")
"""Characters that need an escape in a string with some kind of quotes."""


class ParsedSource:
    """A file's text as LibCST parses it. Raises `ParseError` if it cannot be parsed."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.module = parse_concrete(text)
        self._parents = _parents(self.module)
        self._spans = positions(self.module, text)
        self._nodes: dict[tuple[int, int], list[cst.CSTNode]] = {}
        for node, span in self._spans.items():
            self._nodes.setdefault(span, []).append(node)

    def node_at(self, span: Span, kind: type[N]) -> N | None:
        """The node of a kind with this span."""
        nodes = self._nodes.get((span.start, span.end), [])
        return next((node for node in nodes if isinstance(node, kind)), None)

    def expression_at(self, span: Span) -> cst.BaseExpression | None:
        """The outermost expression with this span."""
        nodes = self._nodes.get((span.start, span.end), [])
        return next((node for node in nodes if isinstance(node, cst.BaseExpression)), None)

    def span(self, node: cst.CSTNode) -> tuple[int, int]:
        """The start and end of a node."""
        return self._spans[node]

    def code(self, node: cst.CSTNode) -> str:
        """The source of a node."""
        start, end = self._spans[node]
        return self.text[start:end]

    def edit(self, start: int, end: int, text: str) -> TextEdit:
        """An edit of this file."""
        return TextEdit(Span(self.path, start, end), text)

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """The ancestors of a node, innermost first."""
        while (parent := self._parents.get(node)) is not None:
            yield parent
            node = parent

    def enclosing(self, node: cst.CSTNode, kind: type[N]) -> N | None:
        """The innermost ancestor of a kind."""
        return next((outer for outer in self.ancestors(node) if isinstance(outer, kind)), None)

    @cached_property
    def _ordered(self) -> list[tuple[tuple[int, int], list[cst.CSTNode]]]:
        return sorted(self._nodes.items(), key=lambda item: item[0])

    def find_all(self, kind: type[N] | tuple[type[N], ...], inside: cst.CSTNode | None = None) -> Iterator[N]:
        """The nodes of one or several kinds, in order; optionally only those inside a node."""
        # `isinstance` per node is slow because the node classes are abstract base classes.
        kinds = {each for each in self._kinds if issubclass(each, kind)}
        return (cast("N", node) for node in self.nodes(inside) if type(node) in kinds)

    @cached_property
    def _kinds(self) -> frozenset[type[cst.CSTNode]]:
        return frozenset(map(type, self._spans))

    def nodes(self, inside: cst.CSTNode | None = None) -> Iterator[cst.CSTNode]:
        """All nodes, or those inside a node, in order."""
        first, last = self._spans[inside] if inside is not None else (0, len(self.text))
        first_index = bisect_left(self._ordered, first, key=lambda item: item[0][0])
        for (start, end), nodes in self._ordered[first_index:]:
            if start > last:
                return
            if end <= last:
                yield from nodes

    def scope(self, node: cst.CSTNode) -> Scope:
        """The innermost function, class or module around a node."""
        return next(outer for outer in self.ancestors(node) if isinstance(outer, Scope))

    def code_with_parentheses(self, node: cst.BaseExpression) -> str:
        """The source of an expression with its parentheses."""
        if not node.lpar:
            return self.code(node)
        return self.text[self._spans[node.lpar[0]][0] : self._spans[node.rpar[-1]][1]]

    def string_literal(self, text: str, context: cst.CSTNode) -> str | None:
        """A text as a string literal in the quotes of the context or file; None if it needs an escape."""
        quote = self._quote(context)
        return None if _NEEDS_ESCAPE.search(text) else f"{quote}{text}{quote}"

    def _quote(self, context: cst.CSTNode) -> str:
        for inside in (context, None):
            quotes = [string.quote for string in self.find_all(cst.SimpleString, inside)]
            if "'" in quotes or '"' in quotes:
                return "'" if quotes.count("'") > quotes.count('"') else '"'
        return '"'

    def accepts(self, edit: TextEdit) -> bool:
        """Whether no f-string forbids an edit: before Python 3.12 its fields cannot contain its quotes."""
        return not any(
            start < edit.span.start and edit.span.end < end and set(edit.text) & {*string.quote, "\\", "\n"}
            for string in self.find_all(cst.FormattedString)
            for start, end in [self._spans[string]]
        )

    def indent(self, offset: int) -> str:
        """The indentation before an offset; empty if the line has other text before it."""
        before = self.text[self.line_start(offset) : offset]
        return before if before.strip() == "" else ""

    def line_start(self, offset: int) -> int:
        """The start of the line of an offset."""
        return self.text.rfind("\n", 0, offset) + 1

    def next_line(self, offset: int) -> int:
        """The start of the next line after an offset."""
        newline = self.text.find("\n", offset)
        return len(self.text) if newline < 0 else newline + 1

    def enclosing_statements(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """The ancestors of a node without indented blocks, innermost first."""
        return (outer for outer in self.ancestors(node) if not isinstance(outer, cst.IndentedBlock))

    def has_long_strings(self, start: int, end: int) -> bool:
        """Whether strings that start in a range span several lines: indenting would change them."""
        return any(
            start <= first < end and "\n" in self.text[first:last]
            for node in self.find_all((cst.SimpleString, cst.FormattedString))
            for first, last in [self._spans[node]]
        )

    def reindented(self, start: int, end: int, old: str, new: str) -> Iterator[TextEdit]:
        """Edits that change the indentation of the lines in a range. Blank lines stay as they are."""
        offset = start
        while offset < end:
            next_offset = self.next_line(offset)
            if self.text.startswith(old, offset) and self.text[offset:next_offset].strip():
                yield self.edit(offset, offset + len(old), new)
            offset = next_offset

    @property
    def newline(self) -> str:
        """The file's line ending."""
        return self.module.default_newline


def _parents(module: cst.Module) -> dict[cst.CSTNode, cst.CSTNode]:
    """The parent of each node. LibCST's own provider visits every node, which took a third of the time."""
    parents: dict[cst.CSTNode, cst.CSTNode] = {}
    waiting: list[cst.CSTNode] = [module]
    while waiting:
        node = waiting.pop()
        for name in _fields(type(node)):
            value = getattr(node, name)
            for child in value if isinstance(value, (list, tuple)) else (value,):
                if isinstance(child, cst.CSTNode):
                    parents[child] = node
                    waiting.append(child)
    return parents


@cache
def _fields(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    return tuple(kind.__dataclass_fields__)
