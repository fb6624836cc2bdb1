"""A simulation of wandb's rule that steps must rise, over the loops of an entry point.

It runs log calls with a counting `step=` for a few iterations of every enclosing loop. A longer run drops
these rows too: counters only rise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import product
from typing import TypeAlias

import msgspec
from msgspec.structs import replace

from wandblint.model.control_flow import (
    BranchKind,
    Condition,
    Increment,
    Initialization,
    Loop,
    RunOpened,
)
from wandblint.model.events import Init, LogCall
from wandblint.model.questions.refusals import CLOSES
from wandblint.model.step_values import Constant, InductionVariable, Size, evaluate
from wandblint.model.tracking_model import TrackingModel
from wandblint.model.uses import Call
from wandblint.semantics.rows import Rows
from wandblint.span import Span

ITERATIONS = 3
"""Iterations of every loop: the second shows a restart, the third whether every iteration drops a row."""

LARGE = 100
"""Stands for an unknown size that may be larger than the number of iterations."""

MAX_GROUPS = 150
"""The limit of log calls of one run with different effects, since each is simulated with each other."""

MAX_SIZES = 3
"""How many unknown sizes the steps of some calls may have, since all combinations are tried."""

_Event: TypeAlias = LogCall | Initialization | Increment | RunOpened | Call


class RunTrace(msgspec.Struct, frozen=True, dict=True):
    """The log calls that one entry point certainly makes on one run, and the events that set their steps."""

    calls: tuple[LogCall, ...]
    runs_opened: tuple[RunOpened, ...]
    finished: tuple[Call, ...]
    """The calls after which the run is over, or may be."""
    induction_events: tuple[Initialization | Increment, ...]

    @cached_property
    def groups(self) -> list[list[LogCall]]:
        """The calls in order, those with the same effect on steps together."""
        groups: dict[object, list[LogCall]] = defaultdict(list)
        for call in sorted(self.calls, key=lambda call: call.point.sequence):
            groups[call.point, step_of(call), has_no_step(call), ends_its_row(call)].append(call)
        return list(groups.values())

    @cached_property
    def representatives(self) -> list[LogCall]:
        """Calls that stand for all others: the first and the last of each group."""
        return [call for group in self.groups for call in ([group[0], group[-1]] if group[1:] else group)]

    def has_known_step(self, call: LogCall) -> bool:
        """Whether its `step=` is a number that counts from a known one, or a literal."""
        step = step_of(call)
        if step is None or not all(size.is_steady for size in step.sizes):
            return False
        return self._known_variables.issuperset(step.variables)

    def has_certain_start(self, call: LogCall) -> bool:
        """Whether its `step=` certainly counts from one number, which no checkpoint replaces."""
        step = step_of(call)
        starts = [
            event
            for event in self.induction_events
            if step is not None and event.variable in step.variables and isinstance(event, Initialization)
        ]
        return all(event.is_must and event.value is not None for event in starts)

    def restart_of(self, call: LogCall) -> Span | None:
        """Where the counter of its `step=` starts again in each iteration of a loop; None if nowhere."""
        step = step_of(call)
        return next(
            (
                event.span
                for event in self.induction_events
                if step is not None and event.variable in step.variables
                if isinstance(event, Initialization) and event.point.loops
            ),
            None,
        )

    @cached_property
    def _known_variables(self) -> frozenset[int]:
        return frozenset(
            event.variable
            for event in self.induction_events
            if isinstance(event, Initialization) and event.value is not None
        )

    def sizes(self, calls: Sequence[LogCall]) -> Iterator[dict[Size, int]]:
        """What the unknown sizes in the steps of these calls may be: every combination."""
        steps = [step for call in calls if (step := step_of(call))]
        sizes = list(dict.fromkeys(size for step in steps for size in step.sizes))
        if len(sizes) > MAX_SIZES:
            return
        lengths = _lengths(calls)
        # A number like the last step of an epoch does not shrink with the simulated iterations.
        has_numbers = any(number > ITERATIONS for step in steps for number in step.constants)
        choices = [_possible(size, lengths, has_numbers=has_numbers) for size in sizes]
        for numbers in product(*choices):
            yield dict(zip(sizes, numbers, strict=True))

    def events(self, calls: Sequence[LogCall]) -> list[_Event]:
        """These calls and the events that affect them, in order."""
        variables = {number for call in calls if (step := step_of(call)) for number in step.variables}
        counts = [
            _may_unless_shared(event, calls) for event in self.induction_events if event.variable in variables
        ]
        return sorted(
            [*calls, *self.runs_opened, *self.finished, *counts], key=lambda event: event.point.sequence
        )


def _lengths(calls: Sequence[LogCall]) -> frozenset[int]:
    """The symbols of the sizes that are the iterations of a loop, where each logs as many rows."""
    lengths: set[int] = set()
    fewer: set[int] = set()
    for call in calls:
        context = call.point.control_context
        for position, loop in enumerate(context):
            if isinstance(loop, Loop) and loop.length is not None:
                inside = context[position + 1 :]
                counts_rows = ends_its_row(call) and any(
                    isinstance(step, Condition) and not step.is_loop_invariant for step in inside
                )
                (fewer if counts_rows else lengths).add(loop.length)
    return frozenset(lengths - fewer)


def _possible(size: Size, lengths: frozenset[int], *, has_numbers: bool) -> tuple[int, ...]:
    """The numbers that a size may be: that of the simulated iterations if a loop has it as its length."""
    if size.symbol in lengths and not has_numbers:
        return (ITERATIONS,)
    if size.is_offset:
        return size.choices or (0, LARGE)
    return (*size.choices, ITERATIONS) if size.choices else (ITERATIONS, LARGE)


def _may_unless_shared(
    event: Initialization | Increment, calls: Sequence[LogCall]
) -> Initialization | Increment:
    """The event; an initialization under a condition that the calls do not share is a may event."""
    if isinstance(event, Increment):
        return event
    is_shared = all(c in call.point.conditions for call in calls for c in event.point.conditions)
    return event if is_shared else replace(event, is_must=False)


class SimulationResult(msgspec.Struct):
    """How many rows a log call logs, and how many of these wandb drops."""

    logged: int = 0
    dropped: int = 0


def run_traces(model: TrackingModel) -> Iterator[RunTrace]:
    """The runs of every entry point, in a fixed order."""
    by_run: dict[tuple[int, frozenset[Span], int], dict[object, LogCall]] = defaultdict(dict)
    inconsistent = _with_inconsistent_step(model) | _with_inconsistent_run(model)
    several = _with_several((_reached_call(call), _step_or_literal(call)) for call in model.log_calls)
    for call in model.log_calls:
        is_sure = call.is_must and len(call.runs) == 1 and call.point.is_reliable
        is_sure &= call.context.unseen_caller is None
        is_sure &= not any(condition.is_ruled_out for condition in call.point.conditions)
        reached = _reached_call(call)
        # A literal next to a counter is its first number, also where the loop was cut off.
        is_cut_off = call.entry_id in model.over_budget and step_of(call) is not None
        is_first = (reached in several or is_cut_off) and call.step is not None and call.step.is_known
        if is_sure and not call.point.may_run_once and not is_first and reached not in inconsistent:
            # What a later pass over a loop has logged there, perhaps with other keys, is no further row.
            by_run[call.entry_id, call.runs, call.receiver].setdefault((reached, call.point.sequence), call)
    finishing = [call for call in model.calls if call.name in CLOSES]
    for (entry_id, runs, _), by_place in by_run.items():
        calls = tuple(by_place.values())
        opened = tuple(event for event in model.runs_opened.get(entry_id, ()) if event.run in runs)
        counts = tuple(c for c in model.induction_events.get(entry_id, ()) if c.point.is_reliable)
        finished = tuple(call for call in finishing if call.entry_id == entry_id and call.run.may_be_of(runs))
        trace = RunTrace(calls, opened, finished, counts)
        if len(trace.groups) <= MAX_GROUPS and not _may_be_several_runs(model, calls, opened):
            yield trace


def step_of(call: LogCall) -> InductionVariable | None:
    """The step that a call passes: a counter, something computed from one, or a literal."""
    if call.induction is not None or call.step is None:
        return call.induction
    literal = call.step.literal
    if isinstance(literal, bool) or not isinstance(literal, int):
        return None
    return InductionVariable(Constant(literal), str(literal))


def _step_or_literal(call: LogCall) -> object:
    return step_of(call) or (call.step is None or call.step.literal)


def _reached_call(call: LogCall) -> tuple[object, ...]:
    """The place of a call and how it is reached, whichever of several functions it enters."""
    context = call.point.control_context
    choices = {BranchKind.CALLEE, BranchKind.ELEMENT}
    shared = (e for e in context if not isinstance(e, Condition) or e.kind not in choices)
    return call.entry_id, call.span, call.call_stack, *shared


def _with_inconsistent_step(model: TrackingModel) -> set[tuple[object, ...]]:
    """Calls whose `step=` has different induction variables in different iterations of the analysis."""
    unknown = [call for call in model.log_calls if call.step is not None and not call.step.is_known]
    return _with_several((_reached_call(call), call.induction) for call in unknown)


def _with_inconsistent_run(model: TrackingModel) -> set[tuple[object, ...]]:
    """Calls that log to different runs in different iterations of the analysis."""
    return _with_several((_reached_call(call), call.runs) for call in model.log_calls)


def _with_several(items: Iterable[tuple[tuple[object, ...], object]]) -> set[tuple[object, ...]]:
    """The calls that come with different values."""
    first: dict[tuple[object, ...], object] = {}
    return {reached for reached, value in items if first.setdefault(reached, value) != value}


def _may_be_several_runs(model: TrackingModel, calls: Sequence[LogCall], opened: Sequence[RunOpened]) -> bool:
    """Whether the calls may be on several simultaneous runs of one site."""
    sites = {event.run for event in opened}
    inits = [init for init in model.inits if init.entry_id == calls[0].entry_id and init.span in sites]
    if not any(_keeps_others_open(init) for init in inits):
        return False
    loops = opened[0].point.loops
    return len(opened) > 1 or any(call.point.loops[: len(loops)] != loops for call in calls)


def _keeps_others_open(init: Init) -> bool:
    """Whether the call may open a run while others stay open: `reinit="create_new"`."""
    reinit = init.argument("reinit")
    if reinit is None:
        return init.has_unseen_arguments or init.argument("settings") is not None
    return not reinit.alternatives or "create_new" in reinit.alternatives


def simulate(
    trace: RunTrace,
    call: LogCall,
    *others: LogCall,
    in_last_iteration: Sequence[LogCall] = (),
    clock_rate: int = 0,
) -> list[SimulationResult]:
    """The result of a call, run alone or together with others: one for each choice of the unknown sizes.

    The calls `in_last_iteration` run only in the last iteration of the loops around them. A clock advances by
    `clock_rate` from one log call to the next.
    """
    calls = [call, *others]
    events, results = trace.events(calls), list[SimulationResult]()
    for sizes in trace.sizes(calls):
        simulator = Simulator(frozenset(id(other) for other in in_last_iteration), sizes, clock_rate)
        simulator.run(events, 0)
        results.append(simulator.results[id(call)])
    return results


def ends_its_row(call: LogCall) -> bool:
    """Whether wandb writes the row after this call."""
    if call.commit is not None and not call.commit.is_known:
        return False
    is_counted = step_of(call) is not None and _commits(call) is True
    return is_counted or (has_no_step(call) and _commits(call) is not False)


def has_no_step(call: LogCall) -> bool:
    """Whether the call certainly passes no step, so that wandb counts the rows itself."""
    return call.step is None or (call.step.is_known and call.step.literal is None)


def _commits(call: LogCall) -> bool | None:
    """The value of `commit=`; None if missing or unknown."""
    literal = None if call.commit is None else call.commit.literal
    return literal if isinstance(literal, bool) else None


class Simulator(msgspec.Struct):
    """The counting variables and the row counter of a run."""

    in_last_iteration: frozenset[int]
    sizes: dict[Size, int]
    clock_rate: int
    variables: dict[int, int] = msgspec.field(default_factory=dict)
    is_last: bool = False
    """Whether the current loop is in its last iteration."""
    clock: int = 0
    rows: Rows = msgspec.field(default_factory=Rows)
    results: dict[int, SimulationResult] = msgspec.field(
        default_factory=lambda: defaultdict(SimulationResult)
    )
    """By the `id` of the log call."""

    def run(self, events: Sequence[_Event], depth: int) -> None:
        """Execute all events in order, each loop at its first event."""
        done: set[Loop] = set()
        for event in events:
            loops = event.point.loops
            if len(loops) <= depth:
                self._execute(event)
            elif loops[depth] not in done:
                done.add(loops[depth])
                inside = [e for e in events if e.point.loops[depth : depth + 1] == (loops[depth],)]
                self._loop(loops[depth], inside, events, depth)

    def _loop(self, loop: Loop, inside: Sequence[_Event], events: Sequence[_Event], depth: int) -> None:
        increments = [event for event in events if isinstance(event, Increment) and event.loop == loop]
        iterations = ITERATIONS if loop.max_iterations is None else min(ITERATIONS, loop.max_iterations)
        for number in range(iterations):
            self.is_last = number == iterations - 1
            self.run(inside, depth + 1)
            for increment in increments:
                self._add(increment)

    def _execute(self, event: _Event) -> None:
        if isinstance(event, Initialization):
            if event.value is not None and event.is_must:
                self.variables[event.variable] = event.value
            elif event.value is not None:
                self.variables.setdefault(event.variable, event.value)
        elif isinstance(event, Increment):
            if event.loop is None:
                self._add(event)
        elif isinstance(event, (RunOpened, Call)):
            self.rows = Rows()
        elif self.is_last or id(event) not in self.in_last_iteration:
            self._log(event)

    def _add(self, increment: Increment) -> None:
        self.variables[increment.variable] = self.variables.get(increment.variable, 0) + increment.by

    def _log(self, call: LogCall) -> None:
        result = self.results[id(call)]
        result.logged += 1
        self.clock += self.clock_rate
        step = step_of(call)
        number = None if step is None else evaluate(step.value, self.variables, self.sizes, self.clock)
        result.dropped += not self.rows.log(number, commit=_commits(call))
