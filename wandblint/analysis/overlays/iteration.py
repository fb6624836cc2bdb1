"""What is iterated: `enumerate`, `range`, `zip`, `itertools`."""

from __future__ import annotations

from itertools import islice, product

from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.heap import Range
from wandblint.analysis.domain.lattice import all_items, join
from wandblint.analysis.domain.values import NONE, Frame, Unknown, Value, scalar
from wandblint.analysis.interpreter.induction import known_int, range_variable
from wandblint.analysis.objects.containers import MAX_UNROLL, iterate
from wandblint.analysis.state.interpreter import Handler, Interpreter
from wandblint.span import Span
from wandblint.template import SymbolId


def _new_list(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    first = arguments.get(0, "")
    if first is None:
        return m.new_items(frame, span, [])
    items, rest = iterate(m, first, frame, span.start)
    return m.new_items(frame, span, items, rest)


def _enumerate(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    first = arguments.get(0, "iterable")
    if first is None:
        return m.new_items(frame, span, [])
    items, rest = iterate(m, first, frame, span.start)
    start = arguments.get(1, "start") or scalar(0)
    counts = range_variable(m, frame, span, Range(span, start, scalar(1)))
    known = known_int(start)
    pairs = [
        m.new_items(frame, (span, number), [counts if known is None else scalar(known + number), item])
        for number, item in enumerate(items)
    ]
    more = None if rest is None else m.new_items(frame, (span, "rest"), [counts, rest])
    return m.new_items(frame, span, pairs, more)


def _range(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    given = [value for value, _ in arguments.positional]
    first = given[0] if len(given) > 1 else scalar(0)
    stop = given[min(1, len(given) - 1)] if given else None
    stride = given[2] if len(given) > 2 else scalar(1)  # noqa: PLR2004 (range takes three)
    return m.new_items(frame, span, [], range_variable(m, frame, span, Range(span, first, stride, stop)))


def _count(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    first, stride = arguments.get(0, "start") or scalar(0), arguments.get(1, "step") or scalar(1)
    return m.new_items(frame, span, [], range_variable(m, frame, span, Range(span, first, stride)))


def _zip(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
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
    mixed = [join(all_items(items, rest) or [NONE]) for items, rest in columns]
    return m.new_items(frame, span, [], m.new_items(frame, (span, "rest"), mixed))


def _chain(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    parts = [iterate(m, value, frame, span.start) for value, _ in arguments.positional]
    rests = [rest for _, rest in parts if rest is not None]
    return m.new_items(
        frame, span, [item for items, _ in parts for item in items], join(rests) if rests else None
    )


def _product(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    columns = [iterate(m, value, frame, span.start) for value, _ in arguments.positional]
    if arguments.keywords or any(rest is not None for _, rest in columns):
        mixed = [join(all_items(items, rest) or [NONE]) for items, rest in columns]
        return m.new_items(frame, span, [], m.new_items(frame, (span, "rest"), mixed))
    rows = islice(product(*(items for items, _ in columns)), MAX_UNROLL + 1)
    return m.new_items(
        frame, span, [m.new_items(frame, (span, number), list(row)) for number, row in enumerate(rows)]
    )


def _next(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    items, rest = iterate(m, first(m, arguments, frame, span), frame, span.start)
    choices = all_items(items, rest)
    return join(choices) if choices else Unknown(SymbolId("call", frame.context, span))


def _map(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    function = arguments.get(0, "")
    items, rest = iterate(m, arguments.get(1, "") or NONE, frame, span.start)
    if function is None:
        return Unknown(SymbolId("call", frame.context, span))
    made = [m.call(function, Arguments([(item, span)]), frame, span) for item in all_items(items, rest)]
    last = made.pop() if rest is not None else None
    return m.new_items(frame, span, made, last)


def first(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """The call gives back what it gets."""
    found = arguments.get(0, "")
    return Unknown(SymbolId("call", frame.context, span)) if found is None else found


HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(
        (
            *("builtins.list", "builtins.tuple", "builtins.set", "builtins.frozenset"),
            *("builtins.sorted", "builtins.reversed", "builtins.iter"),
        ),
        _new_list,
    ),
    "builtins.enumerate": _enumerate,
    "builtins.range": _range,
    "itertools.count": _count,
    "itertools.product": _product,
    "itertools.chain": _chain,
    "builtins.zip": _zip,
    "builtins.next": _next,
    "builtins.map": _map,
}
"""By canonical name."""

PROGRESS_BARS: dict[str, Handler] = {
    "tqdm": first,
    "trange": _range,
    "track": first,
}
"""By last word: progress bars return what they are given, and many packages have one under these names."""
