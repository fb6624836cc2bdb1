"""Methods of dictionaries, and of unknown mappings with tracked items."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.heap_objects import Dictionary
from wandblint.analysis.domain.lattice import join
from wandblint.analysis.domain.values import NONE, Frame, Unknown, Value
from wandblint.analysis.objects.containers import (
    as_key,
    as_open_key,
    get_item,
    has_gaps,
    merge,
    split_entries,
    store_item,
)
from wandblint.analysis.objects.method_calls import MethodCall
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.span import Span
from wandblint.template import SymbolId, template

_Call: TypeAlias = MethodCall[Dictionary]


def dict_method(
    m: Interpreter,
    target: Dictionary,
    ref: Value,
    method: str,
    arguments: Arguments,
    frame: Frame,
    span: Span,
) -> Value:
    """`ref.method(...)` of a dictionary; one that is not modelled may do anything with it."""
    call = _Call(m, target, ref, method, arguments, frame, span)
    handler = _METHODS.get(method)
    if handler is not None:
        return handler(call)
    return call.unknown if method in READING else call.escaped()


MAPPING_METHODS = frozenset({"items", "keys", "values", "copy", "get", "pop", "setdefault", "update"})
"""Methods whose calls on an unknown receiver depend on which unknown value it is."""


def mapping_method(
    m: Interpreter, function: Unknown, arguments: Arguments, frame: Frame, span: Span
) -> Value | None:
    """A method call on an unknown mapping with tracked items, which the call itself may add; else None."""
    _, symbol, method = function.symbol.key
    if method not in MAPPING_METHODS or not isinstance(symbol, SymbolId):
        return None
    receiver = Unknown(symbol, function.label.rpartition(".")[0])
    adds = method == "update" and (
        arguments.keywords or any(m.dictionaries(value) for value, _ in arguments.positional)
    )
    if adds or method == "setdefault":
        m.heap.track_partial(receiver, as_open_key(receiver), span, m.branch)
    container = m.heap.partial_mapping(receiver)
    return (
        None
        if container is None
        else dict_method(m, container, receiver, str(method), arguments, frame, span)
    )


def update(m: Interpreter, dictionary: Dictionary, arguments: Arguments, span: Span) -> None:
    """`dict(...)` and `.update(...)`: mappings and keywords."""
    for value, at in arguments.positional:
        merge(m, dictionary, value, at)
    for name, (value, at) in arguments.keywords.items():
        m.heap.set_item(dictionary, template(name, span=at), value, at, m.branch)
    for mapping in arguments.more_keywords:
        m.heap.widen(dictionary, as_open_key(mapping), span)


def _update(call: _Call) -> Value:
    update(call.m, call.target, call.arguments, call.span)
    return NONE


def _pairs(call: _Call) -> list[Value]:
    return [
        call.m.new_items(call.frame, (call.span, number), [entry.key, entry.value])
        for number, entry in enumerate(list(call.target.entries.values()))
    ]


def _items(call: _Call) -> Value:
    return _view(call, _pairs(call))


def _keys(call: _Call) -> Value:
    return _view(call, [entry.key for entry in call.target.entries.values()])


def _values(call: _Call) -> Value:
    return _view(call, [entry.value for entry in call.target.entries.values()])


def _view(call: _Call, items: list[Value]) -> Value:
    """A list of one item for each entry."""
    known, others = split_entries(call.target, items)
    sequence = call.m.heap.sequence(call.m.branch, known, others)
    sequence.is_unordered = has_gaps(call.target)
    sequence.sources = (call.target,)
    return call.m.allocate(call.frame, call.span, sequence)


def _copy(call: _Call) -> Value:
    copy, target = call.m.new_dict(call.frame, call.span)
    merge(call.m, target, call.ref, call.span)
    return copy


def _take(call: _Call) -> Value:
    """`get`, `pop` and `setdefault`: the item, or the default where the key may be missing."""
    if not call.arguments.positional:
        return call.unknown
    m, key, method = call.m, call.m.force(call.first), call.method
    default = call.arguments.get(1, "default")
    if method == "setdefault":
        store_item(m, call.target, key, NONE if default is None else default, call.span)
    item, entry = get_item(call.target, key), call.target.entries.get(as_key(key))
    is_certain = entry is not None and entry.is_must
    if method == "pop":
        m.heap.remove_item(call.target, key, m.branch)
    if item is None:
        return NONE if default is None else default
    if default is None and method == "get":
        default = NONE
    return item if is_certain or default is None else join((item, default))


def _get_item(call: _Call) -> Value:
    return get_item(call.target, call.m.force(call.first)) or call.unknown


def _set_item(call: _Call) -> Value:
    value = call.arguments.get(1, "")
    store_item(call.m, call.target, call.m.force(call.first), NONE if value is None else value, call.span)
    return NONE


def _delete_item(call: _Call) -> Value:
    call.m.heap.remove_item(call.target, call.m.force(call.first), call.m.branch)
    return NONE


def _clear(call: _Call) -> Value:
    for entry in list(call.target.entries.values()):
        call.m.heap.remove_item(call.target, entry.key, call.m.branch)
    return NONE


def _pop_item(call: _Call) -> Value:
    pairs = _pairs(call)
    for entry in call.target.entries.values():
        entry.is_must = False
    return join(pairs) if pairs else call.unknown


_METHODS: dict[str, Callable[[_Call], Value]] = {
    "update": _update,
    "items": _items,
    "keys": _keys,
    "values": _values,
    "copy": _copy,
    "get": _take,
    "pop": _take,
    "setdefault": _take,
    "clear": _clear,
    "popitem": _pop_item,
    "__getitem__": _get_item,
    "__setitem__": _set_item,
    "__delitem__": _delete_item,
}

READING = frozenset({"move_to_end", "most_common", "elements", "total", "__len__", "__contains__"})
"""Methods of dictionaries that change no key and no value."""
