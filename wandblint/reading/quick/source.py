"""The text that a tree was made from, and the places in it that the tree does not tell.

`ast` gives rows, and columns in bytes of UTF-8; facts want offsets in characters. And `ast` knows neither
parentheses nor where a header ends: that is looked up in the gaps between nodes, which hold nothing but
punctuation, keywords, whitespace and comments.
"""

from __future__ import annotations

import re
from collections.abc import Sequence


class Defies(Exception):  # noqa: N818 (a signal to read the file with LibCST)
    """The text or its tree is something that is not read quickly."""


class Source:
    """A text and its rows: `rows[row] + column` is an offset.

    `effects` counts the calls, lambdas, walruses, awaits and yields so far, so that an expression has
    effects when its reading raises the count.
    """

    __slots__ = ("effects", "rows", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.rows = rows_of(text)
        self.effects = 0

    def closed(self, end: int) -> int:
        """The end of what ends here, with all the parentheses that close after it."""
        found = _CLOSERS.match(self.text, end)
        return found.end() if found else end

    def header_end(self, end: int) -> int:
        """The end of a compound statement's header whose last node ends here."""
        if self.text[end] == ":":
            return end
        found = _HEADER_END.match(self.text, end)
        return found.end() if found else end

    def closing(self, end: int, most: int) -> int:
        """How many parentheses close here, at most so many."""
        for count in range(most):
            found = _CLOSER.match(self.text, end)
            if found is None:
                return count
            end = found.end()
        return most

    def closed_by(self, end: int, count: int) -> int:
        """The end of what ends here, with so many of the parentheses that close after it."""
        for _ in range(count):
            found = _CLOSER.match(self.text, end)
            if found is None:
                raise Defies
            end = found.end()
        return end

    def opened(self, start: int, end: int) -> int:
        """How many parentheses open in a gap."""
        text = self.text
        count = text.count("(", start, end)
        if count and "#" in text[start:end]:
            count = _COMMENTS.sub("", text[start:end]).count("(")
        return count

    def after(self, pattern: re.Pattern[str], start: int) -> int:
        """The end of a pattern that has to be here."""
        found = pattern.match(self.text, start)
        if found is None:
            raise Defies
        return found.end()

    def first_on_line(self, mark: str, before: int) -> int:
        """The place of a mark that begins a line, and which only blanks, comments and parentheses follow."""
        line_end = before
        while True:
            line = max(self.text.rfind("\n", 0, line_end), self.text.rfind("\r", 0, line_end)) + 1
            start = self.after(_INDENT, line)
            if self.text.startswith(mark, start) and start < before:
                return start
            if line == 0:
                raise Defies
            line_end = line - 1


class _WideRow(int):
    """Where a row begins that has characters of several bytes. Adding a column in bytes gives an offset."""

    offsets: Sequence[int]

    def __add__(self, column: int) -> int:
        return self.offsets[column]


def rows_of(text: str, first: int = 0) -> list[int]:
    """Where the rows of a text begin whose own begin is at an offset. Rows count from 1."""
    rows = [first, first, *[first + end.end() for end in _LINE_END.finditer(text)]]
    if not text.isascii():
        for row, start in enumerate(rows):
            stop = rows[row + 1] if row + 1 < len(rows) else first + len(text)
            line = text[start - first : stop - first]
            if not line.isascii():
                rows[row] = _wide_row(start, line)
    return rows


def _wide_row(start: int, line: str) -> _WideRow:
    row = _WideRow(start)
    offsets = []
    for offset, character in enumerate(line, start):
        offsets += [offset] * len(character.encode())
    row.offsets = [*offsets, start + len(line)]
    return row


COMMENT = r"#[^\r\n]*(?![^\r\n])"
"""A comment, whole: a match that fails later must not try with less of it."""
BLANK = rf"(?:[\s\\]|{COMMENT})*"
"""What may stand anywhere between two tokens."""

_LINE_END = re.compile(r"\r\n?|\n")
_INDENT = re.compile(r"[ \t\f]*")
_COMMENTS = re.compile(COMMENT)
_CLOSER = re.compile(rf"{BLANK}\)")
_HEADER_END = re.compile(rf"(?:(?:[\s\\,/*(\[]|{COMMENT})*[)\]])*")
_CLOSERS = re.compile(rf"(?:{BLANK}\))*")
