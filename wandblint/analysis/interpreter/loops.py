"""Loops: known items one by one, unknown ones until nothing new comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from wandblint import facts
from wandblint.analysis.domain.heap import ActiveLoop
from wandblint.analysis.domain.lattice import join, options
from wandblint.analysis.domain.values import NONE, Frame, Scalar, Unknown, Value
from wandblint.analysis.interpreter.branches import join_environments
from wandblint.analysis.interpreter.conditions import verdict_of
from wandblint.analysis.interpreter.induction import (
    enter_loop,
    increment_of,
    induction_variable,
    iteration_count,
    may_be_induction,
    widen_name,
)
from wandblint.analysis.interpreter.operators import label_of
from wandblint.analysis.interpreter.targets import assign
from wandblint.analysis.objects.containers import unroll
from wandblint.analysis.state.interpreter import Executor, Interpreter
from wandblint.index.walk import repeats, statements, target_names
from wandblint.model.control_flow import Loop
from wandblint.span import Span
from wandblint.template import SymbolId

MAX_ITERATIONS = 3
"""A loop is run until nothing new comes, at most so often. Three passes carry a value round two variables."""


def _for(m: Interpreter, node: facts.For, frame: Frame) -> bool:
    items, rest = unroll(m, m.evaluate(node.iter, frame), frame, node.start)
    context = frame.context
    with _active_loop(m, node, frame, is_unrolled=True):
        for number, item in enumerate(items):
            frame.context = m.context("pass", context, frame.path, node.start, number)
            assign(m, node.target, item, frame)
            _iterate(m, node.body, frame)
    frame.context = context
    if rest is not None:
        loop = _loop(m, node, frame, iteration_count(m, rest, node.target))
        enter_loop(m, frame, rest, node.target, loop)
        item = rest
        if isinstance(rest, Unknown) and isinstance(node.target, facts.Name):
            counts = induction_variable(m, rest) is not None
            origin = rest.symbol if counts else SymbolId("loop", context, frame.path, node.start)
            item = Unknown(origin, label_of(node.target))
        with _active_loop(m, node, frame):
            _repeat(m, node.body, frame, loop, lambda: assign(m, node.target, item, frame))
    return m.execute(node.orelse, frame) if node.orelse else True


def _while(m: Interpreter, node: facts.While, frame: Frame) -> bool:
    verdict = verdict_of(m, node.test, frame)
    if verdict is False:
        return m.execute(node.orelse, frame)
    with _active_loop(m, node, frame):
        _repeat(m, node.body, frame, _loop(m, node, frame), lambda: None)
    return True


def _loop(m: Interpreter, node: facts.For | facts.While, frame: Frame, most: int | None = None) -> Loop:
    number = m.context("loop", frame.context, frame.path, node.start)
    return Loop(Span(frame.path, node.start, node.end), number, most if repeats(node.body) else 1)


def _repeat(
    m: Interpreter, body: list[facts.Stmt], frame: Frame, loop: Loop, start: Callable[[], None]
) -> None:
    """A loop whose number of passes is not known: run until nothing new comes.

    Numbers that the loop changes are unknown from the first pass on, so that counting takes no second one.
    """
    assigned, only_added_to = _assigned_names(m, body)
    for name in assigned:
        value = frame.names.get(name)
        if value is None:
            continue
        if name in only_added_to and may_be_induction(value):
            widen_name(m, frame, name, loop.span)
        elif any(isinstance(option, Scalar) and option != NONE for option in options(value)):
            frame.names[name] = join((value, Unknown(SymbolId("counted", frame.context, name), name)))
    date, m.heap.allocation_time = m.heap.allocation_time, None
    outer_change = m.heap.oldest_change
    for _ in range(MAX_ITERATIONS):
        names, born = dict(frame.names), m.heap.clock
        m.heap.oldest_change = born + 1
        with m.on_branch(loop=loop):
            start()
            _iterate(m, body, frame)
        frame.names = join_environments(names, frame.names)
        changed = m.heap.oldest_change <= born
        outer_change = min(outer_change, m.heap.oldest_change)
        if not changed and not any(_is_new(names[name], frame.names[name]) for name in names):
            break
    m.heap.oldest_change = outer_change
    m.heap.allocation_time = date


def _is_new(old: Value, new: Value) -> bool:
    """Whether a value has alternatives that another pass could do something with."""
    if old is new or old == new:
        return False
    known = set(options(old))
    return any(option not in known and not isinstance(option, (Unknown, Scalar)) for option in options(new))


def _assigned_names(m: Interpreter, body: list[facts.Stmt]) -> tuple[list[str], set[str]]:
    """The names that a loop's body assigns, and those of them that it only adds to."""
    key = id(body)
    if key not in m.summaries.loop_assignments:
        added: dict[str, None] = {}
        others: dict[str, None] = {}
        for node in statements(*body, into_scopes=False):
            counted = increment_of(node)
            if counted is not None and isinstance(counted[0], facts.Name):
                added[counted[0].id] = None
            elif isinstance(node, facts.Assign):
                others.update(dict.fromkeys(target_names(*node.targets)))
            elif isinstance(node, (facts.AugAssign, facts.For)):
                others.update(dict.fromkeys(target_names(node.target)))
        m.summaries.loop_assignments[key] = [*added, *others], set(added) - set(others)
    return m.summaries.loop_assignments[key]


def _iterate(m: Interpreter, body: list[facts.Stmt], frame: Frame) -> None:
    """One pass of a loop; the names at each `break` and `continue` flow to its end."""
    m.loops[-1].iterations += 1
    m.loops[-1].opened_runs.clear()
    frame.exits.append([])
    before = m.branch
    live = m.execute(body, frame)
    m.branch = before
    ends = frame.exits.pop()
    if not live and ends:
        frame.names = ends.pop()
    for names in ends:
        frame.names = join_environments(frame.names, names)


@contextmanager
def _active_loop(
    m: Interpreter, node: facts.For | facts.While, frame: Frame, *, is_unrolled: bool = False
) -> Iterator[None]:
    """The passes of a loop."""
    m.loops.append(ActiveLoop(node, frame, m.branch, is_unrolled, len(m.call_stack)))
    yield
    m.dispatch.observers.loop_left(m, m.loops.pop())


EXECUTORS: dict[type[facts.Node], Executor] = {
    facts.For: _for,
    facts.While: _while,
}
