"""Assignment targets: names, attributes, items and unpacking."""

from __future__ import annotations

from contextlib import nullcontext

from wandblint import facts
from wandblint.analysis.domain.heap import Instance
from wandblint.analysis.domain.lattice import all_items, has_thunk, join, join_into, options
from wandblint.analysis.domain.values import Class, Frame, Module, Ref, Unknown, Value
from wandblint.analysis.interpreter.induction import (
    may_be_induction,
    note_initialization,
    variable_of_attribute,
)
from wandblint.analysis.objects.containers import store_in_unknown, store_item
from wandblint.analysis.objects.names import bind
from wandblint.analysis.state import module_loader
from wandblint.analysis.state.interpreter import Interpreter
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


def _assign_attribute(m: Interpreter, target: facts.Attr, value: Value, frame: Frame) -> None:
    owner = m.force(m.evaluate(target.value, frame))
    is_ambiguous = len(options(owner)) > 1
    for option, instance in m.objects(owner):
        if isinstance(instance, Instance) and isinstance(option, Ref):
            if may_be_induction(value):
                variable = variable_of_attribute(m, option, target.attr)
                note_initialization(m, frame, variable, value, frame.span(target))
            with m.on_branch() if is_ambiguous else nullcontext():
                m.heap.set_attribute(instance, target.attr, value, m.branch)
            m.shared_facts.publish_attribute(instance.cls, target.attr, value)
        elif isinstance(option, Class):
            m.module_cache.note_change(option.info.path)
            join_into(option.info.attributes, target.attr, value)
        elif isinstance(option, Module) and (module := module_loader.module(m, option.path)) is not None:
            old = module_loader.variable(m, module, target.attr)
            module_loader.set_variable(m, module, target.attr, value if old is None else join((old, value)))


def _assign_item(m: Interpreter, target: facts.Subscript, value: Value, frame: Frame) -> None:
    owner = m.force(m.evaluate(target.value, frame))
    key = m.force(m.evaluate(target.index, frame))
    span = frame.span(target.index)
    is_ambiguous = len(options(owner)) > 1
    store_in_unknown(m, owner, key, span)
    for dictionary in m.dictionaries(owner):
        with m.on_branch() if is_ambiguous else nullcontext():
            store_item(m, dictionary, key, value, span)


def _unpack(m: Interpreter, target: facts.Sequence, value: Value, frame: Frame) -> None:
    for index, element in enumerate(target.items):
        if has_thunk(value):
            assign(m, element, _deferred_item(m, value, target, index, frame), frame)
            continue
        choices = _items_at(m, value, index, len(target.items))
        if len(choices) < len(options(value)) or not choices:
            symbol = value.symbol if isinstance(value, Unknown) else ("unpacked", frame.context, target.start)
            label = element.id if isinstance(element, facts.Name) else "..."
            choices.append(Unknown(SymbolId("part", symbol, index), label))
        assign(m, element, join(choices), frame)


def _deferred_item(m: Interpreter, value: Value, target: facts.Sequence, index: int, frame: Frame) -> Value:
    """One item of the result of a deferred call, deferred, too."""

    def work() -> Value:
        choices = _items_at(m, m.force(value), index, len(target.items))
        if not choices:
            return Unknown(SymbolId("part", frame.context, target.start, index))
        return m.force(join(choices))

    return m.defer(frame, (target.items[index].start, index), work)


def _items_at(m: Interpreter, value: Value, index: int, length: int) -> list[Value]:
    """The items that unpacking into `length` targets takes from the alternatives that are known sequences."""
    items: list[Value] = []
    for sequence in map(m.heap_sequence, options(value)):
        if sequence is None:
            continue
        if sequence.tail is None and len(sequence.items) == length:
            items.append(sequence.items[index])
        elif choices := all_items(sequence.items, sequence.tail):
            items.append(join(choices))
    return items
