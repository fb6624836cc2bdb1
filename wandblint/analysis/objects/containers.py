"""Dictionaries and lists: reading, merging, iterating."""

from __future__ import annotations

from wandblint.analysis.domain.heap import Dictionary, SequenceObject
from wandblint.analysis.domain.lattice import all_items, hole_of, join, options
from wandblint.analysis.domain.values import NONE, Class, Frame, Member, Scalar, Unknown, Value
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.span import Span
from wandblint.template import Hole, SymbolId, Template, template

MAX_UNROLL = 64
"""A loop over more known items than this is run as a loop over unknown ones."""

_PAIR = 2


def merge(m: Interpreter, target: Dictionary, source: Value, span: Span) -> None:
    """`target.update(source)`: also `**source` in a literal."""
    source = m.force(source)
    several = len(options(source)) > 1
    for option, made in m.objects(source):
        if isinstance(made, Dictionary):
            if made is target:
                continue
            branch = m.branch if not several else None
            for entry in list(made.entries.values()):
                if entry.is_must and not several:
                    m.heap.set_item(target, entry.key, entry.value, entry.span, branch)
                else:
                    with m.on_branch():
                        m.heap.set_item(target, entry.key, entry.value, entry.span, m.branch)
        elif isinstance(made, SequenceObject):
            _merge_pairs(m, target, made, span)
        elif option != NONE:
            m.heap.widen(target, as_open_key(option), span)


def _merge_pairs(m: Interpreter, target: Dictionary, pairs: SequenceObject, span: Span) -> None:
    for item in pairs.items:
        parts = [made for _, made in m.objects(item) if isinstance(made, SequenceObject)]
        if len(parts) == 1 and len(parts[0].items) == _PAIR:
            store_item(m, target, parts[0].items[0], parts[0].items[1], span)
        else:
            m.heap.widen(target, as_open_key(item), span)
    if pairs.tail is not None:
        with m.on_branch():
            for option, made in m.objects(pairs.tail):
                if isinstance(made, SequenceObject) and len(made.items) == _PAIR:
                    store_item(m, target, made.items[0], made.items[1], span)
                else:
                    m.heap.widen(target, as_open_key(option), span)


def as_open_key(value: Value) -> Template:
    """The key that stands for all that an unknown mapping may hold."""
    return template(Hole(SymbolId("keys", hole_of(value).symbol), "..."))


def store_item(m: Interpreter, target: Dictionary, key: Value, value: Value, span: Span) -> None:
    """`target[key] = value` for every alternative of the key."""
    keys = [as_key(option) for option in options(m.force(key))]
    if len(keys) == 1:
        m.heap.set_item(target, keys[0], value, span, m.branch)
        return
    with m.on_branch():
        for one in keys:
            m.heap.set_item(target, one, value, span, m.branch)


def store_in_unknown(m: Interpreter, target: Value, key: Value, span: Span) -> None:
    """Makes ready for `target[key] = ...` where the target may be an unknown mapping and the key a name."""
    if any(isinstance(option, Template) and not option.is_open for option in options(key)):
        for option in options(target):
            if isinstance(option, Unknown) and not option.external.startswith("wandb"):
                m.heap.track_partial(option, as_open_key(option), span, m.branch)


def as_key(value: Value) -> Value:
    """A value as a key of a dictionary: an unknown one is a string of one hole."""
    return value if isinstance(value, (Template, Scalar, Member)) else template(hole_of(value))


def iterate(m: Interpreter, value: Value, frame: Frame, at: int) -> tuple[list[Value], Value | None]:
    """What a loop over the value meets: known items in order, and what further items may be."""
    value = m.force(value)
    choices = options(value)
    if len(choices) > 1:
        met = [part for choice in choices for part in all_items(*iterate(m, choice, frame, at))]
        return [], join(met) if met else None
    for option, made in m.objects(value):
        if isinstance(made, SequenceObject):
            return list(made.items), made.tail
        if isinstance(made, Dictionary):
            known = [entry.key for entry in made.entries.values()]
            return known, None
        if isinstance(option, Class) and option.info.members:
            return list(option.info.members.values()), None
        if isinstance(option, Unknown):
            return [], Unknown(SymbolId("item of", option.symbol, at), "...")
        if isinstance(option, Template) and option.literal is not None:
            return [template(char) for char in option.literal], None
    return [], Unknown(SymbolId("item at", frame.context, frame.path, at))


def unroll(m: Interpreter, value: Value, frame: Frame, at: int) -> tuple[list[Value], Value | None]:
    """The same, where each known item gets a pass of its own: too many are taken as unknown ones."""
    items, rest = iterate(m, value, frame, at)
    return ([], join(all_items(items, rest))) if len(items) > MAX_UNROLL else (items, rest)


def _is_plain(key: Value) -> bool:
    return isinstance(key, (Scalar, Member)) or (isinstance(key, Template) and key.literal is not None)


def get_item(target: Dictionary, key: Value) -> Value | None:
    """`target[key]`, as far as it is known."""
    if isinstance(key, (Template, Scalar, Member)):
        entry = target.entries.get(key)
        if entry is not None:
            return entry.value
        literal = not isinstance(key, Template) or key.literal is not None
        if literal and not any(isinstance(k, Template) and k.literal is None for k in target.entries):
            return None
    values = [entry.value for entry in target.entries.values()]
    if target.is_table and all(_is_plain(k) for k in target.entries):
        # A key that it does not have raises.
        return join(values)
    return join([*values, Unknown(SymbolId("item", key))]) if values else None
