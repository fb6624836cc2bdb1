"""Newer grammar in older one, found with LibCST, whose parser knows the newest."""

from __future__ import annotations

import re

import libcst as cst

from wandblint.syntax.concrete import parse_concrete, positions
from wandblint.syntax.source import BLANK, HoleKind, Rewriting, SourceHole

_UNPACKING_COMPREHENSIONS = "3.15"


def with_older_grammar(written: str, rewriting: Rewriting) -> Rewriting:
    """A rewriting of which LibCST can parse what is written. Raises `ParseError` where it cannot."""
    written = _ANNOTATED.sub(r"\1\2  ", written)
    grammar = _Grammar(written, rewriting)
    grammar.visit(parse_concrete(written))
    return grammar.rewriting()


class _Grammar:
    def __init__(self, written: str, rewriting: Rewriting) -> None:
        self._written = written
        self._before = rewriting
        self._characters = list(rewriting.text)
        self._holes: dict[int, SourceHole] = {}
        self._starts: dict[int, int] = {}
        self._name_ends: dict[int, int] = {}
        self._spans: dict[cst.CSTNode, tuple[int, int]] = {}

    def rewriting(self) -> Rewriting:
        """What came of it."""
        text = "".join(self._characters)
        return Rewriting(text, self._holes, self._starts, self._name_ends, self._before.strings)

    def visit(self, module: cst.Module) -> None:
        """Rewrites all nodes."""
        self._spans = positions(module, self._written)
        for node in self._spans:
            self._visit(node)

    def _visit(self, node: cst.CSTNode) -> None:
        match node:
            case cst.FunctionDef() | cst.ClassDef() if node.type_parameters:
                start, end = self._spans[node.type_parameters]
                self._blank(start, end)
                self._name_ends[self._spans[node.name][0]] = end
            case cst.TypeAlias():
                self._begin_with_number(self._spans[node][0], self._spans[node.name][0])
                if node.type_parameters:
                    self._blank(*self._spans[node.type_parameters])
            case cst.ExceptStarHandler() | cst.ExceptHandler():
                self._handler(node)
            case cst.Subscript():
                self._subscript(node)
            case cst.Annotation(annotation=cst.StarredElement() as starred):
                self._hole(starred, HoleKind.STARRED)
            case cst.ListComp() | cst.SetComp() | cst.GeneratorExp():
                if isinstance(node.elt, cst.StarredElement):
                    self._unpacking(node, node.elt, "*")
            case cst.CSTNode() if type(node).__name__ == "StarredDictComp":
                self._unpacking(node, node, "**")
            case cst.CSTNode() if type(node).__name__ in _LAZY_IMPORTS:
                start = self._spans[node][0]
                self._begin_with_number(start, self._end_of(_LAZY, start))

    def _handler(self, node: cst.ExceptHandler | cst.ExceptStarHandler) -> None:
        if isinstance(node, cst.ExceptStarHandler):
            star = self._end_of(_EXCEPT_STAR, self._spans[node][0])
            self._blank(star - 1, star)
        if isinstance(node.type, cst.Tuple) and not node.type.lpar:
            self._hole(node.type, HoleKind.TUPLE)

    def _subscript(self, node: cst.Subscript) -> None:
        for element in node.slice:
            if isinstance(element.slice, cst.Index) and element.slice.star:
                is_tuple = len(node.slice) == 1 and isinstance(element.comma, cst.MaybeSentinel)
                self._hole(element.slice, HoleKind.TUPLE if is_tuple else HoleKind.STARRED)

    def _unpacking(self, node: cst.CSTNode, element: cst.CSTNode, stars: str) -> None:
        """A comprehension that unpacks what it makes: its value is unknown, its effects are not."""
        star = self._written.index(stars, self._spans[element][0])
        self._blank(star, star + len(stars))
        self._hole(node, HoleKind.UNKNOWN, _UNPACKING_COMPREHENSIONS)

    def _hole(self, node: cst.CSTNode, kind: HoleKind, python: str = "") -> None:
        start, end = self._spans[node]
        self._holes[start] = SourceHole(end, kind, python)

    def _blank(self, start: int, end: int) -> None:
        self._characters[start:end] = " " * (end - start)

    def _begin_with_number(self, start: int, begin: int) -> None:
        """Has a statement begin after its first word, in whose place stands a number as a statement.

        Blanks alone could not stand at the begin of a line.
        """
        self._blank(start, begin)
        self._characters[start : start + 2] = "0;"
        self._starts[begin] = start

    def _end_of(self, pattern: re.Pattern[str], start: int) -> int:
        found = pattern.match(self._written, start)
        assert found, "LibCST has parsed it"
        return found.end()


_ANNOTATED = re.compile(r"^([ \t\f]*)\(([\w.]+)\)(?=[ \t\f]*:)", re.MULTILINE)
"""`(name): type`, which LibCST refuses; without the parentheses all that matters has the same places."""
_LAZY_IMPORTS = ("LazyImport", "LazyImportFrom")
_LAZY = re.compile(rf"lazy{BLANK}")
_EXCEPT_STAR = re.compile(rf"except{BLANK}\*")
