"""WB302: in one loop, a log call without `step=` before one whose `step=` counts the passes.

The first call ends its row, so the step of the second is always behind and its data are dropped
(core/pkg/stream/handler.go of wandb).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.finding import Finding, Related, Severity
from wandblint.model import TrackingModel
from wandblint.rule import OptionValue, Rule
from wandblint.stepping import losses


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding a call with `step=`, with the first call that runs ahead of it."""
    for loss in losses(model):
        if not loss.is_after_the_row or model.custom_axis(loss.call) is not None:
            continue
        span, other = loss.places
        yield rule.finding(
            span,
            "another log call has ended the row by then: "
            f"wandb drops what is logged here with `step={loss.label}`",
            f"give `step={loss.label}` to both calls, or to neither and log `{loss.label}` in the row",
            () if other is None else (Related(other, "this call ends the row"),),
        )


rule = Rule(
    code="WB302",
    name="implicit-then-explicit-step",
    severity=Severity.ERROR,
    summary="A log call without `step=`, then one with it in the same loop: the second is always dropped",
    check=check,
)
