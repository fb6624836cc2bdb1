"""Comprehensions, interpreted as loops inside an expression."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from wandblint import facts
from wandblint.analysis.domain.heap_objects import ActiveLoop, SequenceObject
from wandblint.analysis.domain.lattice import options
from wandblint.analysis.domain.values import NONE, Frame, Value
from wandblint.analysis.interpreter.conditions import verdict_of
from wandblint.analysis.interpreter.induction import iteration_count
from wandblint.analysis.interpreter.loops import active_loop
from wandblint.analysis.interpreter.targets import assign
from wandblint.analysis.objects.containers import note_sources, store_item, unroll
from wandblint.analysis.objects.names import look_up
from wandblint.analysis.state.interpreter import Evaluator, Interpreter
from wandblint.index.walk import walk
from wandblint.model.control_flow import Loop


def _comprehension(m: Interpreter, expr: facts.Comprehension, frame: Frame) -> Value:
    inner = Frame(frame.path, frame.context, outer=frame, info=None, globals=frame.globals)
    if expr.kind == "dict":
        ref, dictionary = m.new_dict(frame, (expr.start, expr.end))

        def add_item() -> None:
            key = m.force(m.evaluate(expr.key, inner)) if expr.key is not None else NONE
            value = m.evaluate(expr.value, inner)
            key_expr = expr.key if expr.key is not None else expr.value
            store_item(m, dictionary, key, value, frame.span(key_expr))

        _run_loops(m, expr, expr.loops, inner, add_item)
        return ref
    result = m.new_items(frame, (expr.start, expr.end), [])
    sequence = m.heap[result]
    outer = m.branch

    def add_element() -> None:
        value = m.evaluate(expr.value, inner)
        if isinstance(sequence, SequenceObject):
            m.heap.append(sequence, value, m.branch, in_loop=m.branch is not outer)

    _run_loops(m, expr, expr.loops, inner, add_element)
    if expr.kind == "generator" and isinstance(sequence, SequenceObject):
        sequence.allocated_at = m.heap.time.tick()
        names = dict.fromkeys(node.id for node in walk(expr) if isinstance(node, facts.Name))
        values = [look_up(m, name, frame) or NONE for name in names]
        note_sources(m, result, [option for value in values for option in options(value)])
    return result


def _run_loops(
    m: Interpreter,
    expr: facts.Comprehension,
    loops: list[facts.CompLoop],
    frame: Frame,
    body: Callable[[], None],
) -> None:
    if not loops:
        body()
        return
    loop, *inner_loops = loops
    items, tail = unroll(m, m.evaluate(loop.iter, frame), frame, loop.start)

    def run_iteration(item: Value) -> None:
        assign(m, loop.target, item, frame)
        verdicts = [verdict_of(m, condition, frame) for condition in loop.conditions]
        if False in verdicts:
            return
        with m.on_branch() if None in verdicts else nullcontext():
            _run_loops(m, expr, inner_loops, frame, body)

    outer = frame.context
    with _active_loop(m, expr, loop, frame, is_unrolled=True) as active:
        for index, item in enumerate(items):
            frame.context = m.context("iteration", outer, frame.path, loop.start, index)
            active.start_iteration()
            run_iteration(item)
    frame.context = outer
    count = None if tail is None else iteration_count(m, tail, loop.target)
    if tail is not None and count != 0:
        loop_id = m.context("loop", outer, frame.path, loop.start)
        with (
            _active_loop(m, expr, loop, frame, max_iterations=count) as active,
            m.on_branch(loop=Loop(frame.span(loop), loop_id, count)),
        ):
            active.start_iteration()
            run_iteration(tail)
            if active.opened_runs:
                # The second iteration finds the run of the first one.
                active.start_iteration()
                run_iteration(tail)


@contextmanager
def _active_loop(
    m: Interpreter,
    expr: facts.Comprehension,
    loop: facts.CompLoop,
    frame: Frame,
    *,
    is_unrolled: bool = False,
    max_iterations: int | None = None,
) -> Iterator[ActiveLoop]:
    """Keeps a loop active while its iterations run, as the statement that does the same.

    A generator runs later, and perhaps in part only.
    """
    body = facts.ExprStmt(expr.value.start, expr.value.end, expr.value)
    node = facts.For(expr.start, expr.end, loop.target, loop.iter, [body], [])
    if expr.kind == "generator":
        yield ActiveLoop(node, frame, m.branch, is_unrolled, len(m.call_stack), max_iterations)
        return
    with active_loop(m, node, frame, is_unrolled=is_unrolled, max_iterations=max_iterations) as active:
        yield active


EVALUATORS: dict[type[facts.Node], Evaluator] = {facts.Comprehension: _comprehension}
