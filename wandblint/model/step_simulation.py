"""Wandb's rule of rising steps, run in miniature over the loops of a call path.

Log calls whose `step=` counts are followed for a few passes of every loop around them. What is dropped
then is dropped in a longer run too: counters only rise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TypeAlias

import msgspec
from msgspec.structs import replace

from wandblint.model.control_flow import Increment, InductionVariable, Initialization, Loop, RunOpened
from wandblint.model.events import Init, LogCall
from wandblint.model.tracking_model import TrackingModel
from wandblint.semantics.rows import Rows
from wandblint.span import Span

ITERATIONS = 3
"""Of every loop: the second pass tells a restart, the third tells one loss from a loss at every pass."""

MAX_CALLS = 80
"""Of one run: more log calls than this are not held against each other."""

_Event: TypeAlias = LogCall | Initialization | Increment | RunOpened


class RunTrace(msgspec.Struct, frozen=True):
    """The log calls that one call path certainly makes on one run, and what makes their steps."""

    calls: tuple[LogCall, ...]
    runs_opened: tuple[RunOpened, ...]
    induction_events: tuple[Initialization | Increment, ...]

    @property
    def calls_with_step(self) -> Iterator[LogCall]:
        """Calls whose `step=` counts from a number that is known."""
        for call in self.calls:
            if (
                call.induction is not None
                and not call.induction.is_scaled
                and self._initial_values(call.induction)
            ):
                yield call

    @property
    def row_enders(self) -> Iterator[LogCall]:
        """Calls that certainly end their row: without `step=`, or with `commit=True`."""
        return (call for call in self.calls if ends_its_row(call))

    def _initial_values(self, counter: InductionVariable) -> bool:
        return any(
            isinstance(count, Initialization)
            and count.variable == counter.variable
            and count.value is not None
            for count in self.induction_events
        )

    def events(self, calls: Sequence[LogCall]) -> list[_Event]:
        """What happens around these calls, in order."""
        variables = {number for call in calls if call.induction for number in call.induction.variables}
        counts = [
            _at_least_as_sure(count, calls) for count in self.induction_events if count.variable in variables
        ]
        return sorted([*calls, *self.runs_opened, *counts], key=lambda event: event.point.sequence)


def _at_least_as_sure(
    count: Initialization | Increment, calls: Sequence[LogCall]
) -> Initialization | Increment:
    """A start under a condition that is not the calls' own may not happen on every pass."""
    sure = all(condition in call.point.conditions for call in calls for condition in count.point.conditions)
    return count if sure or isinstance(count, Increment) else replace(count, is_must=False)


class SimulationResult(msgspec.Struct):
    """What became of a log call."""

    logged: int = 0
    dropped: int = 0


def run_traces(model: TrackingModel) -> Iterator[RunTrace]:
    """The runs of every call path, in a fixed order."""
    found: dict[tuple[int, frozenset[Span], int], list[LogCall]] = defaultdict(list)
    wavering = _variant_conditions(model)
    for call in model.log_calls:
        sure = call.is_must and len(call.runs) <= 1 and call.point.is_reliable and not _is_made_once(call)
        if sure and _place(call) not in wavering:
            found[call.entry_id, call.runs, call.receiver].append(call)
    for (root, runs, _), calls in found.items():
        openings = tuple(made for made in model.runs_opened.get(root, ()) if made.run in runs)
        if len(calls) <= MAX_CALLS and not _are_several(model, calls, openings):
            counts = tuple(count for count in model.induction_events.get(root, ()) if count.point.is_reliable)
            yield RunTrace(tuple(calls), openings, counts)


def _place(call: LogCall) -> tuple[object, ...]:
    return call.entry_id, call.span, call.call_stack, call.point


def _variant_conditions(model: TrackingModel) -> set[tuple[object, ...]]:
    """Places whose `step=` is now one thing, now another: a further pass knew it as something else.

    A number beside a counter is what the counter starts with.
    """
    seen: dict[tuple[object, ...], InductionVariable | None] = {}
    wavering: set[tuple[object, ...]] = set()
    for call in model.log_calls:
        if call.step is not None and not call.step.is_known:
            place = _place(call)
            if seen.setdefault(place, call.induction) != call.induction:
                wavering.add(place)
    return wavering


