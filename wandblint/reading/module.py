"""The reading of one file: lex, parse, walk."""

from __future__ import annotations

from functools import partial

import libcst as cst

from wandblint.facts import FileFacts, Stmt
from wandblint.reading import imports, statements, strings  # noqa: F401 (they fill the tables of nodes)
from wandblint.reading.blocks import lower_body
from wandblint.reading.cursor import Cursor, OutOfStep
from wandblint.reading.problems import nested_too_deeply, parse_problem, problem_at, refused
from wandblint.reading.tree_tokens import TreeTokens
from wandblint.sources.tokens import Tokens, TooDeep, check_depth, tokens


def read_module(path: str, text: str) -> FileFacts:
    """The facts of a file. Raises `SyntaxProblem` where it cannot be parsed or is nested too deeply."""
    if "\0" in text:
        raise problem_at(text, text.index("\0"), "a NUL character cannot be part of a program")
    try:
        found = tokens(text)
        check_depth(found)
        module = cst.parse_module(text)
    except TooDeep as deep:
        raise nested_too_deeply(text, deep.at, is_python=deep.is_python) from None
    except UnicodeEncodeError as error:
        raise problem_at(text, error.start, "lone surrogates cannot be part of a program") from None
    except cst.ParserSyntaxError as error:
        raise refused(text, parse_problem(text, error)) from None
    except (cst.CSTValidationError, cst.CSTLogicError) as error:  # of a node that LibCST builds: "a" b"b"
        raise refused(text, problem_at(text, 0, f"LibCST refuses it: {error}")) from None
    except RecursionError:  # LibCST joins dotted names recursively
        raise nested_too_deeply(text, 0, is_python=True) from None
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
