"""Methods of strings; those of dictionaries and sequences are chosen here."""

from __future__ import annotations

from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.heap_objects import Dictionary, SequenceObject
from wandblint.analysis.domain.lattice import options
from wandblint.analysis.domain.values import FALSE, TRUE, Frame, Ref, Unknown, Value
from wandblint.analysis.objects.dict_methods import dict_method
from wandblint.analysis.objects.list_methods import list_method
from wandblint.analysis.objects.special_methods import call_special
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
        return dict_method(m, container, receiver, method, arguments, frame, span)
    if isinstance(container, SequenceObject):
        return list_method(m, container, receiver, method, arguments, frame, span)
    return Unknown(SymbolId("call", frame.context, span), f"{method}()")
