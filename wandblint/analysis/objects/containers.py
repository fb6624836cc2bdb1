"""Dictionaries and sequences: lookup, merge, iteration."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from wandblint import facts
from wandblint.analysis.domain.heap_objects import Dictionary, Instance, SequenceObject
from wandblint.analysis.domain.lattice import all_items, hole_of, join, options
from wandblint.analysis.domain.values import NONE, Class, Frame, Member, Ref, Scalar, Unknown, Value
from wandblint.analysis.objects.special_methods import call_special
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.index.walk import last_word
from wandblint.model.control_flow import Loop
from wandblint.span import Span
from wandblint.template import Hole, SymbolId, Template, template

MAX_UNROLL = 64
"""The interpreter unrolls no loop over more items than this."""

_PAIR = 2


def merge(m: Interpreter, target: Dictionary, source: Value, span: Span) -> None:
    """`target.update(source)`, also for `**source` in a literal."""
    source = m.force(source)
    several = len(options(source)) > 1
    for alternative, container in m.objects(source):
        if isinstance(container, Dictionary):
            if container is target:
                continue
            branch = m.branch if not several else None
            for entry in list(container.entries.values()):
                if entry.is_must and not several:
                    m.heap.set_item(target, entry.key, entry.value, entry.span, branch)
                else:
                    with m.on_branch():
                        m.heap.set_item(target, entry.key, entry.value, entry.span, m.branch)
        elif isinstance(container, SequenceObject):
            _merge_pairs(m, target, container, span)
        elif alternative != NONE:
            m.heap.widen(target, as_open_key(alternative), span)


def _merge_pairs(m: Interpreter, target: Dictionary, pairs: SequenceObject, span: Span) -> None:
    for item in pairs.items:
        parts = [container for _, container in m.objects(item) if isinstance(container, SequenceObject)]
        if len(parts) == 1 and len(parts[0].items) == _PAIR:
            store_item(m, target, parts[0].items[0], parts[0].items[1], span)
        else:
            m.heap.widen(target, as_open_key(item), span)
    if pairs.tail is not None:
        with m.on_branch():
            for option, container in m.objects(pairs.tail):
                if isinstance(container, SequenceObject) and len(container.items) == _PAIR:
                    store_item(m, target, container.items[0], container.items[1], span)
                else:
                    m.heap.widen(target, as_open_key(option), span)


def as_open_key(value: Value) -> Template:
    """The key that represents all keys of an unknown mapping."""
    return template(Hole(SymbolId("keys", hole_of(value).symbol), "..."))


def store_item(m: Interpreter, target: Dictionary, key: Value, value: Value, span: Span) -> None:
    """`target[key] = value`, for every alternative of the key."""
    keys = [as_key(option) for option in options(m.force(key))]
    if len(keys) == 1:
        m.heap.set_item(target, keys[0], value, span, m.branch)
        return
    with m.on_branch():
        for alternative in keys:
            m.heap.set_item(target, alternative, value, span, m.branch)


def store_in_unknown(m: Interpreter, target: Value, key: Value, span: Span) -> None:
    """Tracks the target of `target[key] = ...` where it may be an unknown mapping and the key is a string."""
    if any(isinstance(option, Template) and not option.is_open for option in options(key)):
        for option in options(target):
            if isinstance(option, Unknown) and not option.external.startswith("wandb"):
                m.heap.track_partial(option, as_open_key(option), span, m.branch)


def set_item(
    m: Interpreter, target: SequenceObject, index: facts.Expr, key: Value, value: Value, frame: Frame
) -> None:
    """`target[index] = value` of a list."""
    if isinstance(index, facts.Other):
        items, tail = iterate(m, value, frame, index.start)
        for item in all_items(items, tail):
            m.heap.havoc(target, item)
        return
    position = key.value if isinstance(key, Scalar) and isinstance(key.value, int) else None
    if position is None or target.tail is not None or not -len(target.items) <= position < len(target.items):
        m.heap.havoc(target, value)
    else:
        m.heap.replace_item(target, position, value, m.branch)


def remove_item(m: Interpreter, target: SequenceObject, key: Value) -> Value | None:
    """`del target[key]` of a list; returns the item, None where there is none."""
    choices = all_items(target.items, target.tail)
    position = key.value if isinstance(key, Scalar) and isinstance(key.value, int) else None
    is_known = (
        target.tail is None and position is not None and -len(target.items) <= position < len(target.items)
    )
    taken = take_out(m, target, position if is_known else None)
    return taken or (join(choices) if choices else None)


def take_out(m: Interpreter, target: SequenceObject, position: int | None) -> Value | None:
    """Removes the item at a position from a list; where that is not certain (None), perhaps any."""
    if position is not None and target.allocation_branch is m.branch and not m.in_loop:
        return m.heap.pop(target, position)
    m.heap.havoc(target)
    target.may_lack_items = True
    return None


def change_sequence(
    m: Interpreter, sequence: SequenceObject, op: str, operand: Value, frame: Frame, span: Span
) -> None:
    """`sequence op= operand` of a list or set."""
    if op in {"+", "|"}:
        items, tail = iterate(m, operand, frame, span.start)
        for item in items:
            m.heap.append(sequence, item, m.branch, in_loop=m.in_loop)
        if tail is not None:
            m.heap.append(sequence, tail, m.branch, in_loop=True)
    else:
        m.heap.havoc(sequence)


def as_key(value: Value) -> Value:
    """A value as a dictionary key: an unknown one becomes a string of one hole."""
    return value if isinstance(value, (Template, Scalar, Member)) else template(hole_of(value))


def iterate(m: Interpreter, value: Value, frame: Frame, at: int) -> tuple[list[Value], Value | None]:
    """The known items of an iterable in order, and the value of any further item."""
    value = m.force(value)
    choices = options(value)
    if len(choices) > 1:
        items = [item for choice in choices for item in all_items(*iterate(m, choice, frame, at))]
        return [], join(items) if items else None
    for option, container in m.objects(value):
        if isinstance(container, SequenceObject):
            return list(container.items), container.tail
        if isinstance(container, Dictionary):
            return split_entries(container, [entry.key for entry in container.entries.values()])
        if isinstance(option, Class) and option.info.members:
            return list(option.info.members.values()), None
        if isinstance(container, Instance) or (isinstance(option, Class) and option.info.metaclass):
            return _iterate_instance(m, option, frame, at)
        if isinstance(option, Unknown):
            return [], Unknown(SymbolId("item of", option.symbol, at), "...")
        if isinstance(option, Template) and option.literal is not None:
            return [template(char) for char in option.literal], None
    return [], Unknown(SymbolId("item at", frame.context, frame.path, at))


def _iterate_instance(
    m: Interpreter, value: Value, frame: Frame, at: int
) -> tuple[list[Value], Value | None]:
    """The same for an instance: what its `__iter__` gives, or its `__getitem__`."""
    span = Span(frame.path, at, at)
    instance = m.heap_instance(value)
    if instance is not None and any(
        last_word(base.value) == "NamedTuple" for base in instance.cls.node.bases
    ):
        return [m.attribute(value, name, frame, span) for name in instance.cls.fields], None
    unknown = Unknown(SymbolId("item at", frame.context, frame.path, at))
    iterator = call_special(m, value, ("__iter__", "__aiter__"), (), frame, span)
    if iterator is None:
        item = call_special(m, value, ("__getitem__",), (unknown,), frame, span)
        if item is None:
            m.dispatch.escape(m, [value], span)
        return [], unknown if item is None else item
    parts = [
        (iterate if m.heap_instance(part) is None else _iterate_iterator)(m, part, frame, at)
        for part in options(m.force(iterator))
    ]
    if len(parts) == 1:
        return parts[0]
    return [], join(item for items, tail in parts for item in all_items(items, tail))


def _iterate_iterator(
    m: Interpreter, iterator: Value, frame: Frame, at: int
) -> tuple[list[Value], Value | None]:
    """The same for an instance that `__iter__` has returned: what its `__next__` gives."""
    span = Span(frame.path, at, at)
    with m.on_branch(loop=Loop(span, m.context("next", frame.context, frame.path, at))):
        item = call_special(m, iterator, ("__next__", "__anext__"), (), frame, span)
        # A second time: the method may find what its first call has changed.
        again = call_special(m, iterator, ("__next__", "__anext__"), (), frame, span)
    unknown = Unknown(SymbolId("item at", frame.context, frame.path, at))
    return [], unknown if item is None or again is None else join((item, again))


def iterate_in_order(m: Interpreter, value: Value, frame: Frame, at: int) -> tuple[list[Value], Value | None]:
    """The same where it matters which item comes first: items in an unknown order are joined."""
    items, tail = iterate(m, value, frame, at)
    value = m.force(value)
    container = m.heap[value] if isinstance(value, Ref) else None
    is_unordered = (isinstance(container, SequenceObject) and container.is_unordered) or (
        isinstance(container, Dictionary) and has_gaps(container)
    )
    every = all_items(items, tail)
    return ([], join(every)) if is_unordered and len(every) > 1 else (items, tail)


def note_sources(m: Interpreter, iterator: Value, sources: Iterable[Value]) -> None:
    """Notes what objects an iterator takes its items from when it is used, not when it is made."""
    sequence = m.heap_sequence(iterator)
    if sequence is not None:
        objects = [m.heap[source] for source in sources if isinstance(source, Ref)]
        sequence.sources = tuple(target.present or target for target in objects)


def has_gaps(dictionary: Dictionary) -> bool:
    """Whether an entry that may be missing comes before a certain one, whose index then is unknown."""
    certain = [entry.is_must for entry in dictionary.entries.values()]
    return certain != sorted(certain, reverse=True)


def split_entries(dictionary: Dictionary, items: Sequence[Value]) -> tuple[list[Value], Value | None]:
    """The items of the entries that a dictionary certainly has, and the join of those that it may lack."""
    known: list[Value] = []
    others: list[Value] = []
    for entry, item in zip(dictionary.entries.values(), items, strict=True):
        (known if entry.is_must else others).append(item)
    return known, join(others) if others else None


def unroll(m: Interpreter, value: Value, frame: Frame, at: int) -> tuple[list[Value], Value | None]:
    """The same for a loop to unroll: too many items are joined."""
    items, tail = iterate(m, value, frame, at)
    return ([], join(all_items(items, tail))) if len(items) > MAX_UNROLL else (items, tail)


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
        return join(values) if values else None  # any other key raises
    return join([*values, Unknown(SymbolId("item", key))]) if values else None
