"""WB401: an assignment to `wandb.config`, `run.summary` or a property of a run, which is lost or raises."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from wandblint.findings import Applicability, CallUpdate, Finding, Fix, Severity, Span
from wandblint.model import Read, RunState, TrackingModel, Write, WriteTarget
from wandblint.rule import OptionValue, Rule
from wandblint.semantics.api import LOST_ASSIGNMENTS, READ_ONLY_ATTRIBUTES


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per assignment."""
    writes_at: dict[Span, list[Write]] = defaultdict(list)
    for write in model.writes:
        if write.target is WriteTarget.ATTRIBUTE:
            writes_at[write.span].append(write)
    reads = [read for read in model.reads if read.target is WriteTarget.ATTRIBUTE]
    for writes in writes_at.values():
        findings = (
            _finding(write, writes) for write in writes if write.is_must and not _is_used(write, reads)
        )
        yield from islice(filter(None, findings), 1)


def _is_used(write: Write, reads: Sequence[Read]) -> bool:
    """Whether code may read the assigned value again, and so pass it to the run that it opens."""
    return write.run.is_global and any(
        read.key == write.key and read.entry_id == write.entry_id and not read.point.precedes(write.point)
        for read in reads
    )


def _finding(write: Write, writes: list[Write]) -> Finding | None:
    name = str(write.key)
    if write.text in LOST_ASSIGNMENTS:
        rebinds = "rebinds a name of the module" if write.run.is_global else "replaces the attribute"
        return rule.finding(
            write.span,
            f"this {rebinds} `{write.text}`, so wandb records nothing of it",
            f"write `{write.text}.update(...)`" + (" after `wandb.init`" if write.run.is_global else ""),
            fix=_fix(write, writes),
        )
    if write.run.is_global or name not in READ_ONLY_ATTRIBUTES:
        return None
    if name == "config":
        return rule.finding(
            write.span,
            "`run.config` cannot be assigned, so this raises `AttributeError`",
            "write `run.config.update(...)`",
            fix=_fix(write, writes),
        )
    return rule.finding(
        write.span,
        f"`run.{name}` cannot be assigned, so this raises `AttributeError`",
        "pass it to `wandb.init`" if name in _PASSED_TO_INIT else "leave it to wandb",
    )


def _fix(write: Write, writes: list[Write]) -> Fix | None:
    """`update`, if a run is open whenever the code gets here: without one it raises."""
    if not all(_can_update(other) and other.text == write.text for other in writes):
        return None
    return Fix(Applicability.UNSAFE, f"write `{write.text}.update(...)`", (CallUpdate(write.span),))


def _can_update(write: Write) -> bool:
    is_constant = write.value.is_known or bool(write.value.alternatives)
    return write.is_must and write.run.state is RunState.OPEN and not is_constant


_PASSED_TO_INIT = frozenset({"dir", "entity", "group", "id", "job_type", "project", "settings"})

rule = Rule(
    code="WB401",
    name="config-rebind",
    severity=Severity.ERROR,
    summary="An assignment to `wandb.config`, `run.summary` or a fixed property: it is lost or raises",
    check=check,
)
