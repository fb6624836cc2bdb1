"""The parsing of one file: first as it is, then rewritten for the Python that runs."""

from __future__ import annotations

import ast
import warnings

from wandblint import facts
from wandblint.syntax import blocks, calls, displays, expressions, holes, statements, strings  # noqa: F401 (they fill the tables of nodes)
from wandblint.syntax.dispatch import lower_body
from wandblint.syntax.errors import ParseError
from wandblint.syntax.holes import parsable
from wandblint.syntax.python import TOO_DEEP, parse_python
from wandblint.syntax.source import SourceText, Unsupported, rows_of


def parse(path: str, text: str) -> facts.FileFacts:
    """The facts of a file. Raises `ParseError`, with the words of the running Python."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of an invalid escape, to whoever runs wandblint
        try:
            return facts_of(path, SourceText(text))
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


def facts_of(path: str, source: SourceText) -> facts.FileFacts:
    """The facts of a source. Raises `ParseError`, `Unsupported` if a rewritten text does not come apart."""
    written = parsable(source, 0, len(source.text))
    module = parse_python(written)
    source.rows = rows_of(written)
    body = [fact for statement in module.body for fact in _lowered(statement, source)]
    return facts.FileFacts(path, body, source.newer)


def _lowered(statement: ast.stmt, source: SourceText) -> list[facts.Stmt]:
    try:
        return lower_body([statement], source)
    except RecursionError:
        raise ParseError(TOO_DEEP, int(source.rows[statement.lineno]), is_python=True) from None
    except Unsupported as error:
        if source.is_rewritten:
            raise
        message = f"in syntax that this version of wandblint does not know ({error})"
        raise ParseError(message, int(source.rows[statement.lineno]), is_python=True) from None
