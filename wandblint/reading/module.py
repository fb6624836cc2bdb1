"""The reading of one file with LibCST: lex, parse, walk."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from wandblint.facts import FileFacts, Stmt
from wandblint.reading import imports, statements, strings  # noqa: F401 (they fill the tables of nodes)
from wandblint.reading.blocks import lower_body
from wandblint.reading.cursor import Cursor, OutOfStep
from wandblint.reading.parsing import parse
from wandblint.reading.problems import nested_too_deeply, problem_at
from wandblint.reading.tree_tokens import TreeTokens
from wandblint.sources.tokens import Tokens, tokens

if TYPE_CHECKING:
    import libcst as cst


def read_module(path: str, text: str) -> FileFacts:
    """The facts of a file. Raises `SyntaxProblem` where it cannot be parsed or is nested too deeply."""
    module, found = parse(text)
    return FileFacts(path, _lower(module, text, found))


def _lower(module: cst.Module, text: str, found: Tokens) -> list[Stmt]:
    cursor = Cursor(text, partial(tokens, text), found, 0)
    try:
        try:
            return _walk(module, cursor)
        except OutOfStep:
            lex = TreeTokens(module)
            return _walk(module, Cursor(text, lex, lex(0, len(text)), 0))
    except OutOfStep:
        raise problem_at(text, _reached(cursor), "not what LibCST made of it", is_python=True) from None
    except RecursionError:
        raise nested_too_deeply(text, _reached(cursor), is_python=True) from None


def _reached(cursor: Cursor) -> int:
    return cursor.starts[min(cursor.at, len(cursor.starts) - 1)]


def _walk(module: cst.Module, cursor: Cursor) -> list[Stmt]:
    try:
        body = lower_body(module.body, cursor)
    except IndexError:  # a step beyond the last token
        raise OutOfStep from None
    if cursor.at != len(cursor.texts) - 1:
        raise OutOfStep
    return body
