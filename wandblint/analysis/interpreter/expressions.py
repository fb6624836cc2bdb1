"""Names, calls, literals, items and the other plain expressions: what each can be."""

from __future__ import annotations

import builtins

from wandblint import facts
from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.heap import Dictionary, SequenceObject
from wandblint.analysis.domain.lattice import all_items, has_thunk, join, options
from wandblint.analysis.domain.values import (
    NONE,
    Class,
    External,
    Frame,
    Function,
    FunctionInfo,
    Ref,
    Scalar,
    Super,
    Thunk,
    Unknown,
    Value,
    scalar,
)
from wandblint.analysis.interpreter.argument_evaluation import collect_arguments
from wandblint.analysis.interpreter.operators import label_of
from wandblint.analysis.interpreter.targets import assign
from wandblint.analysis.objects.containers import as_key, as_open_key, get_item, iterate, merge, store_item
from wandblint.analysis.objects.names import imported_as, look_up, resolve
from wandblint.analysis.state.interpreter import Evaluator, Interpreter
from wandblint.semantics.heuristics import MUTATING_METHODS
from wandblint.span import Span
from wandblint.template import SymbolId, Template


def _const(m: Interpreter, expr: facts.Const, frame: Frame) -> Value:
    if isinstance(expr.value, str):
        return Template((expr.value,) if expr.value else (), Span(frame.path, expr.start, expr.end))
    return scalar(expr.value)


def _name(m: Interpreter, expr: facts.Name, frame: Frame) -> Value:
    found = look_up(m, expr.id, frame)
    if found is not None:
        return found
    if hasattr(builtins, expr.id):
        return External(f"builtins.{expr.id}")
    return Unknown(SymbolId("name", frame.path, expr.id), expr.id)


def _attr(m: Interpreter, expr: facts.Attr, frame: Frame) -> Value:
    return _attribute_of(m, expr, m.evaluate(expr.value, frame), frame)


def _attribute_of(m: Interpreter, expr: facts.Attr, owner: Value, frame: Frame) -> Value:
    m.dispatch.observers.attribute_read(m, expr, owner, frame)
    return m.attribute(owner, expr.attr, frame, Span(frame.path, expr.start, expr.end))


def _call(m: Interpreter, expr: facts.Call, frame: Frame) -> Value:
    return _evaluate_call(m, expr, frame)[1]


def call_statement(m: Interpreter, expr: facts.Call, frame: Frame) -> None:
    """A call whose result nobody gets."""
    function, result = _evaluate_call(m, expr, frame)
    if isinstance(function, Thunk) and isinstance(result, Thunk):
        m.attach_effect(function, result)


def _evaluate_call(m: Interpreter, expr: facts.Call, frame: Frame) -> tuple[Value, Value]:
    """What is called, and the result."""
    span = Span(frame.path, expr.start, expr.end)
    if isinstance(expr.func, facts.Name) and expr.func.id == "super" and look_up(m, "super", frame) is None:
        return NONE, _super(m, frame)
    function = _callee(m, expr.func, frame)
    if has_thunk(function) and isinstance(expr.func, facts.Attr) and expr.func.attr in MUTATING_METHODS:
        # The call is made for what it does, not for what it returns.
        function = m.force(function)
    arguments = collect_arguments(m, expr.args, frame)
    m.dispatch.observers.called(m, function, arguments, frame)
    return function, m.call(function, arguments, frame, span)


def _callee(m: Interpreter, expr: facts.Expr, frame: Frame) -> Value:
    """What is called. To make an instance can wait (`calls.instantiate`), and so can its class: what reads as
    one is looked up when somebody needs the instance."""
    if type(expr) is facts.Name and _reads_as_class(expr.id):
        return _deferred_name(m, expr, frame)
    if type(expr) is facts.Attr and expr.attr.startswith("from_"):
        # `Model.from_file(path)`: by convention another way to make one.
        name = expr.value
        if type(name) is facts.Name and _reads_as_class(name.id):
            return _attribute_of(m, expr, _deferred_name(m, name, frame), frame)
    return m.evaluate(expr, frame)


def _reads_as_class(name: str) -> bool:
    return name[0].isupper() and not name.isupper()


def _super(m: Interpreter, frame: Frame) -> Value:
    within: Frame | None = frame
    while within is not None:
        info = within.info
        if info is not None and info.owner is not None and info.params:
            receiver = within.names.get(info.params[0].name)
            if receiver is not None:
                return Super(receiver, info.owner)
        within = within.outer
    return Unknown(SymbolId("super", frame.context), "super()")


def _dict(m: Interpreter, expr: facts.DictLiteral, frame: Frame) -> Value:
    ref, made = m.new_dict(frame, (expr.start, expr.end))
    made.is_table = bool(expr.items)
    for item in expr.items:
        if item.key is None:
            merge(m, made, m.evaluate(item.value, frame), Span(frame.path, item.start, item.end))
            continue
        key = m.force(m.evaluate(item.key, frame))
        value = _deferred_name(m, item.value, frame)
        store_item(m, made, key, value, Span(frame.path, item.key.start, item.key.end))
    return ref


def _deferred_name(m: Interpreter, expr: facts.Expr, frame: Frame) -> Value:
    """A value that nobody looks at yet, such as an item of a list: of a module that leads to no wandb it is
    looked up when somebody does. Tables of imported classes would load all of their modules."""
    imported = imported_as(m, expr.id, frame) if type(expr) is facts.Name and not m.hypotheses else None
    if imported is None or imported.path in m.relevant:
        return m.evaluate(expr, frame)
    return m.defer(frame, ("later", expr.start), lambda: resolve(m, imported))


