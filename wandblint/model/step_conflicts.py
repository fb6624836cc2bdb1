"""Log calls that lose data by their `step=`: wandb drops a row whose step is below the last one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from wandblint.model.control_flow import Condition, ControlContext, Loop
from wandblint.model.events import Argument, LogCall
from wandblint.model.step_simulation import RunTrace, ends_its_row, run_traces, simulate
from wandblint.model.tracking_model import TrackingModel
from wandblint.span import Span


class DroppedRow(msgspec.Struct, frozen=True, eq=False):
    """A log call that loses data by its step: its counter starts again, or another call runs ahead."""

    call: LogCall
    step: Argument
    other: LogCall | None

    @property
    def label(self) -> str:
        """How the source calls what `step=` counts with."""
        return _label(self.call)

    @property
    def other_label(self) -> str:
        """The same of the other call."""
        return _label(self.call if self.other is None else self.other)

    @property
    def is_after_the_row(self) -> bool:
        """Whether the other call ends the row that this one counts on."""
        return self.other is not None and ends_its_row(self.other)

    @property
    def places(self) -> tuple[Span, Span | None]:
        """Where the step is given, and where the other call is made: where their ways part, if in callers."""
        if self.other is None:
            return self.step.span, None
        if self.call.span != self.other.span:
            return self.step.span, self.other.span
        for one, other in zip(self.call.call_stack, self.other.call_stack, strict=False):
            if one != other:
                return one, other
        return self.step.span, self.other.span


def _label(call: LogCall) -> str:
    return "..." if call.induction is None else call.induction.label


@lru_cache(maxsize=1)
def step_conflicts(model: TrackingModel) -> tuple[DroppedRow, ...]:
    """Every log call that certainly loses data by its step, with one reason each, once a place."""
    found: dict[Span, DroppedRow] = {}
    for track in run_traces(model):
        for call in track.calls_with_step:
            loss = _loss(track, call)
            if loss is not None:
                found.setdefault(loss.places[0], loss)
    return tuple(found.values())


def _loss(track: RunTrace, call: LogCall) -> DroppedRow | None:
    if call.step is None:
        return None
    for other in track.row_enders:
        if other is not call and _runs_ahead(track, call, other):
            return DroppedRow(call, call.step, other)
    for others in _together(track, call):
        if simulate(track, call, *others, at_last=others).dropped:
            return DroppedRow(call, call.step, others[0])
    if simulate(track, call).dropped:
        return DroppedRow(call, call.step, None)
    for other in track.calls:
        differs = other.induction is not None and other.induction != call.induction
        if differs and _accompanies(other, call) and simulate(track, call, other).dropped:
            return DroppedRow(call, call.step, other)
    return None


def _runs_ahead(track: RunTrace, call: LogCall, other: LogCall) -> bool:
    """Whether a call that ends its row costs this one all data but at most the first, in a loop of both."""
    loop = _common_loop(call, other)
    if loop is None or not _comes_on_every_pass(other, loop, call):
        return False
    found = simulate(track, call, other)
    return 0 < found.dropped >= found.logged - 1


def _together(track: RunTrace, call: LogCall) -> Iterator[list[LogCall]]:
    """Calls that end their rows together on some passes of a loop, on every pass of which this one is made.

    One of them is made up for by the pass itself; a second one runs ahead.
    """
    groups: dict[ControlContext, list[LogCall]] = defaultdict(list)
    for other in track.row_enders:
        loop = _common_loop(call, other)
        if loop is None or other is call or not _comes_on_every_pass(call, loop, call):
            continue
        inside = _inside(other, loop)
        varies = [step for step in inside if isinstance(step, Condition) and not step.is_loop_invariant]
        if varies and len(varies) == len(inside) and _accompanies(other, call):
            groups[other.point.control_context].append(other)
    return (group for group in groups.values() if len(group) > 1)


def _common_loop(call: LogCall, other: LogCall) -> Loop | None:
    """The innermost loop around both."""
    return next((loop for loop in reversed(call.point.loops) if loop in other.point.loops), None)


def _inside(call: LogCall, loop: Loop) -> ControlContext:
    """What stands between a loop and a call in it."""
    return call.point.control_context[call.point.control_context.index(loop) + 1 :]


def _accompanies(other: LogCall, call: LogCall) -> bool:
    """Whether the other call is made whenever this one is, if perhaps not on the same pass.

    Conditions that change from pass to pass of a loop hold on some pass; others must be this call's too.
    """
    ours = {(condition.identity, condition.holds) for condition in call.point.conditions}
    others = _after_common(call.point.control_context, other.point.control_context)
    in_loops = _in_loops(other.point.control_context)
    if any((c.identity, not c.holds) in ours for c in other.point.conditions):
        return False
    return all(
        (c.identity, c.holds) in ours or (c.text and not c.is_loop_invariant and c in in_loops)
        for c in others
    )


def _in_loops(way: ControlContext) -> ControlContext:
    """What stands inside a loop."""
    first = next((number for number, step in enumerate(way) if isinstance(step, Loop)), len(way))
    return way[first:]


def _comes_on_every_pass(other: LogCall, loop: Loop, call: LogCall) -> bool:
    """Whether the other call is made on every pass of a loop in which this one may be made.

    In a loop further inside, `if step % n == 0` holds at least once.
    """
    ours = {(condition.identity, condition.holds) for condition in call.point.conditions}
    deeper = False
    for step in _inside(other, loop):
        if isinstance(step, Loop):
            deeper = True
        elif not (step.is_loop_invariant and (step.identity, step.holds) in ours) and not (
            deeper and "%" in step.text
        ):
            return False
    return True


def _after_common(left: ControlContext, right: ControlContext) -> list[Condition]:
    """The conditions on the right way behind the stretch that it has in common with the left."""
    shared = 0
    while shared < min(len(left), len(right)) and left[shared] == right[shared]:
        shared += 1
    return [step for step in right[shared:] if isinstance(step, Condition)]
