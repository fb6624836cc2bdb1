"""LibCST's tree of a text, with the position of each node."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from functools import cache, cached_property
from typing import TypeAlias, TypeVar, cast

import libcst as cst
from libcst.metadata import ByteSpanPositionProvider, MetadataWrapper

from wandblint.findings.fix import TextEdit
from wandblint.span import Span
from wandblint.syntax.concrete import parse_concrete

N = TypeVar("N", bound=cst.CSTNode)
_Visit: TypeAlias = Callable[[cst.CSTNode], None]
Scope: TypeAlias = cst.FunctionDef | cst.Lambda | cst.ClassDef | cst.Module

_NEEDS_ESCAPE = re.compile(r"""[^ -~\xa1-\U0010ffff]|[\\"']""")
"""Characters that need an escape in a string with some kind of quotes."""


class _Wrapper(MetadataWrapper):
    """Computes positions without a batched visit of every node if there is no visitor."""

    def visit_batched(
        self,
        visitors: Iterable[cst.BatchableCSTVisitor],
        before_visit: _Visit | None = None,
        after_leave: _Visit | None = None,
    ) -> cst.CSTNode:
        """The module; visits it only if there are visitors."""
        needed = list(visitors)
        return super().visit_batched(needed, before_visit, after_leave) if needed else self.module


class ParsedSource:
    """A file's text as LibCST parses it. Raises `ParseError` if it cannot be parsed."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        wrapper = _Wrapper(parse_concrete(text), unsafe_skip_copy=True)
        self.module = wrapper.module
        self._parents = _parents(self.module)
        # In an ASCII text, byte offsets are character offsets.
        self._characters = None if text.isascii() else _characters(text)
        self._size = max(self._characters, default=0) if self._characters else len(text)
        self._spans: dict[cst.CSTNode, tuple[int, int]] = {}
        self._nodes: dict[tuple[int, int], list[cst.CSTNode]] = {}
        for node, byte_span in wrapper.resolve(ByteSpanPositionProvider).items():
            span = self._character(byte_span.start), self._character(byte_span.start + byte_span.length)
            self._spans[node] = span
            self._nodes.setdefault(span, []).append(node)

    def _character(self, byte: int) -> int:
        # LibCST counts a line ending after the last line even if there is none.
        byte = min(byte, self._size)
        return byte if self._characters is None else self._characters[byte]

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


def _characters(text: str) -> dict[int, int]:
    """The character offset of each byte offset in UTF-8 at which a character starts."""
    characters, byte = {}, 0
    for index, character in enumerate(text):
        characters[byte] = index
        byte += len(character.encode("utf-8", "surrogatepass"))
    characters[byte] = len(text)
    return characters
