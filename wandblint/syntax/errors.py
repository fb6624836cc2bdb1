"""Where Python's own parser says that a text is wrong."""

from __future__ import annotations

import re


class ParseError(Exception):
    """The text cannot be parsed, and where: `offset` counts characters.

    `is_python`: Python itself may well accept it, so that the text has no mistake.
    """

    def __init__(self, message: str, offset: int, *, is_python: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset
        self.is_python = is_python


TOO_DEEP = "nested too deeply to be read"

_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n|\Z)")
_INDENT = re.compile(r"[ \t\f]*")


def error_at(error: SyntaxError, text: str, offset: int) -> ParseError:
    """What Python says of a text that begins at an offset of a file."""
    at = position(text, "\0") if error.lineno is None else _offset(error, text)
    return ParseError(error.msg, offset + at)


def position(text: str, mark: str) -> int:
    """The first place of a mark, or the beginning."""
    return max(text.find(mark), 0)


def _offset(error: SyntaxError, text: str) -> int:
    """The place as an offset inside of the text: some places that Python gives lie beyond a line's end."""
    line = _LINE.match(text)
    for _ in range((error.lineno or 1) - 1):
        following = _LINE.match(text, line.end()) if line else None
        if following is None or following.start() == len(text):
            break
        line = following
    assert line, "matches the empty string"
    indent = _INDENT.match(text, line.start())
    if isinstance(error, IndentationError) and indent:
        return indent.end()  # Python gives the line's begin or its end, as it happens
    written = len(line[0].rstrip("\r\n"))
    return line.start() + min(max((error.offset or 1) - 1, 0), written)
