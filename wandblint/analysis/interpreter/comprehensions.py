"""Comprehensions: loops inside an expression."""

from __future__ import annotations

from collections.abc import Callable

from wandblint import facts
from wandblint.analysis.domain.heap import SequenceObject
from wandblint.analysis.domain.values import NONE, Frame, Value
from wandblint.analysis.interpreter.conditions import verdict_of
from wandblint.analysis.interpreter.targets import assign
from wandblint.analysis.objects.containers import store_item, unroll
from wandblint.analysis.state.interpreter import Evaluator, Interpreter
from wandblint.model.control_flow import Loop
from wandblint.span import Span


def _comprehension(m: Interpreter, expr: facts.Comprehension, frame: Frame) -> Value:
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
        if isinstance(collected, SequenceObject):
            m.heap.append(collected, value, m.branch, in_loop=m.branch is not start)

    _run_loops(m, expr.loops, inner, add)
    return result


def _run_loops(m: Interpreter, loops: list[facts.CompLoop], frame: Frame, body: Callable[[], None]) -> None:
    if not loops:
        body()
        return
    loop, *others = loops
    items, rest = unroll(m, m.evaluate(loop.iter, frame), frame, loop.start)

    def once(item: Value) -> None:
        assign(m, loop.target, item, frame)
        verdicts = [verdict_of(m, condition, frame) for condition in loop.conditions]
        if False in verdicts:
            return
        if None in verdicts:
            with m.on_branch():
                _run_loops(m, others, frame, body)
        else:
            _run_loops(m, others, frame, body)

    outer = frame.context
    for number, item in enumerate(items):
        frame.context = m.context("pass", outer, frame.path, loop.start, number)
        once(item)
    frame.context = outer
    if rest is not None:
        number = m.context("loop", outer, frame.path, loop.start)
        with m.on_branch(loop=Loop(Span(frame.path, loop.start, loop.end), number)):
            once(rest)


EVALUATORS: dict[type[facts.Node], Evaluator] = {
    facts.Comprehension: _comprehension,
}
