"""Variants of a file that must give the same findings: other line endings, indentation and encoding."""

from __future__ import annotations

import codecs
import io
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass

TAB_WIDTH = 4
_NOT_PYTHON = (tokenize.TokenError, SyntaxError)
_OUTSIDE_STATEMENTS = {tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


@dataclass(frozen=True)
class Variant:
    """A way to encode the text of a Python file."""

    name: str
    encode: Callable[[str], bytes]


def width(text: str) -> int:
    """The columns that a part of a line takes; a tab takes `TAB_WIDTH`."""
    return len(text.replace("\t", " " * TAB_WIDTH))


def with_tabs(text: str) -> str:
    """Indents statements by tabs; returns the text unchanged if its indentation does not allow that.

    Only the first row of a statement changes: in further rows, blanks may be inside a string.
    """
    lines = text.split("\n")
    try:
        starts = [rows.start - 1 for rows in _statements(text)]
    except _NOT_PYTHON:
        return text
    blanks = {start: len(lines[start]) - len(lines[start].lstrip()) for start in starts}
    if any(lines[start][:count] != " " * count or count % TAB_WIDTH for start, count in blanks.items()):
        return text
    for start, count in blanks.items():
        lines[start] = "\t" * (count // TAB_WIDTH) + lines[start][count:]
    return "\n".join(lines)


def suppress(text: str, row: int, code: str) -> str:
    """Adds a suppression of `code` to a row, or to the last row of its statement.

    A row that ends inside a string or in a backslash has no room for a comment.
    """
    lines = text.split("\n")
    last_row = statement_rows(text, row)[-1]
    for candidate in (row, last_row):
        line = f"{lines[candidate - 1]}  # wandblint: ignore[{code}]"
        changed = "\n".join([*lines[: candidate - 1], line, *lines[candidate:]])
        continues = lines[candidate - 1].endswith("\\")
        if candidate == last_row or (not continues and _ends_in_comment(changed, candidate, len(line))):
            break
    return changed


def statement_rows(text: str, row: int) -> range:
    """The rows of the simple statement, or the header of the compound one, that contains a row."""
    try:
        return next((rows for rows in _statements(text) if row in rows), range(row, row + 1))
    except _NOT_PYTHON:
        return range(row, row + 1)


def _statements(text: str) -> Iterator[range]:
    """Yields the rows of each statement or header. Raises one of `_NOT_PYTHON` if the text is not Python."""
    first = 0
    for token in _tokens(text):
        if token.type in _OUTSIDE_STATEMENTS:
            continue
        first = first or token.start[0]
        if token.type == tokenize.NEWLINE:
            yield range(first, token.start[0] + 1)
            first = 0


def _ends_in_comment(text: str, row: int, column: int) -> bool:
    return any(token.type == tokenize.COMMENT and token.end == (row, column) for token in _tokens(text))


def _tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    return tokenize.generate_tokens(io.StringIO(text).readline)


AS_WRITTEN = Variant("as written", str.encode)
VARIANTS = (
    Variant("with CRLF line endings", lambda text: text.replace("\n", "\r\n").encode()),
    Variant("indented with tabs", lambda text: with_tabs(text).encode()),
    Variant("with a byte order mark", lambda text: codecs.BOM_UTF8 + text.encode()),
    Variant("without a newline at the end", lambda text: text.removesuffix("\n").encode()),
)
"""Each must give the same findings in the same rows and columns."""
