"""Assignment targets: names, attributes, items and unpacking."""

from __future__ import annotations

from collections.abc import Callable

from wandblint import facts
from wandblint.finding import Span
from wandblint.linking import loading
from wandblint.linking.containers import put_into_unknown, store_item
from wandblint.linking.counting import attribute_of, may_count, note_start
from wandblint.linking.heap import Frame, Instance, Items
from wandblint.linking.machine import Machine
from wandblint.linking.names import bind
from wandblint.linking.values import (
    Class,
    Module,
    Ref,
    Unknown,
    Value,
    add_option,
    everything,
    is_deferred,
    join,
    options,
)
from wandblint.template import Origin


def assign(m: Machine, target: facts.Expr, value: Value, frame: Frame) -> None:
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


def _assign_attribute(m: Machine, target: facts.Attr, value: Value, frame: Frame) -> None:
    owner = m.force(m.evaluate(target.value, frame))
    several = len(options(owner)) > 1
    for option, made in m.objects(owner):
        if isinstance(made, Instance) and isinstance(option, Ref):
            if may_count(value):
                number = attribute_of(m, option, target.attr)
                note_start(m, frame, number, value, Span(frame.path, target.start, target.end))
            if several:
                with m.maybe():
                    m.heap.set_attribute(made, target.attr, value, m.branch)
            else:
                m.heap.set_attribute(made, target.attr, value, m.branch)
            m.remember_attribute(made.cls, target.attr, value)
        elif isinstance(option, Class):
            m.sharing.note_change(option.info.path)
            add_option(option.info.attributes, target.attr, value)
        elif isinstance(option, Module) and (module := loading.module(m, option.path)) is not None:
            old = loading.variable(m, module, target.attr)
            loading.set_variable(m, module, target.attr, value if old is None else join((old, value)))


def _assign_item(m: Machine, target: facts.Subscript, value: Value, frame: Frame) -> None:
    owner = m.force(m.evaluate(target.value, frame))
    key = m.force(m.evaluate(target.index, frame))
    span = Span(frame.path, target.index.start, target.index.end)
    several = len(options(owner)) > 1
    put_into_unknown(m, owner, key, span)
    for made in m.dictionaries(owner):
        if several:
            with m.maybe():
                store_item(m, made, key, value, span)
        else:
            store_item(m, made, key, value, span)


def _unpack(m: Machine, target: facts.Sequence, value: Value, frame: Frame) -> None:
    if is_deferred(value):
        for number, element in enumerate(target.items):
            assign(
                m,
                element,
                m.defer(frame, (element.start, number), _later_part(m, value, target, number, frame)),
                frame,
            )
        return
    parts = [m.heap_items(option) for option in options(value)]
    for number, element in enumerate(target.items):
        found = [_part(made, number, len(target.items)) for made in parts if made is not None]
        known = [part for part in found if part is not None]
        if len(known) < len(parts) or not known:
            origin = value.origin if isinstance(value, Unknown) else ("unpacked", frame.context, target.start)
            label = element.id if isinstance(element, facts.Name) else "..."
            known.append(Unknown(Origin("part", origin, number), label))
        assign(m, element, join(known), frame)


def _later_part(
    m: Machine, value: Value, target: facts.Sequence, number: int, frame: Frame
) -> Callable[[], Value]:
    """One part of what a put-off call returns, when somebody needs it."""

    def work() -> Value:
        forced = m.force(value)
        parts = [m.heap_items(option) for option in options(forced)]
        found = [_part(made, number, len(target.items)) for made in parts if made is not None]
        known = [part for part in found if part is not None]
        return m.force(join(known)) if known else Unknown(Origin("part", frame.context, target.start, number))

    return work


def _part(made: Items, number: int, wanted: int) -> Value | None:
    if made.rest is None and len(made.items) == wanted:
        return made.items[number]
    choices = everything(made.items, made.rest)
    return join(choices) if choices else None
