"""Assignments to what other code may read at any time: globals, and attributes of classes and modules."""

from __future__ import annotations

from wandblint.analysis.domain.lattice import join, options
from wandblint.analysis.domain.values import NONE, Run, Scalar, Value
from wandblint.analysis.state import run_state
from wandblint.analysis.state.interpreter import Interpreter


def after_assignment(m: Interpreter, old: Value | None, new: Value) -> Value:
    """What such a place holds after `place = new`.

    What reads it may be evaluated late, so the old value stays an alternative; but not that of a switch (a
    run or None, a flag) that is certainly thrown now: a later test of it says what has happened.
    """
    if old is None:
        return new
    values = (*options(old), *options(new))
    return new if all(map(_is_of_switch, values)) and _certainly_happens_now(m) else join((old, new))


def _is_of_switch(value: Value) -> bool:
    is_flag = isinstance(value, Scalar) and isinstance(value.value, bool)
    return value == NONE or isinstance(value, Run) or is_flag


def _certainly_happens_now(m: Interpreter) -> bool:
    is_repeated = m.loops or m.recorder.hypothetical_depth or m.heap.time.is_evaluation
    if not m.entry.main or is_repeated or not run_state.is_certain(m):
        return False
    branch = m.branch
    while branch is not None and branch.is_unconditional:
        branch = branch.parent
    return branch is None
