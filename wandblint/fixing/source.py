"""The tree of a text with the places of its nodes."""

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

_NO_PLAIN_STRING = re.compile(r"""[^ -~\xa1-\U0010ffff]|[\\"']""")
"""What has to be escaped in a string, in one kind of quotes or in the other."""


class _Wrapper(MetadataWrapper):
    """Works out the places of nodes without a visit to each of them that is for no visitor."""

    def visit_batched(
        self,
        visitors: Iterable[cst.BatchableCSTVisitor],
        before_visit: _Visit | None = None,
        after_leave: _Visit | None = None,
    ) -> cst.CSTNode:
        """The module, visited if there are visitors."""
        asked = list(visitors)
        return super().visit_batched(asked, before_visit, after_leave) if asked else self.module


class ParsedSource:
    """A file's text as LibCST sees it. Raises `ParseError` where it cannot be parsed."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        wrapper = _Wrapper(parse_concrete(text), unsafe_skip_copy=True)
        self.module = wrapper.module
        self._parents = _parents(self.module)
        # Bytes are characters unless there are others than ASCII.
        self._characters = None if text.isascii() else _characters(text)
        self._size = max(self._characters, default=0) if self._characters else len(text)
        self._spans: dict[cst.CSTNode, tuple[int, int]] = {}
        self._nodes: dict[tuple[int, int], list[cst.CSTNode]] = {}
        for node, span in wrapper.resolve(ByteSpanPositionProvider).items():
            place = self._character(span.start), self._character(span.start + span.length)
            self._spans[node] = place
            self._nodes.setdefault(place, []).append(node)

    def _character(self, byte: int) -> int:
        # LibCST counts the line ending of the last line even where none is there.
        byte = min(byte, self._size)
        return byte if self._characters is None else self._characters[byte]

    def at(self, span: Span, kind: type[N]) -> N | None:
        """The node of a kind at a place."""
        found = self._nodes.get((span.start, span.end), [])
        return next((node for node in found if isinstance(node, kind)), None)

    def expression(self, span: Span) -> cst.BaseExpression | None:
        """The outermost expression at a place."""
        found = self._nodes.get((span.start, span.end), [])
        return next((node for node in found if isinstance(node, cst.BaseExpression)), None)

    def span(self, node: cst.CSTNode) -> tuple[int, int]:
        """Where a node stands."""
        return self._spans[node]

    def code(self, node: cst.CSTNode) -> str:
        """A node as it is written."""
        start, end = self._spans[node]
        return self.text[start:end]

    def edit(self, start: int, end: int, text: str) -> TextEdit:
        """An edit of this file."""
        return TextEdit(Span(self.path, start, end), text)

    def around(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """What a node is in, innermost first."""
        while (parent := self._parents.get(node)) is not None:
            yield parent
            node = parent

    def enclosing(self, node: cst.CSTNode, kind: type[N]) -> N | None:
        """The innermost of a kind that a node is in."""
        return next((outer for outer in self.around(node) if isinstance(outer, kind)), None)

    @cached_property
    def _ordered(self) -> list[tuple[tuple[int, int], list[cst.CSTNode]]]:
        return sorted(self._nodes.items(), key=lambda item: item[0])

    def all_of(self, kind: type[N] | tuple[type[N], ...], inside: cst.CSTNode | None = None) -> Iterator[N]:
        """The nodes of a kind, or of some, those inside of a node, in order."""
        # Asking each node takes long, since the kinds of nodes are abstract base classes.
        kinds = {one for one in self._kinds if issubclass(one, kind)}
        return (cast("N", node) for node in self.nodes(inside) if type(node) in kinds)

    @cached_property
    def _kinds(self) -> frozenset[type[cst.CSTNode]]:
        return frozenset(map(type, self._spans))

    def nodes(self, inside: cst.CSTNode | None = None) -> Iterator[cst.CSTNode]:
        """All nodes, or those inside of one, in order."""
        first, last = self._spans[inside] if inside is not None else (0, len(self.text))
        at = bisect_left(self._ordered, first, key=lambda item: item[0][0])
        for (start, end), nodes in self._ordered[at:]:
            if start > last:
                return
            if end <= last:
                yield from nodes

    def scope(self, node: cst.CSTNode) -> Scope:
        """The function, class or module in which a node's names are looked up first."""
        return next(outer for outer in self.around(node) if isinstance(outer, Scope))

    def whole(self, node: cst.BaseExpression) -> str:
        """An expression as it is written, with the parentheses around it."""
        if not node.lpar:
            return self.code(node)
        return self.text[self._spans[node.lpar[0]][0] : self._spans[node.rpar[-1]][1]]

    def string(self, text: str, near: cst.CSTNode) -> str | None:
        """A text as a string in the quotes of those inside of a node, else in those of the file's most; None
        where it had to be escaped."""
        return None if _NO_PLAIN_STRING.search(text) else f"{self._quote(near)}{text}{self._quote(near)}"

    def _quote(self, near: cst.CSTNode) -> str:
        for inside in (near, None):
            quotes = [string.quote for string in self.all_of(cst.SimpleString, inside)]
            if "'" in quotes or '"' in quotes:
                return "'" if quotes.count("'") > quotes.count('"') else '"'
        return '"'

    def takes(self, edit: TextEdit) -> bool:
        """Whether a place has room for a text: before Python 3.12 the holes of an f-string hold none of its
        quotes."""
        return not any(
            start < edit.span.start and edit.span.end < end and set(edit.text) & {*string.quote, "\\", "\n"}
            for string in self.all_of(cst.FormattedString)
            for start, end in [self._spans[string]]
        )

    def indent(self, start: int) -> str:
        """The blanks before a place, to the start of its line; empty where there is more than blanks."""
        line = self.text.rfind("\n", 0, start) + 1
        before = self.text[line:start]
        return before if before.strip() == "" else ""

    def line(self, place: int) -> int:
        """Where the line of a place begins."""
        return self.text.rfind("\n", 0, place) + 1

    def line_after(self, place: int) -> int:
        """Where the line after that of a place begins."""
        found = self.text.find("\n", place)
        return len(self.text) if found < 0 else found + 1

    def around_blocks(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """The statements that a node is in, innermost first."""
        return (outer for outer in self.around(node) if not isinstance(outer, cst.IndentedBlock))

    def has_long_strings(self, start: int, end: int) -> bool:
        """Whether strings between two places go over several lines: to indent these would change them."""
        return any(
            start <= first < end and "\n" in self.text[first:last]
            for node in self.all_of((cst.SimpleString, cst.FormattedString))
            for first, last in [self._spans[node]]
        )

    def shifted(self, start: int, end: int, old: str, new: str) -> Iterator[TextEdit]:
        """The lines between two places with another indentation. Blank lines stay as they are."""
        place = start
        while place < end:
            following = self.line_after(place)
            if self.text.startswith(old, place) and self.text[place:following].strip():
                yield self.edit(place, place + len(old), new)
            place = following

    @property
    def newline(self) -> str:
        """The file's line ending."""
        return self.module.default_newline


def _parents(module: cst.Module) -> dict[cst.CSTNode, cst.CSTNode]:
    """What each node is directly in. LibCST's own provider visits every node for it, which took a third of
    what fixes cost."""
    found: dict[cst.CSTNode, cst.CSTNode] = {}
    waiting: list[cst.CSTNode] = [module]
    while waiting:
        node = waiting.pop()
        for name in _fields(type(node)):
            value = getattr(node, name)
            for child in value if isinstance(value, (list, tuple)) else (value,):
                if isinstance(child, cst.CSTNode):
                    found[child] = node
                    waiting.append(child)
    return found


@cache
def _fields(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    return tuple(kind.__dataclass_fields__)


def _characters(text: str) -> dict[int, int]:
    """The character at each byte of the UTF-8 text at which one begins."""
    places, byte = {}, 0
    for number, character in enumerate(text):
        places[byte] = number
        byte += len(character.encode("utf-8", "surrogatepass"))
    places[byte] = len(text)
    return places
