"""WB105: `wandb.log` and the like before `wandb.init`: these names raise until a run is open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.findings import Finding, Related, Severity
from wandblint.model import Cause, TrackingModel, next_init, refusals
from wandblint.rule import OptionValue, Rule


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per call."""
    found: dict[tuple[str, int, int], Finding] = {}
    for refusal in refusals(model):
        event = refusal.event
        init = next_init(model, event) if refusal.cause is Cause.NOT_OPENED else None
        if init is not None:
            found.setdefault(
                (event.span.path, event.span.start, event.span.end),
                rule.finding(
                    event.span,
                    f"no run is open yet, so `{event.text}` raises `wandb.Error`",
                    "call `wandb.init` first",
                    (Related(init.span, "the run is opened here, which is too late"),),
                ),
            )
    yield from found.values()


rule = Rule(
    code="WB105",
    name="log-before-init",
    severity=Severity.ERROR,
    summary="`wandb.log` or another function that needs a run before `wandb.init`: it raises",
    check=check,
    in_notebooks=False,
)
