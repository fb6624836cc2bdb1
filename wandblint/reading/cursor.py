"""The cursor that a walk moves over the tokens of a file, in step with the nodes it visits.

A node's place is that of the first and the last token that was passed while it was visited; that is
exact because LibCST's trees keep every token and are walked in the order of the source.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

from wandblint.sources.tokens import Tokens

Lexer: TypeAlias = Callable[[int, int], Tokens]
"""Gives the tokens of the text between two offsets."""


class OutOfStep(Exception):  # noqa: N818 (a signal to read the tokens off the tree)
    """The token at the cursor is not the one that the node says."""


class Cursor:
    """Where the walk is: `at` is the number of the next token, `first` the offset where the tokens begin.

    `effects` counts the calls, lambdas, walruses, awaits and yields so far, so that an expression has
    effects when its visit raises the count.
    """

    __slots__ = ("at", "effects", "ends", "first", "lex", "starts", "text", "texts")

    def __init__(self, text: str, lex: Lexer, tokens: Tokens, first: int) -> None:
        self.text = text
        self.lex = lex
        self.texts, self.starts, self.ends = tokens.texts, tokens.starts, tokens.ends
        self.first = first
        self.at = 0
        self.effects = 0

    @property
    def start(self) -> int:
        """Where the next token begins."""
        return self.starts[self.at]

    @property
    def end(self) -> int:
        """Where the token that was passed last ends."""
        return self.ends[self.at - 1]

    def take(self, value: str) -> int:
        """Passes the token, which is `value`, and returns its number. Raises `OutOfStep` if it is not."""
        at = self.at
        if self.texts[at] != value:
            raise OutOfStep
        self.at = at + 1
        return at

    def follows(self, value: str) -> bool:
        """Passes the token if it is `value`."""
        if self.texts[self.at] != value:
            return False
        self.at += 1
        return True

    def start_of(self, operator: str) -> int:
        """Where the operator in the gap before the next token begins."""
        return self.seek(operator, self.ends[self.at - 1] if self.at else self.first)

    def end_of(self, operator: str) -> int:
        """Where the operator after the token that was passed last ends."""
        return self.seek(operator, self.end) + len(operator)

    def seek(self, operator: str, offset: int) -> int:
        """The first place from `offset` on of an operator. Raises `OutOfStep` if there is none.

        Only gaps between tokens are searched, so what could hide it is a comment.
        """
        found = _OPERATORS[operator].match(self.text, offset)
        if not found:
            raise OutOfStep
        return found.end() - len(operator)

    def skip(self, offset: int) -> int:
        """The first place from `offset` on that is neither whitespace nor comment."""
        found = _BLANK.match(self.text, offset)
        assert found, "matches the empty string"
        return found.end()


_BLANK = re.compile(r"(?:[\s\\]|#[^\r\n]*)*")
_OPERATORS = {
    mark: re.compile(rf"[^{mark}#]*(?:#[^\r\n]*(?![^\r\n])[^{mark}#]*)*{re.escape(mark)}") for mark in "*@,:"
}
