"""Where and what is wrong with a text that cannot be parsed."""

from __future__ import annotations

import ast
import re
import warnings
from bisect import bisect_left, bisect_right

import libcst as cst

from wandblint.reading import SyntaxProblem
from wandblint.sources.tokens import tokens

_MOST_EXPECTED = 3
"""A longer list of what could stand there instead says nothing."""

_EXPECTED = re.compile(r"error at (?P<row>\d+):(?P<column>\d+): expected (?:one of )?(?P<tokens>[^\n]*)")
_TOKENIZER = "tokenizer error: "
_COMMENT = re.compile(r"#[^\r\n]*")
_KNOWN_IN_GAPS = re.compile(r"(?:[\s.,:;=*/%@&|^<>!+-]|#[^\r\n]*)*")
_LINE_END = re.compile(r"\r\n?|\n")


def nested_too_deeply(text: str, offset: int, *, is_python: bool) -> SyntaxProblem:
    """The problem of code that is nested more than can be read."""
    return problem_at(text, offset, "nested too deeply to be read", is_python=is_python)


def problem_at(text: str, offset: int, message: str, *, is_python: bool = False) -> SyntaxProblem:
    """A problem at a character offset."""
    line_ends = [end.end() for end in _LINE_END.finditer(text, 0, offset)]
    column = offset - (line_ends[-1] if line_ends else 0) + 1
    return SyntaxProblem(message, len(line_ends) + 1, column, is_python)


def refused(text: str, problem: SyntaxProblem) -> SyntaxProblem:
    """What LibCST complains of, unless Python's own parser, which runs nothing, takes the text.

    LibCST does not know all of Python: `(x): int` is valid. The text must not be nested too deeply.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of an invalid escape, to whoever runs wandblint
            ast.parse(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return problem
    return SyntaxProblem("valid Python that LibCST cannot parse", problem.row, problem.column, is_python=True)


def parse_problem(text: str, error: cst.ParserSyntaxError) -> SyntaxProblem:
    """What LibCST complains of, in fewer words and at the token that it did not expect."""
    found = _EXPECTED.search(error.message)
    if found is None:
        return problem_at(text, _refused(text), error.message.removeprefix(_TOKENIZER))
    expected = found["tokens"].split(", ")
    message = f"expected {' or '.join(expected)}" if len(expected) <= _MOST_EXPECTED else "invalid syntax"
    return problem_at(text, _unexpected(text, int(found["row"]), int(found["column"])), message)


def _unexpected(text: str, row: int, column: int) -> int:
    """The token before the place that LibCST's parser names, which is where it would have gone on.

    LibCST's rows are 1-based, its columns 0-based.
    """
    starts = [0, *(end.end() for end in _LINE_END.finditer(text))]
    place = min(starts[min(row, len(starts)) - 1] + column, len(text))
    found = tokens(text)
    last = bisect_right(found.ends, place, hi=len(found.ends) - 1) - 1
    start, end = (found.starts[last], found.ends[last]) if last >= 0 else (0, 0)
    operators = _COMMENT.sub(lambda comment: " " * len(comment[0]), text[end:place]).rstrip()
    return end + len(operators) - 1 if operators else start


def _refused(text: str) -> int:
    """Where LibCST's tokenizer, which names no place, stops: before the first token with which it refuses."""
    found = tokens(text)
    first = bisect_left(found.ends, True, key=lambda end: _is_refused(text[:end]))
    begin = found.ends[first - 1] if first else 0
    known = _KNOWN_IN_GAPS.match(text, begin, found.starts[first])
    return known.end() if known else begin


def _is_refused(text: str) -> bool:
    try:
        cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        return error.message.startswith(_TOKENIZER)
    except (cst.CSTValidationError, cst.CSTLogicError):  # past the tokenizer
        return False
    return False
