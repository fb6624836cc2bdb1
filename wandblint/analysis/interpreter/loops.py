"""Loops: unrolls known items; iterates over unknown ones up to a fixpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from wandblint import facts
from wandblint.analysis.domain.heap_objects import ActiveLoop, Dictionary
from wandblint.analysis.domain.lattice import all_items, has_news, join, options
from wandblint.analysis.domain.values import NONE, Branch, Frame, LoopExits, Scalar, Unknown, Value
from wandblint.analysis.interpreter.branches import join_environments
from wandblint.analysis.interpreter.conditions import verdict_of
from wandblint.analysis.interpreter.control_context import control_context
from wandblint.analysis.interpreter.induction import (
    enter_loop,
    increment_of,
    induction_variable,
    iteration_count,
    length_symbol,
    may_be_induction,
    widen_name,
)
from wandblint.analysis.interpreter.operators import label_of
from wandblint.analysis.interpreter.targets import assign
from wandblint.analysis.interpreter.while_counts import while_count
from wandblint.analysis.objects.containers import MAX_UNROLL, unroll
from wandblint.analysis.state.interpreter import Executor, Interpreter
from wandblint.index.walk import assignment_targets, last_word, repeats, statements, target_names
from wandblint.model.control_flow import Loop
from wandblint.model.events import Repeats
from wandblint.template import SymbolId

_KEEP_LENGTH = frozenset({"enumerate", "tqdm", "track"})
"""Functions that yield as many items as their first argument."""

MAX_ITERATIONS = 3
"""The limit of iterations up to a fixpoint. Three iterations carry a value through two variables."""


def _for(m: Interpreter, node: facts.For, frame: Frame) -> bool:
    iterable = m.evaluate(node.iter, frame)
    sequence = m.heap_sequence(m.force(iterable))
    is_uncertain = sequence is not None and sequence.may_lack_items
    m.recorder.may_depth += is_uncertain
    live = _for_each(m, node, iterable, frame)
    m.recorder.may_depth -= is_uncertain
    return live


def _for_each(m: Interpreter, node: facts.For, iterable: Value, frame: Frame) -> bool:
    items, tail = unroll(m, iterable, frame, node.start)
    may_grow = _may_grow(m, iterable)
    outer, breaks, live = m.branch, list[dict[str, Value]](), True
    context = frame.context
    with active_loop(m, node, frame, is_unrolled=True):
        for index, item in enumerate(items):
            frame.context = m.context("iteration", context, frame.path, node.start, index)
            assign(m, node.target, item, frame)
            live = _iterate(m, node.body, frame, breaks)
            if not live:
                break
    frame.context = context
    if live and items and tail is None and may_grow:
        tail = _added_item(m, iterable, len(items))
    iterations = None if tail is None else _iterations(m, node, tail)
    if live and tail is not None and iterations != 0:
        loop = _loop(m, node, frame, iterations, _length(m, node.iter, node.body, iterable, frame))
        enter_loop(m, frame, tail, node.target, loop)
        item = tail
        if isinstance(tail, Unknown) and isinstance(node.target, facts.Name):
            is_induction = induction_variable(m, tail) is not None
            symbol = tail.symbol if is_induction else SymbolId("loop", context, frame.path, node.start)
            item = Unknown(symbol, label_of(node.target))
        with active_loop(m, node, frame, max_iterations=iterations):
            _repeat(
                m,
                node.body,
                frame,
                loop,
                breaks,
                lambda: assign(
                    m, node.target, _with_late_items(m, iterable, tail, item) if may_grow else item, frame
                ),
            )
    return _leave(m, node, frame, breaks, outer, live=live)


def _iterations(m: Interpreter, node: facts.For, item: Value) -> int | None:
    """The maximum number of iterations over items that are not known one by one; None if it is unknown."""
    if isinstance(node.iter, facts.Subscript) and isinstance(node.iter.index, facts.Other):
        return 1  # A slice may have a single item.
    count = iteration_count(m, item, node.target)
    return _object_count(m, item) if count is None else count


def _object_count(m: Interpreter, item: Value) -> int | None:
    """How many objects an item of a list may be, if code puts each into it only once; None if not."""
    count = 0
    for option in options(item):
        instance = m.heap_instance(option)
        if instance is None or instance.is_symbolic or instance.is_summary or len(instance.put_on) != 1:
            return None
        made_or_put = (*control_context(m, instance.allocation_branch), *control_context(m, *instance.put_on))
        if any(isinstance(step, Loop) for step in made_or_put):
            return None
        count += 1
    return count


def _may_grow(m: Interpreter, iterable: Value) -> bool:
    """Whether a loop may add to what it iterates over; Python raises where a dictionary changes its size."""
    sequence = m.heap_sequence(m.force(iterable))
    if sequence is None:
        return False
    return not sequence.sources or not all(isinstance(source, Dictionary) for source in sequence.sources)


def _with_late_items(m: Interpreter, iterable: Value, before: Value, item: Value) -> Value:
    """The item of an iteration, and what the iterable yields only since the loop has changed something."""
    sequence = m.heap_sequence(m.force(iterable))
    tail = None if sequence is None else sequence.tail
    return item if tail is None or tail == before else join((item, tail))


def _added_item(m: Interpreter, iterable: Value, count: int) -> Value | None:
    """Any item that the iterations over a list of `count` items may have added to it."""
    sequence = m.heap_sequence(m.force(iterable))
    if sequence is None or (sequence.tail is None and len(sequence.items) <= count):
        return None
    return join(all_items(sequence.items[count:], sequence.tail))


def _while(m: Interpreter, node: facts.While, frame: Frame) -> bool:
    if verdict_of(m, node.test, frame) is False or (iterations := while_count(m, node, frame)) == 0:
        return m.execute(node.orelse, frame)
    outer, breaks = m.branch, list[dict[str, Value]]()
    live = _drain(m, node, frame, breaks)
    if live and _has_items(m, node.test, frame) is not False:
        loop = _loop(m, node, frame, iterations)
        with active_loop(m, node, frame, max_iterations=iterations):
            _repeat(m, node.body, frame, loop, breaks, lambda: verdict_of(m, node.test, frame))
    return _leave(m, node, frame, breaks, outer, live=live)


def _drain(m: Interpreter, node: facts.While, frame: Frame, breaks: list[dict[str, Value]]) -> bool:
    """Runs the iterations of `while items:` as long as the list certainly has some.

    Returns whether another iteration, or the code after the loop, may follow.
    """
    live, context = True, frame.context
    if not _has_items(m, node.test, frame):
        return live
    with active_loop(m, node, frame, is_unrolled=True):
        for index in range(MAX_UNROLL):
            if not live or not _has_items(m, node.test, frame):
                break
            frame.context = m.context("iteration", context, frame.path, node.start, index)
            live = _iterate(m, node.body, frame, breaks)
    frame.context = context
    return live


def _has_items(m: Interpreter, test: facts.Expr, frame: Frame) -> bool | None:
    """Whether a list that is the test of a loop has items; None where that is unknown."""
    value = frame.names.get(test.id) if isinstance(test, facts.Name) else None
    sequence = None if value is None else m.heap_sequence(value)
    if sequence is None or sequence.tail is not None or sequence.is_summary:
        return None
    return bool(sequence.items)


def _leave(
    m: Interpreter,
    node: facts.For | facts.While,
    frame: Frame,
    breaks: list[dict[str, Value]],
    outer: Branch | None,
    *,
    live: bool,
) -> bool:
    """Runs the `else` of a loop that no `break` has left, and joins the ways out of the loop."""
    if live and node.orelse:
        with m.on_branch() if breaks else nullcontext():
            live = m.execute(node.orelse, frame)
    for names in breaks:
        frame.names = join_environments(frame.names, names) if live else names
        live = True
    if breaks:
        # The code after the loop runs whether or not a `break` has left it.
        m.branch = outer
    return live


def _loop(
    m: Interpreter,
    node: facts.For | facts.While,
    frame: Frame,
    iterations: int | None = None,
    length: int | None = None,
) -> Loop:
    loop_id = m.context("loop", frame.context, frame.path, node.start)
    return Loop(frame.span(node), loop_id, iterations if repeats(node.body) else 1, length)


def _may_leave(node: facts.Node) -> bool:
    """Whether a statement may end a loop, or an inner one of it, before its last item."""
    return isinstance(node, (facts.Return, facts.Raise)) or (
        isinstance(node, facts.Jump) and node.kind == "break"
    )


def _length(
    m: Interpreter, expr: facts.Expr, body: list[facts.Stmt], iterable: Value, frame: Frame
) -> int | None:
    """The symbol of the number of items of what a loop iterates over, also of `enumerate(x)`."""
    if any(_may_leave(node) for node in statements(*body, into_scopes=False)):
        return None
    wrapped = expr
    while isinstance(wrapped, facts.Call) and wrapped.args and last_word(wrapped.func) in _KEEP_LENGTH:
        wrapped = wrapped.args[0].value
    if wrapped is not expr and isinstance(wrapped, (facts.Name, facts.Attr)):
        iterable = m.evaluate(wrapped, frame)
    return length_symbol(m, iterable)


def _repeat(
    m: Interpreter,
    body: list[facts.Stmt],
    frame: Frame,
    loop: Loop,
    breaks: list[dict[str, Value]],
    start_iteration: Callable[[], object],
) -> None:
    """Runs a loop with an unknown number of iterations up to a fixpoint, and widens what reaches none.

    Numbers that the loop changes are unknown from the first iteration on, so counting needs no second one.
    """
    assigned, only_incremented = _assigned_names(m, body)
    for name in assigned:
        value = frame.names.get(name)
        if value is None:
            continue
        if name in only_incremented and may_be_induction(value):
            widen_name(m, frame, name, loop.span)
        elif any(isinstance(option, Scalar) and option != NONE for option in options(value)):
            frame.names[name] = join((value, Unknown(SymbolId("counted", frame.context, name), name)))
    outer_change, widened_before = m.heap.oldest_change, m.heap.widened_before
    all_changes, last_changes = m.heap.changes, set[object]()
    states = m.entry.run_states
    runs = states.unfinished(m.branch)
    for number in range(MAX_ITERATIONS + 1):
        state_changes = states.change_count
        names, start = dict(frame.names), m.heap.time.tick()
        m.heap.oldest_change, m.heap.changes = start + 1, set()
        m.heap.widened_before = start if number == MAX_ITERATIONS else widened_before
        before = m.branch
        with m.on_branch(loop=loop):
            start_iteration()
            _iterate(m, body, frame, breaks)
        m.branch = before
        frame.names = join_environments(names, frame.names)
        changed = m.heap.oldest_change <= start
        outer_change = min(outer_change, m.heap.oldest_change)
        all_changes |= m.heap.changes
        is_periodic, last_changes = m.heap.changes == last_changes, m.heap.changes
        new = [name for name, value in names.items() if has_news(value, frame.names[name])]
        runs_before = runs
        if states.change_count != state_changes:
            # What the next iteration finds open or finished is not what this one has found.
            runs = states.unfinished(m.branch)
        if not new and runs == runs_before and (not changed or is_periodic):
            break
        if number == MAX_ITERATIONS:
            for name in new:
                widened = Unknown(SymbolId("widened", frame.context, name), name)
                frame.names[name] = join((frame.names[name], widened))
    m.heap.widened_before = widened_before
    m.heap.oldest_change, m.heap.changes = outer_change, all_changes


def _assigned_names(m: Interpreter, body: list[facts.Stmt]) -> tuple[list[str], set[str]]:
    """The names that the body of a loop assigns, and those that it only increments."""
    key = id(body)
    if key not in m.summaries.loop_assignments:
        incremented: dict[str, None] = {}
        others: dict[str, None] = {}
        for node in statements(*body, into_scopes=False):
            increment = increment_of(node)
            if increment is not None and isinstance(increment[0], facts.Name):
                incremented[increment[0].id] = None
            else:
                others.update(dict.fromkeys(target_names(*assignment_targets(node))))
        m.summaries.loop_assignments[key] = [*incremented, *others], set(incremented) - set(others)
    return m.summaries.loop_assignments[key]


def _iterate(m: Interpreter, body: list[facts.Stmt], frame: Frame, breaks: list[dict[str, Value]]) -> bool:
    """Runs one iteration; returns whether another one may follow.

    The environments at each `continue` flow to its end. What follows an iteration that may leave the loop, or
    the function, is on the branch on which it does not.
    """
    m.loops[-1].start_iteration()
    frame.exits.append(LoopExits())
    outer, returned = m.branch, len(frame.returned)
    live = m.execute(body, frame)
    exits = frame.exits.pop()
    if live and not exits.breaks and len(frame.returned) == returned:
        m.branch = outer
    elif exits.continues:
        m.branch = Branch(outer, is_unconditional=True)
    breaks += exits.breaks
    if not live and exits.continues:
        frame.names = exits.continues.pop()
        live = True
    for names in exits.continues:
        frame.names = join_environments(frame.names, names)
    return live


@contextmanager
def active_loop(
    m: Interpreter,
    node: facts.For | facts.While,
    frame: Frame,
    *,
    is_unrolled: bool = False,
    max_iterations: int | None = None,
    repeats: Repeats = Repeats.LOOP,
) -> Iterator[ActiveLoop]:
    """Keeps a loop active while its iterations run."""
    depth = len(m.call_stack)
    loop = ActiveLoop(node, frame, m.branch, is_unrolled, depth, max_iterations, repeats=repeats)
    m.loops.append(loop)
    yield loop
    m.dispatch.observers.loop_left(m, m.loops.pop())


EXECUTORS: dict[type[facts.Node], Executor] = {facts.For: _for, facts.While: _while}
