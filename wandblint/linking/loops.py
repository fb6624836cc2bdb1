"""Loops: known items one by one, unknown ones until nothing new comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from wandblint import facts
from wandblint.finding import Span
from wandblint.flow import Loop
from wandblint.linking import lifetimes
from wandblint.linking.branches import join_names
from wandblint.linking.conditions import verdict_of
from wandblint.linking.containers import unroll
from wandblint.linking.counting import added_to, counter, enter_loop, may_count, passes_over, widen_name
from wandblint.linking.heap import Frame, Passes
from wandblint.linking.machine import Executor, Machine
from wandblint.linking.operators import label_of
from wandblint.linking.targets import assign
from wandblint.linking.values import NONE, Scalar, Unknown, Value, join, options
from wandblint.outline.walk import goes_round, statements, target_names
from wandblint.template import Origin

MAX_PASSES = 3
"""A loop is run until nothing new comes, at most so often. Three passes carry a value round two variables."""


def _for(m: Machine, node: facts.For, frame: Frame) -> bool:
    items, rest = unroll(m, m.evaluate(node.iter, frame), frame, node.start)
    context = frame.context
    with _passing(m, node, frame, is_unrolled=True):
        for number, item in enumerate(items):
            frame.context = m.context("pass", context, frame.path, node.start, number)
            assign(m, node.target, item, frame)
            _pass(m, node.body, frame)
    frame.context = context
    if rest is not None:
        loop = _loop(m, node, frame, passes_over(m, rest, node.target))
        enter_loop(m, frame, rest, node.target, loop)
        item = rest
        if isinstance(rest, Unknown) and isinstance(node.target, facts.Name):
            counts = counter(m, rest) is not None
            origin = rest.origin if counts else Origin("loop", context, frame.path, node.start)
            item = Unknown(origin, label_of(node.target))
        with _passing(m, node, frame):
            _repeat(m, node.body, frame, loop, lambda: assign(m, node.target, item, frame))
    return m.execute(node.orelse, frame) if node.orelse else True


def _while(m: Machine, node: facts.While, frame: Frame) -> bool:
    verdict = verdict_of(m, node.test, frame)
    if verdict is False:
        return m.execute(node.orelse, frame)
    with _passing(m, node, frame):
        _repeat(m, node.body, frame, _loop(m, node, frame), lambda: None)
    return True


def _loop(m: Machine, node: facts.For | facts.While, frame: Frame, most: int | None = None) -> Loop:
    number = m.context("loop", frame.context, frame.path, node.start)
    return Loop(Span(frame.path, node.start, node.end), number, most if goes_round(node.body) else 1)


def _repeat(m: Machine, body: list[facts.Stmt], frame: Frame, loop: Loop, start: Callable[[], None]) -> None:
    """A loop whose number of passes is not known: run until nothing new comes.

    Numbers that the loop changes are unknown from the first pass on, so that counting takes no second one.
    """
    assigned, only_added_to = _assigned(m, body)
    for name in assigned:
        value = frame.names.get(name)
        if value is None:
            continue
        if name in only_added_to and may_count(value):
            widen_name(m, frame, name, loop.span)
        elif any(isinstance(option, Scalar) and option != NONE for option in options(value)):
            frame.names[name] = join((value, Unknown(Origin("counted", frame.context, name), name)))
    date, m.heap.backdated = m.heap.backdated, None
    outer_change = m.heap.oldest_change
    for _ in range(MAX_PASSES):
        names, born = dict(frame.names), m.heap.clock
        m.heap.oldest_change = born + 1
        with m.maybe(loop=loop):
            start()
            _pass(m, body, frame)
        frame.names = join_names(names, frame.names)
        changed = m.heap.oldest_change <= born
        outer_change = min(outer_change, m.heap.oldest_change)
        if not changed and not any(_is_news(names[name], frame.names[name]) for name in names):
            break
    m.heap.oldest_change = outer_change
    m.heap.backdated = date


def _is_news(old: Value, new: Value) -> bool:
    """Whether a value has alternatives that another pass could do something with."""
    if old is new or old == new:
        return False
    known = set(options(old))
    return any(option not in known and not isinstance(option, (Unknown, Scalar)) for option in options(new))


def _assigned(m: Machine, body: list[facts.Stmt]) -> tuple[list[str], set[str]]:
    """The names that a loop's body assigns, and those of them that it only adds to."""
    key = id(body)
    if key not in m.assigned:
        added: dict[str, None] = {}
        others: dict[str, None] = {}
        for node in statements(*body, into_scopes=False):
            counted = added_to(node)
            if counted is not None and isinstance(counted[0], facts.Name):
                added[counted[0].id] = None
            elif isinstance(node, facts.Assign):
                others.update(dict.fromkeys(target_names(*node.targets)))
            elif isinstance(node, (facts.AugAssign, facts.For)):
                others.update(dict.fromkeys(target_names(node.target)))
        m.assigned[key] = [*added, *others], set(added) - set(others)
    return m.assigned[key]


def _pass(m: Machine, body: list[facts.Stmt], frame: Frame) -> None:
    """One pass of a loop; the names at each `break` and `continue` flow to its end."""
    m.loops[-1].begun += 1
    m.loops[-1].openings.clear()
    frame.exits.append([])
    before = m.branch
    live = m.execute(body, frame)
    m.branch = before
    ends = frame.exits.pop()
    if not live and ends:
        frame.names = ends.pop()
    for names in ends:
        frame.names = join_names(frame.names, names)


@contextmanager
def _passing(
    m: Machine, node: facts.For | facts.While, frame: Frame, *, is_unrolled: bool = False
) -> Iterator[None]:
    """The passes of a loop."""
    m.loops.append(Passes(node, frame, m.branch, is_unrolled, len(m.call_path)))
    yield
    lifetimes.end_loop(m, m.loops.pop())


EXECUTORS: dict[type[facts.Node], Executor] = {
    facts.For: _for,
    facts.While: _while,
}
