"""Where and what is wrong with a text that cannot be parsed."""

from __future__ import annotations

import io
import re
import tokenize
from typing import TYPE_CHECKING

from wandblint.reading import SyntaxProblem
from wandblint.sources.tokens import tokens

if TYPE_CHECKING:
    import libcst as cst

_EXPECTED = re.compile(r"error at (?P<row>\d+):(?P<column>\d+): expected (?:one of )?(?P<tokens>[^\n]*)")
_MOST_EXPECTED = 3
"""A longer list of what could stand there instead says nothing."""
_OF_BRACKETS = ("Closing parenthesis", "unmatched")
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_LAST_WORD = re.compile(r"(?:\w+|\S)\s*\Z")
_LINE = re.compile(r"\r\n?|\n")


def nested_too_deeply(text: str, offset: int) -> SyntaxProblem:
    """The problem of code that is nested more than can be read."""
    return problem_at(text, offset, "nested too deeply to be read")


def problem_at(text: str, offset: int, message: str) -> SyntaxProblem:
    """A problem at a character offset."""
    lines = list(_LINE.finditer(text, 0, offset))
    return SyntaxProblem(message, len(lines) + 1, offset - (lines[-1].end() if lines else 0) + 1)


def parse_problem(text: str, error: cst.ParserSyntaxError) -> SyntaxProblem:
    """What LibCST's parser complains of, in fewer words and at the token that it did not expect."""
    found = _EXPECTED.search(error.message)
    if found is None:
        return _tokenizer_problem(text, error.message.removeprefix("tokenizer error: "))
    # LibCST names the place after the token. Its rows are 1-based, its columns 0-based.
    offset = _offset(text, int(found["row"]), int(found["column"]))
    word = _LAST_WORD.search(text[:offset])
    expected = found["tokens"].split(", ")
    message = f"expected {' or '.join(expected)}" if len(expected) <= _MOST_EXPECTED else "invalid syntax"
    return problem_at(text, word.start() if word else offset, message)


def _tokenizer_problem(text: str, message: str) -> SyntaxProblem:
    """LibCST's tokenizer names no place; Python's own stops at the same one.

    Only of a bracket that closes another one it says nothing before Python 3.12.
    """
    if message.startswith(_OF_BRACKETS) and (closing := _wrong_bracket(text)) is not None:
        return problem_at(text, closing, message)
    at = (1, 0)
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.ERRORTOKEN and token.string.strip():
                at = token.start
                break
    except tokenize.TokenError as error:
        at = error.args[1]
    except SyntaxError as error:  # of indentation; its column depends on the version of Python
        at = (error.lineno or 1, 0)
    return SyntaxProblem(message, at[0], at[1] + 1)


def _wrong_bracket(text: str) -> int | None:
    """Where the first bracket is that closes none, or one of another kind."""
    found = tokens(text)
    wanted: list[str] = []
    for token, start in zip(found.texts, found.starts, strict=True):
        if token in _CLOSING:
            wanted.append(_CLOSING[token])
        elif token in _CLOSING.values() and (not wanted or wanted.pop() != token):
            return start
    return None


def _offset(text: str, row: int, column: int) -> int:
    starts = [0, *(line.end() for line in _LINE.finditer(text))]
    return min(starts[min(row, len(starts)) - 1] + column, len(text))
