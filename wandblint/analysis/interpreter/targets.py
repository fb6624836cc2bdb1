"""Assignment targets: names, attributes, items and unpacking."""

from __future__ import annotations

from contextlib import nullcontext

from wandblint import facts
from wandblint.analysis.domain.heap_objects import Dictionary, SequenceObject
from wandblint.analysis.domain.lattice import all_items, has_thunk, join, options
from wandblint.analysis.domain.values import NONE, External, Frame, Ref, Unknown, Value
from wandblint.analysis.interpreter.induction import (
    induction_of,
    may_be_induction,
    note_initialization,
    variable_of_attribute,
)
from wandblint.analysis.interpreter.receivers import as_field
from wandblint.analysis.objects.attributes import delete_attribute, set_attribute
from wandblint.analysis.objects.containers import (
    iterate_in_order,
    remove_item,
    set_item,
    store_in_unknown,
    store_item,
)
from wandblint.analysis.objects.names import bind
from wandblint.analysis.objects.special_methods import call_special
from wandblint.analysis.state.interpreter import Interpreter
from wandblint.semantics import api
from wandblint.template import SymbolId


def assign(m: Interpreter, target: facts.Expr, value: Value, frame: Frame) -> None:
    """Binds a value to an assignment target."""
    if isinstance(target, facts.Name):
        bind(m, target.id, value, frame)
    elif isinstance(target, facts.Attr):
        _assign_attribute(m, target, value, frame)
    elif isinstance(target, facts.Subscript):
        _assign_item(m, target, value, frame)
    elif isinstance(target, facts.Sequence):
        _unpack(m, target, value, frame)
    elif isinstance(target, facts.Starred):
        assign(m, target.value, m.new_items(frame, target.start, [], value), frame)


def delete(m: Interpreter, target: facts.Expr, frame: Frame) -> None:
    """`del target`."""
    span = frame.span(target)
    if isinstance(target, facts.Name):
        frame.names.pop(target.id, None)
    elif isinstance(target, facts.Sequence):
        for item in target.items:
            delete(m, item, frame)
    elif isinstance(target, facts.Attr):
        delete_attribute(m, m.force(m.evaluate(target.value, frame)), target.attr, frame, span)
    elif isinstance(target, facts.Subscript):
        owner, key = m.evaluate(target.value, frame), m.force(m.evaluate(target.index, frame))
        call_special(m, owner, ("__delitem__",), (key,), frame, span)
        for _, container in m.objects(owner):
            if isinstance(container, Dictionary):
                m.heap.remove_item(container, key, m.branch)
            elif isinstance(container, SequenceObject):
                remove_item(m, container, key)


def _assign_attribute(m: Interpreter, target: facts.Attr, value: Value, frame: Frame) -> None:
    owner = m.force(m.evaluate(target.value, frame))
    is_ambiguous = len(options(owner)) > 1
    for option in options(owner):
        instance = m.heap_instance(option)
        value = value if instance is None else as_field(m, instance.cls, target.attr, value)
        if may_be_induction(value) and instance is not None and isinstance(option, Ref):
            variable = variable_of_attribute(m, option, target.attr)
            note_initialization(m, frame, variable, value, frame.span(target))
            if instance.attributes.get(target.attr) == NONE and induction_of(m, value) is not None:
                # A counter that is None before its first number.
                m.heap.set_attribute(instance, target.attr, value, instance.allocation_branch)
        with m.on_branch() if is_ambiguous else nullcontext():
            set_attribute(m, option, target.attr, value, frame, frame.span(target))


def _assign_item(m: Interpreter, target: facts.Subscript, value: Value, frame: Frame) -> None:
    owner = m.force(m.evaluate(target.value, frame))
    key = m.force(m.evaluate(target.index, frame))
    span = frame.span(target.index)
    is_ambiguous = len(options(owner)) > 1
    store_in_unknown(m, owner, key, span)
    for option, container in m.objects(owner):
        with m.on_branch() if is_ambiguous else nullcontext():
            if isinstance(option, Unknown):
                m.dispatch.keep(m, [value], span)
            if isinstance(option, External):
                m.dispatch.observers.item_assigned(m, option, key, value, frame, span)
            if isinstance(container, Dictionary):
                store_item(m, container, key, value, span)
            elif isinstance(container, SequenceObject):
                set_item(m, container, target.index, key, value, frame)
            else:
                call_special(m, option, ("__setitem__",), (key, value), frame, span)


def _unpack(m: Interpreter, target: facts.Sequence, value: Value, frame: Frame) -> None:
    for index, element in enumerate(target.items):
        if has_thunk(value):
            assign(m, element, _deferred_item(m, value, target, index, frame), frame)
            continue
        choices = _items_at(m, value, index, target, frame)
        if len(choices) < len(options(value)) or not choices:
            label = element.id if isinstance(element, facts.Name) else "..."
            choices.append(_unknown_item(value, target, index, frame, label))
        is_list = isinstance(element, facts.Starred) and m.heap_sequence(choices[0]) is not None
        starred = element.value if is_list and isinstance(element, facts.Starred) else element
        assign(m, starred, join(choices), frame)


def _deferred_item(m: Interpreter, value: Value, target: facts.Sequence, index: int, frame: Frame) -> Value:
    """One item of the result of a deferred call, deferred, too."""

    def work() -> Value:
        whole = m.force(value)
        choices = _items_at(m, whole, index, target, frame)
        return m.force(join(choices or [_unknown_item(whole, target, index, frame, "...")]))

    return m.defer(frame, (target.items[index].start, index), work)


def _unknown_item(value: Value, target: facts.Sequence, index: int, frame: Frame, label: str) -> Unknown:
    """One item of a value whose items are not known."""
    symbol = value.symbol if isinstance(value, Unknown) else ("unpacked", frame.context, target.start)
    return Unknown(SymbolId("part", symbol, index), label, _external_item(value, index))


def _external_item(value: Value, index: int) -> str:
    """The `external` of an item of the tuple that a library call returned: it is of a library, too."""
    if not isinstance(value, Unknown) or not value.external:
        return ""
    return api.item_of(value.external, index) or f"{value.external}[{index}]"


def _items_at(m: Interpreter, value: Value, index: int, target: facts.Sequence, frame: Frame) -> list[Value]:
    """The values that unpacking gives to a target, from the alternatives whose items are known."""
    values: list[Value] = []
    length = len(target.items)
    star = next((i for i, item in enumerate(target.items) if isinstance(item, facts.Starred)), length)
    for option in options(value):
        if not isinstance(option, Ref):
            continue
        items, tail = iterate_in_order(m, option, frame, target.start)
        rest = len(items) - length + 1
        if tail is not None or (rest != 1 if star == length else rest < 0):
            if choices := all_items(items, tail):
                values.append(join(choices))
        elif index == star:
            values.append(m.new_items(frame, (target.start, index), items[star : star + rest]))
        else:
            values.append(items[index if index < star else index + rest - 1])
    return values
