"""Libraries that wrap functions, call them, or give back what they get: `jax.jit`, `Thread(target=...)`."""

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
from wandblint.analysis.interpreter.escape import invoke_callback
from wandblint.analysis.objects.containers import iterate, merge
from wandblint.analysis.state.interpreter import Handler, Interpreter
from wandblint.model.control_flow import BranchKind
from wandblint.span import Span
from wandblint.template import SymbolId

_PAIR = 2

MAX_WRAPPED = 3
"""A function wrapped more often than this is unknown: it may be wrapped anew on every pass."""


def partial(
    function: Value, args: tuple[Value, ...] = (), keywords: tuple[tuple[str, Value], ...] = ()
) -> Value:
    """A function that is called with these arguments first."""
    made = Partial(function, args, keywords)
    return MANY if _wrappings(made) > MAX_WRAPPED else made


def _wrappings(value: Value) -> int:
    inside = [
        part
        for option in options(value)
        if isinstance(option, Partial)
        for part in (option.function, *option.args, *(given for _, given in option.keywords))
    ]
    return 1 + max(map(_wrappings, inside)) if inside else 0


def _returns_argument(position: int, name: str = "") -> Handler:
    """The call gives back one of its arguments, or something of its shape."""

    def give(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
        found = arguments.get(position, name)
        return Unknown(SymbolId("call", frame.context, span)) if found is None else found

    return give


def _tree_map(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """A function over the leaves of a tree: dictionaries keep their keys."""
    return _copied(m, arguments.get(1, "tree"), frame, span)


def _copied(m: Interpreter, tree: Value | None, frame: Frame, span: Span) -> Value:
    if tree is None:
        return Unknown(SymbolId("call", frame.context, span))
    if has_thunk(tree):
        return m.defer(frame, ("copied", span), lambda: _copied(m, m.force(tree), frame, span))
    if len(options(tree)) > 1 or not m.dictionaries(tree):
        return tree
    ref, made = m.new_dict(frame, ("copied", span))
    merge(m, made, tree, span)
    return ref


def _stack(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """A list of trees becomes one tree of stacked leaves."""
    trees = arguments.get(0, "forest")
    items, rest = iterate(m, trees, frame, span.start) if trees is not None else ([], None)
    ref, made = m.new_dict(frame, span)
    for item in all_items(items, rest):
        merge(m, made, item, span)
    return ref


def _pair_item(m: Interpreter, value: Value, number: int, frame: Frame, at: object) -> Value:
    """One of the two things that a function returns."""
    if has_thunk(value):
        return m.defer(frame, (at, "part", number), lambda: _pair_item(m, m.force(value), number, frame, at))
    found: list[Value] = []
    for option in options(value):
        made = m.heap_sequence(option)
        if made is not None and made.tail is None and len(made.items) == _PAIR:
            found.append(made.items[number])
        else:
            found.append(Unknown(SymbolId("part", frame.context, at, number)))
    return m.force(join(found))


def _wraps(path: str) -> Handler:
    """What wraps a function to do more with its result: `path` names what calling the wrapper does."""

    def wrap(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
        function = arguments.get(0, "fun")
        if function is None:
            return Unknown(SymbolId("call", frame.context, span))
        return partial(External(path), (function, arguments.get(-1, "has_aux") or FALSE))

    return wrap


def _with_gradient(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """`value_and_grad(f)(...)`: what `f` returns, and gradients."""
    result, _ = _call_wrapped(m, arguments, frame, span)
    return m.new_items(frame, span, [result, Unknown(SymbolId("gradient", frame.context, span))])


def _gradient(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """`grad(f)(...)`: gradients, and with `has_aux` the second of what `f` returns."""
    result, has_aux = _call_wrapped(m, arguments, frame, span)
    gradient = Unknown(SymbolId("gradient", frame.context, span))
    if has_aux == FALSE:
        return gradient
    return m.new_items(frame, span, [gradient, _pair_item(m, result, 1, frame, span)])


def _call_wrapped(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> tuple[Value, Value]:
    (function, _), (has_aux, _), *rest = arguments.positional
    given = Arguments(rest, arguments.keywords, arguments.more_positional, arguments.more_keywords)
    return m.call(function, given, frame, span), has_aux


def _scan(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """`lax.scan(f, init, xs)`: the last carry, and what the passes return beside it."""
    body, first = arguments.get(0, "f"), arguments.get(1, "init")
    if body is None or first is None:
        return Unknown(SymbolId("call", frame.context, span))
    item = Unknown(SymbolId("scanned", frame.context, span))
    with m.on_branch(frame, kind=BranchKind.HIGHER_ORDER, span=span):
        result = m.call(body, Arguments([(first, span), (item, span)]), frame, span)
    parts = [_pair_item(m, result, number, frame, span) for number in range(_PAIR)]
    return m.new_items(frame, span, parts)


def _cond(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """`lax.cond(test, f, g, *operands)`."""
    _, *rest = arguments.positional
    operands = Arguments(rest[_PAIR:])
    results: list[Value] = []
    for number, (function, _) in enumerate(rest[:_PAIR]):
        with m.on_branch(frame, kind=BranchKind.HIGHER_ORDER, number=number, span=span):
            results.append(m.call(function, operands, frame, span))
    return join(results) if results else Unknown(SymbolId("call", frame.context, span))


def _calls(function_at: int, first: int) -> Handler:
    """The call calls one of its arguments with those from `first` on."""

    def run(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
        given = arguments.positional
        if len(given) <= function_at:
            return Unknown(SymbolId("call", frame.context, span))
        with m.on_branch(frame, kind=BranchKind.HIGHER_ORDER, span=span):
            passed = Arguments(given[first:], arguments.keywords, arguments.more_positional)
            return m.call(given[function_at][0], passed, frame, span)

    return run


def _target(m: Interpreter, arguments: Arguments, frame: Frame, span: Span) -> Value:
    """`Thread(target=f, args=(...), kwargs={...})`: called later."""
    function = arguments.get(1, "target")
    items, rest = iterate(m, arguments.get(3, "args") or NONE, frame, span.start)
    passed = Arguments([(item, span) for item in items], {}, rest if "args" in arguments.keywords else None)
    passed.more_keywords.extend([arguments.keywords["kwargs"][0]] if "kwargs" in arguments.keywords else [])
    for option in options(function) if function is not None else ():
        if isinstance(option, (Function, Partial)):
            invoke_callback(m, option, frame, span, passed)
    return Unknown(SymbolId("call", frame.context, span), "thread")


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
    "asyncio.run": _returns_argument(0),
    "equinox.filter_jit": _returns_argument(0),
    "flax.nnx.jit": _returns_argument(0),
    "flax.jax_utils.replicate": _returns_argument(0),
    "flax.jax_utils.unreplicate": _returns_argument(0),
    "flax.training.common_utils.stack_forest": _stack,
    "flax.training.common_utils.get_metrics": _stack,
    "threading.Thread": _target,
    "multiprocessing.Process": _target,
    "torch.multiprocessing.Process": _target,
    "asyncio.to_thread": _calls(0, 1),
}

HANDLERS: dict[str, Handler] = {**{f"jax.{name}": handler for name, handler in _JAX.items()}, **_OTHERS}
"""By canonical name."""
