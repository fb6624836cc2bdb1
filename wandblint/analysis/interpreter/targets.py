"""Assignment targets: names, attributes, items and unpacking."""

from __future__ import annotations

from collections.abc import Callable

from wandblint import facts
from wandblint.analysis.domain.heap import Instance, SequenceObject
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
from wandblint.span import Span
from wandblint.template import SymbolId


def assign(m: Interpreter, target: facts.Expr, value: Value, frame: Frame) -> None:
    """`target = value`."""
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
    several = len(options(owner)) > 1
    for option, made in m.objects(owner):
        if isinstance(made, Instance) and isinstance(option, Ref):
            if may_be_induction(value):
                number = variable_of_attribute(m, option, target.attr)
                note_initialization(m, frame, number, value, Span(frame.path, target.start, target.end))
            if several:
                with m.on_branch():
                    m.heap.set_attribute(made, target.attr, value, m.branch)
            else:
                m.heap.set_attribute(made, target.attr, value, m.branch)
            m.shared_facts.publish_attribute(made.cls, target.attr, value)
        elif isinstance(option, Class):
            m.note_module_changed(option.info.path)
            join_into(option.info.attributes, target.attr, value)
        elif isinstance(option, Module) and (module := module_loader.module(m, option.path)) is not None:
            old = module_loader.variable(m, module, target.attr)
            module_loader.set_variable(m, module, target.attr, value if old is None else join((old, value)))


def _assign_item(m: Interpreter, target: facts.Subscript, value: Value, frame: Frame) -> None:
    owner = m.force(m.evaluate(target.value, frame))
    key = m.force(m.evaluate(target.index, frame))
    span = Span(frame.path, target.index.start, target.index.end)
    several = len(options(owner)) > 1
    store_in_unknown(m, owner, key, span)
    for made in m.dictionaries(owner):
        if several:
            with m.on_branch():
                store_item(m, made, key, value, span)
        else:
            store_item(m, made, key, value, span)


def _unpack(m: Interpreter, target: facts.Sequence, value: Value, frame: Frame) -> None:
    if has_thunk(value):
        for number, element in enumerate(target.items):
            assign(
                m,
                element,
                m.defer(frame, (element.start, number), _deferred_item(m, value, target, number, frame)),
                frame,
            )
        return
    parts = [m.heap_sequence(option) for option in options(value)]
    for number, element in enumerate(target.items):
        found = [_item(made, number, len(target.items)) for made in parts if made is not None]
        known = [part for part in found if part is not None]
        if len(known) < len(parts) or not known:
            origin = value.symbol if isinstance(value, Unknown) else ("unpacked", frame.context, target.start)
            label = element.id if isinstance(element, facts.Name) else "..."
            known.append(Unknown(SymbolId("part", origin, number), label))
        assign(m, element, join(known), frame)


def _deferred_item(
    m: Interpreter, value: Value, target: facts.Sequence, number: int, frame: Frame
) -> Callable[[], Value]:
    """One part of what a put-off call returns, when somebody needs it."""

    def work() -> Value:
        forced = m.force(value)
        parts = [m.heap_sequence(option) for option in options(forced)]
        found = [_item(made, number, len(target.items)) for made in parts if made is not None]
        known = [part for part in found if part is not None]
        return (
            m.force(join(known)) if known else Unknown(SymbolId("part", frame.context, target.start, number))
        )

    return work


def _item(made: SequenceObject, number: int, wanted: int) -> Value | None:
    if made.tail is None and len(made.items) == wanted:
        return made.items[number]
    choices = all_items(made.items, made.tail)
    return join(choices) if choices else None
