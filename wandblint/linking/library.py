"""Calls of what is not the project's: builtins, the standard library's helpers, and wandb itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from wandblint.finding import Span
from wandblint.linking import frameworks, tracking, transforms
from wandblint.linking.arguments import Arguments
from wandblint.linking.containers import as_open_key, iterate
from wandblint.linking.counting import counter, of_range
from wandblint.linking.handover import hand_over
from wandblint.linking.heap import Frame, Instance
from wandblint.linking.kinds import is_instance
from wandblint.linking.machine import Machine
from wandblint.linking.methods import container_method, text_method, update
from wandblint.linking.values import (
    FALSE,
    NONE,
    TRUE,
    Class,
    Library,
    Partial,
    Scalar,
    Unknown,
    Value,
    as_template,
    everything,
    join,
    options,
    scalar,
)
from wandblint.template import Origin, Template, template


def call(m: Machine, function: Library, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """The result of calling something outside the project."""
    path = function.path
    if path == "wandb" or path.startswith("wandb."):
        return tracking.call(m, function, arguments, frame, span)
    m.recorder.enter_other(span)
    if isinstance(function.receiver, Template):
        return text_method(m, function.receiver, path.rpartition(".")[2], arguments, frame, span)
    if function.receiver is not None:
        return container_method(m, function.receiver, path.rpartition(".")[2], arguments, frame, span)
    known = _FUNCTIONS.get(path.removeprefix("builtins.")) or _BARS.get(path.rpartition(".")[2])
    known = known or transforms.handler(path)
    if known is not None:
        return known(m, arguments, frame, span)
    frameworks.note_call(m, path, span)
    unknown = Unknown(Origin("call", frame.context, span), f"{path.rpartition('.')[2]}()", path)
    hand_over(m, function, arguments, frame, span)
    return unknown


def _new_dict(m: Machine, arguments: Arguments, frame: Frame, span: Span) -> Value:
    ref, made = m.new_dict(frame, span)
    update(m, made, arguments, span)
    return ref


def _new_defaultdict(m: Machine, arguments: Arguments, frame: Frame, span: Span) -> Value:
    ref, made = m.new_dict(frame, span)
    made.factory = arguments.get(0, "default_factory")
    update(m, made, replace(arguments, positional=arguments.positional[1:]), span)
    return ref


def _new_counter(m: Machine, arguments: Arguments, frame: Frame, span: Span) -> Value:
    ref, made = m.new_dict(frame, span)
    made.factory = Library("builtins.int")
    if arguments.positional:
        # It counts the items of an iterable, or takes a mapping over.
        m.heap.open_up(made, as_open_key(arguments.positional[0][0]), span)
    return ref


def _new_list(m: Machine, arguments: Arguments, frame: Frame, span: Span) -> Value:
    first = arguments.get(0, "")
    if first is None:
        return m.new_items(frame, span, [])
    items, rest = iterate(m, first, frame, span.start)
    return m.new_items(frame, span, items, rest)


def _enumerate(m: Machine, arguments: Arguments, frame: Frame, span: Span) -> Value:
    first = arguments.get(0, "iterable")
    if first is None:
        return m.new_items(frame, span, [])
    items, rest = iterate(m, first, frame, span.start)
    counts = of_range(m, frame, span, arguments.get(1, "start") or scalar(0), scalar(1))
    pairs = [
        m.new_items(frame, (span, number), [Scalar(number, "int"), item]) for number, item in enumerate(items)
    ]
    more = None if rest is None else m.new_items(frame, (span, "rest"), [counts, rest])
    return m.new_items(frame, span, pairs, more)


def _range(m: Machine, arguments: Arguments, frame: Frame, span: Span) -> Value:
    given = [value for value, _ in arguments.positional]
    first = given[0] if len(given) > 1 else scalar(0)
    stride = given[2] if len(given) > 2 else scalar(1)  # noqa: PLR2004 (range takes three)
    return m.new_items(frame, span, [], of_range(m, frame, span, first, stride))


def _count(m: Machine, arguments: Arguments, frame: Frame, span: Span) -> Value:
    first, stride = arguments.get(0, "start") or scalar(0), arguments.get(1, "step") or scalar(1)
    return m.new_items(frame, span, [], of_range(m, frame, span, first, stride))


def _zip(m: Machine, arguments: Arguments, frame: Frame, span: Span) -> Value:
    columns = [iterate(m, value, frame, span.start) for value, _ in arguments.positional]
    if not columns:
        return m.new_items(frame, span, [])
    known = [len(items) for items, rest in columns if rest is None]
    if known and all(rest is None or not items for items, rest in columns):
        # What is iterated beside known items is taken to be as long.
        rows = [
            m.new_items(
                frame, (span, number), [items[number] if rest is None else rest for items, rest in columns]
            )
            for number in range(min(known))
        ]
        return m.new_items(frame, span, rows)
    mixed = [join(everything(items, rest) or [NONE]) for items, rest in columns]
    return m.new_items(frame, span, [], m.new_items(frame, (span, "rest"), mixed))


def _text(m: Machine, arguments: Arguments, frame: Frame, span: Span) -> Value:
    first = arguments.get(0, "object")
    if first is None:
        return template()
    return join(as_template(option) for option in options(m.force(first)))


def _first(m: Machine, arguments: Arguments, frame: Frame, span: Span) -> Value:
    found = arguments.get(0, "")
    return Unknown(Origin("call", frame.context, span)) if found is None else found


def _number(m: Machine, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """`int(x)` of what counts is the same count."""
    first = arguments.get(0, "")
    if first is not None and counter(m, first) is not None:
        return first
    return Unknown(Origin("call", frame.context, span), "int()")


def _next(m: Machine, arguments: Arguments, frame: Frame, span: Span) -> Value:
    items, rest = iterate(m, _first(m, arguments, frame, span), frame, span.start)
    choices = everything(items, rest)
    return join(choices) if choices else Unknown(Origin("call", frame.context, span))


def _getattr(m: Machine, arguments: Arguments, frame: Frame, span: Span) -> Value:
    owner, name, default = arguments.get(0, ""), arguments.get(1, ""), arguments.get(2, "")
    if owner is None or not isinstance(name, Template) or name.literal is None:
        return Unknown(Origin("getattr", frame.context, span), "getattr()")
    found = m.attribute(owner, name.literal, frame, span)
    return found if default is None else join((found, default))


def _setattr(m: Machine, arguments: Arguments, frame: Frame, span: Span) -> Value:
    owner, name, value = arguments.get(0, ""), arguments.get(1, ""), arguments.get(2, "")
    if owner is not None and value is not None and isinstance(name, Template) and name.literal is not None:
        for _, made in m.objects(owner):
            if isinstance(made, Instance):
                m.heap.set_attribute(made, name.literal, value, m.branch)
                m.remember_attribute(made.cls, name.literal, value)
    return NONE


def _partial(m: Machine, arguments: Arguments, frame: Frame, span: Span) -> Value:
    if not arguments.positional:
        return Unknown(Origin("call", frame.context, span))
    function, *rest = (value for value, _ in arguments.positional)
    keywords = tuple((name, value) for name, (value, _) in arguments.keywords.items())
    return Partial(function, tuple(rest), keywords)


def _map(m: Machine, arguments: Arguments, frame: Frame, span: Span) -> Value:
    function = arguments.get(0, "")
    items, rest = iterate(m, arguments.get(1, "") or NONE, frame, span.start)
    if function is None:
        return Unknown(Origin("call", frame.context, span))
    made = [m.call(function, Arguments([(item, span)]), frame, span) for item in everything(items, rest)]
    return m.new_items(frame, span, [], join(made) if made else None)


def _asdict(m: Machine, arguments: Arguments, frame: Frame, span: Span) -> Value:
    owner = _first(m, arguments, frame, span)
    ref, target = m.new_dict(frame, span)
    for option, made in m.objects(owner):
        if isinstance(made, Instance) and not made.symbolic:
            for name, value in made.attributes.items():
                m.heap.set_item(target, template(name), value, span, m.branch)
        else:
            m.heap.open_up(target, as_open_key(option), span)
    return ref


def _metaclass_free(m: Machine, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """`type(x)`."""
    owner = arguments.get(0, "")
    for _, made in m.objects(owner) if owner is not None else ():
        if isinstance(made, Instance) and len(arguments.positional) == 1:
            return Class(made.cls)
    return Unknown(Origin("call", frame.context, span))


def _isinstance(m: Machine, arguments: Arguments, frame: Frame, span: Span) -> Value:
    value, kind = arguments.get(0, ""), arguments.get(1, "")
    verdict = None if value is None or kind is None else is_instance(m, value, kind)
    return Unknown(Origin("call", frame.context, span)) if verdict is None else TRUE if verdict else FALSE


_FUNCTIONS: dict[str, Callable[[Machine, Arguments, Frame, Span], Value]] = {
    "dict": _new_dict,
    "collections.OrderedDict": _new_dict,
    "collections.defaultdict": _new_defaultdict,
    "collections.Counter": _new_counter,
    "list": _new_list,
    "tuple": _new_list,
    "set": _new_list,
    "frozenset": _new_list,
    "sorted": _new_list,
    "reversed": _new_list,
    "iter": _new_list,
    "enumerate": _enumerate,
    "range": _range,
    "itertools.count": _count,
    "int": _number,
    "zip": _zip,
    "itertools.product": lambda m, a, f, s: Unknown(Origin("call", f.context, s)),
    "str": _text,
    "next": _next,
    "getattr": _getattr,
    "setattr": _setattr,
    "functools.partial": _partial,
    "map": _map,
    "staticmethod": _first,
    "copy.copy": _first,
    "copy.deepcopy": _first,
    "typing.cast": lambda m, a, f, s: a.get(1, "val") or NONE,
    "dataclasses.asdict": _asdict,
    "type": _metaclass_free,
    "isinstance": _isinstance,
}
"""Library functions whose result matters to a key, a row or a run."""

_BARS: dict[str, Callable[[Machine, Arguments, Frame, Span], Value]] = {
    "tqdm": _first,
    "trange": _range,
    "track": _first,
}
"""Progress bars pass on what they are given; many packages have one under these names."""
