"""WB106: `wandb.log` after `wandb.init(reinit="create_new")`, which does not become the active run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.findings import Finding, Related, Severity, Span
from wandblint.model import Cause, TrackingModel, refusals
from wandblint.rule import OptionValue, Rule


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per call."""
    found: dict[Span, Finding] = {}
    for refusal in refusals(model):
        if refusal.cause is Cause.NOT_GLOBAL:
            event = refusal.event
            name = event.text.removeprefix("wandb.")
            found[event.span] = rule.finding(
                event.span,
                f'`reinit="create_new"` opens a run that is not the active one, so `{event.text}` raises '
                "`wandb.Error`",
                f"call it on the run that `wandb.init` returns: `run.{name}`",
                tuple(Related(init, "this run is open") for init in refusal.by),
            )
    yield from found.values()


rule = Rule(
    code="WB106",
    name="create-new-global-log",
    severity=Severity.ERROR,
    summary='`wandb.log` after `wandb.init(reinit="create_new")`: the run is not the active one',
    check=check,
)
