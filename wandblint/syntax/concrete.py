"""LibCST's tree of a text, for fixes and for syntax that is newer than the running Python."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import libcst as cst
from libcst._nodes.internal import CodegenState

from wandblint.sources.text import Lines
from wandblint.sources.tokens import TooDeep, check_depth, check_patterns, tokens
from wandblint.syntax.errors import ParseError
from wandblint.syntax.python import TOO_DEEP


def parse_concrete(text: str) -> cst.Module:
    """The tree. Raises `ParseError` where LibCST refuses the text, could overflow the stack or take hours."""
    try:
        found = tokens(text)
        check_patterns(found)
        check_depth(found)
        return cst.parse_module(text)
    except TooDeep as deep:
        raise ParseError(TOO_DEEP, deep.at, is_python=True) from None
    except RecursionError:  # it joins dotted names recursively
        raise ParseError(TOO_DEEP, 0, is_python=True) from None
    except cst.ParserSyntaxError as error:
        offset = Lines(text).offset(error.raw_line, error.raw_column + 1)
        raise ParseError(f"LibCST refuses it: {error.message}", offset) from None
    except (
        cst.CSTValidationError,  # of a node that it builds: "a" b"b"
        cst.CSTLogicError,
        AttributeError,  # its own, where a line ends after the `async` of a comprehension
        UnicodeEncodeError,
    ) as error:
        raise ParseError(f"LibCST refuses it: {error}", 0) from None


def positions(module: cst.Module, text: str) -> dict[cst.CSTNode, tuple[int, int]]:
    """The start and end, in the text that LibCST has parsed, of each node. Raises `ParseError`."""
    try:
        return _Printer(module, text).spans
    except RecursionError:  # it prints neighbouring strings recursively
        raise ParseError(TOO_DEEP, 0, is_python=True) from None


class _Printer(CodegenState):
    """Prints a module to learn where its nodes are, which do not know it.

    LibCST's own providers of positions do the same at twice the cost.
    """

    def __init__(self, module: cst.Module, text: str) -> None:
        super().__init__(module.default_indent, module.default_newline)
        self.spans: dict[cst.CSTNode, tuple[int, int]] = {}
        self._text = text
        self._offset = 0
        self._lost: dict[int, int] = {}
        """Where the code begins that lost blanks precede, by the offset of the blanks."""
        self._opened: list[int] = []
        module._codegen(self)

    def add_token(self, value: str) -> None:
        """Called for each piece of the text. LibCST loses some blanks, such as a form feed before code."""
        if value and not self._text.startswith(value, self._offset):
            offset = self._text.find(value, self._offset, self._end_of(_BLANKS) + len(value))
            if offset >= 0:
                self._lost[self._offset] = offset
                self._offset = offset
        # LibCST ends the last line even if the text does not.
        self._offset = min(self._offset + len(value), len(self._text))

    def add_indent_tokens(self) -> None:
        """Called at the begin of each line with code."""
        indent = "".join(self.indent_tokens)
        if self._text.startswith(indent, self._offset):
            self._offset += len(indent)
        else:
            # With form feeds, lines of one block may spell their indentation in different ways.
            self._offset = self._end_of(_INDENT)

    def _end_of(self, pattern: re.Pattern[str]) -> int:
        found = pattern.match(self._text, self._offset)
        return found.end() if found else self._offset

    def pop_trailing_newline(self) -> None:
        """Called where the file does not end in a newline."""

    def before_codegen(self, node: cst.CSTNode) -> None:
        """Called before a node is printed."""
        self._opened.append(self._offset)

    def after_codegen(self, node: cst.CSTNode) -> None:
        """Called when a node is printed."""
        start = self._opened.pop()
        if node not in self.spans:
            self.spans[node] = self._start(start), self._offset

    @contextmanager
    def record_syntactic_position(
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> Iterator[None]:
        """Called around a node without the blanks and parentheses that LibCST counts as its own."""
        start = self._offset
        yield
        self.spans[node] = (
            self.spans[start_node][0] if start_node else self._start(start),
            self.spans[end_node][1] if end_node else self._offset,
        )

    def _start(self, opened: int) -> int:
        """Where a node begins that was opened at an offset; one without text stays there."""
        return opened if opened == self._offset else self._lost.get(opened, opened)


_BLANKS = re.compile(r"\s*")
_INDENT = re.compile(r"[ \t\f]*")