def _sequence(m: Interpreter, expr: facts.Sequence, frame: Frame) -> Value:
    items: list[Value] = []
    rests: list[Value] = []
    for item in expr.items:
        if isinstance(item, facts.Starred):
            found, rest = iterate(m, m.evaluate(item.value, frame), frame, item.start)
            items.extend(found)
            if rest is not None:
                rests.append(rest)
        else:
            items.append(_deferred_name(m, item, frame))
    return m.new_items(frame, (expr.start, expr.end), items, join(rests) if rests else None)


def _subscript(m: Interpreter, expr: facts.Subscript, frame: Frame) -> Value:
    container = m.evaluate(expr.value, frame)
    index = m.evaluate(expr.index, frame)
    if has_thunk(container) or has_thunk(index):
        return m.defer(
            frame,
            (expr.start, expr.end),
            lambda: _items_of(m, m.force(container), m.force(index), frame, expr),
        )
    return _items_of(m, container, index, frame, expr)


def _items_of(m: Interpreter, container: Value, index: Value, frame: Frame, expr: facts.Subscript) -> Value:
    label = label_of(expr)
    found = [
        part for option in options(container) for part in options(_item(m, option, index, frame, expr, label))
    ]
    return join(found)


def _item(
    m: Interpreter, container: Value, index: Value, frame: Frame, node: facts.Node, label: str
) -> Value:
    made = m.heap[container] if isinstance(container, Ref) else None
    if isinstance(made, Dictionary):
        if made.factory is not None and as_key(index) not in made.entries:
            return _missing(m, made, made.factory, index, frame, node)
        return get_item(made, index) or Unknown(SymbolId("item", container, index), label)
    if isinstance(made, SequenceObject):
        if isinstance(index, Scalar) and isinstance(index.value, int) and made.tail is None:
            if -len(made.items) <= index.value < len(made.items):
                return made.items[index.value]
        elif choices := all_items(made.items, made.tail):
            return join(choices)
    if (
        isinstance(container, Class)
        and isinstance(index, Template)
        and index.literal in container.info.members
    ):
        return container.info.members[index.literal or ""]
    if isinstance(container, Unknown):
        unknown = Unknown(SymbolId("item", container.symbol, index), label)
        behind = m.heap.partial_mapping(container)
        entry = None if behind is None else behind.entries.get(as_key(index))
        return unknown if entry is None else entry.value if entry.is_must else join((entry.value, unknown))
    return m.unknown(frame, node, label)


def _missing(
    m: Interpreter, made: Dictionary, factory: Value, index: Value, frame: Frame, node: facts.Node
) -> Value:
    """The item that a `defaultdict` makes: each key gets one of its own."""
    key, span = as_key(index), Span(frame.path, node.start, node.end)
    inner = Frame(frame.path, m.context("missing", frame.context, node.start, key), globals=frame.globals)
    value = m.call(factory, Arguments(), inner, span)
    store_item(m, made, key, value, span)
    return value


def _lambda(m: Interpreter, expr: facts.Lambda, frame: Frame) -> Value:
    key = (frame.path, expr.start)
    info = m.functions.infos.setdefault(key, FunctionInfo(frame.path, "<lambda>", expr))
    return Function(info, None, frame)


def _walrus(m: Interpreter, expr: facts.Walrus, frame: Frame) -> Value:
    value = m.evaluate(expr.value, frame)
    assign(m, expr.target, value, frame)
    return value


_CONTEXT_MANAGERS = frozenset({"contextmanager", "asynccontextmanager"})


def _wrapped(m: Interpreter, expr: facts.Wrapped, frame: Frame) -> Value:
    value = NONE if expr.value is None else m.evaluate(expr.value, frame)
    if expr.kind == "await":
        return value
    within: Frame = frame
    while within.info is None and within.outer is not None:
        within = within.outer
    if expr.kind == "from":
        items, rest = iterate(m, value, frame, expr.start)
        within.yielded.extend(all_items(items, rest))
    else:
        within.yielded.append(value)
        if within.info is not None and not _CONTEXT_MANAGERS.isdisjoint(within.info.decorators):
            # The body of the `with` may put in more before the code behind the `yield` runs.
            for made in m.dictionaries(value):
                m.heap.widen(made, as_open_key(value), Span(frame.path, expr.start, expr.end))
    return m.unknown(frame, expr)


def _starred(m: Interpreter, expr: facts.Starred, frame: Frame) -> Value:
    return m.evaluate(expr.value, frame)


def _other(m: Interpreter, expr: facts.Other, frame: Frame) -> Value:
    for part in expr.parts:
        m.evaluate(part, frame)
    return m.unknown(frame, expr)


EVALUATORS: dict[type[facts.Node], Evaluator] = {
    facts.Const: _const,
    facts.Name: _name,
    facts.Attr: _attr,
    facts.Call: _call,
    facts.DictLiteral: _dict,
    facts.Sequence: _sequence,
    facts.Subscript: _subscript,
    facts.Lambda: _lambda,
    facts.Walrus: _walrus,
    facts.Wrapped: _wrapped,
    facts.Starred: _starred,
    facts.Other: _other,
}
