"""Methods of lists, sets, queues and generators; calls with each of their items."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.heap_objects import SequenceObject
from wandblint.analysis.domain.lattice import all_items, join, options
from wandblint.analysis.domain.values import NONE, External, Frame, Function, Ref, Run, Value, scalar
from wandblint.analysis.objects.containers import change_sequence, iterate, remove_item, take_out
from wandblint.analysis.objects.method_calls import MethodCall
from wandblint.analysis.objects.special_methods import call_comparison
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.span import Span

_Call: TypeAlias = MethodCall[SequenceObject]


def list_method(
    m: Interpreter,
    target: SequenceObject,
    ref: Value,
    method: str,
    arguments: Arguments,
    frame: Frame,
    span: Span,
) -> Value:
    """`ref.method(...)` of a list, set or generator; one that is not modelled may do anything with it."""
    call = _Call(m, target, ref, method, arguments, frame, span)
    handler = _METHODS.get(method)
    if handler is not None:
        return handler(call)
    return call.unknown if method in READING else call.escaped()


def _append(call: _Call) -> Value:
    call.m.heap.append(call.target, call.first, call.m.branch, in_loop=call.m.in_loop)
    return NONE


def _extend(call: _Call) -> Value:
    change_sequence(call.m, call.target, "+", call.first, call.frame, call.span)
    return NONE


def _insert(call: _Call) -> Value:
    added = call.arguments.values()
    if call.method == "extendleft":
        added = all_items(*iterate(call.m, call.first, call.frame, call.span.start))
    call.m.heap.havoc(call.target, join(added) if added else None)
    return NONE


def _combine(call: _Call) -> Value:
    """A new sequence with the items of this one, and of the arguments."""
    others = [iterate(call.m, value, call.frame, call.span.start) for value, _ in call.arguments.positional]
    added = [item for items, tail in others for item in all_items(items, tail)]
    if not added:
        return call.m.new_items(call.frame, call.span, list(call.target.items), call.target.tail)
    whole = join([*all_items(call.target.items, call.target.tail), *added])
    return call.m.new_items(call.frame, call.span, [], whole)


def _pop(call: _Call) -> Value:
    index = call.m.force(call.first)
    if index == NONE:
        index = scalar(0 if call.method == "popleft" else -1)
    return remove_item(call.m, call.target, index) or call.unknown


def _remove(call: _Call) -> Value:
    """`remove` and `discard` of an object: the one item that certainly is it, or perhaps any."""
    target, removed = call.target, call.m.force(call.first)
    places = [index for index, item in enumerate(target.items) if call.m.force(item) == removed]
    is_object = isinstance(removed, (External, Function, Ref, Run))
    take_out(call.m, target, places[0] if is_object and len(places) == 1 and target.tail is None else None)
    return NONE


def _clear(call: _Call) -> Value:
    if call.target.allocation_branch is call.m.branch and not call.m.in_loop:
        call.m.heap.clear(call.target)
    else:
        call.m.heap.havoc(call.target)
    return NONE


def _reorder(call: _Call) -> Value:
    """`sort`, and what else leaves the items in another order."""
    key = call.arguments.get(-1, "key")
    if key is not None:
        call_on_items(call.m, key, call.ref, call.frame, call.span)
    elif call.method == "sort":
        compare_items(call.m, call.ref, call.frame, call.span)
    call.m.heap.havoc(call.target)
    return NONE


def _send(call: _Call) -> Value:
    choices = all_items(call.target.items, call.target.tail)
    return join(choices) if choices else call.unknown


_METHODS: dict[str, Callable[[_Call], Value]] = {
    **dict.fromkeys(("append", "add", "put"), _append),
    **dict.fromkeys(("extend", "update"), _extend),
    **dict.fromkeys(("insert", "appendleft", "extendleft"), _insert),
    **dict.fromkeys(("copy", "__iter__", "union", "intersection", "difference"), _combine),
    "symmetric_difference": _combine,
    **dict.fromkeys(("pop", "popleft"), _pop),
    "clear": _clear,
    **dict.fromkeys(("remove", "discard"), _remove),
    **dict.fromkeys(("sort", "reverse", "rotate"), _reorder),
    **dict.fromkeys(("send", "asend", "throw", "__next__"), _send),
}

READING = frozenset(
    {"index", "count", "__len__", "__contains__", "isdisjoint", "issubset", "issuperset", "close", "tolist"}
)
"""Methods of lists, sets and generators that change nothing and return no item."""


def call_on_items(m: Interpreter, function: Value, iterable: Value, frame: Frame, span: Span) -> list[Value]:
    """The results of calling a function with each item that an iterable has or may have."""
    items, tail = iterate(m, iterable, frame, span.start)
    results = [
        m.call(function, Arguments([(item, span)]), scope_of_call(m, frame, span, number), span)
        for number, item in enumerate(items)
    ]
    if tail is not None:
        with m.on_branch():
            passed, scope = Arguments([(tail, span)]), scope_of_call(m, frame, span, -1)
            results.append(m.call(function, passed, scope, span))
    return results


def scope_of_call(m: Interpreter, frame: Frame, span: Span, number: int) -> Frame:
    """A scope for one of several calls at one place, so that each has a context of its own."""
    context = m.context("item", frame.context, span, number)
    return Frame(frame.path, context, outer=frame, globals=frame.globals)


def compare_items(m: Interpreter, iterable: Value, frame: Frame, span: Span) -> None:
    """The comparisons of the items of an iterable that is sorted."""
    choices = all_items(*iterate(m, iterable, frame, span.start))
    if any(type(option) is Ref for choice in choices for option in options(choice)):
        for choice in choices:
            call_comparison(m, "<", choice, choices[0], frame, span)
