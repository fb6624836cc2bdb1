"""Models of functions that only copy the name and docstring of a function to its wrapper."""

from __future__ import annotations

from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.values import External, Frame, Unknown, Value
from wandblint.analysis.state.interpreter import Handler, Interpreter
from wandblint.span import Span
from wandblint.template import SymbolId


def _wraps(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """`functools.wraps(function)` returns a decorator; it does not call the function."""
    return External("functools.wraps()")


def _first(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    wrapper = arguments.get(0, "wrapper")
    return Unknown(SymbolId("call", frame.context, span)) if wrapper is None else wrapper


HANDLERS: dict[str, Handler] = {
    "functools.wraps": _wraps,
    "functools.wraps()": _first,
    "functools.update_wrapper": _first,
}
"""By canonical name."""
