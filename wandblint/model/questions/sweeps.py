"""Sweeps: second runs of a job, metrics that it never logs, parameters that it ignores."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import msgspec

from wandblint.model.control_flow import BranchKind, Condition, ControlContext, Loop, RunOpened
from wandblint.model.events import Argument, Init
from wandblint.model.questions.keys import may_supply, nearest, summary_keys
from wandblint.model.tracking_model import TrackingModel
from wandblint.model.uses import Call, WriteTarget
from wandblint.semantics.metrics import HIDDEN_FROM_GLOBS
from wandblint.semantics.sweeps import SweepFile
from wandblint.span import Span

_RUN_OF_JOB = frozenset({"WANDB_RUN_ID", "WANDB_SWEEP_ID"})
"""What the agent sets for each job."""

_PARAMETERS = "parameters."


def _programs(model: TrackingModel, sweep: SweepFile) -> set[int]:
    """The entry points that are the program of a sweep; empty if the file may mean several programs."""
    entries = {
        entry_id: entry.path
        for entry_id, entry in model.entry_points.items()
        if not entry.name and entry.path in sweep.paths
    }
    return set(entries) if len(set(entries.values())) == 1 else set()


# --- a second run in a job ---


class SecondRun(msgspec.Struct, frozen=True):
    """An init that opens a second run in a job of a sweep."""

    init: Span
    first: Span
    loop: Loop | None
    sweep: str = ""
    """The YAML file of the sweep, if its program is the job."""


class _Opened(msgspec.Struct, frozen=True):
    """A run that a job of a sweep opens: the call of the agent or the file of the sweep, and what is around
    the code inside of the job."""

    event: RunOpened
    job: Condition | str
    inside: ControlContext


def second_runs(model: TrackingModel) -> list[SecondRun]:
    """The inits that open a second run in one job: all of them get the id of the job."""
    agents = {call.span for call in model.calls if call.name == "wandb.agent"}
    programs = {entry: sweep.name for sweep in model.sweep_files for entry in _programs(model, sweep)}
    changes = {str(write.key) for write in model.writes if write.target is WriteTarget.ENVIRONMENT}
    if not (agents or programs) or model.sweep_handling_files or not changes.isdisjoint(_RUN_OF_JOB):
        return []
    found: dict[Span, SecondRun] = {}
    for entry_id, events in model.runs_opened.items():
        inits = [init for init in model.inits if init.entry_id == entry_id]
        skipped = {i.span for i in inits if i.is_disabled or not i.is_must}
        may_return = {i.span for i in inits if not i.opens_run}
        opened = [event for event in events if event.run not in skipped]
        jobs = list(_in_jobs(opened, agents, programs.get(entry_id, "")))
        for number, second in enumerate(jobs):
            site, sweep = second.event.run, second.job if isinstance(second.job, str) else ""
            if site in may_return:
                continue
            if (loop := _repeats(second.inside)) is not None:
                found.setdefault(site, SecondRun(site, site, loop, sweep))
            for first in jobs[:number]:
                if _is_first_of(first, second):
                    found.setdefault(site, SecondRun(site, first.event.run, None, sweep))
    return [found[span] for span in sorted(found)]


def _in_jobs(events: Iterable[RunOpened], agents: Collection[Span], program: str) -> Iterator[_Opened]:
    """The runs that jobs open, in order; `program` is the sweep whose program the entry point is."""
    for event in sorted(events, key=lambda event: event.point.sequence):
        context = event.point.control_context
        job = _job(context, agents)
        if job is not None:
            yield _Opened(event, *job)
        elif program:
            yield _Opened(event, program, context)


def _job(context: ControlContext, agents: Collection[Span]) -> tuple[Condition, ControlContext] | None:
    """The call of an agent that runs code, and what is around the code inside of its job."""
    for number, step in enumerate(context):
        if isinstance(step, Condition) and step.kind is BranchKind.CALLBACK and step.span in agents:
            return step, context[number + 1 :]
    return None


def _repeats(inside: ControlContext) -> Loop | None:
    """The loop that certainly opens one run after the other."""
    loop = inside[-1] if _is_unconditional(inside) and inside else None
    return loop if isinstance(loop, Loop) and loop.max_iterations != 1 else None


def _is_first_of(first: _Opened, second: _Opened) -> bool:
    """Whether a second run is opened wherever a first one is; a test may ask whether the job is a sweep's."""
    around, inside = first.inside, second.inside
    is_same = (first.event.run, first.event.number) == (second.event.run, second.event.number)
    is_after = inside[: len(around)] == around and _is_unconditional(inside[len(around) :])
    return first.job == second.job and is_after and not is_same


def _is_unconditional(inside: ControlContext) -> bool:
    # A comprehension is an alternative, too.
    return all(isinstance(step, Loop) or step.kind is BranchKind.ALTERNATIVE for step in inside)


