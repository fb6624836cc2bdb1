"""Methods of strings, dictionaries and sequences."""

from __future__ import annotations

from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.heap import Dictionary, SequenceObject
from wandblint.analysis.domain.lattice import all_items, join, options
from wandblint.analysis.domain.values import FALSE, NONE, TRUE, Frame, Ref, Scalar, Unknown, Value, scalar
from wandblint.analysis.objects.containers import (
    as_open_key,
    change_sequence,
    get_item,
    iterate,
    merge,
    remove_item,
    split_entries,
    store_item,
)
from wandblint.analysis.objects.special_methods import call_comparison, call_special
from wandblint.analysis.objects.strings import apply_method, begins, ends, format_text, join_text
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.span import Span
from wandblint.template import SymbolId, Template, template


def text_method(
    m: Interpreter, receiver: Template, method: str, arguments: Arguments, frame: Frame, span: Span
) -> Value:
    """`receiver.method(...)` of a string."""
    positional = [m.force(value) for value, _ in arguments.positional]
    if method in {"format", "join"}:
        for value in arguments.values():
            if any(type(option) is Ref for option in options(value)):
                call_special(m, value, ("__format__", "__str__", "__repr__"), (), frame, span)
    if method == "format":
        keywords = {name: value for name, (value, _) in arguments.keywords.items()}
        return format_text(m, receiver, positional, keywords, span)
    if method == "format_map" and positional:
        given = {
            key.literal: entry.value
            for dictionary in m.dictionaries(positional[0])
            for key, entry in dictionary.entries.items()
            if isinstance(key, Template) and key.literal is not None
        }
        return format_text(m, receiver, [], given, span)
    if method == "join" and positional:
        return join_text(m, receiver, positional[0], span)
    if method in {"split", "rsplit"} and receiver.literal is not None:
        separators = [value.literal for value in positional if isinstance(value, Template)]
        if not positional or (len(positional) == 1 and separators and separators[0]):
            parts = receiver.literal.split(separators[0] if separators else None)
            return m.new_items(frame, span, [template(part) for part in parts])
    texts = [value for value in positional if isinstance(value, Template)]
    if method in {"startswith", "endswith"} and len(texts) == len(positional) == 1:
        verdict = begins(receiver, texts[0]) if method == "startswith" else ends(receiver, texts[0])
        if verdict is not None:
            return TRUE if verdict else FALSE
    if len(texts) == len(positional) and (dictionary := apply_method(receiver, method, texts)) is not None:
        return dictionary
    return Unknown(SymbolId("method", receiver, method, *positional), f"{method}()")


def container_method(
    m: Interpreter, receiver: Value, method: str, arguments: Arguments, frame: Frame, span: Span
) -> Value:
    """`receiver.method(...)` of a dictionary or sequence."""
    container = m.heap[receiver] if isinstance(receiver, Ref) else None
    if isinstance(container, Dictionary):
        return _dict_method(m, container, receiver, method, arguments, frame, span)
    if isinstance(container, SequenceObject):
        return _list_method(m, container, receiver, method, arguments, frame, span)
    return Unknown(SymbolId("call", frame.context, span), f"{method}()")


_OF_MAPPINGS = frozenset({"items", "keys", "values", "copy", "get", "pop", "setdefault", "update"})


def mapping_method(
    m: Interpreter, function: Unknown, arguments: Arguments, frame: Frame, span: Span
) -> Value | None:
    """A method call on an unknown mapping with tracked items, which the call itself may add; else None."""
    _, symbol, method = function.symbol.key
    if method not in _OF_MAPPINGS or not isinstance(symbol, SymbolId):
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
        else _dict_method(m, container, receiver, str(method), arguments, frame, span)
    )


def _dict_method(
    m: Interpreter,
    dictionary: Dictionary,
    ref: Value,
    method: str,
    arguments: Arguments,
    frame: Frame,
    span: Span,
) -> Value:
    first = arguments.get(0, "")
    entries = list(dictionary.entries.values())
    match method:
        case "update":
            update(m, dictionary, arguments, span)
            return NONE
        case "items":
            pairs = [
                m.new_items(frame, (span, number), [entry.key, entry.value])
                for number, entry in enumerate(entries)
            ]
            return m.new_items(frame, span, *split_entries(dictionary, pairs))
        case "keys":
            return m.new_items(frame, span, *split_entries(dictionary, [entry.key for entry in entries]))
        case "values":
            return m.new_items(frame, span, *split_entries(dictionary, [entry.value for entry in entries]))
        case "copy":
            copy, target = m.new_dict(frame, span)
            merge(m, target, ref, span)
            return copy
        case "get" | "pop" | "setdefault" if first is not None:
            return _take(m, dictionary, method, first, arguments, span)
        case "__getitem__" if first is not None:
            return _take(m, dictionary, "get", first, arguments, span)
        case "__setitem__" if len(arguments.positional) == 2:  # noqa: PLR2004
            store_item(m, dictionary, m.force(first or NONE), arguments.positional[1][0], span)
            return NONE
        case "__delitem__" if first is not None:
            m.heap.remove_item(dictionary, m.force(first), m.branch)
            return NONE
        case "clear" | "popitem":
            choices = [m.new_items(frame, (span, "item"), [entry.key, entry.value]) for entry in entries]
            for entry in entries:
                if method == "clear":
                    m.heap.remove_item(dictionary, entry.key, m.branch)
                else:
                    entry.is_must = False
            if method == "popitem" and choices:
                return join(choices)
        case "move_to_end" | "most_common" | "elements" | "total" | "__len__" | "__contains__" | "keys":
            pass
        case _:
            m.dispatch.escape(m, [ref, *arguments.values()], span)
    return Unknown(SymbolId("call", frame.context, span), f"{method}()")


