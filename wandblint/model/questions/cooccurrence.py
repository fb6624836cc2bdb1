"""Which log calls run together: in every iteration of a loop, or whenever another one does."""

from __future__ import annotations

from itertools import dropwhile

from wandblint.model.control_flow import BranchKind, Condition, ControlContext, Loop, Outcome
from wandblint.model.events import LogCall


def common_loop(call: LogCall, other: LogCall) -> Loop | None:
    """The innermost loop around both calls."""
    return next((loop for loop in reversed(call.point.loops) if loop in other.point.loops), None)


def within(call: LogCall, loop: Loop) -> ControlContext:
    """The loops and conditions between a loop and a call in it."""
    return call.point.control_context[call.point.control_context.index(loop) + 1 :]


def outcomes(call: LogCall) -> frozenset[Outcome]:
    """What has been tested, and how it came out, where a call runs."""
    return frozenset(outcome for condition in call.point.conditions for outcome in condition.outcomes)


def contradict(call: LogCall, other: LogCall) -> bool:
    """Whether the conditions of two calls exclude each other."""
    ours, theirs = outcomes(call), outcomes(other)
    return any((identity, not holds) in theirs for identity, holds in ours) or any(
        c.is_excluded_by and c.is_excluded_by <= ours | theirs
        for c in {*call.point.conditions, *other.point.conditions}
    )


def implies(known: frozenset[Outcome], condition: Condition) -> bool:
    """Whether a condition holds, given the outcomes of tests; what a thread does is done in any case."""
    if condition.kind is BranchKind.THREAD or (condition.identity, condition.holds) in known:
        return True
    parts = {((text,), holds) for text, holds in condition.operands}
    return bool(parts) and (parts <= known if condition.needs_all else not parts.isdisjoint(known))


def accompanies(other: LogCall, call: LogCall) -> bool:
    """Whether the other call runs whenever this one does, though perhaps in another iteration.

    Loop-variant conditions hold in some iteration; this call must share the others.
    """
    if contradict(other, call):
        return False
    ours = outcomes(call)
    in_loops = list(dropwhile(lambda step: not isinstance(step, Loop), other.point.control_context))
    return all(
        implies(ours, c) or (c.text and not c.is_loop_invariant and c in in_loops)
        for c in other.point.own_context(call.point)
        if isinstance(c, Condition)
    )


def runs_in_every_iteration(other: LogCall, loop: Loop, call: LogCall) -> bool:
    """Whether the other call runs in every iteration of a loop in which this one may run.

    In an inner loop, `if step % n == 0` holds at least once.
    """
    ours = outcomes(call)
    in_inner_loop = False
    for step in within(other, loop):
        if isinstance(step, Loop):
            in_inner_loop = True
        elif not (step.is_loop_invariant and implies(ours, step)) and not (
            in_inner_loop and step.is_periodic
        ):
            return False
    return True


def run_side_by_side(call: LogCall, other: LogCall) -> bool:
    """Whether the calls run in different threads."""
    contexts = (*call.point.own_context(other.point), *other.point.own_context(call.point))
    return any(isinstance(step, Condition) and step.kind is BranchKind.THREAD for step in contexts)


def are_independent_settings(other: LogCall, call: LogCall) -> bool:
    """Whether both calls run if settings are on that do not exclude each other: `args.train`, `args.test`."""
    ours = outcomes(call)
    conditions = [
        condition
        for condition in (*other.point.own_context(call.point), *call.point.own_context(other.point))
        if isinstance(condition, Condition) and not implies(ours, condition)
    ]
    return bool(conditions) and not contradict(other, call) and all(c.is_flag and c.holds for c in conditions)
