"""Log calls that lose data by their `step=`: wandb drops a row whose step is below the last one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache

import msgspec

from wandblint.findings.finding import Confidence
from wandblint.model.control_flow import Condition, ControlContext, Loop
from wandblint.model.events import Argument, LogCall
from wandblint.model.questions.cooccurrence import (
    accompanies,
    are_independent_settings,
    common_loop,
    implies,
    outcomes,
    run_side_by_side,
    runs_in_every_iteration,
    within,
)
from wandblint.model.questions.step_simulation import (
    RunTrace,
    SimulationResult,
    ends_its_row,
    has_no_step,
    run_traces,
    simulate,
    step_of,
)
from wandblint.model.step_values import Constant
from wandblint.model.tracking_model import TrackingModel
from wandblint.span import Span

STEP_WITH_CUSTOM_AXIS = "WB301"
"""The rule that reports a dropped row if its keys have a custom x-axis: it names the remedy."""

MAX_BETWEEN = 20
"""How many calls with the same effect on steps are looked at one by one."""

FAST = 1_000_000
"""The rate of a clock that advances faster than any counter."""


class DroppedRow(msgspec.Struct, frozen=True, eq=False):
    """A log call that loses data by its step: its step restarts, or another call is ahead of it."""

    call: LogCall
    step: Argument
    other: LogCall | None
    is_certain: bool = True
    """Whether both calls certainly run; otherwise settings decide that may both be on."""
    is_first_only: bool = False
    """Whether wandb may keep all but the first row: the counter catches up."""
    restart: Span | None = None
    """Where the counter starts again, if it does."""

    @property
    def confidence(self) -> Confidence:
        """How certain it is that wandb drops the row."""
        return Confidence.HIGH if self.is_certain else Confidence.MEDIUM

    @property
    def label(self) -> str:
        """The expression of the step in the source."""
        return _label(self.call)

    @property
    def is_literal(self) -> bool:
        """Whether the step is a number in the source, as the default of a parameter may be."""
        step = step_of(self.call)
        return step is not None and isinstance(step.value, Constant)

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
        """The step and the other call; if both calls are one, the first callers that differ.

        A call that always ends its row, by `commit=True`, stays the place to change.
        """
        if self.other is None:
            return self.step.span, None
        if self.call.span != self.other.span:
            return self.step.span, self.other.span
        for caller, other_caller in zip(self.call.call_stack, self.other.call_stack, strict=False):
            if caller != other_caller:
                both_end_it = ends_its_row(self.call) and self.is_after_the_row
                return self.step.span if both_end_it else caller, other_caller
        return self.step.span, self.other.span


def _label(call: LogCall) -> str:
    """The expression, if it names the counter: the parameter of a helper says less than that."""
    counter = _counter(call)
    source = "" if call.step is None else call.step.source
    return source if counter.rpartition(".")[2] in re.findall(r"\w+", source) else counter


def _counter(call: LogCall) -> str:
    step = step_of(call)
    return "..." if step is None else step.label


@lru_cache(maxsize=1)
def step_conflicts(model: TrackingModel) -> tuple[DroppedRow, ...]:
    """Every log call that certainly loses data by its step: one reason per place."""
    dropped: dict[Span, DroppedRow] = {}
    rows = [
        row for trace in run_traces(model) for group in trace.groups for row in _dropped_rows(trace, group)
    ]
    for row in sorted(rows, key=lambda row: not row.is_certain):
        dropped.setdefault(row.spans[0], row)
    return tuple(dropped.values())


def _dropped_rows(trace: RunTrace, group: list[LogCall]) -> Iterator[DroppedRow]:
    """What calls with the same effect on steps lose; if the first and the last one do, those between, too."""
    if not trace.has_known_step(group[0]):
        return
    first, *between, last = [group[0], *group[1:-1], group[-1]]
    ends = [row for call in dict.fromkeys((first, last)) if (row := _dropped_row(trace, call)) is not None]
    yield from ends
    if len(ends) > 1:
        yield from (
            msgspec.structs.replace(ends[0], call=c, step=c.step) for c in between if c.step is not None
        )
    else:
        rows = (_dropped_row(trace, call) for call in between[:MAX_BETWEEN])
        yield from (row for row in rows if row is not None)


def _dropped_row(trace: RunTrace, call: LogCall) -> DroppedRow | None:
    step = step_of(call)
    if call.step is None or step is None:
        return None
    others = [other for other in trace.representatives if other is not call]
    # A counter that code sets again, elsewhere, is a rival of its own.
    counters = [
        other
        for other in others
        if step_of(other) is not None and (step_of(other) != step or other.point != call.point)
    ]
    if step.is_clock:
        rival = next((other for other in counters if _differs_from_clock(trace, call, other)), None)
        return None if rival is None else DroppedRow(call, call.step, rival)
    if (ahead := _ahead(trace, call, others)) is not None:
        return DroppedRow(call, call.step, ahead)
    if _any_dropped(simulate(trace, call)):
        return DroppedRow(call, call.step, None, restart=trace.restart_of(call))
    for other in counters:
        if accompanies(other, call) and _loses_to(trace, call, other):
            return DroppedRow(call, call.step, other)
    for other in others:
        if _is_setting_of_its_own(other, call) and _loses_to(trace, call, other):
            return DroppedRow(call, call.step, other, is_certain=False)
    before = [other for other in others if has_no_step(other) and _runs_before(call, other)]
    if before and trace.has_certain_start(call) and _any_dropped(simulate(trace, call, *before)):
        return DroppedRow(call, call.step, before[0], is_first_only=True)
    return None


def _is_setting_of_its_own(other: LogCall, call: LogCall) -> bool:
    """Whether settings of their own decide on both calls, and the other may move wandb past this one."""
    if not are_independent_settings(other, call):
        return False
    if ends_its_row(other) and has_no_step(other):
        return common_loop(call, other) is not None
    return step_of(other) not in {None, step_of(call)}


def _any_dropped(results: Sequence[SimulationResult]) -> bool:
    """Whether the call certainly loses a row, whatever the unknown sizes are."""
    return bool(results) and all(result.dropped for result in results)


def _nearly_all_dropped(results: Sequence[SimulationResult]) -> bool:
    """Whether the call certainly loses all rows, except perhaps the first."""
    return bool(results) and all(0 < result.dropped >= result.logged - 1 for result in results)


def _loses_to(trace: RunTrace, call: LogCall, other: LogCall) -> bool:
    """Whether another call costs this one a row: in which iterations a condition holds is not known."""
    results = simulate(trace, call, other)
    is_in_every_iteration = all(condition.is_loop_invariant for condition in call.point.conditions)
    return _any_dropped(results) if is_in_every_iteration else _nearly_all_dropped(results)


def _runs_before(call: LogCall, other: LogCall) -> bool:
    """Whether another call certainly ends a row before the first row of this call."""
    ours = outcomes(call)
    runs_always = all(
        implies(ours, step) for step in other.point.own_context(call.point) if isinstance(step, Condition)
    )
    is_in_first_iteration = all(condition.is_loop_invariant for condition in call.point.conditions)
    is_sure = runs_always and is_in_first_iteration and not run_side_by_side(other, call)
    return is_sure and ends_its_row(other) and other.point.precedes(call.point)


def _differs_from_clock(trace: RunTrace, call: LogCall, other: LogCall) -> bool:
    """Whether a step that follows a clock is below a counter where the clock is slow, and above where not."""
    loop, rival = common_loop(call, other), step_of(other)
    if loop is None or rival is None or rival.is_clock or not runs_in_every_iteration(other, loop, call):
        return False
    is_behind = _any_dropped(simulate(trace, call, other))
    return is_behind and _any_dropped(simulate(trace, other, call, clock_rate=FAST))


def _ahead(trace: RunTrace, call: LogCall, others: Sequence[LogCall]) -> LogCall | None:
    """The first call that ends a row with the step of this call before this call logs to it."""
    enders = [other for other in others if ends_its_row(other)]
    steady = [
        other
        for other in enders
        if (loop := common_loop(call, other)) is not None and runs_in_every_iteration(other, loop, call)
    ]
    for other in steady:
        if _nearly_all_dropped(simulate(trace, call, other)):
            return other
    if len(steady) > 1 and _nearly_all_dropped(simulate(trace, call, *steady)):
        return steady[0]
    for other in enders:
        is_before = common_loop(call, other) is None and not run_side_by_side(other, call)
        if is_before and accompanies(other, call) and _all_before(trace, call, other):
            return other
    for loop in reversed(call.point.loops):
        for group in _groups(call, loop, enders):
            if _are_ahead_once(trace, call, loop, group, others):
                return group[0]
    return None


def _all_before(trace: RunTrace, call: LogCall, other: LogCall) -> bool:
    """Whether the rows of an earlier loop without `step=` cost this call all of its own."""
    step = step_of(call)
    is_single = step is not None and isinstance(step.value, Constant)
    results = simulate(trace, call, other)
    may_end_it = is_single or bool(other.point.loops)
    return may_end_it and bool(results) and all(0 < result.dropped == result.logged for result in results)


def _groups(call: LogCall, loop: Loop, enders: Sequence[LogCall]) -> Iterator[list[LogCall]]:
    """Row enders that run together in some iterations of a loop, in which this call runs, too."""
    groups: dict[ControlContext, list[LogCall]] = defaultdict(list)
    for other in enders:
        if common_loop(call, other) == loop and not _varies(call.point.own_context(other.point)):
            inside = other.point.own_context(call.point)
            if _are_tests(inside) and (inside or _varies(within(call, loop))) and accompanies(other, call):
                groups[other.point.control_context].append(other)
    yield from groups.values()


def _varies(context: ControlContext) -> bool:
    """Whether a condition decides in which iterations the code runs."""
    return any(isinstance(step, Condition) and not step.is_loop_invariant for step in context)


def _are_tests(context: ControlContext) -> bool:
    return all(isinstance(step, Condition) and not step.is_loop_invariant for step in context)


def _are_ahead_once(
    trace: RunTrace, call: LogCall, loop: Loop, group: Sequence[LogCall], others: Sequence[LogCall]
) -> bool:
    """Whether a group of row enders costs this call its row in the iterations in which they run.

    Together with what runs in every iteration: an iteration makes up for a single row, not for a second one.
    """
    always = [
        other
        for other in others
        if other not in group and (ends_its_row(other) or step_of(other) is not None)
        if common_loop(call, other) == loop and runs_in_every_iteration(other, loop, call)
    ]
    if len(group) + len(always) < 2 or _any_dropped(simulate(trace, call, *always)):  # noqa: PLR2004
        return False
    varies = _varies(within(call, loop))
    last = [*group, *([call] if varies else [])]
    return _any_dropped(simulate(trace, call, *group, *always, in_last_iteration=last))