def _is_made_once(call: LogCall) -> bool:
    """Whether a test for one value of what changes lets it through: `if epoch == 0` holds on one pass."""
    return any(
        condition.holds
        and not condition.is_loop_invariant
        and "==" in condition.text
        and "%" not in condition.text
        for condition in call.point.conditions
    )


def _are_several(model: TrackingModel, calls: Sequence[LogCall], openings: Sequence[RunOpened]) -> bool:
    """Whether the calls may be on several runs of one site that are open at once."""
    sites = {opening.run for opening in openings}
    opened = [init for init in model.inits if init.entry_id == calls[0].entry_id and init.span in sites]
    if not any(_opens_beside(init) for init in opened):
        return False
    around = openings[0].point.loops
    return len(openings) > 1 or any(call.point.loops[: len(around)] != around for call in calls)


def _opens_beside(init: Init) -> bool:
    """Whether the run may be opened beside others that stay open: `reinit="create_new"`."""
    reinit = init.argument("reinit")
    if reinit is None:
        return init.has_unseen_arguments or init.argument("settings") is not None
    return not reinit.alternatives or "create_new" in reinit.alternatives


def simulate(
    track: RunTrace, call: LogCall, *others: LogCall, at_last: Sequence[LogCall] = ()
) -> SimulationResult:
    """What becomes of a call when its path runs, alone or together with others.

    Those `at_last` are made on the last pass only of the loops around them.
    """
    world = Simulator(frozenset(id(other) for other in at_last))
    world.run(track.events([call, *others]), 0)
    return world.results[id(call)]


def ends_its_row(call: LogCall) -> bool:
    """Whether wandb writes the row after this call."""
    if call.commit is not None and not call.commit.is_known:
        return False
    is_counted = call.induction is not None and _commits(call) is True
    return is_counted or (has_no_step(call) and _commits(call) is not False)


def has_no_step(call: LogCall) -> bool:
    """Whether the call certainly leaves the row to wandb."""
    return call.step is None or (call.step.is_known and call.step.literal is None)


def _commits(call: LogCall) -> bool | None:
    """The value of `commit=`: None where it is not given or not known."""
    literal = None if call.commit is None else call.commit.literal
    return literal if isinstance(literal, bool) else None


class Simulator(msgspec.Struct):
    """The variables and the row counter of a path that runs."""

    in_last_iteration: frozenset[int]
    variables: dict[int, int] = msgspec.field(default_factory=dict)
    is_last: bool = False
    """Whether this is the last pass of the loop that runs."""
    rows: Rows = msgspec.field(default_factory=Rows)
    results: dict[int, SimulationResult] = msgspec.field(
        default_factory=lambda: defaultdict(SimulationResult)
    )
    """By the identity of the log call."""

    def run(self, events: Sequence[_Event], depth: int) -> None:
        """Everything in order, each loop at its first event."""
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
        own = [event for event in events if isinstance(event, Increment) and event.loop == loop]
        passes = ITERATIONS if loop.max_iterations is None else min(ITERATIONS, loop.max_iterations)
        for number in range(passes):
            self.is_last = number == passes - 1
            self.run(inside, depth + 1)
            for tick in own:
                self._add(tick)

    def _execute(self, event: _Event) -> None:
        if isinstance(event, Initialization):
            if event.value is not None and event.is_must:
                self.variables[event.variable] = event.value
            elif event.value is not None:
                self.variables.setdefault(event.variable, event.value)
        elif isinstance(event, Increment):
            if event.loop is None:
                self._add(event)
        elif isinstance(event, RunOpened):
            self.rows = Rows()
        elif self.is_last or id(event) not in self.in_last_iteration:
            self._log(event)

    def _add(self, tick: Increment) -> None:
        self.variables[tick.variable] = self.variables.get(tick.variable, 0) + tick.by

    def _log(self, call: LogCall) -> None:
        found = self.results[id(call)]
        found.logged += 1
        step = None if call.induction is None else self._value(call.induction)
        found.dropped += not self.rows.log(step, commit=_commits(call))

    def _value(self, counter: InductionVariable) -> int:
        value = self.variables.get(counter.variable, 0) // counter.divisor + counter.offset
        if counter.outer is not None:
            value += ITERATIONS * self.variables.get(counter.outer, 0)
        return value * ITERATIONS if counter.is_scaled and counter.outer is None else value
