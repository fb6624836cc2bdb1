"""LibCST's tree of a text, for fixes and for syntax that is newer than the running Python."""

from __future__ import annotations

import libcst as cst

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
