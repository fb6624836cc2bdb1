"""Names, calls, literals, items and other plain expressions: evaluates each to an abstract value."""

from __future__ import annotations

import builtins

from wandblint import facts
from wandblint.analysis.domain.arguments import Arguments
from wandblint.analysis.domain.heap_objects import Dictionary, Instance, SequenceObject
from wandblint.analysis.domain.lattice import all_items, has_thunk, join, options
from wandblint.analysis.domain.values import (
    CONTEXT_MANAGERS,
    NONE,
    Class,
    External,
    Frame,
    FunctionInfo,
    Ref,
    Scalar,
    Super,
    Thunk,
    Unknown,
    Value,
    scalar,
)
from wandblint.analysis.effects.deferral import attach_effect
from wandblint.analysis.interpreter.argument_evaluation import collect_arguments, function_value
from wandblint.analysis.interpreter.operators import label_of
from wandblint.analysis.interpreter.targets import assign
from wandblint.analysis.objects.containers import as_key, as_open_key, get_item, iterate, merge, store_item
from wandblint.analysis.objects.names import imported_as, look_up, resolve
from wandblint.analysis.objects.preinit import STUB
from wandblint.analysis.objects.special_methods import BUILTINS, UNARY, call_special, special_method
from wandblint.analysis.state.interpreter import Evaluator, Interpreter
from wandblint.semantics.heuristics import MUTATING_METHODS
from wandblint.template import SymbolId, Template


def _const(m: Interpreter, expr: facts.Const, frame: Frame) -> Value:
    if isinstance(expr.value, str):
        return Template((expr.value,) if expr.value else (), frame.span(expr))
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
    return m.attribute(owner, expr.attr, frame, frame.span(expr))


def _call(m: Interpreter, expr: facts.Call, frame: Frame) -> Value:
    return _evaluate_call(m, expr, frame)[1]


def call_statement(m: Interpreter, expr: facts.Call, frame: Frame) -> None:
    """Evaluates a call whose result is discarded."""
    function, result = _evaluate_call(m, expr, frame)
    if isinstance(function, Thunk) and isinstance(result, Thunk):
        if isinstance(expr.func, facts.Attr) and isinstance(expr.func.value, facts.Call):
            # A method of a new object, which nothing else will force, may change what all instances share.
            m.force(result)
        else:
            attach_effect(m, [function], result)


def _evaluate_call(m: Interpreter, expr: facts.Call, frame: Frame) -> tuple[Value, Value]:
    """The callee and the result of a call."""
    span = frame.span(expr)
    if isinstance(expr.func, facts.Name) and expr.func.id == "super" and look_up(m, "super", frame) is None:
        return NONE, _super(m, frame)
    function = _callee(m, expr.func, frame)
    if isinstance(function, External) and function.receiver is STUB:
        function = _looked_up_again(m, function, expr.func, frame)
    if has_thunk(function) and isinstance(expr.func, facts.Attr) and expr.func.attr in MUTATING_METHODS:
        # The call matters for its side effect, not for its result.
        function = m.force(function)
    arguments = collect_arguments(m, expr.args, frame)
    m.dispatch.observers.called(m, function, arguments, frame, span)
    return function, m.call(function, arguments, frame, span)


def _looked_up_again(m: Interpreter, stub: External, func: facts.Expr, frame: Frame) -> External:
    """`wandb.log` where it is called: an init that is not seen may have bound it since."""
    is_lookup = isinstance(func, facts.Attr) and isinstance(m.evaluate(func.value, frame), External)
    return External(stub.path) if is_lookup else stub


def _callee(m: Interpreter, expr: facts.Expr, frame: Frame) -> Value:
    """The callee. Instances are deferred (`calls.instantiate`), so names that read as classes are, too."""
    if type(expr) is facts.Name and _reads_as_class(expr.id):
        return _deferred_name(m, expr, frame)
    if type(expr) is facts.Attr and expr.attr.startswith("from_"):
        # `Model.from_file(path)`: by convention an alternative constructor.
        owner = expr.value
        if type(owner) is facts.Name and _reads_as_class(owner.id):
            return _attribute_of(m, expr, _deferred_name(m, owner, frame), frame)
    return m.evaluate(expr, frame)


