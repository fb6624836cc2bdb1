"""WB401: an assignment to `wandb.config`, `run.summary` or a property of a run, which is lost or raises."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.findings import Finding, Severity, Span
from wandblint.model import TrackingModel, Write, WriteTarget
from wandblint.rule import OptionValue, Rule
from wandblint.semantics.api import LOST_ASSIGNMENTS, READ_ONLY_ATTRIBUTES


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per assignment."""
    found: dict[Span, Finding] = {}
    for write in model.writes:
        if write.target is WriteTarget.ATTRIBUTE and write.is_must and write.span not in found:
            finding = _finding(write)
            if finding is not None:
                found[write.span] = finding
    yield from found.values()


def _finding(write: Write) -> Finding | None:
    name = str(write.key)
    if write.text in LOST_ASSIGNMENTS:
        rebinds = "rebinds a name of the module" if write.run.is_global else "replaces the attribute"
        return rule.finding(
            write.span,
            f"this {rebinds} `{write.text}`, so wandb records nothing of it",
            f"write `{write.text}.update(...)`" + (" after `wandb.init`" if write.run.is_global else ""),
        )
    if write.run.is_global or name not in READ_ONLY_ATTRIBUTES:
        return None
    if name == "config":
        return rule.finding(
            write.span,
            "`run.config` cannot be assigned, so this raises `AttributeError`",
            "write `run.config.update(...)`",
        )
    return rule.finding(
        write.span,
        f"`run.{name}` cannot be assigned, so this raises `AttributeError`",
        "pass it to `wandb.init`" if name in _PASSED_TO_INIT else "leave it to wandb",
    )


_PASSED_TO_INIT = frozenset({"dir", "entity", "group", "id", "job_type", "project", "settings"})

rule = Rule(
    code="WB401",
    name="config-rebind",
    severity=Severity.ERROR,
    summary="An assignment to `wandb.config`, `run.summary` or a fixed property: it is lost or raises",
    check=check,
)
