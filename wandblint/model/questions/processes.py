"""Which processes of a job open a run.

A launcher such as torchrun starts a script once per device; what a script starts itself may run it, too.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence

import msgspec

from wandblint.model.control_flow import BranchKind, Condition, ControlContext
from wandblint.model.events import Init, ProcessLaunch
from wandblint.model.tracking_model import TrackingModel
from wandblint.semantics.launchers import NodeCount
from wandblint.span import Span


class Processes(enum.Enum):
    """Which processes of a job run something."""

    EACH = "each"
    PER_NODE = "one per node"
    CHECKED = "checked"
    """Those that a check of their rank lets through."""


class OpeningProcesses(msgspec.Struct, frozen=True):
    """The processes that open a run; `span` is where a test checks the rank, or where the job starts."""

    which: Processes
    span: Span | None
    check: str = ""
    """The test of the rank in the source; empty if a decorator checks it."""
    holds: bool = True
    """The outcome that lets a process through."""


def opening_processes(model: TrackingModel, init: Init) -> OpeningProcesses | None:
    """The processes that open the run of an init; None if the code shows no job of several processes."""
    checks = [step for step in init.point.conditions if step.tests_rank]
    if checks:
        check, nodes = checks[-1], model.node_count(init)
        is_per_node = nodes is not NodeCount.ONE and all(step.once_per_node for step in checks)
        which = Processes.PER_NODE if is_per_node else Processes.CHECKED
        # The check of a decorator has no place.
        if check.is_test:
            return OpeningProcesses(which, check.span, check.text, check.holds)
        return OpeningProcesses(which, None)
    launches = launches_of(model, init)
    started = [launch for launch in launches if launch.is_must]
    if started and is_in_each_process(init, launches):
        return OpeningProcesses(Processes.EACH, started[0].span)
    return None


def launches_of(model: TrackingModel, init: Init) -> list[ProcessLaunch]:
    """Where the entry point of an init starts or joins a job whose processes reach the init."""
    launches = (launch for launch in model.process_launches if launch.entry_id == init.entry_id)
    # Spawned processes only run the code in the callback.
    is_in_callback = _in_callback(init.point.control_context)
    return [launch for launch in launches if is_in_callback or not _in_callback(launch.control_context)]


def is_in_each_process(init: Init, launches: Sequence[ProcessLaunch]) -> bool:
    """Whether each process of a job gets to an init and opens a run of its own there."""
    return init.opens_run_per_process and not any(
        _may_restrict(step, init, launches) for step in init.point.conditions
    )


def _may_restrict(step: Condition, init: Init, launches: Sequence[ProcessLaunch]) -> bool:
    """Whether a condition may choose one process: without a process group, every process is the first one."""
    joined = [launch for launch in launches if launch.is_must]
    if step.holds_without_group and joined and all(launch.is_after(init) for launch in joined):
        return False
    return step.tests_rank or step.is_unseen_choice


def _in_callback(context: ControlContext) -> bool:
    return any(isinstance(step, Condition) and step.kind is BranchKind.CALLBACK for step in context)