# --- a metric that no job logs ---


class Sweep(msgspec.Struct, frozen=True):
    """A sweep that compares its runs by a metric, with the inits of its jobs."""

    metric: str
    needs_metric: bool
    """Whether its value decides which jobs run."""
    inits: list[Init]
    file: str = ""
    """The YAML file that defines it; empty if code does."""
    name_at: Span | None = None
    """Where code names the metric."""


class UnloggedMetric(msgspec.Struct, frozen=True):
    """A sweep whose metric the run of an init never has, and the most similar key there."""

    sweep: Sweep
    init: Init
    nearest: str


def unlogged_metrics(model: TrackingModel) -> Iterator[UnloggedMetric]:
    """The metrics of sweeps that certainly no code of the project logs.

    A key that another script logs is enough: the job may start that script. A row that wandb refuses may have
    the metric, and another rule reports it.
    """
    refused = {call.entry_id for call in model.calls if call.name == "wandb.Run.log" and call.run.is_missing}
    logged = [key.name for call in model.log_calls for key in call.keys]
    for sweep in (*_sweeps_of_files(model), *_sweeps_of_code(model)):
        metric = sweep.metric
        inits = [init for init in sweep.inits if init.entry_id not in refused]
        if metric.startswith(HIDDEN_FROM_GLOBS) or any(may_supply(name, metric) for name in logged):
            continue
        keys = [summary_keys(model, init.span, init.entry_id) for init in inits]
        names = [name for each in keys for name in each or ()]
        if inits and names and None not in keys and not any(may_supply(name, metric) for name in names):
            yield UnloggedMetric(sweep, inits[0], nearest(metric, names))


def _sweeps_of_files(model: TrackingModel) -> Iterator[Sweep]:
    """The sweeps of YAML files, with the inits of the program if one of them certainly runs."""
    for sweep in model.sweep_files:
        entries = _programs(model, sweep)
        inits = [init for init in model.inits if init.entry_id in entries and not init.is_disabled]
        if sweep.metric and any(init.is_must for init in inits):
            yield Sweep(sweep.metric, sweep.needs_metric, inits, sweep.name)


def _sweeps_of_code(model: TrackingModel) -> Iterator[Sweep]:
    """The sweeps of `wandb.sweep` that an agent runs, with the inits of the jobs."""
    for agent in _agents(model):
        config = _sweep_of(model, agent)
        metric = config.get("metric.name")
        if metric is not None and isinstance(metric.literal, str):
            method = config.get("method")
            is_needed = (method is not None and method.literal == "bayes") or "early_terminate" in config
            inits = _inits_of_jobs(model, agent)
            yield Sweep(metric.literal, is_needed, inits, name_at=metric.span)


# --- parameters that no job reads ---


class UnreadParameters(msgspec.Struct, frozen=True):
    """Parameters of a sweep, each at its key, that no job of an agent reads, and the init of such a job."""

    agent: Call
    init: Init
    parameters: tuple[tuple[str, Span], ...]


def unread_parameters(model: TrackingModel) -> Iterator[UnreadParameters]:
    """The parameters that a sweep of code searches although certainly no code of the project reads them."""
    keys = model.config_keys
    if keys is None or model.front_end_runs or model.sweep_handling_files:
        return
    for agent in _agents(model):
        config, inits = _sweep_of(model, agent), _inits_of_jobs(model, agent)
        searched = [
            (name.removeprefix(_PARAMETERS), each.span)
            for name, each in config.items()
            if name.startswith(_PARAMETERS)
        ]
        unread = tuple((name, span) for name, span in searched if name not in keys)
        if inits and unread:
            yield UnreadParameters(agent, inits[0], unread)


# --- agents that run a function ---


def _agents(model: TrackingModel) -> list[Call]:
    return [call for call in model.calls if call.name == "wandb.agent"]


def _sweep_of(model: TrackingModel, agent: Call) -> dict[str, Argument]:
    """The arguments, and parts of them, of the one call of `wandb.sweep` whose sweep an agent runs."""
    sweep_id = agent.argument("sweep_id")
    made = None if sweep_id is None else sweep_id.made
    found = {
        call.arguments
        for call in model.calls
        if call.name == "wandb.sweep" and call.is_must and made is not None and call.span == made.span
    }
    return dict(found.pop()) if len(found) == 1 else {}


def _inits_of_jobs(model: TrackingModel, agent: Call) -> list[Init]:
    """The inits in an agent's function; none if code that is not seen may get a run of them."""
    if model.may_log_unseen(agent.entry_id):
        return []
    inits = (init for init in model.inits if init.entry_id == agent.entry_id and not init.is_disabled)
    return [init for init in inits if _job(init.point.control_context, {agent.span})]
