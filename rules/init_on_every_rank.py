"""WB502: `wandb.init` that every process of a distributed job reaches.

A launcher such as torchrun starts the script once per device, and each process opens a run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.findings import Confidence, Finding, Related, Severity, Span
from wandblint.model import (
    BranchKind,
    Init,
    LogCall,
    ProcessLaunch,
    TrackingModel,
    is_in_each_process,
    launches_of,
)
from wandblint.rule import OptionValue, Rule


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per call of `wandb.init`."""
    joining_files = {launch.span.path for launch in model.process_launches if launch.is_must}
    findings: dict[Span, Finding] = {}
    for init in model.inits:
        launches = launches_of(model, init)
        if not launches or not is_in_each_process(init, launches):
            continue
        if _leaves_out_joining(launches, joining_files) or _has_guarded_sibling(model, init):
            continue
        calls = [call for call in model.log_calls if _on(call, init)]
        if init.argument("group") is not None and not _only_one_process_logs(model, init, calls):
            continue
        finding = _finding(init, launches, calls)
        if finding is not None and (init.span not in findings or finding.severity is Severity.ERROR):
            findings[init.span] = finding
    yield from findings.values()


def _leaves_out_joining(launches: list[ProcessLaunch], joining_files: set[str]) -> bool:
    """Whether a script uses code of a file that joins a job, but never joins it: it is a single process."""
    return not any(launch.is_must for launch in launches) and any(
        launch.span.path in joining_files for launch in launches
    )


def _has_guarded_sibling(model: TrackingModel, init: Init) -> bool:
    """Whether one process alone opens a run elsewhere: a setting chooses, and checks may be for that one."""
    others = (other for other in model.inits if other.entry_id == init.entry_id and other.span != init.span)
    return any(other.point.is_rank_checked for other in others)


def _only_one_process_logs(model: TrackingModel, init: Init, calls: list[LogCall]) -> bool:
    """Whether a rank check guards every log call, so that a common group joins runs that stay empty."""
    return (
        bool(calls)
        and all(call.point.is_rank_checked for call in calls)
        and not model.may_log_unseen(init.entry_id)
    )


def _on(call: LogCall, init: Init) -> bool:
    return call.is_direct and call.entry_id == init.entry_id and (init.span in call.runs or not call.runs)


def _finding(init: Init, launches: list[ProcessLaunch], calls: list[LogCall]) -> Finding | None:
    guarded = [call for call in calls if call.point.is_rank_checked]
    has_unseen_caller = any(step.kind is BranchKind.ENTRY for step in init.point.conditions)
    must_launches = [launch for launch in launches if launch.is_must]
    if not guarded and (not must_launches or has_unseen_caller):
        return None
    launch = (must_launches or launches)[0]
    launch_message = "the process joins the job here" if launch.is_must else "several processes run this"
    related = [Related(launch.span, launch_message)]
    if guarded:
        related.append(Related(guarded[0].span, "only one process logs here"))
    all_guarded = bool(guarded) and len(guarded) == len(calls)
    return rule.finding(
        init.span,
        "every process of the job opens a run here"
        + (", although only one of them logs" if all_guarded else ": no rank check guards this call"),
        "open it on the main process only"
        + ("" if init.argument("group") else ", or give the runs of one job a common `group=`"),
        tuple(related),
        severity=Severity.ERROR if all_guarded else Severity.WARNING,
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
