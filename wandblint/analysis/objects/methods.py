"""Methods of strings, dictionaries and sequences."""

from __future__ import annotations

from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.heap import Dictionary, SequenceObject
from wandblint.analysis.domain.lattice import all_items, join
from wandblint.analysis.domain.values import FALSE, NONE, TRUE, Frame, Ref, Scalar, Unknown, Value
from wandblint.analysis.objects.containers import as_open_key, get_item, iterate, merge, store_item
from wandblint.analysis.objects.strings import apply_method, begins, ends, format_text, join_text
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.span import Span
from wandblint.template import SymbolId, Template, template


def text_method(
    m: Interpreter, receiver: Template, method: str, arguments: Arguments, frame: Frame, span: Span
) -> Value:
    """`receiver.method(...)` of a string."""
    positional = [m.force(value) for value, _ in arguments.positional]
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
        return _list_method(m, container, method, arguments, frame, span)
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
            return m.new_items(frame, span, pairs)
        case "keys":
            return m.new_items(frame, span, [entry.key for entry in entries])
        case "values":
            return m.new_items(frame, span, [entry.value for entry in entries])
        case "copy":
            copy, target = m.new_dict(frame, span)
            merge(m, target, ref, span)
            return copy
        case "get" | "pop" | "setdefault" if first is not None:
            return _take(m, dictionary, method, first, arguments, span)
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
    m: Interpreter, sequence: SequenceObject, method: str, arguments: Arguments, frame: Frame, span: Span
) -> Value:
    first = arguments.get(0, "")
    if method in {"append", "add", "appendleft"} and first is not None:
        m.heap.append(sequence, first, m.branch, in_loop=m.in_loop)
        return NONE
    if method in {"extend", "update"} and first is not None:
        items, tail = iterate(m, first, frame, span.start)
        for item in items:
            m.heap.append(sequence, item, m.branch, in_loop=m.in_loop)
        if tail is not None:
            m.heap.append(sequence, tail, m.branch, in_loop=True)
        return NONE
    if method == "copy":
        return m.new_items(frame, span, list(sequence.items), sequence.tail)
    if method == "pop" and (choices := all_items(sequence.items, sequence.tail)):
        return join(choices)
    return Unknown(SymbolId("call", frame.context, span), f"{method}()")
