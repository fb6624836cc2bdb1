"""Refusals: calls and writes that raise because no run, or no open run, is theirs. Each has one cause.

The causes tell rules apart: one mistake is one finding.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator

import msgspec

from wandblint.model.control_flow import BranchKind, Condition, ControlContext, Loop, RunOpened
from wandblint.model.events import Init
from wandblint.model.tracking_model import TrackingModel
from wandblint.model.uses import Call, RunState, Use, WriteTarget
from wandblint.semantics.api import RAISES_WITHOUT_RUN
from wandblint.span import Span

CLOSES = frozenset({"wandb.Run.finish", "wandb.Run.__exit__"})
"""Calls that finish a run: by name, and at the end of a `with`."""

_RUN_OF_JOB = frozenset({"WANDB_RUN_ID", "WANDB_SWEEP_ID"})
"""What the agent sets for each job."""


class Cause(enum.Enum):
    """Why a call is refused."""

    NESTED_INIT = "nested init"
    """An init inside the open run has returned and closed it."""
    SECOND_RUN_IN_JOB = "second run in job"
    """A job of a sweep has opened a second run, which closes the first one."""
    NOT_GLOBAL = "not global"
    """The open run was made with `reinit="create_new"`, so `wandb.log` does not mean it."""
    FINISHED = "finished"
    NOT_OPENED = "not opened"


class Refusal(msgspec.Struct, frozen=True):
    """A use of a run that raises; `by` is what has closed the run, or the init of the run that is open."""

    event: Use
    cause: Cause
    by: tuple[Span, ...]


class NestedInit(msgspec.Struct, frozen=True):
    """An init that returns an open run, whose user closes it before its owner is done."""

    init: Init
    opened: Span
    closed: Span
    used: Use


class SecondRun(msgspec.Struct, frozen=True):
    """An init that opens a second run in a job of a sweep."""

    init: Span
    first: Span
    loop: Loop | None


def refusals(model: TrackingModel) -> Iterator[Refusal]:
    """All calls, writes and reads that certainly raise for want of an open run, by location."""
    nested = {found.closed for found in nested_inits(model)}
    second = {found.init for found in second_runs(model)}
    for event in _refused(model):
        closed = event.run.closed
        open_beside = tuple(init.span for init in model.inits if _is_open_beside(model, init, event))
        if event.run.is_global and open_beside:
            yield Refusal(event, Cause.NOT_GLOBAL, open_beside[:1])
        elif not nested.isdisjoint(closed):
            yield Refusal(event, Cause.NESTED_INIT, closed)
        elif not second.isdisjoint(closed):
            yield Refusal(event, Cause.SECOND_RUN_IN_JOB, closed)
        elif closed:
            yield Refusal(event, Cause.FINISHED, closed)
        else:
            yield Refusal(event, Cause.NOT_OPENED, ())


def next_init(model: TrackingModel, event: Use) -> Init | None:
    """The first init that the entry point reaches after a use: without one, unseen code may open the run."""
    later = (
        init for init in model.inits if init.entry_id == event.entry_id and event.point.precedes(init.point)
    )
    return min(later, key=lambda init: init.point.sequence, default=None)


def _refused(model: TrackingModel) -> Iterator[Use]:
    calls: list[Use] = [call for call in model.calls if call.name in RAISES_WITHOUT_RUN]
    calls_at = {call.span for call in calls}
    writes: list[Use] = [
        write
        for write in model.writes
        if write.target in {WriteTarget.CONFIG, WriteTarget.SUMMARY} and write.span not in calls_at
    ]
    # What a finished run has stays readable; the names of the module stand for the active run alone.
    reads: list[Use] = [read for read in model.reads if read.run.is_global]
    events = sorted([*calls, *writes, *reads], key=lambda event: event.span)
    allowed = {_place(event) for event in events if not event.run.is_missing}
    for event in events:
        # The first iteration of a loop need not reach what is under a condition in it.
        is_certain = _place(event) not in allowed or not _may_skip_iterations(event)
        if event.is_must and event.run.is_missing and is_certain:
            yield event


def _place(event: Use) -> tuple[object, ...]:
    return type(event), event.entry_id, event.span, event.call_stack


def _may_skip_iterations(event: Use) -> bool:
    """Whether a condition inside a loop decides in which iterations an event happens."""
    context = iter(event.point.control_context)
    return any(isinstance(step, Loop) for step in context) and any(
        isinstance(step, Condition) for step in context
    )


def _is_open_beside(model: TrackingModel, init: Init, event: Use) -> bool:
    """Whether an init has opened a run beside the active one, which is still open at an event."""
    reinit = init.argument("reinit")
    return (
        reinit is not None
        and reinit.literal == "create_new"
        and init.is_must
        and init.entry_id == event.entry_id
        and init.point.dominates(event.point)
        and not any(
            call.name in CLOSES and init.span in call.run.sites and call.point.precedes(event.point)
            for call in model.calls
            if call.entry_id == event.entry_id
        )
    )


# --- an init inside an open run ---


def nested_inits(model: TrackingModel) -> Iterator[NestedInit]:
    """The inits that return an open run which is closed before its owner uses it again."""
    stacks = {(init.span, init.entry_id): init.call_stack for init in model.inits}
    for init in model.inits:
        if not (init.is_must and init.is_surely_active and init.returns_open_run):
            continue
        opened = min(init.while_active)
        is_called = _is_inside(init.call_stack, stacks.get((opened, init.entry_id), ()))
        closing = (call for call in model.calls if _closes(call, init, opened, is_called=is_called))
        closed = min(closing, key=lambda call: call.point.sequence, default=None)
        used = None if closed is None else _next_use(model, closed)
        if closed is not None and used is not None:
            yield NestedInit(init, opened, closed.span, used)


def _is_inside(stack: tuple[Span, ...], outer: tuple[Span, ...]) -> bool:
    return len(stack) > len(outer) and stack[: len(outer)] == outer


def _closes(call: Call, init: Init, opened: Span, *, is_called: bool) -> bool:
    """Whether the code that made an init closes the run that it got."""
    if call.name not in CLOSES or call.entry_id != init.entry_id or call.run.state is not RunState.OPEN:
        return False
    stack = init.call_stack
    is_of_code = call.call_stack[: len(stack)] == stack and init.point.precedes(call.point)
    # In the function that opened the run, only a `with` around the init itself is about the same init.
    is_of_init = is_called or (init.span.is_in(call.span) and not opened.is_in(call.span))
    return is_of_code and is_of_init and opened in call.run.sites


def _next_use(model: TrackingModel, closed: Call) -> Use | None:
    uses = (event for event in _refused(model) if event.entry_id == closed.entry_id)
    broken = (event for event in uses if closed.span in event.run.closed)
    return min(broken, key=lambda event: event.point.sequence, default=None)


# --- runs of one job of a sweep ---


def second_runs(model: TrackingModel) -> list[SecondRun]:
    """The inits that open a second run in one job: all of them get the id of the job."""
    agents = {call.span for call in model.calls if call.name == "wandb.agent"}
    changes = {str(write.key) for write in model.writes if write.target is WriteTarget.ENVIRONMENT}
    if not agents or model.sweep_handling_files or not changes.isdisjoint(_RUN_OF_JOB):
        return []
    found: dict[Span, SecondRun] = {}
    for entry_id, events in model.runs_opened.items():
        inits = [init for init in model.inits if init.entry_id == entry_id]
        skipped = {i.span for i in inits if i.is_disabled or not i.is_must}
        may_return = {i.span for i in inits if not i.opens_run}
        jobs = [
            (opened, *job)
            for opened in sorted(events, key=lambda event: event.point.sequence)
            if opened.run not in skipped and (job := _job(opened.point.control_context, agents)) is not None
        ]
        for number, (opened, agent, inside) in enumerate(jobs):
            if opened.run in may_return:
                continue
            if (loop := _repeats(inside)) is not None:
                found.setdefault(opened.run, SecondRun(opened.run, opened.run, loop))
            for first, other, around in jobs[:number]:
                if other == agent and _follows(around, inside) and not _is_same(first, opened):
                    found.setdefault(opened.run, SecondRun(opened.run, first.run, None))
    return [found[span] for span in sorted(found)]


def _job(context: ControlContext, agents: set[Span]) -> tuple[Condition, ControlContext] | None:
    """The call of an agent that runs code, and what is around the code inside of its job."""
    for number, step in enumerate(context):
        if isinstance(step, Condition) and step.kind is BranchKind.CALLBACK and step.span in agents:
            return step, context[number + 1 :]
    return None


def _repeats(inside: ControlContext) -> Loop | None:
    """The loop that certainly opens one run after the other."""
    loop = inside[-1] if _is_unconditional(inside) and inside else None
    return loop if isinstance(loop, Loop) and loop.max_iterations != 1 else None


def _follows(around: ControlContext, inside: ControlContext) -> bool:
    """Whether a second run is opened wherever a first one is; a test may ask whether the job is a sweep's."""
    return inside[: len(around)] == around and _is_unconditional(inside[len(around) :])


def _is_unconditional(inside: ControlContext) -> bool:
    # A comprehension is an alternative, too.
    return all(isinstance(step, Loop) or step.kind is BranchKind.ALTERNATIVE for step in inside)


def _is_same(first: RunOpened, second: RunOpened) -> bool:
    return (first.run, first.number) == (second.run, second.number)
