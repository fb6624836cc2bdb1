"""String formatting: `%`, `.format`, `.join` and the methods that projects use on keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import Formatter

from wandblint.analysis.domain.heap_objects import Dictionary, SequenceObject
from wandblint.analysis.domain.lattice import MAX_LENGTH, concatenate, hole_of, join, options
from wandblint.analysis.domain.values import Unknown, Value
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.span import Span
from wandblint.template import Hole, SymbolId, Template, template

_PERCENT = re.compile(
    r"%(?:\((?P<name>[^)]*)\))?[#0\- +]*(?:\*|\d+)?(?:\.(?:\*|\d+))?[hlL]?(?P<type>[a-zA-Z%])"
)

_ARGUMENTS = {
    **dict.fromkeys(("lower", "upper", "title", "capitalize", "casefold", "swapcase"), (0,)),
    **dict.fromkeys(("strip", "lstrip", "rstrip"), (0, 1)),
    **dict.fromkeys(("removeprefix", "removesuffix"), (1,)),
    "replace": (2,),
}
"""The numbers of arguments, by method that returns a string."""


def percent_format(m: Interpreter, left: Value, right: Value, span: Span) -> Value:
    """`left % right`."""
    return join(_percent_one(m, option, right, span) for option in options(left))


def _percent_one(m: Interpreter, pattern: Value, right: Value, span: Span) -> Value:
    if not isinstance(pattern, Template) or pattern.literal is None:
        return Unknown(SymbolId("%", pattern, right), "...")
    sources = [m.heap_sequence(option) for option in options(right)]
    positional = sources[0].items if len(sources) == 1 and sources[0] is not None else [right]
    named = m.dictionaries(right)
    pieces: list[Value] = []
    position = consumed = 0
    for match in _PERCENT.finditer(pattern.literal):
        pieces.append(template(pattern.literal[position : match.start()]))
        position = match.end()
        if match["type"] == "%":
            pieces.append(template("%"))
            continue
        if match["name"] is not None:
            value = _entry(named, match["name"])
        else:
            value = positional[consumed] if consumed < len(positional) else None
            consumed += 1
        plain = match["type"] in "sdi" and match[0] in {
            f"%{match['type']}",
            f"%({match['name']}){match['type']}",
        }
        pieces.append(m.force(value) if plain and value is not None else _hole(match[0], value))
    pieces.append(template(pattern.literal[position:]))
    return concatenate(pieces, span)


def _entry(sources: list[Dictionary], name: str) -> Value | None:
    values = [
        entry.value for dictionary in sources if (entry := dictionary.entries.get(template(name))) is not None
    ]
    return join(values) if values else None


def _hole(label: str, value: Value | None) -> Value:
    symbol = SymbolId("formatted", label, None if value is None else hole_of(value).symbol)
    return template(Hole(symbol, label.strip("%{}") or "..."))


def format_text(
    m: Interpreter, pattern: Template, positional: list[Value], keywords: dict[str, Value], span: Span
) -> Value:
    """`pattern.format(...)`."""
    if pattern.literal is None:
        return Unknown(SymbolId("format", pattern), "...")
    try:
        fields = list(Formatter().parse(pattern.literal))
    except ValueError:
        return Unknown(SymbolId("format", pattern), "...")
    pieces: list[Value] = []
    automatic = 0
    for literal, name, spec, conversion in fields:
        pieces.append(template(literal))
        if name is None:
            continue
        key = name or str(automatic)
        automatic += not name
        value = positional[int(key)] if key.isdigit() and int(key) < len(positional) else keywords.get(key)
        if value is None or spec or conversion not in {None, "s"}:
            pieces.append(_hole(key, value))
        else:
            pieces.append(m.force(value))
    return concatenate(pieces, span)


def join_text(m: Interpreter, separator: Template, parts: Value, span: Span) -> Value:
    """`separator.join(parts)`."""
    results: list[Value] = []
    for option, sequence in m.objects(parts):
        if isinstance(sequence, SequenceObject) and sequence.tail is None:
            pieces: list[Value] = []
            for number, item in enumerate(sequence.items):
                pieces.extend(([separator] if number else []) + [m.force(item)])
            results.append(concatenate(pieces, span))
        else:
            results.append(Unknown(SymbolId("join", separator, option), "..."))
    return join(results)


def begins(text: Template, start: Template) -> bool | None:
    """Whether a string begins with another one; None where that is unknown."""
    if start.literal is None or (text.literal is None and len(text.prefix) < len(start.literal)):
        wanted = start.literal
        if wanted is not None and text.prefix and not wanted.startswith(text.prefix):
            return False
        return None
    return text.prefix.startswith(start.literal)


def ends(text: Template, end: Template) -> bool | None:
    """Whether a string ends with another one; None where that is unknown."""
    last = text.parts[-1] if text.parts else ""
    if end.literal is None or not isinstance(last, str):
        return None
    if text.literal is None and len(last) < len(end.literal):
        return None if end.literal.endswith(last) else False
    return last.endswith(end.literal)


def apply_method(receiver: Template, method: str, args: list[Template]) -> Value | None:
    """`receiver.method(*args)` where the result is certain or keeps literal text; None where unknown."""
    literals = [arg.literal for arg in args if arg.literal is not None]
    if len(literals) < len(args) or len(args) not in _ARGUMENTS.get(method, ()):
        return None
    if len(str(receiver)) * max(map(len, ["", *literals])) > MAX_LENGTH:
        return None  # a `replace` in a loop would exhaust the memory
    whole = receiver.literal
    if whole is not None:
        result = getattr(whole, method)(*literals)
        return template(result, span=receiver.span, provenance=receiver.provenance)
    if method in {"lower", "upper", "replace"}:
        # Each literal part changes by itself; an occurrence that reaches into a hole changes only the hole.
        return template(
            *_changed(receiver, method, literals), span=receiver.span, provenance=receiver.provenance
        )
    return None


def _changed(receiver: Template, method: str, args: list[str]) -> Iterator[str | Hole]:
    for part in receiver.parts:
        if isinstance(part, str):
            yield getattr(part, method)(*args)
        else:
            yield Hole(SymbolId(method, part.symbol, *args), part.label)