def _take(
    m: Interpreter, dictionary: Dictionary, method: str, key: Value, arguments: Arguments, span: Span
) -> Value:
    key = m.force(key)
    default = arguments.get(1, "default")
    if method == "setdefault":
        store_item(m, dictionary, key, NONE if default is None else default, span)
    item = get_item(dictionary, key)
    known = isinstance(key, (Template, Scalar)) and key in dictionary.entries
    if method == "pop":
        m.heap.remove_item(dictionary, key, m.branch)
    if item is None:
        return NONE if default is None else default
    return item if known else join((item, *(() if default is None else (default,))))


def update(m: Interpreter, dictionary: Dictionary, arguments: Arguments, span: Span) -> None:
    """`dict(...)` and `.update(...)`: mappings and keywords."""
    for value, at in arguments.positional:
        merge(m, dictionary, value, at)
    for name, (value, at) in arguments.keywords.items():
        m.heap.set_item(dictionary, template(name, span=at), value, at, m.branch)
    for mapping in arguments.more_keywords:
        m.heap.widen(dictionary, as_open_key(mapping), span)


def _list_method(
    m: Interpreter,
    sequence: SequenceObject,
    ref: Value,
    method: str,
    arguments: Arguments,
    frame: Frame,
    span: Span,
) -> Value:
    first = arguments.get(0, "")
    unknown = Unknown(SymbolId("call", frame.context, span), f"{method}()")
    match method:
        case "append" | "add" | "put" if first is not None:
            m.heap.append(sequence, first, m.branch, in_loop=m.in_loop)
            return NONE
        case "extend" | "update" if first is not None:
            change_sequence(m, sequence, "+", first, frame, span)
            return NONE
        case "insert" | "appendleft" | "extendleft":
            added = arguments.values() if method != "extendleft" or first is None else [m.force(first)]
            m.heap.havoc(sequence, join(added) if added else None)
            return NONE
        case "copy" | "__iter__" | "union" | "intersection" | "difference" | "symmetric_difference":
            others = [iterate(m, value, frame, span.start) for value, _ in arguments.positional]
            tails = [item for items, tail in others for item in all_items(items, tail)]
            if not tails:
                return m.new_items(frame, span, list(sequence.items), sequence.tail)
            return m.new_items(frame, span, [], join([*all_items(sequence.items, sequence.tail), *tails]))
        case "pop" | "popleft":
            index = scalar(0 if method == "popleft" else -1) if first is None else m.force(first)
            return remove_item(m, sequence, index) or unknown
        case "clear" if sequence.allocation_branch is m.branch and not m.in_loop:
            m.heap.clear(sequence)
            return NONE
        case "sort" | "reverse" | "rotate" | "remove" | "discard" | "clear":
            key = arguments.get(-1, "key")
            if key is not None:
                call_on_items(m, key, ref, frame, span)
            elif method == "sort":
                compare_items(m, ref, frame, span)
            m.heap.havoc(sequence)
            return NONE
        case "send" | "asend" | "throw" | "__next__":
            choices = all_items(sequence.items, sequence.tail)
            return join(choices) if choices else unknown
    if method not in _READING:
        m.dispatch.escape(m, [ref, *arguments.values()], span)
    return unknown


_READING = frozenset(
    {"index", "count", "__len__", "__contains__", "isdisjoint", "issubset", "issuperset", "close", "tolist"}
)
"""Methods of lists, sets and generators that change nothing and return no item."""


def call_on_items(m: Interpreter, function: Value, iterable: Value, frame: Frame, span: Span) -> list[Value]:
    """The results of calling a function with each item that an iterable has or may have."""
    items, tail = iterate(m, iterable, frame, span.start)
    results = [
        m.call(function, Arguments([(item, span)]), _scope(m, frame, span, i), span)
        for i, item in enumerate(items)
    ]
    if tail is not None:
        with m.on_branch():
            results.append(m.call(function, Arguments([(tail, span)]), _scope(m, frame, span, -1), span))
    return results


def _scope(m: Interpreter, frame: Frame, span: Span, number: int) -> Frame:
    """A scope for one of several calls at one place, so that each has a context of its own."""
    return Frame(
        frame.path, m.context("item", frame.context, span, number), outer=frame, globals=frame.globals
    )


def compare_items(m: Interpreter, iterable: Value, frame: Frame, span: Span) -> None:
    """The comparisons of the items of an iterable that is sorted."""
    choices = all_items(*iterate(m, iterable, frame, span.start))
    if any(type(option) is Ref for choice in choices for option in options(choice)):
        for choice in choices:
            call_comparison(m, "<", choice, choices[0], frame, span)
