"""The parsing of one file: first as it is, then rewritten for the Python that runs."""

from __future__ import annotations

import ast
import sys
import warnings

from wandblint import facts
from wandblint.sources.tokens import TooDeep, check_depth, deepest, tokens
from wandblint.syntax import (  # noqa: F401 (they fill the tables of nodes)
    blocks,
    calls,
    displays,
    expressions,
    holes,
    statements,
    strings,
)
from wandblint.syntax.dispatch import lower_body
from wandblint.syntax.errors import TOO_DEEP, ParseError, error_at, position
from wandblint.syntax.holes import parsable
from wandblint.syntax.source import Source, Unsupported, rows_of


def parse(path: str, text: str) -> facts.FileFacts:
    """The facts of a file. Raises `ParseError`, with the words of the running Python."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of an invalid escape, to whoever runs wandblint
        try:
            return facts_of(path, Source(text))
        except ParseError as error:
            if error.is_python or "\0" in text:
                raise
            return _rewritten_facts(path, text, error)


def _rewritten_facts(path: str, text: str, error: ParseError) -> facts.FileFacts:
    """The facts of what this Python refuses. Raises the error that remains when newer syntax is rewritten."""
    from wandblint.syntax.downlevel import rewritings  # noqa: PLC0415 (few texts need it)

    for source in rewritings(text):
        try:
            return facts_of(path, source)
        except ParseError as remaining:  # noqa: PERF203 (a loop over two or three)
            error = remaining
        except Unsupported:
            continue
    raise error


def facts_of(path: str, source: Source) -> facts.FileFacts:
    """The facts of a source. Raises `ParseError`, `Unsupported` if a rewritten text does not come apart."""
    written = parsable(source, 0, len(source.text))
    module = _tree(written)
    source.rows = rows_of(written)
    body = [fact for statement in module.body for fact in _lowered(statement, source)]
    return facts.FileFacts(path, body, source.newer)


def _lowered(statement: ast.stmt, source: Source) -> list[facts.Stmt]:
    try:
        return lower_body([statement], source)
    except RecursionError:
        raise ParseError(TOO_DEEP, int(source.rows[statement.lineno]), is_python=True) from None
    except Unsupported as error:
        if source.is_rewritten:
            raise
        message = f"in syntax that this version of wandblint does not know ({error})"
        raise ParseError(message, int(source.rows[statement.lineno]), is_python=True) from None


def _tree(text: str) -> ast.Module:
    try:
        if sys.version_info < (3, 11):
            _check_depth(text)
        return ast.parse(text)
    except SyntaxError as error:
        raise error_at(error, text, 0) from None
    except UnicodeEncodeError as error:
        raise ParseError("lone surrogates cannot be part of a program", error.start) from None
    except ValueError as error:
        raise ParseError(str(error), position(text, "\0")) from None
    except (MemoryError, RecursionError):
        raise ParseError(TOO_DEEP, deepest(text), is_python=True) from None


def _check_depth(text: str) -> None:
    """Python 3.10 dies of what is nested deepest; more brackets than it allows it refuses itself."""
    try:
        check_depth(tokens(text))
    except TooDeep as deep:
        if deep.is_python:
            raise ParseError(TOO_DEEP, deep.at, is_python=True) from None
