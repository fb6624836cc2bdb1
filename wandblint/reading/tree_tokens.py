"""The tokens of a file read off its tree: slow, and right whatever the text looks like.

They stand in for those of `sources.tokens` where these are out of step with the tree. LibCST's own
position provider listens to the printing of the tree in the same way, but it knows no keywords.
"""

from __future__ import annotations

from bisect import bisect_left

import libcst as cst
from libcst._nodes.internal import CodegenState

from wandblint.sources.tokens import Tokens, is_token


class TreeTokens(CodegenState):
    """Prints a module and gives the tokens between two offsets, as `sources.tokens.tokens` does."""

    def __init__(self, module: cst.Module) -> None:
        super().__init__(module.default_indent, module.default_newline)
        self._offset = 0
        self._offsets: list[int] = []
        self._pieces: list[str] = []
        self._opened: list[int] = []
        self._formatted_ends: dict[int, int] = {}
        module._codegen(self)
        self._text = "".join(self._pieces)

    def add_token(self, value: str) -> None:
        """Called for each piece of the text: a token, an operator, whitespace, a comment."""
        self._offsets.append(self._offset)
        self._pieces.append(value)
        self._offset += len(value)

    def add_indent_tokens(self) -> None:
        """Called at the begin of each line with code."""
        for indent in self.indent_tokens:
            self.add_token(indent)

    def pop_trailing_newline(self) -> None:
        """Called where the file does not end in a newline, which is no token."""

    def before_codegen(self, node: cst.CSTNode) -> None:
        """Called before a node is printed."""
        if isinstance(node, (cst.FormattedString, cst.TemplatedString)):
            self._opened.append(len(self._pieces))

    def after_codegen(self, node: cst.CSTNode) -> None:
        """Called when a node is printed: an f-string is one token, without the parentheses around it."""
        if isinstance(node, (cst.FormattedString, cst.TemplatedString)):
            first = self._pieces.index(node.start, self._opened.pop())
            last = len(self._pieces) - 1
            while self._pieces[last] != node.end:
                last -= 1
            self._formatted_ends[first] = self._offsets[last] + len(node.end)

    def __call__(self, start: int, end: int) -> Tokens:
        """The tokens between two offsets, without the gaps between them."""
        found = Tokens([], [], [], [])
        at = bisect_left(self._offsets, start)
        while at < len(self._pieces) and self._offsets[at] < end:
            piece, offset = self._pieces[at], self._offsets[at]
            piece_end = self._formatted_ends.get(at, offset + len(piece))
            if at in self._formatted_ends or is_token(piece):
                _append(found, self._text[offset:piece_end], offset, piece_end)
            at = bisect_left(self._offsets, piece_end, at + 1)
        _append(found, "", end, end)
        return found


def _append(found: Tokens, text: str, start: int, end: int) -> None:
    found.texts.append(text)
    found.starts.append(start)
    found.ends.append(end)
