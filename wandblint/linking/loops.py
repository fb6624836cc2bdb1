"""Loops: known items one by one, unknown ones until nothing new comes."""

from __future__ import annotations

from collections.abc import Callable

from wandblint import facts
from wandblint.linking.branches import join_names
from wandblint.linking.conditions import verdict_of
from wandblint.linking.containers import unroll
from wandblint.linking.heap import Frame
from wandblint.linking.machine import Executor, Machine
from wandblint.linking.operators import label_of
from wandblint.linking.targets import assign
from wandblint.linking.values import NONE, Scalar, Unknown, Value, join, options
from wandblint.linking.walk import walk
from wandblint.template import Origin

MAX_PASSES = 3
"""A loop is run until nothing new comes, at most so often. Three passes carry a value round two variables."""


def _for(m: Machine, node: facts.For, frame: Frame) -> bool:
    items, rest = unroll(m, m.evaluate(node.iter, frame), frame, node.start)
    context = frame.context
    for number, item in enumerate(items):
        frame.context = m.context("pass", context, frame.path, node.start, number)
        assign(m, node.target, item, frame)
        _pass(m, node.body, frame)
    frame.context = context
    if rest is not None:
        item = (
            Unknown(Origin("loop", context, frame.path, node.start), label_of(node.target))
            if isinstance(rest, Unknown) and isinstance(node.target, facts.Name)
            else rest
        )
        _repeat(m, node.body, frame, lambda: assign(m, node.target, item, frame))
    return m.execute(node.orelse, frame) if node.orelse else True


def _while(m: Machine, node: facts.While, frame: Frame) -> bool:
    verdict = verdict_of(m, node.test, frame)
    if verdict is False:
        return m.execute(node.orelse, frame)
    _repeat(m, node.body, frame, lambda: None)
    return True


def _repeat(m: Machine, body: list[facts.Stmt], frame: Frame, start: Callable[[], None]) -> None:
    """A loop whose number of passes is not known: run until nothing new comes.

    Numbers that the loop changes are unknown from the first pass on, so that counting takes no second one.
    """
    for name in _assigned(m, body):
        value = frame.names.get(name)
        if value is not None and any(
            isinstance(option, Scalar) and option != NONE for option in options(value)
        ):
            frame.names[name] = join((value, Unknown(Origin("counted", frame.context, name), name)))
    m.in_loop += 1
    outer_change = m.heap.oldest_change
    for _ in range(MAX_PASSES):
        names, born = dict(frame.names), m.heap.clock
        m.heap.oldest_change = born + 1
        with m.maybe():
            start()
            _pass(m, body, frame)
        frame.names = join_names(names, frame.names)
        changed = m.heap.oldest_change <= born
        outer_change = min(outer_change, m.heap.oldest_change)
        if not changed and not any(_is_news(names[name], frame.names[name]) for name in names):
            break
    m.heap.oldest_change = outer_change
    m.in_loop -= 1


def _is_news(old: Value, new: Value) -> bool:
    """Whether a value has alternatives that another pass could do something with."""
    if old is new or old == new:
        return False
    known = set(options(old))
    return any(option not in known and not isinstance(option, (Unknown, Scalar)) for option in options(new))


def _assigned(m: Machine, body: list[facts.Stmt]) -> set[str]:
    """The names that a loop's body assigns."""
    key = id(body)
    if key not in m.assigned:
        m.assigned[key] = {
            target.id
            for node in walk(*body, into_scopes=False)
            for target in (
                node.targets
                if isinstance(node, facts.Assign)
                else [node.target]
                if isinstance(node, facts.AugAssign)
                else []
            )
            if isinstance(target, facts.Name)
        }
    return m.assigned[key]


def _pass(m: Machine, body: list[facts.Stmt], frame: Frame) -> None:
    """One pass of a loop; the names at each `break` and `continue` flow to its end."""
    frame.exits.append([])
    before = m.branch
    live = m.execute(body, frame)
    m.branch = before
    ends = frame.exits.pop()
    if not live and ends:
        frame.names = ends.pop()
    for names in ends:
        frame.names = join_names(frame.names, names)


EXECUTORS: dict[type[facts.Node], Executor] = {
    facts.For: _for,
    facts.While: _while,
}
