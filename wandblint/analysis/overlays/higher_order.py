"""Models of functions that wrap, call or return their arguments: `jax.jit`, `Thread(target=...)`."""

from __future__ import annotations

from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.lattice import all_items, has_thunk, join, options
from wandblint.analysis.domain.values import (
    FALSE,
    MANY,
    NONE,
    External,
    Frame,
    Function,
    Partial,
    Unknown,
    Value,
)
from wandblint.analysis.effects.escape import invoke_callback
from wandblint.analysis.objects.containers import iterate, merge
from wandblint.analysis.state.interpreter import Handler, Interpreter
from wandblint.model.control_flow import BranchKind
from wandblint.span import Span
from wandblint.template import SymbolId, Template

_PAIR = 2

MAX_WRAPPED = 3
"""A function wrapped more often than this becomes unknown, so that wrapping in a loop reaches a fixpoint."""


def partial(
    function: Value, args: tuple[Value, ...] = (), keywords: tuple[tuple[str, Value], ...] = ()
) -> Value:
    """The function with these arguments bound."""
    result = Partial(function, args, keywords)
    return MANY if _nesting(result) > MAX_WRAPPED else result


def _nesting(value: Value) -> int:
    parts = [
        part
        for option in options(value)
        if isinstance(option, Partial)
        for part in (option.function, *option.args, *(value for _, value in option.keywords))
    ]
    return 1 + max(map(_nesting, parts)) if parts else 0


