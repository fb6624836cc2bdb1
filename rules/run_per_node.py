"""WB510: runs under a rank check of the node, in a job that may span several nodes.

torchrun numbers the processes of each node from 0 (`LOCAL_RANK`), and those of the whole job (`RANK`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from wandblint.findings import Applicability, Confidence, Finding, Fix, Related, RenameInTest, Severity, Span
from wandblint.model import Condition, Init, LogCall, NodeCount, ProgramPoint, TrackingModel
from wandblint.rule import OptionValue, Rule
from wandblint.semantics.heuristics import TELLS_NODES_APART
from wandblint.semantics.ranks import AMONG_ALL_PROCESSES


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per call of `wandb.init`."""
    rows: dict[int, list[LogCall]] = defaultdict(list)
    for call in model.log_calls:
        rows[call.entry_id].append(call)
    findings: dict[Span, Finding] = {}
    for init in model.inits:
        guard = _node_guard(init.point)
        nodes = model.node_count(init)
        if guard is None or nodes is NodeCount.ONE or not init.opens_run_per_process:
            continue
        calls = [call for call in rows[init.entry_id] if init.span in call.runs or not call.runs]
        if init.argument("group") is not None and not _only_first_node_logs(model, init, calls):
            continue
        if init.span not in findings or nodes is NodeCount.SEVERAL:
            findings[init.span] = _finding(init, guard, nodes)
    yield from findings.values()


def _node_guard(point: ProgramPoint) -> Condition | None:
    """The test of the rank within a node that guards some code; None if more may select the node."""
    guards = [step for step in point.conditions if step.once_per_node]
    others = [step for step in point.conditions if not step.once_per_node]
    may_select_node = any(
        step.tests_rank or step.is_unseen_choice or TELLS_NODES_APART.search(step.text) for step in others
    )
    return guards[-1] if guards and not may_select_node else None


def _only_first_node_logs(model: TrackingModel, init: Init, calls: list[LogCall]) -> bool:
    """Whether only one process of the job logs, so that a common group joins runs that stay empty."""
    guarded = [any(step.tests_rank and not step.once_per_node for step in c.point.conditions) for c in calls]
    return bool(guarded) and all(guarded) and not model.may_log_unseen(init.entry_id)


def _finding(init: Init, guard: Condition, nodes: NodeCount | None) -> Finding:
    is_certain = nodes is NodeCount.SEVERAL
    return rule.finding(
        init.span,
        f"`{guard.text}` lets one process of each node through: a job on several nodes opens a run per node",
        "check the rank among all processes (`RANK`, `dist.get_rank()`, `accelerator.is_main_process`)"
        + ("" if init.argument("group") else ", or give the runs of one job a common `group=`"),
        (Related(guard.span, "the rank within the node"),),
        severity=Severity.WARNING if is_certain else Severity.NOTE,
        confidence=Confidence.HIGH if is_certain else Confidence.MEDIUM,
        fix=_fix(guard),
    )


def _fix(guard: Condition) -> Fix | None:
    names = [name for name in AMONG_ALL_PROCESSES if name in guard.text]
    if not names:
        return None
    old = max(names, key=len)
    new = AMONG_ALL_PROCESSES[old]
    message = f"replace `{old}` by `{new}` in the test"
    return Fix(Applicability.UNSAFE, message, (RenameInTest(guard.span, old, new),))


rule = Rule(
    code="WB510",
    name="run-per-node",
    severity=Severity.NOTE,
    summary="`wandb.init` where `LOCAL_RANK` is 0: one run per node of the job",
    check=check,
    can_warn=True,
    in_notebooks=False,
)
