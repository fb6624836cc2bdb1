"""Holds the state of runs and the order of calls against an executed program.

A claim is about every time that the script reaches a place: a state that is wrong there once is a failure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import permutations
from typing import TypeAlias

from tests.oracle.trace import Location, Trace, Traced
from wandblint.model.control_flow import BranchKind, Condition, Loop, ProgramPoint
from wandblint.model.events import Init, LogCall
from wandblint.model.questions.cooccurrence import common_loop, runs_in_every_iteration
from wandblint.model.tracking_model import TrackingModel
from wandblint.model.uses import Call, RunState
from wandblint.span import Span

Lines: TypeAlias = Callable[[Span], range]
Failures: TypeAlias = Iterator[tuple[str, str]]

_STATES = {"wandb.Run.log": "log", "wandb.Run.define_metric": "define_metric"}
_NAMES = {**_STATES, "wandb.Run.finish": "finish"}
_NOT_ORDERED = frozenset(
    {BranchKind.THREAD, BranchKind.CALLBACK, BranchKind.HIGHER_ORDER}
    | {BranchKind.CALLEE, BranchKind.ELEMENT, BranchKind.BY_NAME, BranchKind.ALTERNATIVE}
)
"""A thread and a callback have an order of their own; where a call enters one of several functions, the
model takes it that later calls enter the same one."""


@dataclass(frozen=True)
class _Ordered:
    """A call or an init whose place no other one shares, and its executions."""

    name: str
    event: Call | Init
    executed: list[Traced]

    @property
    def point(self) -> ProgramPoint:
        return self.event.point


class OrderJudge:
    """The calls of the script, and what the program did there."""

    def __init__(
        self, model: TrackingModel, trace: Trace, lines: Lines, is_script: Callable[[int], bool]
    ) -> None:
        self._model, self._lines, self._is_script = model, lines, is_script
        self._calls, self._strict_calls = trace.calls, trace.strict_calls

    # States.

    def refusals(self) -> Failures:
        """Every call that wandb certainly refuses is refused."""
        yield from self._states(claim=True)

    def open_runs(self) -> Failures:
        """No call on a run that is certainly open is refused."""
        yield from self._states(claim=False)

    def _states(self, *, claim: bool) -> Failures:
        by_place: dict[tuple[object, ...], list[Call]] = defaultdict(list)
        for call in self._model.calls:
            if call.name in _STATES and self._is_script(call.entry_id):
                by_place[call.name, call.span, call.call_stack].append(call)
        for calls in by_place.values():
            for call, event in self._executions(calls):
                if _refusal(call) is claim and event.is_refused is not claim:
                    state = call.run.state.value
                    yield "other state", f"the run is {state} {self._at(call.span)}, says wandblint"

    def _executions(self, calls: list[Call]) -> list[tuple[Call, Traced]]:
        """What the calls of one place did, where it is known which of them is which."""
        same = sorted(calls, key=lambda call: call.occurrence)
        place = same[0].span, same[0].call_stack, _STATES[same[0].name]
        executed = self._executed(*place, is_lenient=True)
        if not all(call.is_must for call in same):
            return []
        if len({_refusal(call) for call in same}) == 1:
            return [(same[0], event) for event in executed]
        if len(same) == len(executed) and not any(call.point.loops for call in same):
            # An unrolled loop, or several callers, in the order of execution.
            return list(zip(same, executed, strict=True))
        return []

    # Order.

    def order(self) -> Failures:
        """What precedes and dominates a call, or is between two, does so whenever the program runs it."""
        events = self._ordered_events()
        for one, other in permutations(events, 2):
            if one.event.entry_id != other.event.entry_id or not one.point.precedes(other.point):
                continue
            ours, theirs = self._by_iteration(one, other), self._by_iteration(other, one)
            if any(ours[at].position > theirs[at].position for at in ours.keys() & theirs.keys()):
                yield "other order", f"{self._name(one)} before {self._name(other)}"
            if one.event.is_must and one.point.dominates(other.point):
                if other.executed and not one.executed:
                    yield "not dominated", f"{self._name(one)}, where {self._name(other)}"
                yield from self._not_between(one, other, events)

    def _not_between(self, middle: _Ordered, last: _Ordered, events: list[_Ordered]) -> Failures:
        """Two calls between which one must happen, if the program gets from one to the other without."""
        positions = [call.position for call in middle.executed]
        for first in events:
            if first.event.entry_id == last.event.entry_id and middle.point.is_between(
                first.point, last.point
            ):
                ours, theirs = self._by_iteration(first, last), self._by_iteration(last, first)
                for at in ours.keys() & theirs.keys():
                    start, end = ours[at].position, theirs[at].position
                    if not any(start < position < end for position in positions):
                        names = f"{self._name(first)} and {self._name(last)}"
                        yield "not between", f"{self._name(middle)} between {names}"

    def iterations(self) -> Failures:
        """A log call that runs in every iteration of a loop in which another one does, does so."""
        rows = [call for call in self._model.log_calls if call.is_must]
        calls = [call for call in rows if self._is_known(call.entry_id, call.point)]
        for call, other in permutations(calls, 2):
            loop = common_loop(call, other)
            if loop is None or call.entry_id != other.entry_id:
                continue
            if runs_in_every_iteration(other, loop, call):
                yield from self._missing_iterations(call, other, loop)

    def _missing_iterations(self, call: LogCall, other: LogCall, loop: Loop) -> Failures:
        place = self._line(loop.span)
        ours = {e.iterations.get(place) for e in self._executed(call.span, call.call_stack, "log")}
        theirs = {e.iterations.get(place) for e in self._executed(other.span, other.call_stack, "log")}
        # The iteration in which wandb raises ends there.
        last = max((e.iterations.get(place, 0) for e in self._strict_calls), default=0)
        ended = {last} if len(self._strict_calls) < len(self._calls) else set()
        if None not in ours | theirs and theirs and not ours - ended <= theirs:
            yield "other iteration", f"the log call {self._at(other.span)}, where {self._at(call.span)}"

    # Places.

    def _ordered_events(self) -> list[_Ordered]:
        """The calls that the trace tells apart: it has the lines that run, not the depth of a recursion."""
        found: list[tuple[str, Call | Init]] = [("init", init) for init in self._model.inits]
        found += [(_NAMES[call.name], call) for call in self._model.calls if call.name in _NAMES]
        by_name: dict[tuple[int, str], list[tuple[frozenset[Location], Call | Init]]] = defaultdict(list)
        for name, event in found:
            lines = frozenset(map(self._line, (*event.call_stack, event.span)))
            by_name[event.entry_id, name].append((lines, event))
        return [
            _Ordered(name, event, self._executed(event.span, event.call_stack, name))
            for (entry_id, name), events in by_name.items()
            for lines, event in events
            if self._is_known(entry_id, event.point)
            and not any(other is not event and (lines <= at or at <= lines) for at, other in events)
        ]

    def _is_known(self, entry_id: int, point: ProgramPoint) -> bool:
        """Whether the order at a place is the interpreter's to know: a thread has its own."""
        context = point.control_context
        kinds = {step.kind for step in context if isinstance(step, Condition)}
        return self._is_script(entry_id) and kinds.isdisjoint(_NOT_ORDERED)

    def _executed(
        self, span: Span, stack: tuple[Span, ...], name: str, *, is_lenient: bool = False
    ) -> list[Traced]:
        return [
            event
            for event in (self._calls if is_lenient else self._strict_calls)
            if event.name == name and all(self._is_in(each, event.call_stack) for each in (*stack, span))
        ]

    def _by_iteration(self, call: _Ordered, other: _Ordered) -> dict[tuple[object, ...], Traced]:
        """The first execution of a call in each iteration of the loops around it and another one."""
        loops = [loop for loop in call.point.loops if loop in other.point.loops]
        found: dict[tuple[object, ...], Traced] = {}
        for executed in call.executed:
            found.setdefault(
                tuple(executed.iterations.get(self._line(loop.span)) for loop in loops), executed
            )
        return found

    def _is_in(self, span: Span, stack: frozenset[Location]) -> bool:
        lines = self._lines(span)
        return any(path == span.path and row in lines for path, row in stack)

    def _line(self, span: Span) -> Location:
        return span.path, self._lines(span)[0]

    def _name(self, call: _Ordered) -> str:
        return f"{call.name} {self._at(call.event.span)}"

    def _at(self, span: Span) -> str:
        return f"at {span.path}:{self._lines(span)[0]}"


def _refusal(call: Call) -> bool | None:
    """Whether wandb refuses a call, as the model says; None if it may."""
    if call.run.is_missing:
        return True
    return False if call.run.state is RunState.OPEN else None
