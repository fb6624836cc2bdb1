"""The text that a tree was made from, and the places in it that the tree does not tell.

`ast` gives rows, and columns in bytes of UTF-8; facts want offsets in characters. And `ast` knows neither
parentheses nor where a header ends: that is looked up in the gaps between nodes, which hold nothing but
punctuation, keywords, whitespace and comments.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import NamedTuple

from wandblint import facts


class Unsupported(Exception):  # noqa: N818 (a signal to read it in another way)
    """The text is something that this reader does not understand."""


class HoleKind(Enum):
    """What the text of a hole is."""

    STARRED = "*value"
    TUPLE = "items of a tuple without parentheses"
    UNKNOWN = "an expression of unknown value, in syntax that is near enough for its effects"


class SourceHole(NamedTuple):
    """An expression that the running Python cannot parse where it stands.

    `python` is the first one that can, where its value is unknown here.
    """

    end: int
    kind: HoleKind
    python: str = ""


class StringKind(Enum):
    """Why a string is no text."""

    TEMPLATE = "a t-string, which is written as an f-string here"
    UNKNOWN = "a text with the name of a character that this Python does not know"


class Rewriting(NamedTuple):
    """A text in older syntax, of the same length, and what its new form does not say.

    `holes` are by the offset where they begin; `starts` tells for the offset where a statement seems to begin
    where it does, and `name_ends` for that of the name of a function or class where its type parameters end.
    `strings` are those that are not what they seem, by the offset where they begin.
    """

    text: str
    holes: Mapping[int, SourceHole]
    starts: Mapping[int, int]
    name_ends: Mapping[int, int]
    strings: Mapping[int, StringKind]


class SourceText:
    """A text and its rows: `rows[row] + column` is an offset.

    `effects` counts the calls, lambdas, walruses, awaits and yields so far, so that an expression has
    effects when its reading raises the count. `newer` collects what only a newer Python would know.
    """

    __slots__ = (
        "effects",
        "holes",
        "is_rewritten",
        "name_ends",
        "newer",
        "rows",
        "starts",
        "strings",
        "text",
    )

    def __init__(self, written: str | Rewriting) -> None:
        self.is_rewritten = isinstance(written, Rewriting)
        rewriting = written if isinstance(written, Rewriting) else Rewriting(written, {}, {}, {}, {})
        self.text, self.holes, self.starts, self.name_ends, self.strings = rewriting
        self.rows: Sequence[int] = ()
        self.effects = 0
        self.newer: list[facts.NewerSyntax] = []

    def closed(self, end: int) -> int:
        """The end of what ends here, with all the parentheses that close after it."""
        return self.after(_CLOSERS, end)

    def header_end(self, end: int) -> int:
        """The end of a compound statement's header whose last node ends here."""
        return end if self.text[end] == ":" else self.after(_HEADER_END, end)

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
                return end
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
        return found.end() if found else start

    def first_on_line(self, mark: str, before: int) -> int:
        """The place of a mark that begins a line, and which only blanks, comments and parentheses follow."""
        line_end = before
        while True:
            line = max(self.text.rfind("\n", 0, line_end), self.text.rfind("\r", 0, line_end)) + 1
            start = self.after(_INDENT, line)
            if self.text.startswith(mark, start) and start < before:
                return start
            if line == 0:
                return before
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
