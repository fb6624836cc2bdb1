"""Models of functions that call a function with the items of an iterable: `sorted`, `map`, `reduce`."""

from __future__ import annotations

from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.lattice import all_items, join, options
from wandblint.analysis.domain.values import NONE, Frame, Ref, Scalar, Unknown, Value, scalar
from wandblint.analysis.objects.containers import iterate, iterate_in_order
from wandblint.analysis.objects.list_methods import call_on_items, compare_items, scope_of_call
from wandblint.analysis.objects.special_methods import call_operator, call_truth
from wandblint.analysis.overlays.iteration import lazily
from wandblint.analysis.state.interpreter import Handler, Interpreter
from wandblint.model.control_flow import BranchKind
from wandblint.span import Span
from wandblint.template import SymbolId, Template


def _unknown(frame: Frame, span: Span) -> Unknown:
    return Unknown(SymbolId("call", frame.context, span))


def _order(m: Interpreter, arguments: Arguments, iterable: Value, frame: Frame, span: Span) -> None:
    """What sorting calls: the key function, or comparisons."""
    key = arguments.get(-1, "key")
    if key is not None and key != NONE:
        call_on_items(m, key, iterable, frame, span)
    else:
        compare_items(m, iterable, frame, span)


def _sorted(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    iterable = arguments.get(0, "")
    if iterable is None:
        return _unknown(frame, span)
    items, tail = iterate(m, iterable, frame, span.start)
    whole = m.new_items(frame, (span, "sorted"), items, tail)
    _order(m, arguments, whole, frame, span)
    known = _in_order(items)
    result = m.new_items(frame, span, items if known is None else known, tail)
    sequence = m.heap_sequence(result)
    if sequence is not None:
        # Items that may be missing can come before others.
        sequence.is_unordered = known is None or bool(arguments.keywords) or tail is not None
    return result


def _in_order(items: list[Value]) -> list[Value] | None:
    """Known numbers, or known texts, in their order; None for other items."""
    numbers = [
        item.value for item in items if isinstance(item, Scalar) and isinstance(item.value, (int, float))
    ]
    if len(numbers) == len(items):
        return [scalar(number) for number in sorted(numbers)]
    texts = {item.literal: item for item in items if isinstance(item, Template) and item.literal is not None}
    return [texts[text] for text in sorted(texts)] if len(texts) == len(items) else None


def _extreme(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """`min` and `max`: one of the items."""
    given = [value for value, _ in arguments.positional]
    if len(given) == 1:
        items, tail = iterate(m, given[0], frame, span.start)
    else:
        items, tail = given, arguments.more_positional
    whole = m.new_items(frame, (span, "compared"), items, tail)
    _order(m, arguments, whole, frame, span)
    choices = [
        *all_items(items, tail),
        *([arguments.keywords["default"][0]] if "default" in arguments.keywords else []),
    ]
    if all(isinstance(choice, (Scalar, Unknown)) for choice in choices):
        return _unknown(frame, span)
    return join(choices)


def _sum(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    items, tail = iterate(m, arguments.get(0, "iterable") or NONE, frame, span.start)
    total = arguments.get(1, "start") or scalar(0)
    choices = all_items(items, tail)
    if not any(type(option) is Ref for choice in choices for option in options(choice)):
        return _unknown(frame, span)
    for item in choices:
        result = call_operator(m, "+", total, item, frame, span)
        total = _unknown(frame, span) if result is None else result
    return total


def _any(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    for item in all_items(*iterate(m, arguments.get(0, "iterable") or NONE, frame, span.start)):
        call_truth(m, item, frame, span)
    return _unknown(frame, span)


def _map(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    function = arguments.get(0, "")
    if function is None or len(arguments.positional) < 2:  # noqa: PLR2004 (a function and an iterable)
        return _unknown(frame, span)
    columns = [iterate_in_order(m, value, frame, span.start) for value, _ in arguments.positional[1:]]
    known = min((len(items) for items, tail in columns if tail is None), default=0)
    known = min(known, *(len(items) for items, _ in columns))
    results: list[Value] = []
    for row in range(known):
        passed = Arguments([(items[row], span) for items, _ in columns])
        results.append(m.call(function, passed, scope_of_call(m, frame, span, row), span))
    if all(tail is None for _, tail in columns):
        return m.new_items(frame, span, results)
    rest = Arguments([(join(all_items(items, tail) or [NONE]), span) for items, tail in columns])
    with m.on_branch(frame, kind=BranchKind.HIGHER_ORDER, span=span):
        more = m.call(function, rest, scope_of_call(m, frame, span, -1), span)
    return m.new_items(frame, span, results, more)


def _starmap(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    function, rows = arguments.get(0, "function"), arguments.get(1, "iterable")
    if function is None or rows is None:
        return _unknown(frame, span)
    items, tail = iterate_in_order(m, rows, frame, span.start)
    results: list[Value] = []
    for number, row in enumerate(all_items(items, tail)):
        passed, more = iterate_in_order(m, row, frame, span.start)
        given = Arguments([(value, span) for value in passed], more_positional=more)
        with m.on_branch(frame, kind=BranchKind.HIGHER_ORDER, number=number, span=span):
            results.append(m.call(function, given, scope_of_call(m, frame, span, number), span))
    return m.new_items(frame, span, [], join(results) if results else None)


def _filter(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """`filter` and its kind: any of the items; each is given to the function."""
    function, iterable = arguments.get(0, ""), arguments.get(1, "")
    if function is None or iterable is None:
        return _unknown(frame, span)
    items, tail = iterate(m, iterable, frame, span.start)
    choices = all_items(items, tail)
    if function != NONE:
        call_on_items(m, function, m.new_items(frame, (span, "filtered"), items, tail), frame, span)
    return m.new_items(frame, span, [], join(choices) if choices else None)


def _reduce(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """`functools.reduce` and `itertools.accumulate`: the function gets its last result and the next item."""
    function, iterable = arguments.get(0, ""), arguments.get(1, "")
    if function is None or iterable is None:
        return _unknown(frame, span)
    items, tail = iterate_in_order(m, iterable, frame, span.start)
    start = arguments.get(2, "initial")
    total = start if start is not None else items.pop(0) if items else tail or NONE
    for number, item in enumerate(items):
        total = m.call(
            function, Arguments([(total, span), (item, span)]), scope_of_call(m, frame, span, number), span
        )
    if tail is not None:
        for number in (-1, -2):
            with m.on_branch(frame, kind=BranchKind.HIGHER_ORDER, number=number, span=span):
                passed = Arguments([(total, span), (tail, span)])
                total = join((total, m.call(function, passed, scope_of_call(m, frame, span, number), span)))
    return total


def _accumulate(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """`itertools.accumulate`: the first item, and each result of the function."""
    iterable, function = arguments.get(0, "iterable") or NONE, arguments.get(1, "func")
    items, tail = iterate_in_order(m, iterable, frame, span.start)
    if function is None or tail is not None or not items:
        if function is not None:
            _reduce(m, Arguments([(function, span), (iterable, span)]), frame, span)
        return m.new_items(frame, span, [], _unknown(frame, span))
    results = [items[0]]
    for number, item in enumerate(items[1:]):
        passed = Arguments([(results[-1], span), (item, span)])
        results.append(m.call(function, passed, scope_of_call(m, frame, span, number), span))
    return m.new_items(frame, span, results)


def _group(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    items, tail = iterate(m, arguments.get(0, "iterable") or NONE, frame, span.start)
    group = m.new_items(frame, (span, "group"), [], join(all_items(items, tail) or [NONE]))
    key, keys = arguments.get(1, "key"), all_items(items, tail)
    if key is not None and key != NONE:
        keys = call_on_items(m, key, group, frame, span)
    pair = m.new_items(frame, (span, "pair"), [join(keys) if keys else NONE, group])
    return m.new_items(frame, span, [], pair)


def _gather(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """The results of coroutines, whose code has run where they were made."""
    return m.new_items(frame, span, [value for value, _ in arguments.positional], arguments.more_positional)


def _submit(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """`executor.submit(function, ...)`: the result of the call stands for its future."""
    if not arguments.positional:
        return _unknown(frame, span)
    (function, _), *rest = arguments.positional
    passed = Arguments(rest, arguments.keywords, arguments.more_positional, arguments.more_keywords)
    with m.on_branch(frame, kind=BranchKind.HIGHER_ORDER, span=span):
        return m.call(function, passed, frame, span)


def _run_in_executor(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    rest = Arguments(arguments.positional[1:], arguments.keywords, arguments.more_positional)
    return _submit(m, rest, frame, span)


_EXECUTORS = ("concurrent.futures.ThreadPoolExecutor", "concurrent.futures.thread.ThreadPoolExecutor")

HANDLERS: dict[str, Handler] = {
    "builtins.sorted": _sorted,
    "builtins.min": _extreme,
    "builtins.max": _extreme,
    "builtins.sum": _sum,
    "builtins.any": _any,
    "builtins.all": _any,
    "builtins.map": lazily(_map),
    "builtins.filter": lazily(_filter),
    "itertools.starmap": lazily(_starmap),
    "itertools.accumulate": _accumulate,
    "itertools.groupby": _group,
    **dict.fromkeys(("itertools.filterfalse", "itertools.takewhile", "itertools.dropwhile"), lazily(_filter)),
    "functools.reduce": _reduce,
    "asyncio.gather": _gather,
    "asyncio.get_event_loop.run_in_executor": _run_in_executor,
    "asyncio.get_running_loop.run_in_executor": _run_in_executor,
    **{f"{executor}.submit": _submit for executor in _EXECUTORS},
    **{f"{executor}.map": _map for executor in _EXECUTORS},
}
"""By canonical name."""
