"""Context managers: what entering one yields and leaving one does, and `contextlib.ExitStack`."""

from __future__ import annotations

from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.heap_objects import Instance, SequenceObject
from wandblint.analysis.domain.lattice import all_items, join, options
from wandblint.analysis.domain.values import (
    EXIT_STACK,
    NONE,
    External,
    Frame,
    Function,
    Partial,
    Run,
    Unknown,
    Value,
)
from wandblint.analysis.interpreter.external_calls import call_unmodelled
from wandblint.analysis.objects.classes import bound_method, has_unknown_base
from wandblint.analysis.state import run_state
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.span import Span
from wandblint.template import SymbolId

_CLOSING = "contextlib.closing()"
"""The path of `closing(thing)`, whose receiver is the thing."""

_NULL = "contextlib.nullcontext()"

_LEAVE = External("contextlib.leave()")
"""Leaves its argument: what a stack registers for a context manager."""

WRAPPERS = frozenset(f"{EXIT_STACK}.{name}" for name in ("callback", "push", "push_async_callback"))
"""Methods of a stack that register the function that they decorate."""


def enter(m: Interpreter, value: Value, frame: Frame, span: Span) -> Value:
    """The value that `with value as x` binds to `x`."""
    results: list[Value] = []
    for option, target in m.objects(value):
        if isinstance(target, SequenceObject):
            # The values that a `@contextmanager` function yields.
            results.extend(all_items(target.items, target.tail) or [NONE])
            if target.active_runs is not None:
                run_state.set_active_run(m, target.active_runs[0])
        elif isinstance(target, Instance):
            method = bound_method(m, option, "__enter__") or bound_method(m, option, "__aenter__")
            results.append(option if method is None else m.call(method, Arguments(), frame, span))
        elif (
            isinstance(option, External) and option.path in {_CLOSING, _NULL} and option.receiver is not None
        ):
            results.append(option.receiver)
        else:
            results.append(option)
    return join(results)


def leave(m: Interpreter, value: Value, frame: Frame, span: Span) -> None:
    """Leaves a context manager at the end of its `with`."""
    m.dispatch.observers.context_left(m, value, frame, span)
    for option, instance in m.objects(value):
        if isinstance(instance, SequenceObject):
            # The function has run to its end already, so a stack that it yields was empty when it closed it.
            for item in all_items(instance.items, instance.tail):
                leave(m, item, frame, span)
            if instance.active_runs is not None:
                run_state.set_active_run(m, instance.active_runs[1])
        elif isinstance(instance, Instance):
            method = bound_method(m, option, "__exit__") or bound_method(m, option, "__aexit__")
            if method is not None:
                m.call(method, Arguments(more_positional=_error(frame, span)), frame, span)
            elif has_unknown_base(instance.cls):
                run_state.may_close_active(m, span)
        elif isinstance(option, External) and option.receiver is not None:
            if option.path == EXIT_STACK:
                _close(m, option.receiver, frame, span)
            elif option.path == _CLOSING:
                _close_thing(m, option.receiver, frame, span)


def _error(frame: Frame, span: Span) -> Value:
    return Unknown(SymbolId("error", frame.context, span), "error")


def _close_thing(m: Interpreter, thing: Value, frame: Frame, span: Span) -> None:
    m.dispatch.observers.context_left(m, thing, frame, span)
    for option in options(m.force(thing)):
        if not isinstance(option, Run):
            m.call(m.attribute(option, "close", frame, span), Arguments(), frame, span)


# --- contextlib ---


def call_contextlib(
    m: Interpreter, function: External, arguments: Arguments, frame: Frame, span: Span
) -> Value:
    """The result of calling a function of `contextlib`, or a method of an exit stack."""
    m.recorder.note_non_wandb_call(span)
    path, thing = function.path, arguments.get(0, "thing") or arguments.get(0, "enter_result")
    if path in {"contextlib.ExitStack", "contextlib.AsyncExitStack"}:
        return External(EXIT_STACK, m.new_items(frame, (span, "exit stack"), []))
    if path in {"contextlib.closing", "contextlib.aclosing"} and thing is not None:
        return External(_CLOSING, thing)
    if path == "contextlib.nullcontext" and thing is not None:
        return External(_NULL, thing)
    if path == _LEAVE.path and thing is not None:
        leave(m, thing, frame, span)
        return NONE
    stack = None if function.receiver is None else m.heap_sequence(function.receiver)
    if stack is not None and function.receiver is not None:
        method = path.rpartition(".")[2]
        return _call_method(m, stack, function.receiver, method, arguments, frame, span)
    return call_unmodelled(m, function, arguments, frame, span)


def _call_method(
    m: Interpreter,
    stack: SequenceObject,
    receiver: Value,
    method: str,
    arguments: Arguments,
    frame: Frame,
    span: Span,
) -> Value:
    first = m.force(arguments.positional[0][0]) if arguments.positional else None
    if method in {"enter_context", "enter_async_context"} and first is not None:
        bound = enter(m, first, frame, span)
        _register(m, stack, Partial(_LEAVE, (first,), ()))
        return bound
    if method in {"push", "push_async_exit"} and first is not None:
        for option in options(first):
            is_function = isinstance(option, (Function, Partial)) or (
                isinstance(option, External) and option.path not in {EXIT_STACK, _CLOSING}
            )
            errors = (_error(frame, span),) * 3
            _register(
                m, stack, Partial(option, errors, ()) if is_function else Partial(_LEAVE, (option,), ())
            )
        return first
    if method in {"callback", "push_async_callback"} and first is not None:
        args = tuple(value for value, _ in arguments.positional[1:])
        keywords = tuple((name, value) for name, (value, _) in arguments.keywords.items())
        _register(m, stack, Partial(first, args, keywords))
        return first
    if method in {"close", "aclose", "__exit__", "__aexit__"}:
        _close(m, receiver, frame, span)
        return NONE
    if method == "pop_all":
        moved = m.new_items(frame, (span, "exit stack"), list(stack.items), stack.tail)
        _clear(m, stack)
        return External(EXIT_STACK, moved)
    return External(EXIT_STACK, receiver)


def _register(m: Interpreter, stack: SequenceObject, on_exit: Value) -> None:
    m.heap.append(stack, on_exit, m.branch, in_loop=m.in_loop)


def _close(m: Interpreter, receiver: Value, frame: Frame, span: Span) -> None:
    """Calls what a stack has registered, last first; what it may have registered, perhaps."""
    stack = m.heap_sequence(receiver)
    if stack is None:
        return
    items, tail = list(stack.items), stack.tail
    _clear(m, stack)
    if tail is not None:
        with m.on_branch(frame, span=span):
            m.call(tail, Arguments(), frame, span)
    for on_exit in reversed(items):
        m.call(on_exit, Arguments(), frame, span)


def _clear(m: Interpreter, stack: SequenceObject) -> None:
    """Empties a stack, unless that happens on one branch only."""
    if stack.allocation_branch is m.branch and (stack.items or stack.tail is not None):
        m.heap.clear(stack)
