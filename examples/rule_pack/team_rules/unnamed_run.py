"""ACME001 unnamed-run: a run that wandb has to name itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.findings import Finding, Severity
from wandblint.model import TrackingModel
from wandblint.rule import OptionValue, Rule


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """Reports each call of `wandb.init` without a name."""
    unnamed = {
        init.span for init in model.inits if init.argument("name") is None and not init.has_unseen_arguments
    }
    for span in sorted(unnamed):
        yield rule.finding(
            span,
            "the run has no name, so wandb generates one such as `misty-sun-7`",
            'name it: `wandb.init(name="...")`',
        )


rule = Rule(
    code="ACME001",
    name="unnamed-run",
    severity=Severity.WARNING,
    summary="A run without a name",
    check=check,
)
