"""Python's own parser, and where it says that a text is wrong."""

from __future__ import annotations

import ast
import re
import sys

from wandblint.sources.tokens import TooDeep, check_depth, deepest, tokens
from wandblint.syntax.errors import ParseError

TOO_DEEP = "nested too deeply to be read"

_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n|\Z)")
_INDENT = re.compile(r"[ \t\f]*")


def parse_python(text: str, offset: int = 0) -> ast.Module:
    """The tree of a text that begins at an offset of a file. Raises `ParseError`, in Python's words."""
    try:
        if sys.version_info < (3, 11):
            _check_depth(text)
        return ast.parse(text)
    except SyntaxError as error:
        at = max(text.find("\0"), 0) if error.lineno is None else _offset(error, text)
        raise ParseError(error.msg, offset + at) from None
    except UnicodeEncodeError as error:
        raise ParseError("lone surrogates cannot be part of a program", offset + error.start) from None
    except ValueError as error:
        raise ParseError(str(error), offset + max(text.find("\0"), 0)) from None
    except TooDeep as deep:
        raise ParseError(TOO_DEEP, offset + deep.at, is_python=True) from None
    except (MemoryError, RecursionError):
        raise ParseError(TOO_DEEP, offset + deepest(text), is_python=True) from None


def _check_depth(text: str) -> None:
    """Python 3.10 crashes on very deep nesting; too many brackets it refuses itself, `and` it joins."""
    try:
        check_depth(tokens(text), flat=("and", "or"))
    except TooDeep as deep:
        if deep.is_python:
            raise


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
