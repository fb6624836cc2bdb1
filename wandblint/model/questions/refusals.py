"""Refusals: calls and writes that raise because no run, or no open run, is theirs. Each has one cause.

The causes tell rules apart: one mistake is one finding.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator

import msgspec

from wandblint.model.control_flow import Condition, Loop
from wandblint.model.events import Init
from wandblint.model.questions.sweeps import second_runs
from wandblint.model.tracking_model import TrackingModel
from wandblint.model.uses import Call, RunState, Use, WriteTarget
from wandblint.semantics.api import RAISES_WITHOUT_RUN
from wandblint.span import Span

CLOSES = frozenset({"wandb.Run.finish", "wandb.Run.__exit__"})
"""Calls that finish a run: by name, and at the end of a `with`."""


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


def first_without_init(model: TrackingModel, refused: Iterable[Use]) -> Iterator[Use]:
    """The first use of each script that opens no run at all and has been seen from its start to that use.

    Another script, or a test of a setting, may mean code that opens the run: then the use proves nothing.
    """
    places = _with_run(model)
    found: dict[str, Use] = {}
    for event in sorted(refused, key=lambda event: event.point.sequence):
        script = _script(model, event.entry_id)
        is_sure = not event.point.conditions and event.span not in places
        if is_sure and script in model.complete_scripts and not model.may_log_unseen(event.entry_id):
            found.setdefault(script, event)
    yield from found.values()


def scripts_without_run(model: TrackingModel) -> set[str]:
    """The scripts that have been seen to their end, use a run and open none."""
    opening = {init.entry_id for init in model.inits} | {run.entry_id for run in model.front_end_runs}
    without = {use.entry_id for use in _uses(model) if use.run.is_missing}
    return {_script(model, entry_id) for entry_id in without - opening - model.over_budget} - {""}


def _script(model: TrackingModel, entry_id: int) -> str:
    """The file that an entry point runs as a script; empty for functions."""
    location = model.entry_points.get(entry_id)
    return "" if location is None or location.name else location.path


def _with_run(model: TrackingModel) -> set[Span]:
    """The places that some entry point may reach with a run; one that starts in the middle knows of none."""
    whole = model.entry_points.keys() - model.approximate_only
    return {use.span for use in _uses(model) if use.run.state is not RunState.NONE and use.entry_id in whole}


def _uses(model: TrackingModel) -> Iterator[Use]:
    yield from model.calls
    yield from model.writes
    yield from model.reads


def _refused(model: TrackingModel) -> Iterator[Use]:
    calls: list[Use] = [call for call in model.calls if call.name in RAISES_WITHOUT_RUN]
    calls_at = {call.span for call in calls}
    writes: list[Use] = [
        write
        for write in model.writes
        if write.target in {WriteTarget.CONFIG, WriteTarget.SUMMARY} and write.span not in calls_at
    ]
    # A finished run can be asked, though its summary is empty; the module's names mean the active run.
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
