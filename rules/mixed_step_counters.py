"""WB303: `step=` from counters that do not rise together: wandb drops rows with a lower step.

These are two counters (an epoch here, a batch there), or one that restarts while the run continues
(core/pkg/stream/handler.go of wandb).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.findings import Finding, Related, Severity
from wandblint.model import TrackingModel
from wandblint.model.questions.step_conflicts import STEP_WITH_CUSTOM_AXIS, DroppedRow, step_conflicts
from wandblint.rule import OptionValue, Rule


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per `step=` argument."""
    for row in step_conflicts(model):
        if not row.is_after_the_row:
            yield _finding(row, STEP_WITH_CUSTOM_AXIS if model.custom_axis(row.call) else "")


def _finding(row: DroppedRow, yields_to: str) -> Finding:
    span, other = row.spans
    if row.is_literal:
        message = f"`step={row.label}` is below the steps that the run already has, so wandb drops this row"
        advice = "pass the counter of the other calls here, too, or drop `step=`"
        words = f"this call counts with `{row.other_label}`"
    elif other is None or row.has_one_counter:
        message = (
            f"`step={row.label}` restarts while the run continues, so wandb drops every row whose step is "
            "below the last one"
        )
        advice = (
            f"keep counting over the whole run, or log `{row.label}` in the row and define it as the x-axis"
        )
        words = "it already counted here"
    else:
        message = (
            f"`step={row.label}` and `step={row.other_label}` log to one run from different counters; "
            "rows with a lower step are dropped"
        )
        counters = "log the counters in the rows and define them as x-axes"
        advice = f"use one counter for all calls of the run, or {counters}"
        words = f"this call counts with `{row.other_label}`"
    places = ((other, words), (row.restart, "the counter starts again here"))
    related = tuple(Related(place, about) for place, about in places if place is not None)
    return rule.finding(span, message, advice, related, confidence=row.confidence, yields_to=yields_to)


rule = Rule(
    code="WB303",
    name="mixed-step-counters",
    severity=Severity.WARNING,
    summary="`step=` from different counters, or from one that restarts: rows with a lower step are dropped",
    check=check,
)
