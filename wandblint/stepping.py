"""Wandb's rule of rising steps, run in miniature over the loops of a call path.

A log call whose `step=` counts is followed for a few passes of every loop around it, alone or together
with one other log call of the run. What is dropped then is dropped in a longer run too: counters only rise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

from wandblint.finding import Span
from wandblint.flow import Condition, Counter, Loop, Opening, Start, Tick, Way
from wandblint.model import Argument, LogCall, TrackingModel
from wandblint.semantics.rows import Rows

PASSES = 3
"""Of every loop: the second pass tells a restart, the third tells one loss from a loss at every pass."""

MAX_CALLS = 80
"""Of one run: more log calls than this are not held against each other."""

_Event: TypeAlias = LogCall | Start | Tick | Opening


@dataclass(frozen=True)
class Track:
    """The log calls that one call path certainly makes on one run, and what makes their steps."""

    calls: tuple[LogCall, ...]
    openings: tuple[Opening, ...]
    counts: tuple[Start | Tick, ...]

    @property
    def stepped(self) -> Iterator[LogCall]:
        """Calls whose `step=` counts from a number that is known."""
        for call in self.calls:
            if call.counter is not None and not call.counter.is_scaled and self._starts(call.counter):
                yield call

    @property
    def unstepped(self) -> Iterator[LogCall]:
        """Calls without `step=` that end their row."""
        return (call for call in self.calls if has_no_step(call) and _commits(call) is not False)

    def _starts(self, counter: Counter) -> bool:
        return any(
            isinstance(count, Start) and count.variable == counter.variable and count.value is not None
            for count in self.counts
        )

    def events(self, calls: Sequence[LogCall]) -> list[_Event]:
        """What happens around these calls, in order."""
        variables = {
            variable
            for call in calls
            if call.counter is not None
            for variable in (call.counter.variable, call.counter.outer)
        }
        counts = [count for count in self.counts if count.variable in variables]
        return sorted([*calls, *self.openings, *counts], key=lambda event: event.moment.order)


@dataclass
class Fate:
    """What became of a log call."""

    made: int = 0
    dropped: int = 0


def _tracks(model: TrackingModel) -> Iterator[Track]:
    """The runs of every call path, in a fixed order."""
    found: dict[tuple[int, frozenset[Span], int], list[LogCall]] = defaultdict(list)
    for call in model.log_calls:
        if call.certain and len(call.runs) <= 1:
            found[call.root, call.runs, call.receiver].append(call)
    for (root, runs, _), calls in found.items():
        if len(calls) <= MAX_CALLS:
            openings = tuple(made for made in model.openings.get(root, ()) if made.run in runs)
            yield Track(tuple(calls), openings, model.counts.get(root, ()))


def _fate(track: Track, call: LogCall, other: LogCall | None = None) -> Fate:
    """What becomes of a call when its path runs, alone or together with one other call."""
    world = _World()
    world.run(track.events([call] if other is None else [call, other]), 0)
    return world.fates[id(call)]


@dataclass(frozen=True, eq=False)
class Loss:
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
    def is_after_unstepped(self) -> bool:
        """Whether a call without a step runs ahead of it."""
        return self.other is not None and has_no_step(self.other)

    @property
    def places(self) -> tuple[Span, Span | None]:
        """Where the step is given, and where the other call is made: where their ways part, if in callers."""
        if self.other is None:
            return self.step.span, None
        if self.call.span != self.other.span:
            return self.step.span, self.other.span
        for one, other in zip(self.call.path, self.other.path, strict=False):
            if one != other:
                return one, other
        return self.step.span, self.other.span


def _label(call: LogCall) -> str:
    return "..." if call.counter is None else call.counter.label


@lru_cache(maxsize=1)
def losses(model: TrackingModel) -> tuple[Loss, ...]:
    """Every log call that certainly loses data by its step, with one reason each, once a place."""
    found: dict[Span, Loss] = {}
    for track in _tracks(model):
        for call in track.stepped:
            loss = _loss(track, call)
            if loss is not None:
                found.setdefault(loss.places[0], loss)
    return tuple(found.values())


def _loss(track: Track, call: LogCall) -> Loss | None:
    if call.step is None:
        return None
    for other in track.unstepped:
        if _runs_ahead(track, call, other):
            return Loss(call, call.step, other)
    if _fate(track, call).dropped:
        return Loss(call, call.step, None)
    for other in track.calls:
        differs = other.counter is not None and other.counter != call.counter
        if differs and _comes_with(other, call) and _fate(track, call, other).dropped:
            return Loss(call, call.step, other)
    return None


def _runs_ahead(track: Track, call: LogCall, other: LogCall) -> bool:
    """Whether a call without a step costs this one all its data, but at most the first, in a loop of both."""
    shared = [loop for loop in call.moment.loops if loop in other.moment.loops]
    if not shared or not _comes_on_every_pass(other, shared[-1], call):
        return False
    found = _fate(track, call, other)
    return 0 < found.dropped >= found.made - 1


def has_no_step(call: LogCall) -> bool:
    """Whether the call certainly leaves the row to wandb."""
    return call.step is None or (call.step.is_known and call.step.literal is None)


def _comes_with(other: LogCall, call: LogCall) -> bool:
    """Whether the other call is made whenever this one is, if perhaps not on the same pass.

    Conditions that change from pass to pass hold on some pass; those that do not must be this call's too.
    """
    ours = {(condition.text, condition.holds) for condition in call.moment.conditions}
    others = _behind_common(call.moment.way, other.moment.way)
    if any((c.text, not c.holds) in ours for c in other.moment.conditions):
        return False
    return all((c.text, c.holds) in ours or (c.text and not c.is_steady) for c in others)


def _comes_on_every_pass(other: LogCall, loop: Loop, call: LogCall) -> bool:
    """Whether the other call is made on every pass of a loop in which this one may be made.

    In a loop further inside, `if step % n == 0` holds at least once.
    """
    ours = {(condition.text, condition.holds) for condition in call.moment.conditions}
    inside = other.moment.way[other.moment.way.index(loop) + 1 :]
    deeper = False
    for step in inside:
        if isinstance(step, Loop):
            deeper = True
        elif not (step.is_steady and (step.text, step.holds) in ours) and not (deeper and "%" in step.text):
            return False
    return True


def _behind_common(left: Way, right: Way) -> list[Condition]:
    """The conditions on the right way behind the stretch that it has in common with the left."""
    shared = 0
    while shared < min(len(left), len(right)) and left[shared] == right[shared]:
        shared += 1
    return [step for step in right[shared:] if isinstance(step, Condition)]


def _commits(call: LogCall) -> bool | None:
    """The value of `commit=`: None where it is not given or not known."""
    literal = None if call.commit is None else call.commit.literal
    return literal if isinstance(literal, bool) else None


@dataclass
class _World:
    """The variables and the row counter of a path that runs."""

    variables: dict[int, int] = field(default_factory=dict)
    rows: Rows = field(default_factory=Rows)
    fates: dict[int, Fate] = field(default_factory=lambda: defaultdict(Fate))
    """By the identity of the log call."""

    def run(self, events: Sequence[_Event], depth: int) -> None:
        """Everything in order, each loop at its first event."""
        done: set[Loop] = set()
        for event in events:
            loops = event.moment.loops
            if len(loops) <= depth:
                self._happen(event)
            elif loops[depth] not in done:
                done.add(loops[depth])
                inside = [e for e in events if e.moment.loops[depth : depth + 1] == (loops[depth],)]
                self._loop(loops[depth], inside, events, depth)

    def _loop(self, loop: Loop, inside: Sequence[_Event], events: Sequence[_Event], depth: int) -> None:
        own = [event for event in events if isinstance(event, Tick) and event.of_loop == loop]
        for _ in range(PASSES):
            self.run(inside, depth + 1)
            for tick in own:
                self._add(tick)

    def _happen(self, event: _Event) -> None:
        if isinstance(event, Start):
            if event.value is not None and event.is_certain:
                self.variables[event.variable] = event.value
            elif event.value is not None:
                self.variables.setdefault(event.variable, event.value)
        elif isinstance(event, Tick):
            if event.of_loop is None:
                self._add(event)
        elif isinstance(event, Opening):
            self.rows = Rows()
        else:
            self._log(event)

    def _add(self, tick: Tick) -> None:
        self.variables[tick.variable] = self.variables.get(tick.variable, 0) + tick.by

    def _log(self, call: LogCall) -> None:
        fate = self.fates[id(call)]
        fate.made += 1
        step = None if call.counter is None else self._value(call.counter)
        fate.dropped += not self.rows.log(step, commit=_commits(call))

    def _value(self, counter: Counter) -> int:
        value = self.variables.get(counter.variable, 0) // counter.divisor + counter.offset
        if counter.outer is not None:
            value += PASSES * self.variables.get(counter.outer, 0)
        return value * PASSES if counter.is_scaled and counter.outer is None else value