def _reads_as_class(name: str) -> bool:
    return name[0].isupper() and not name.isupper()


def _super(m: Interpreter, frame: Frame) -> Value:
    scope: Frame | None = frame
    while scope is not None:
        info = scope.info
        if info is not None and info.owner is not None and info.params:
            receiver = scope.names.get(info.params[0].name)
            if receiver is not None:
                return Super(receiver, info.owner)
        scope = scope.outer
    return Unknown(SymbolId("super", frame.context), "super()")


def _dict(m: Interpreter, expr: facts.DictLiteral, frame: Frame) -> Value:
    ref, dictionary = m.new_dict(frame, (expr.start, expr.end))
    dictionary.is_table = bool(expr.items)
    for item in expr.items:
        if item.key is None:
            merge(m, dictionary, m.evaluate(item.value, frame), frame.span(item))
            continue
        key = m.force(m.evaluate(item.key, frame))
        if type(key) is Ref:
            call_special(m, key, BUILTINS["hash"], (), frame, frame.span(item.key))
        value = _deferred_name(m, item.value, frame)
        store_item(m, dictionary, key, value, frame.span(item.key))
    return ref


def _deferred_name(m: Interpreter, expr: facts.Expr, frame: Frame) -> Value:
    """The value of an item; deferred if it is imported from a module that does not reach wandb.

    Otherwise a table of imported classes would load all of their modules.
    """
    imported = imported_as(m, expr.id, frame) if type(expr) is facts.Name and not m.hypotheses else None
    if imported is None or m.project.is_selected(imported.path):
        return m.evaluate(expr, frame)
    return m.defer(frame, ("later", expr.start), lambda: resolve(m, imported))


def _sequence(m: Interpreter, expr: facts.Sequence, frame: Frame) -> Value:
    items: list[Value] = []
    tails: list[Value] = []
    for item in expr.items:
        if isinstance(item, facts.Starred):
            unpacked, tail = iterate(m, m.evaluate(item.value, frame), frame, item.start)
            items.extend(unpacked)
            if tail is not None:
                tails.append(tail)
        else:
            items.append(_deferred_name(m, item, frame))
    ref = m.new_items(frame, (expr.start, expr.end), items, join(tails) if tails else None)
    sequence = m.heap_sequence(ref)
    if sequence is not None:
        sequence.is_tuple, sequence.is_unordered = expr.kind == "tuple", expr.kind == "set"
    return ref


def _subscript(m: Interpreter, expr: facts.Subscript, frame: Frame) -> Value:
    container = m.evaluate(expr.value, frame)
    index = m.evaluate(expr.index, frame)
    if has_thunk(index) and any(special_method(m, option, "__getitem__") for option in options(container)):
        index = m.force(index)
    if has_thunk(container) or has_thunk(index):
        return m.defer(
            frame,
            (expr.start, expr.end),
            lambda: _subscripted(m, m.force(container), m.force(index), frame, expr),
        )
    return _subscripted(m, container, index, frame, expr)


def _subscripted(
    m: Interpreter, container: Value, index: Value, frame: Frame, expr: facts.Subscript
) -> Value:
    label = label_of(expr)
    for option in options(container):
        if isinstance(option, External) or (isinstance(option, Unknown) and option.external):
            m.dispatch.observers.item_read(m, option, index, frame, frame.span(expr))
    items = [
        item for option in options(container) for item in options(_item(m, option, index, frame, expr, label))
    ]
    return join(items)


