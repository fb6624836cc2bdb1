"""Log calls that lose data by their `step=`: wandb drops a row whose step is below the last one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from itertools import dropwhile

import msgspec

from wandblint.model.control_flow import Condition, ControlContext, Loop
from wandblint.model.events import Argument, LogCall
from wandblint.model.step_simulation import RunTrace, ends_its_row, run_traces, simulate
from wandblint.model.tracking_model import TrackingModel
from wandblint.span import Span


class DroppedRow(msgspec.Struct, frozen=True, eq=False):
    """A log call that loses data by its step: its step restarts, or another call is ahead of it."""

    call: LogCall
    step: Argument
    other: LogCall | None

    @property
    def label(self) -> str:
        """The expression of the step in the source."""
        return _label(self.call)

    @property
    def counter(self) -> str:
        """The name of the step's counting variable."""
        return _counter(self.call)

    @property
    def other_label(self) -> str:
        """The expression of the other call's step in the source."""
        return _label(self.call if self.other is None else self.other)

    @property
    def has_one_counter(self) -> bool:
        """Whether the other call counts with a variable of the same name."""
        return self.other is None or _counter(self.other) == self.counter

    @property
    def is_after_the_row(self) -> bool:
        """Whether the other call ends the row that this call logs to."""
        return self.other is not None and ends_its_row(self.other)

    @property
    def spans(self) -> tuple[Span, Span | None]:
        """The step and the other call; if both calls are one, the first callers that differ."""
        if self.other is None:
            return self.step.span, None
        if self.call.span != self.other.span:
            return self.step.span, self.other.span
        for caller, other_caller in zip(self.call.call_stack, self.other.call_stack, strict=False):
            if caller != other_caller:
                return caller, other_caller
        return self.step.span, self.other.span


def _label(call: LogCall) -> str:
    """The expression, if it names the counter: the parameter of a helper says less than that."""
    counter = _counter(call)
    source = "" if call.step is None else call.step.source
    return source if counter.rpartition(".")[2] in re.findall(r"\w+", source) else counter


def _counter(call: LogCall) -> str:
    return "..." if call.induction is None else call.induction.label


@lru_cache(maxsize=1)
def step_conflicts(model: TrackingModel) -> tuple[DroppedRow, ...]:
    """Every log call that certainly loses data by its step: one reason per place."""
    dropped: dict[Span, DroppedRow] = {}
    for trace in run_traces(model):
        for call in trace.calls_with_step:
            row = _dropped_row(trace, call)
            if row is not None:
                dropped.setdefault(row.spans[0], row)
    return tuple(dropped.values())


def _dropped_row(trace: RunTrace, call: LogCall) -> DroppedRow | None:
    if call.step is None:
        return None
    for other in trace.row_enders:
        if other is not call and _is_ahead(trace, call, other):
            return DroppedRow(call, call.step, other)
    for others in _joint_row_enders(trace, call):
        if simulate(trace, call, *others, in_last_iteration=others).dropped:
            return DroppedRow(call, call.step, others[0])
    if simulate(trace, call).dropped:
        return DroppedRow(call, call.step, None)
    for other in trace.calls:
        differs = other.induction is not None and other.induction != call.induction
        if differs and _accompanies(other, call) and _loses_to(trace, call, other):
            return DroppedRow(call, call.step, other)
    return None


def _loses_to(trace: RunTrace, call: LogCall, other: LogCall) -> bool:
    """Whether another call costs this one a row: in which iterations a condition holds is not known."""
    result = simulate(trace, call, other)
    is_in_every_iteration = all(condition.is_loop_invariant for condition in call.point.conditions)
    return result.dropped > 0 if is_in_every_iteration else 0 < result.dropped >= result.logged - 1


def _is_ahead(trace: RunTrace, call: LogCall, other: LogCall) -> bool:
    """Whether a row ender in a loop with this call costs it all rows, except perhaps the first."""
    loop = _common_loop(call, other)
    if loop is None or not _runs_in_every_iteration(other, loop, call):
        return False
    result = simulate(trace, call, other)
    return 0 < result.dropped >= result.logged - 1


def _joint_row_enders(trace: RunTrace, call: LogCall) -> Iterator[list[LogCall]]:
    """Row enders that run together in some iterations of a loop, in all of which this call runs.

    The iteration itself makes up for one of them; a second one is ahead.
    """
    groups: dict[ControlContext, list[LogCall]] = defaultdict(list)
    for other in trace.row_enders:
        loop = _common_loop(call, other)
        if loop is None or other is call or not _runs_in_every_iteration(call, loop, call):
            continue
        inside = _within(other, loop)
        variants = [step for step in inside if isinstance(step, Condition) and not step.is_loop_invariant]
        if variants and len(variants) == len(inside) and _accompanies(other, call):
            groups[other.point.control_context].append(other)
    return (group for group in groups.values() if len(group) > 1)


def _common_loop(call: LogCall, other: LogCall) -> Loop | None:
    """The innermost loop around both calls."""
    return next((loop for loop in reversed(call.point.loops) if loop in other.point.loops), None)


def _within(call: LogCall, loop: Loop) -> ControlContext:
    """The loops and conditions between a loop and a call in it."""
    return call.point.control_context[call.point.control_context.index(loop) + 1 :]


def _accompanies(other: LogCall, call: LogCall) -> bool:
    """Whether the other call runs whenever this one does, though perhaps in another iteration.

    Loop-variant conditions hold in some iteration; this call must share the others.
    """
    ours = {(condition.identity, condition.holds) for condition in call.point.conditions}
    if any((c.identity, not c.holds) in ours for c in other.point.conditions):
        return False
    in_loops = list(dropwhile(lambda step: not isinstance(step, Loop), other.point.control_context))
    return all(
        (c.identity, c.holds) in ours or (c.text and not c.is_loop_invariant and c in in_loops)
        for c in _conditions_after_common(call.point.control_context, other.point.control_context)
    )


def _runs_in_every_iteration(other: LogCall, loop: Loop, call: LogCall) -> bool:
    """Whether the other call runs in every iteration of a loop in which this one may run.

    In an inner loop, `if step % n == 0` holds at least once.
    """
    ours = {(condition.identity, condition.holds) for condition in call.point.conditions}
    in_inner_loop = False
    for step in _within(other, loop):
        if isinstance(step, Loop):
            in_inner_loop = True
        elif not (step.is_loop_invariant and (step.identity, step.holds) in ours) and not (
            in_inner_loop and step.is_periodic
        ):
            return False
    return True


def _conditions_after_common(left: ControlContext, right: ControlContext) -> list[Condition]:
    """The conditions of the right context after its common prefix with the left one."""
    shared = 0
    while shared < min(len(left), len(right)) and left[shared] == right[shared]:
        shared += 1
    return [element for element in right[shared:] if isinstance(element, Condition)]
