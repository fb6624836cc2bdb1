"""The same file in other clothes: what must change nothing about the findings."""

from __future__ import annotations

import codecs
import io
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass

TAB_WIDTH = 4
_NO_PYTHON = (tokenize.TokenError, SyntaxError)
_OUTSIDE_STATEMENTS = {
    tokenize.NL,
    tokenize.COMMENT,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}


@dataclass(frozen=True)
class Variant:
    """A way to write a Python file's text down."""

    name: str
    encode: Callable[[str], bytes]


def width(text: str) -> int:
    """The columns that a piece of a line takes, a tab counted as so many blanks."""
    return len(text.replace("\t", " " * TAB_WIDTH))


def with_tabs(text: str) -> str:
    """The text with its statements indented by tabs, or as it is where its indentation does not allow that.

    Only the first row of a statement is changed: below it, blanks may be the content of a string.
    """
    lines = text.split("\n")
    try:
        starts = [rows.start - 1 for rows in _statements(text)]
    except _NO_PYTHON:
        return text
    blanks = {start: len(lines[start]) - len(lines[start].lstrip()) for start in starts}
    if any(lines[start][:count] != " " * count or count % TAB_WIDTH for start, count in blanks.items()):
        return text
    for start, count in blanks.items():
        lines[start] = "\t" * (count // TAB_WIDTH) + lines[start][count:]
    return "\n".join(lines)


def suppressed(text: str, row: int, code: str) -> str:
    """The text with a suppression of `code` on a row, or at the end of its statement.

    Inside a string, and behind a backslash, a row can hold none.
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
    """The rows of the simple statement, or the header of the compound one, that a row belongs to."""
    try:
        return next((rows for rows in _statements(text) if row in rows), range(row, row + 1))
    except _NO_PYTHON:
        return range(row, row + 1)


def _statements(text: str) -> Iterator[range]:
    """The rows of each statement or header. Raises one of `_NO_PYTHON` where the text is none."""
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
"""The variants of which each must give the same findings in the same places."""