def _item(  # noqa: PLR0911
    m: Interpreter, container: Value, index: Value, frame: Frame, node: facts.Subscript, label: str
) -> Value:
    target = m.heap[container] if isinstance(container, Ref) else None
    if isinstance(target, Instance) or isinstance(container, Class):
        result = call_special(m, container, ("__getitem__",), (index,), frame, frame.span(node))
        if result is not None:
            return result
    if isinstance(target, Dictionary):
        if target.factory is not None and len(options(index)) > 1:
            # Any of the keys may be missing.
            with m.on_branch():
                return join(_item(m, container, option, frame, node, label) for option in options(index))
        if target.factory is not None and as_key(index) not in target.entries:
            return _missing(m, target, target.factory, index, frame, node)
        return get_item(target, index) or Unknown(SymbolId("item", container, index), label)
    if isinstance(target, SequenceObject):
        if isinstance(node.index, facts.Other) and node.index.op == "slice":
            choices = all_items(target.items, target.tail)
            return m.new_items(frame, (node.start, node.end), [], join(choices) if choices else None)
        is_known = isinstance(index, Scalar) and target.tail is None and not target.is_unordered
        if is_known and isinstance(index, Scalar) and isinstance(index.value, int):
            if -len(target.items) <= index.value < len(target.items):
                return target.items[index.value]
        elif choices := all_items(target.items, target.tail):
            return join(choices)
    if (
        isinstance(container, Class)
        and isinstance(index, Template)
        and index.literal in container.info.members
    ):
        return container.info.members[index.literal or ""]
    if isinstance(container, Unknown):
        external = f"{container.external}[]" if container.external else ""
        unknown = Unknown(SymbolId("item", container.symbol, index), label, external)
        mapping = m.heap.partial_mapping(container)
        entry = None if mapping is None else mapping.entries.get(as_key(index))
        return unknown if entry is None else entry.value if entry.is_must else join((entry.value, unknown))
    return m.unknown(frame, node, label)


def _missing(
    m: Interpreter, dictionary: Dictionary, factory: Value, index: Value, frame: Frame, node: facts.Node
) -> Value:
    """The item that a `defaultdict` creates for a missing key."""
    key, span = as_key(index), frame.span(node)
    inner = Frame(frame.path, m.context("missing", frame.context, node.start, key), globals=frame.globals)
    value = m.call(factory, Arguments(), inner, span)
    store_item(m, dictionary, key, value, span)
    return value


def _lambda(m: Interpreter, expr: facts.Lambda, frame: Frame) -> Value:
    key = (frame.path, expr.start)
    info = m.functions.infos.setdefault(key, FunctionInfo(frame.path, "<lambda>", expr))
    return function_value(m, info, frame, frame)


def _walrus(m: Interpreter, expr: facts.Walrus, frame: Frame) -> Value:
    value = m.evaluate(expr.value, frame)
    assign(m, expr.target, value, frame)
    return value


def _wrapped(m: Interpreter, expr: facts.Wrapped, frame: Frame) -> Value:
    value = NONE if expr.value is None else m.evaluate(expr.value, frame)
    if expr.kind == "await":
        return value
    scope: Frame = frame
    while scope.info is None and scope.outer is not None:
        scope = scope.outer
    if expr.kind == "from":
        items, tail = iterate(m, value, frame, expr.start)
        scope.yielded.extend(all_items(items, tail))
    else:
        scope.yielded.append(value)
        if scope.info is not None and not CONTEXT_MANAGERS.isdisjoint(scope.info.decorators):
            scope.run_at_yield = m.entry.session.attributes["run"]
            # The body of the `with` may add items before the code after the `yield` runs.
            for dictionary in m.dictionaries(value):
                m.heap.widen(dictionary, as_open_key(value), frame.span(expr))
    return m.unknown(frame, expr)


def _starred(m: Interpreter, expr: facts.Starred, frame: Frame) -> Value:
    return m.evaluate(expr.value, frame)


def _other(m: Interpreter, expr: facts.Other, frame: Frame) -> Value:
    values = [m.evaluate(part, frame) for part in expr.parts]
    if expr.op in UNARY:
        method = UNARY[expr.op]
        for value in values:
            if any(type(option) is Ref for option in options(value)):
                result = call_special(m, value, (method, *BUILTINS["str"]), (), frame, frame.span(expr))
                if result is not None:
                    return result
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