def _returns_argument(position: int, name: str = "") -> Handler:
    """Models a function that returns one of its arguments, or a value of the same shape."""

    def handler(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
        argument = arguments.get(position, name)
        return Unknown(SymbolId("call", frame.context, span)) if argument is None else argument

    return handler


def _tree_map(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """Maps a function over the leaves of a tree: dictionaries keep their keys."""
    return _copy_tree(m, arguments.get(1, "tree"), frame, span)


def _copy_tree(m: Interpreter, tree: Value | None, frame: Frame, span: Span) -> Value:
    if tree is None:
        return Unknown(SymbolId("call", frame.context, span))
    if has_thunk(tree):
        return m.defer(frame, ("copied", span), lambda: _copy_tree(m, m.force(tree), frame, span))
    if len(options(tree)) > 1 or not m.dictionaries(tree):
        return tree
    ref, dictionary = m.new_dict(frame, ("copied", span))
    merge(m, dictionary, tree, span)
    return ref


def _stack(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """Turns a list of trees into one tree of stacked leaves."""
    trees = arguments.get(0, "forest")
    items, tail = iterate(m, trees, frame, span.start) if trees is not None else ([], None)
    ref, dictionary = m.new_dict(frame, span)
    for item in all_items(items, tail):
        merge(m, dictionary, item, span)
    return ref


def _pair_item(m: Interpreter, value: Value, index: int, frame: Frame, site: object) -> Value:
    """One item of the pair that a function returns."""
    if has_thunk(value):
        return m.defer(
            frame, (site, "part", index), lambda: _pair_item(m, m.force(value), index, frame, site)
        )
    items: list[Value] = []
    for option in options(value):
        pair = m.heap_sequence(option)
        if pair is not None and pair.tail is None and len(pair.items) == _PAIR:
            items.append(pair.items[index])
        else:
            items.append(Unknown(SymbolId("part", frame.context, site, index)))
    return m.force(join(items))


def _wraps(path: str) -> Handler:
    """Models a function that wraps its argument; the handler of `path` models calls of the wrapper."""

    def handler(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
        function = arguments.get(0, "fun")
        if function is None:
            return Unknown(SymbolId("call", frame.context, span))
        return partial(External(path), (function, arguments.get(-1, "has_aux") or FALSE))

    return handler


def _with_gradient(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """The result of `value_and_grad(f)(...)`: what `f` returns, and gradients."""
    result, _ = _call_wrapped(m, arguments, frame, span)
    return m.new_items(frame, span, [result, Unknown(SymbolId("gradient", frame.context, span))])


def _gradient(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """The result of `grad(f)(...)`: gradients, and with `has_aux` the second item of what `f` returns."""
    result, has_aux = _call_wrapped(m, arguments, frame, span)
    gradient = Unknown(SymbolId("gradient", frame.context, span))
    if has_aux == FALSE:
        return gradient
    return m.new_items(frame, span, [gradient, _pair_item(m, result, 1, frame, span)])


def _call_wrapped(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> tuple[Value, Value]:
    (function, _), (has_aux, _), *rest = arguments.positional
    passed = Arguments(rest, arguments.keywords, arguments.more_positional, arguments.more_keywords)
    return m.call(function, passed, frame, span), has_aux


def _scan(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """The result of `lax.scan(f, init, xs)`: the last carry, and the stacked outputs."""
    body, init = arguments.get(0, "f"), arguments.get(1, "init")
    if body is None or init is None:
        return Unknown(SymbolId("call", frame.context, span))
    item = Unknown(SymbolId("scanned", frame.context, span))
    with m.on_branch(frame, kind=BranchKind.HIGHER_ORDER, span=span):
        result = m.call(body, Arguments([(init, span), (item, span)]), frame, span)
    parts = [_pair_item(m, result, index, frame, span) for index in range(_PAIR)]
    return m.new_items(frame, span, parts)


def _cond(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """The joined result of `lax.cond(test, f, g, *operands)`."""
    _, *rest = arguments.positional
    operands = Arguments(rest[_PAIR:])
    results: list[Value] = []
    for number, (function, _) in enumerate(rest[:_PAIR]):
        with m.on_branch(frame, kind=BranchKind.HIGHER_ORDER, number=number, span=span):
            results.append(m.call(function, operands, frame, span))
    return join(results) if results else Unknown(SymbolId("call", frame.context, span))


def _calls(function_position: int, first_position: int) -> Handler:
    """Models a function that calls one of its arguments with those from `first_position` on."""

    def handler(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
        positional = arguments.positional
        if len(positional) <= function_position:
            return Unknown(SymbolId("call", frame.context, span))
        with m.on_branch(frame, kind=BranchKind.HIGHER_ORDER, span=span):
            passed = Arguments(positional[first_position:], arguments.keywords, arguments.more_positional)
            return m.call(positional[function_position][0], passed, frame, span)

    return handler


def _thread(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    return _target(m, arguments, frame, span, BranchKind.THREAD)


def _target(
    m: Interpreter,
    arguments: Arguments,
    frame: Frame,
    span: Span,
    kind: BranchKind = BranchKind.CALLBACK,
) -> Value:
    """Models `Thread(target=f, args=(...), kwargs={...})`, which calls `f` later."""
    function = arguments.get(1, "target")
    items, tail = iterate(m, arguments.get(3, "args") or NONE, frame, span.start)
    passed = Arguments([(item, span) for item in items], {}, tail if "args" in arguments.keywords else None)
    passed.more_keywords.extend([arguments.keywords["kwargs"][0]] if "kwargs" in arguments.keywords else [])
    for option in options(function) if function is not None else ():
        if isinstance(option, (Function, Partial)):
            invoke_callback(m, option, frame, span, passed, kind)
    return Unknown(SymbolId("call", frame.context, span), "thread")


_METHOD_CALLER = External("operator.methodcaller()")


def _method_caller(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """`operator.methodcaller(name, ...)`: a function that calls the method of its argument."""
    given = tuple(value for value, _ in arguments.positional)
    return partial(_METHOD_CALLER, given, tuple((n, v) for n, (v, _) in arguments.keywords.items()))


def _call_method(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    (name, _), *given, (owner, _) = arguments.positional
    if not isinstance(name, Template) or name.literal is None:
        return Unknown(SymbolId("call", frame.context, span))
    method = m.attribute(owner, name.literal, frame, span)
    return m.call(method, Arguments(given, arguments.keywords), frame, span)


_DISPATCHED = "functools.singledispatch()"
"""The path of a generic function; its receiver is the list of its implementations."""


def _single_dispatch(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    function = arguments.get(0, "func")
    if function is None:
        return Unknown(SymbolId("call", frame.context, span))
    return External(_DISPATCHED, m.new_items(frame, (span, "implementations"), [], function))


def _call_dispatched(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """Calls any implementation: which one depends on the class of the first argument."""
    (implementations, _), *rest = arguments.positional
    passed = Arguments(rest, arguments.keywords, arguments.more_positional, arguments.more_keywords)
    choices = all_items(*iterate(m, implementations, frame, span.start))
    results: list[Value] = []
    for number, function in enumerate(option for choice in choices for option in options(choice)):
        with m.on_branch(number=number, span=span):
            scope = Frame(frame.path, m.context("implementation", frame.context, span, number), outer=frame)
            scope.globals = frame.globals
            results.append(m.call(function, passed, scope, span))
    return join(results)


def _register(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """`generic.register(function)`, or `generic.register(kind)`, which returns the decorator."""
    (implementations, _), *rest = arguments.positional
    sequence = m.heap_sequence(implementations)
    function = rest[-1][0] if rest else NONE
    if sequence is None or not isinstance(function, (Function, Partial)):
        return External(f"{_DISPATCHED}.register", implementations)
    m.heap.havoc(sequence, function)
    return function


_IDENTITIES = (
    *("jit", "pmap", "vmap", "checkpoint", "remat", "device_get", "device_put", "block_until_ready"),
    *("lax.stop_gradient", "lax.pmean", "lax.psum", "lax.with_sharding_constraint"),
)

_JAX: dict[str, Handler] = {
    **dict.fromkeys(_IDENTITIES, _returns_argument(0)),
    **dict.fromkeys(("tree.map", "tree_map", "tree_util.tree_map", "tree_multimap"), _tree_map),
    "value_and_grad": _wraps("jax.value_and_grad()"),
    "grad": _wraps("jax.grad()"),
    "value_and_grad()": _with_gradient,
    "grad()": _gradient,
    "lax.scan": _scan,
    "lax.cond": _cond,
    "lax.fori_loop": _returns_argument(3, "init_val"),
    "lax.while_loop": _returns_argument(2, "init_val"),
    "lax.map": _calls(0, 1),
    "debug.callback": _calls(0, 1),
    "experimental.io_callback": _calls(0, 2),
    "pure_callback": _calls(0, 2),
}

_OTHERS: dict[str, Handler] = {
    "torch.compile": _returns_argument(0),
    "torch.jit.script": _returns_argument(0),
    "functools.lru_cache": _returns_argument(0),
    "functools.cache": _returns_argument(0),
    "operator.methodcaller": _method_caller,
    _METHOD_CALLER.path: _call_method,
    "functools.singledispatch": _single_dispatch,
    _DISPATCHED: _call_dispatched,
    f"{_DISPATCHED}.register": _register,
    "asyncio.run": _returns_argument(0),
    "equinox.filter_jit": _returns_argument(0),
    "flax.nnx.jit": _returns_argument(0),
    "flax.jax_utils.replicate": _returns_argument(0),
    "flax.jax_utils.unreplicate": _returns_argument(0),
    "flax.training.common_utils.stack_forest": _stack,
    "flax.training.common_utils.get_metrics": _stack,
    "threading.Thread": _thread,
    "multiprocessing.Process": _target,
    "torch.multiprocessing.Process": _target,
    "asyncio.to_thread": _calls(0, 1),
}

HANDLERS: dict[str, Handler] = {**{f"jax.{name}": handler for name, handler in _JAX.items()}, **_OTHERS}
"""By canonical name."""
