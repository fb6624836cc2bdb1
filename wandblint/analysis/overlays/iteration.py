"""Models of functions that return iterables: `enumerate`, `range`, `zip`, `itertools`."""

from __future__ import annotations

from itertools import islice, product

from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.heap_objects import Range
from wandblint.analysis.domain.lattice import all_items, join, options
from wandblint.analysis.domain.values import NONE, Frame, Function, Unknown, Value, scalar
from wandblint.analysis.effects.unfollowed import objects_of_call
from wandblint.analysis.interpreter.induction import induction_variable, known_int, range_variable
from wandblint.analysis.objects.containers import MAX_UNROLL, iterate, iterate_in_order, note_sources
from wandblint.analysis.state.interpreter import Handler, Interpreter
from wandblint.span import Span
from wandblint.template import SymbolId


def _new_list(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    iterable = arguments.get(0, "")
    if iterable is None:
        return m.new_items(frame, span, [])
    items, tail = iterate(m, iterable, frame, span.start)
    return m.new_items(frame, span, items, tail)


def _enumerate(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    iterable = arguments.get(0, "iterable")
    if iterable is None:
        return m.new_items(frame, span, [])
    items, tail = iterate_in_order(m, iterable, frame, span.start)
    start = arguments.get(1, "start") or scalar(0)
    index = range_variable(m, frame, span, Range(span, start, scalar(1)))
    known_start = known_int(start)
    pairs = [
        m.new_items(
            frame, (span, number), [index if known_start is None else scalar(known_start + number), item]
        )
        for number, item in enumerate(items)
    ]
    more = None if tail is None else m.new_items(frame, (span, "rest"), [index, tail])
    return m.new_items(frame, span, pairs, more)


def _range(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    bounds = [value for value, _ in arguments.positional]
    start = bounds[0] if len(bounds) > 1 else scalar(0)
    stop = bounds[min(1, len(bounds) - 1)] if bounds else None
    stride = bounds[2] if len(bounds) > 2 else scalar(1)  # noqa: PLR2004 (range takes three)
    return m.new_items(frame, span, [], range_variable(m, frame, span, Range(span, start, stride, stop)))


def _count(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    start, stride = arguments.get(0, "start") or scalar(0), arguments.get(1, "step") or scalar(1)
    numbers = Range(span, start, stride, is_iterator=True)
    return m.new_items(frame, span, [], range_variable(m, frame, span, numbers))


def _zip(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    columns = [iterate_in_order(m, value, frame, span.start) for value, _ in arguments.positional]
    if not columns:
        return m.new_items(frame, span, [])
    lengths = [len(items) for items, tail in columns if tail is None]
    if lengths and all(tail is None or not items for items, tail in columns):
        # Iterables of unknown length count as long as the shortest known one.
        rows = [
            m.new_items(
                frame, (span, index), [items[index] if tail is None else tail for items, tail in columns]
            )
            for index in range(min(lengths))
        ]
        return m.new_items(frame, span, rows)
    mixed = [join(all_items(items, tail) or [NONE]) for items, tail in columns]
    return m.new_items(frame, span, [], m.new_items(frame, (span, "rest"), mixed))


def _chain(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    iterables = [iterate(m, value, frame, span.start) for value, _ in arguments.positional]
    tails = [tail for _, tail in iterables if tail is not None]
    return m.new_items(
        frame, span, [item for items, _ in iterables for item in items], join(tails) if tails else None
    )


def _product(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    columns = [iterate(m, value, frame, span.start) for value, _ in arguments.positional]
    if arguments.keywords or any(tail is not None for _, tail in columns):
        mixed = [join(all_items(items, tail) or [NONE]) for items, tail in columns]
        return m.new_items(frame, span, [], m.new_items(frame, (span, "rest"), mixed))
    rows = islice(product(*(items for items, _ in columns)), MAX_UNROLL + 1)
    return m.new_items(
        frame, span, [m.new_items(frame, (span, index), list(row)) for index, row in enumerate(rows)]
    )


def _next(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    items, tail = iterate_in_order(m, first_argument(m, arguments, frame, span), frame, span.start)
    # Only a loop counts the items that it takes.
    choices = [choice for choice in all_items(items, tail) if induction_variable(m, choice) is None]
    return join(choices) if choices else Unknown(SymbolId("call", frame.context, span))


def first_argument(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """Models a function that returns its first argument."""
    argument = arguments.get(0, "")
    return Unknown(SymbolId("call", frame.context, span)) if argument is None else argument


def lazily(handler: Handler) -> Handler:
    """Models a function whose result takes the items of its arguments when it is used."""

    def model(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
        result = handler(m, arguments, frame, span)
        given = [option for value, _ in arguments.positional for option in options(value)]
        functions = [option for option in given if isinstance(option, Function)]
        read = [part for function in functions for part in objects_of_call(m, function, Arguments())]
        note_sources(m, result, [*given, *read])
        return result

    return model


HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(
        ("builtins.list", "builtins.tuple", "builtins.set", "builtins.frozenset"),
        _new_list,
    ),
    **dict.fromkeys(("builtins.reversed", "builtins.iter"), lazily(_new_list)),
    "builtins.enumerate": lazily(_enumerate),
    "builtins.range": _range,
    "itertools.count": _count,
    "itertools.product": _product,
    "itertools.chain": lazily(_chain),
    "builtins.zip": lazily(_zip),
    "builtins.next": _next,
}
"""By canonical name."""

PROGRESS_BARS: dict[str, Handler] = {"tqdm": first_argument, "trange": _range, "track": first_argument}
"""By last word: many packages define progress bars under these names, and each returns its first argument."""
