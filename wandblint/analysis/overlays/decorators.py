"""Models of what decorators use: functions that ask about a function, and that copy its name to a wrapper."""

from __future__ import annotations

from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.values import External, Frame, Unknown, Value
from wandblint.analysis.state.interpreter import Handler, Interpreter
from wandblint.span import Span
from wandblint.template import SymbolId


def _wraps(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """`functools.wraps(function)` returns a decorator; it does not call the function."""
    return External("functools.wraps()")


def _answer(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """`callable(function)` and the like neither call what they get nor change it."""
    return Unknown(SymbolId("call", frame.context, span))


def _first(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    wrapper = arguments.get(0, "wrapper")
    return _answer(m, arguments, frame, span) if wrapper is None else wrapper


_KINDS = (
    *("function", "method", "class", "module", "builtin", "routine", "coroutine", "awaitable"),
    *("coroutinefunction", "generatorfunction", "asyncgenfunction"),
)
"""What the predicates of `inspect` ask for."""

HANDLERS: dict[str, Handler] = {
    "functools.wraps": _wraps,
    "functools.wraps()": _first,
    "functools.update_wrapper": _first,
    **dict.fromkeys(
        (
            *("builtins.callable", "asyncio.iscoroutinefunction", "asyncio.iscoroutine"),
            *(f"inspect.is{kind}" for kind in _KINDS),
            *(
                f"inspect.{name}"
                for name in ("signature", "getfullargspec", "getdoc", "getmodule", "getfile")
            ),
            *("inspect.getsource", "inspect.getsourcefile", "typing.get_type_hints"),
        ),
        _answer,
    ),
}
"""By canonical name."""
