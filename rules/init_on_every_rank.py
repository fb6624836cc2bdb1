"""WB502: `wandb.init` that every process of a distributed job reaches.

A launcher such as torchrun starts the script once a device, and each of the processes opens a run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from wandblint.findings import Confidence, Finding, Related, Severity
from wandblint.model import BranchKind, Condition, ControlContext, Init, LogCall, ProcessLaunch, TrackingModel
from wandblint.rule import OptionValue, Rule
from wandblint.span import Span


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding a call of `wandb.init`."""
    launches: dict[int, list[ProcessLaunch]] = defaultdict(list)
    for launch in model.process_launches:
        launches[launch.entry_id].append(launch)
    found: dict[Span, Finding] = {}
    for init in model.inits:
        joined = [launch for launch in launches[init.entry_id] if _same_process(launch, init)]
        if not joined or not _runs_everywhere(init):
            continue
        finding = _finding(init, joined, [call for call in model.log_calls if _on(call, init)])
        if finding is not None and (init.span not in found or finding.severity is Severity.ERROR):
            found[init.span] = finding
    yield from found.values()


def _runs_everywhere(init: Init) -> bool:
    """Whether nothing that is known of the call may keep it to one process, or tells the runs apart."""
    mode = init.argument("mode")
    may_be_off = mode is not None and not {"disabled", "shared"}.isdisjoint(mode.alternatives)
    return (
        init.is_must
        and not init.has_unseen_arguments
        and not init.coordinates_processes
        and init.argument("group") is None
        and not may_be_off
        and not any(step.tests_rank or step.kind is BranchKind.CALLEE for step in init.point.conditions)
    )


def _same_process(launch: ProcessLaunch, init: Init) -> bool:
    """Whether a process that joins the job reaches the init: what was spawned before it comes there too."""
    return _in_callback(init.point.control_context) or not _in_callback(launch.control_context)


def _in_callback(context: ControlContext) -> bool:
    return any(isinstance(step, Condition) and step.kind is BranchKind.CALLBACK for step in context)


def _on(call: LogCall, init: Init) -> bool:
    return call.is_direct and call.entry_id == init.entry_id and (init.span in call.runs or not call.runs)


def _finding(init: Init, joined: list[ProcessLaunch], calls: list[LogCall]) -> Finding | None:
    guarded = [call for call in calls if any(step.tests_rank for step in call.point.conditions)]
    from_outside = any(step.kind is BranchKind.ENTRY for step in init.point.conditions)
    sure = [launch for launch in joined if launch.is_must]
    if not guarded and (not sure or from_outside):
        return None
    launch = (sure or joined)[0]
    words = "the process joins the job here" if launch.is_must else "several processes run this"
    related = [Related(launch.span, words)]
    if guarded:
        related.append(Related(guarded[0].span, "only one process logs here"))
    everything = bool(guarded) and len(guarded) == len(calls)
    return rule.finding(
        init.span,
        "every process of the job opens a run here"
        + (", although only one of them logs" if everything else ": no rank check guards this call"),
        "open it on the main process only, or give the runs of one job a common `group=`",
        tuple(related),
        severity=Severity.ERROR if everything else Severity.WARNING,
        confidence=Confidence.HIGH if guarded else Confidence.MEDIUM,
    )


rule = Rule(
    code="WB502",
    name="init-on-every-rank",
    severity=Severity.WARNING,
    summary="`wandb.init` that every process of a distributed job reaches: one run per process",
    check=check,
    in_notebooks=False,
)
