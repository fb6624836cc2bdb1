"""Calls of externals: dispatches to handlers by canonical name; without a handler the arguments escape."""

from __future__ import annotations

from msgspec.structs import replace

from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.values import External, Frame, Unknown, Value
from wandblint.analysis.effects.escape import escape_to_unknown
from wandblint.analysis.objects.methods import container_method, text_method
from wandblint.analysis.objects.special_methods import BUILTINS, call_special
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.span import Span
from wandblint.template import SymbolId, Template


def call_external(
    m: Interpreter, function: External, arguments: Arguments, frame: Frame, span: Span
) -> Value:
    """The result of calling an external."""
    path = function.path
    namespace = m.dispatch.namespaces.get(path.partition(".")[0])
    if namespace is not None:
        return namespace(m, function, arguments, frame, span)
    m.recorder.note_non_wandb_call(span)
    name = path.rpartition(".")[2]
    if function.receiver is not None and path in m.dispatch.handlers and "()" in path:
        passed = [(function.receiver, span), *arguments.positional]
        return m.dispatch.handlers[path](m, replace(arguments, positional=passed), frame, span)
    if isinstance(function.receiver, Template):
        return text_method(m, function.receiver, name, arguments, frame, span)
    if function.receiver is not None:
        return container_method(m, function.receiver, name, arguments, frame, span)
    if path.startswith("builtins.str.") and arguments.positional:
        # `str.lower(text)`: an unbound string method.
        (text, _), *rest = arguments.positional
        if isinstance(text := m.force(text), Template):
            return text_method(m, text, name, replace(arguments, positional=rest), frame, span)
    if path.startswith("builtins.") and name in BUILTINS and arguments.positional:
        result = call_special(m, arguments.positional[0][0], BUILTINS[name], (), frame, span)
        if result is not None:
            return result
    handler = m.dispatch.handlers.get(path) or m.dispatch.handlers_by_last_word.get(name)
    if handler is not None:
        return handler(m, arguments, frame, span)
    return call_unmodelled(m, function, arguments, frame, span)


def call_unmodelled(
    m: Interpreter, function: External, arguments: Arguments, frame: Frame, span: Span
) -> Value:
    """The result of calling an external that has no handler."""
    path = function.path
    name = path.rpartition(".")[2]
    m.dispatch.observers.external_called(m, path, arguments, span)
    unknown = Unknown(SymbolId("call", frame.context, span), f"{name}()", path)
    escape_to_unknown(m, function, arguments, frame, span)
    return unknown
