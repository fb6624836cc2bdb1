"""WB105: `wandb.log` and the like before or without `wandb.init`: these names raise until a run is open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.findings import Finding, Related, Severity, Span
from wandblint.model import Cause, TrackingModel, Use, first_without_init, next_init, refusals
from wandblint.rule import OptionValue, Rule


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per call before an init, and one per script that opens no run at all."""
    found: dict[Span, Finding] = {}
    without_init: list[Use] = []
    for refusal in refusals(model):
        if refusal.cause is not Cause.NOT_OPENED:
            continue
        event = refusal.event
        init = next_init(model, event)
        if init is None:
            without_init.append(event)
        else:
            late = Related(init.span, "the run is opened here, which is too late")
            found.setdefault(event.span, _finding(event, "no run is open yet", (late,)))
    for event in first_without_init(model, without_init):
        related = tuple(
            Related(span, "the script gets there through this call") for span in event.call_stack[:1]
        )
        found.setdefault(event.span, _finding(event, "nothing on the way here opens a run", related))
    yield from found.values()


def _finding(event: Use, reason: str, related: tuple[Related, ...]) -> Finding:
    return rule.finding(
        event.span, f"{reason}, so `{event.text}` raises `wandb.Error`", "call `wandb.init` first", related
    )


rule = Rule(
    code="WB105",
    name="log-before-init",
    severity=Severity.ERROR,
    summary="`wandb.log` or another function that needs a run before `wandb.init`: it raises",
    check=check,
    in_notebooks=False,
)
