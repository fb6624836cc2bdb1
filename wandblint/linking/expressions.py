"""Expressions: what each can be."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

from wandblint import facts
from wandblint.finding import Span
from wandblint.linking.arguments import collect_arguments
from wandblint.linking.containers import as_open_key, get_item, iterate, merge, store_item
from wandblint.linking.heap import Branch, Dictionary, Frame, FunctionInfo, Items
from wandblint.linking.machine import Machine
from wandblint.linking.names import look_up
from wandblint.linking.strings import percent_format
from wandblint.linking.targets import assign
from wandblint.linking.values import (
    FALSE,
    NONE,
    TRUE,
    Function,
    Library,
    Ref,
    Scalar,
    Super,
    Unknown,
    Value,
    concatenate,
    hole_of,
    is_deferred,
    is_none,
    join,
    options,
    scalar,
    truth,
)
from wandblint.template import Hole, Origin, Template, template

MAX_UNROLL = 64
"""A loop over more known items than this is run as a loop over unknown ones."""


def label_of(expr: facts.Expr) -> str:
    """A short word for what an expression computes, as the source calls it."""
    if isinstance(expr, facts.Name):
        return expr.id
    if isinstance(expr, facts.Attr):
        return expr.attr
    if isinstance(expr, facts.Call):
        return f"{label_of(expr.func)}()"
    if isinstance(expr, facts.Subscript):
        index = expr.index.value if isinstance(expr.index, facts.Const) else "..."
        return f"{label_of(expr.value)}[{index}]"
    return "..."


def _const(m: Machine, expr: facts.Const, frame: Frame) -> Value:
    if isinstance(expr.value, str):
        return template(expr.value, span=Span(frame.path, expr.start, expr.end))
    return scalar(expr.value)


def _name(m: Machine, expr: facts.Name, frame: Frame) -> Value:
    found = look_up(m, expr.id, frame)
    if found is not None:
        return found
    if hasattr(builtins, expr.id):
        return Library(f"builtins.{expr.id}")
    return Unknown(Origin("name", frame.path, expr.id), expr.id)


def _attr(m: Machine, expr: facts.Attr, frame: Frame) -> Value:
    return m.attribute(
        m.evaluate(expr.value, frame), expr.attr, frame, Span(frame.path, expr.start, expr.end)
    )


def _call(m: Machine, expr: facts.Call, frame: Frame) -> Value:
    span = Span(frame.path, expr.start, expr.end)
    if isinstance(expr.func, facts.Name) and expr.func.id == "super" and look_up(m, "super", frame) is None:
        return _super(m, frame)
    function = m.evaluate(expr.func, frame)
    arguments = collect_arguments(m, expr.args, frame)
    return m.call(function, arguments, frame, span)


def _super(m: Machine, frame: Frame) -> Value:
    within: Frame | None = frame
    while within is not None:
        info = within.info
        if info is not None and info.owner is not None and info.params:
            receiver = within.names.get(info.params[0].name)
            if receiver is not None:
                return Super(receiver, info.owner)
        within = within.outer
    return Unknown(Origin("super", frame.context), "super()")


def _template(m: Machine, expr: facts.Template, frame: Frame) -> Value:
    span = Span(frame.path, expr.start, expr.end)
    pieces: list[Value] = []
    for part in expr.parts:
        if isinstance(part, str):
            pieces.append(template(part))
            continue
        pieces.append(labelled(m.evaluate(part, frame), label_of(part)))
    if any(map(is_deferred, pieces)):
        return m.defer(frame, (expr.start, expr.end), lambda: concatenate(map(m.force, pieces), span))
    return concatenate(pieces, span)


def labelled(value: Value, label: str) -> Value:
    """The value, its unknown alternatives under the name that the source uses here."""
    if isinstance(value, (Scalar, Template)) or is_deferred(value):
        return value
    return join(
        template(Hole(hole_of(option).origin, label))
        if not isinstance(option, (Scalar, Template))
        else option
        for option in options(value)
    )


def _binary(m: Machine, expr: facts.Binary, frame: Frame) -> Value:
    left = m.evaluate(expr.left, frame)
    right = m.evaluate(expr.right, frame)
    return combine(m, expr.op, left, right, frame, expr, (label_of(expr.left), label_of(expr.right)))


def combine(
    m: Machine,
    op: str,
    left: Value,
    right: Value,
    frame: Frame,
    node: facts.Node,
    labels: tuple[str, str],
) -> Value:
    """`left op right` for strings, lists and dictionaries; anything else is unknown."""
    if op not in {"+", "%", "|"}:
        return m.unknown(frame, node)
    if is_deferred(left) or is_deferred(right):
        return m.defer(
            frame,
            (node.start, node.end),
            lambda: combine(m, op, m.force(left), m.force(right), frame, node, labels),
        )
    span = Span(frame.path, node.start, node.end)
    if op == "%" and any(isinstance(option, Template) for option in options(left)):
        return percent_format(m, left, right, span)
    if op == "+":
        if any(isinstance(option, Template) for value in (left, right) for option in options(value)):
            return concatenate([labelled(left, labels[0]), labelled(right, labels[1])], span)
        if lists := [
            made for value in (left, right) for _, made in m.objects(value) if isinstance(made, Items)
        ]:
            known = len(lists) == len(options(left)) + len(options(right)) == 2  # noqa: PLR2004
            items = [item for made in lists for item in made.items]
            rests = [made.rest for made in lists if made.rest is not None]
            if not known:
                rests.append(m.unknown(frame, node))
            return m.new_items(frame, (node.start, node.end), items, join(rests) if rests else None)
    if op == "|" and (m.dictionaries(left) or m.dictionaries(right)):
        ref, made = m.new_dict(frame, (node.start, node.end))
        merge(m, made, left, span)
        merge(m, made, right, span)
        return ref
    return m.unknown(frame, node)


def _bool(m: Machine, expr: facts.Bool, frame: Frame) -> Value:
    decisive = expr.op == "or"
    found: list[Value] = []
    before = m.branch
    for operand in expr.values:
        value = m.evaluate(operand, frame)
        verdict = truth(value)
        if operand is expr.values[-1] or verdict is decisive:
            found.append(value)
            break
        if verdict is None:
            found.extend(option for option in options(value) if truth(option) is not (not decisive))
            # The operands behind this one may not run.
            m.branch = Branch(m.branch, frame.path, operand, holds=not decisive)
    m.branch = before
    return join(found) if found else m.unknown(frame, expr)


def verdict_of(m: Machine, test: facts.Expr, frame: Frame) -> bool | None:
    """Whether a condition holds; None where that is not known."""
    if isinstance(test, facts.Not):
        inner = verdict_of(m, test.value, frame)
        return None if inner is None else not inner
    if not isinstance(test, facts.Bool):
        return truth(m.evaluate(test, frame))
    decisive = test.op == "or"
    verdict: bool | None = not decisive
    before = m.branch
    for operand in test.values:
        found = verdict_of(m, operand, frame)
        if found is decisive:
            verdict = decisive
            break
        if found is None:
            verdict = None
            m.branch = Branch(m.branch, frame.path, operand, holds=not decisive)
    m.branch = before
    return verdict


def _not(m: Machine, expr: facts.Not, frame: Frame) -> Value:
    verdict = verdict_of(m, expr.value, frame)
    return m.unknown(frame, expr) if verdict is None else FALSE if verdict else TRUE


def _compare(m: Machine, expr: facts.Compare, frame: Frame) -> Value:
    left = m.evaluate(expr.left, frame)
    rights = [m.evaluate(right, frame) for right in expr.rights]
    if len(rights) != 1:
        return m.unknown(frame, expr)
    verdict = _compared(m, left, expr.ops[0], rights[0])
    return m.unknown(frame, expr) if verdict is None else TRUE if verdict else FALSE


def _compared(m: Machine, left: Value, op: str, right: Value) -> bool | None:
    if op in {"is", "==", "is not", "!="}:
        same = _same(left, right)
        return None if same is None else same is (op in {"is", "=="})
    if op in {"in", "not in"}:
        inside = _inside(m, left, right)
        return None if inside is None else inside is (op == "in")
    return None


def _same(left: Value, right: Value) -> bool | None:
    if right == NONE:
        return is_none(left)
    if left == NONE:
        return is_none(right)
    verdicts = {_same_one(one, other) for one in options(left) for other in options(right)}
    return verdicts.pop() if len(verdicts) == 1 else None


def _same_one(left: Value, right: Value) -> bool | None:
    if isinstance(left, Scalar) and isinstance(right, Scalar):
        return left.value == right.value
    if isinstance(left, Template) and isinstance(right, Template):
        return None if left.literal is None or right.literal is None else left.literal == right.literal
    if isinstance(left, (Scalar, Template)) and isinstance(right, (Scalar, Template)):
        return False
    return None


def _inside(m: Machine, item: Value, container: Value) -> bool | None:
    if not isinstance(item, (Template, Scalar)) or (isinstance(item, Template) and item.literal is None):
        return None
    if isinstance(container, Template) and isinstance(item, Template):
        whole = container.literal
        return None if whole is None else (item.literal or "") in whole
    for _, made in m.objects(container):
        if isinstance(made, Items) and made.rest is None:
            verdicts = {_same(item, other) for other in made.items}
            return True if True in verdicts else None if None in verdicts else False
    return None


def _conditional(m: Machine, expr: facts.Conditional, frame: Frame) -> Value:
    verdict = verdict_of(m, expr.test, frame)
    if verdict is not None:
        return m.evaluate(expr.body if verdict else expr.orelse, frame)
    with m.maybe(frame.path, expr.test):
        body = m.evaluate(expr.body, frame)
    with m.maybe(frame.path, expr.test, holds=False):
        orelse = m.evaluate(expr.orelse, frame)
    return join((body, orelse))


def _dict(m: Machine, expr: facts.DictLiteral, frame: Frame) -> Value:
    ref, made = m.new_dict(frame, (expr.start, expr.end))
    for item in expr.items:
        if item.key is None:
            merge(m, made, m.evaluate(item.value, frame), Span(frame.path, item.start, item.end))
            continue
        key = m.force(m.evaluate(item.key, frame))
        value = m.evaluate(item.value, frame)
        store_item(m, made, key, value, Span(frame.path, item.key.start, item.key.end))
    return ref


def _sequence(m: Machine, expr: facts.Sequence, frame: Frame) -> Value:
    items: list[Value] = []
    rests: list[Value] = []
    for item in expr.items:
        if isinstance(item, facts.Starred):
            found, rest = iterate(m, m.evaluate(item.value, frame), frame, item.start)
            items.extend(found)
            if rest is not None:
                rests.append(rest)
        else:
            items.append(m.evaluate(item, frame))
    return m.new_items(frame, (expr.start, expr.end), items, join(rests) if rests else None)


def _comprehension(m: Machine, expr: facts.Comprehension, frame: Frame) -> Value:
    inner = Frame(frame.path, frame.context, outer=frame, info=None, globals=frame.globals)
    if expr.kind == "dict":
        ref, made = m.new_dict(frame, (expr.start, expr.end))

        def put() -> None:
            key = m.force(m.evaluate(expr.key, inner)) if expr.key is not None else NONE
            value = m.evaluate(expr.value, inner)
            at = expr.key if expr.key is not None else expr.value
            store_item(m, made, key, value, Span(frame.path, at.start, at.end))

        _run_loops(m, expr.loops, inner, put)
        return ref
    result = m.new_items(frame, (expr.start, expr.end), [])
    collected = m.heap[result]
    start = m.branch

    def add() -> None:
        value = m.evaluate(expr.value, inner)
        if isinstance(collected, Items):
            m.heap.append(collected, value, m.branch, in_loop=m.branch is not start)

    _run_loops(m, expr.loops, inner, add)
    return result


def _run_loops(m: Machine, loops: list[facts.CompLoop], frame: Frame, body: Callable[[], None]) -> None:
    if not loops:
        body()
        return
    loop, *others = loops
    items, rest = iterate(m, m.evaluate(loop.iter, frame), frame, loop.start)
    if len(items) > MAX_UNROLL:
        items, rest = [], join([*items, *(() if rest is None else (rest,))])

    def once(item: Value) -> None:
        assign(m, loop.target, item, frame)
        verdicts = [verdict_of(m, condition, frame) for condition in loop.conditions]
        if False in verdicts:
            return
        if None in verdicts:
            with m.maybe():
                _run_loops(m, others, frame, body)
        else:
            _run_loops(m, others, frame, body)

    outer = frame.context
    for number, item in enumerate(items):
        frame.context = m.context("pass", outer, frame.path, loop.start, number)
        once(item)
    frame.context = outer
    if rest is not None:
        with m.maybe():
            once(rest)


def _subscript(m: Machine, expr: facts.Subscript, frame: Frame) -> Value:
    container = m.evaluate(expr.value, frame)
    index = m.evaluate(expr.index, frame)
    if is_deferred(container) or is_deferred(index):
        return m.defer(
            frame,
            (expr.start, expr.end),
            lambda: _items_of(m, m.force(container), m.force(index), frame, expr),
        )
    return _items_of(m, container, index, frame, expr)


def _items_of(m: Machine, container: Value, index: Value, frame: Frame, expr: facts.Subscript) -> Value:
    label = label_of(expr)
    found = [
        part for option in options(container) for part in options(_item(m, option, index, frame, expr, label))
    ]
    return join(found)


def _item(m: Machine, container: Value, index: Value, frame: Frame, node: facts.Node, label: str) -> Value:
    made = m.heap[container] if isinstance(container, Ref) else None
    if isinstance(made, Dictionary):
        return get_item(m, made, index) or Unknown(Origin("item", container, index), label)
    if isinstance(made, Items):
        if isinstance(index, Scalar) and isinstance(index.value, int) and made.rest is None:
            if -len(made.items) <= index.value < len(made.items):
                return made.items[index.value]
        elif everything := [*made.items, *(() if made.rest is None else (made.rest,))]:
            return join(everything)
    if isinstance(container, Unknown):
        return Unknown(Origin("item", container.origin, index), label)
    return m.unknown(frame, node, label)


def _lambda(m: Machine, expr: facts.Lambda, frame: Frame) -> Value:
    key = (frame.path, expr.start)
    info = m.functions.setdefault(key, FunctionInfo(frame.path, "<lambda>", expr))
    return Function(info, None, frame)


def _walrus(m: Machine, expr: facts.Walrus, frame: Frame) -> Value:
    value = m.evaluate(expr.value, frame)
    assign(m, expr.target, value, frame)
    return value


_MANAGES = frozenset({"contextmanager", "asynccontextmanager"})


def _wrapped(m: Machine, expr: facts.Wrapped, frame: Frame) -> Value:
    value = NONE if expr.value is None else m.evaluate(expr.value, frame)
    if expr.kind == "await":
        return value
    within: Frame = frame
    while within.info is None and within.outer is not None:
        within = within.outer
    if expr.kind == "from":
        items, rest = iterate(m, value, frame, expr.start)
        within.yielded.extend([*items, *(() if rest is None else (rest,))])
    else:
        within.yielded.append(value)
        if within.info is not None and not _MANAGES.isdisjoint(within.info.decorators):
            # The body of the `with` may put in more before the code behind the `yield` runs.
            for made in m.dictionaries(value):
                m.heap.open_up(made, as_open_key(value), Span(frame.path, expr.start, expr.end))
    return m.unknown(frame, expr)


def _starred(m: Machine, expr: facts.Starred, frame: Frame) -> Value:
    return m.evaluate(expr.value, frame)


def _other(m: Machine, expr: facts.Other, frame: Frame) -> Value:
    for part in expr.parts:
        m.evaluate(part, frame)
    return m.unknown(frame, expr)


EVALUATORS: dict[type[facts.Node], Callable[[Machine, Any, Frame], Value]] = {
    facts.Const: _const,
    facts.Name: _name,
    facts.Attr: _attr,
    facts.Call: _call,
    facts.Template: _template,
    facts.Binary: _binary,
    facts.Bool: _bool,
    facts.Not: _not,
    facts.Compare: _compare,
    facts.Conditional: _conditional,
    facts.DictLiteral: _dict,
    facts.Sequence: _sequence,
    facts.Comprehension: _comprehension,
    facts.Subscript: _subscript,
    facts.Lambda: _lambda,
    facts.Walrus: _walrus,
    facts.Wrapped: _wrapped,
    facts.Starred: _starred,
    facts.Other: _other,
}
