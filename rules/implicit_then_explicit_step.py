"""WB302: a log call without `step=` before one whose `step=` counts the iterations.

The first call ends its row, so the step of the second is too low and wandb drops its row
(core/pkg/stream/handler.go of wandb): in every iteration of their loop, or in the first one after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.findings import (
    AddAxis,
    Applicability,
    DropArgument,
    Finding,
    Fix,
    Related,
    Severity,
)
from wandblint.model import TrackingModel
from wandblint.model.questions.step_conflicts import STEP_WITH_CUSTOM_AXIS, DroppedRow, step_conflicts
from wandblint.rule import OptionValue, Rule


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per call with `step=`, with the first call that is ahead of it."""
    dropped = [row for row in step_conflicts(model) if row.is_after_the_row]
    # A remaining step would fall below the counter, which the calls without `step=` raise.
    all_dropped = {row.step.span for row in dropped}.issuperset(
        call.step.span for call in model.log_calls if call.step is not None
    )
    for row in dropped:
        span, other = row.spans
        has_step = row.other is not None and row.other.induction is not None
        earlier = "with `commit=True`" if has_step else "without `step=`"
        lost = "its first row" if row.is_first_only else "this row"
        yield rule.finding(
            span,
            f"an earlier log call {earlier} has already moved wandb past step `{row.label}`, "
            f"so {lost} is dropped",
            f"pass `step={row.label}` to both calls, or to neither and log `{row.label}` in the row",
            () if other is None else (Related(other, "this call ends the row"),),
            severity=Severity.WARNING if row.is_first_only else Severity.ERROR,
            confidence=row.confidence,
            fix=_in_row(row) if all_dropped and not row.is_first_only else None,
            yields_to=STEP_WITH_CUSTOM_AXIS if model.custom_axis(row.call) else "",
        )


def _in_row(dropped: DroppedRow) -> Fix | None:
    """Log the step as a key of the row, under the name of its induction variable."""
    name = dropped.counter.rpartition(".")[2]
    call, span = dropped.call, dropped.step.span
    if not name.isidentifier() or not span.is_in(call.span) or call.is_open:
        return None
    message = f"log `{name}` in the row instead of `step=`"
    keys = tuple((str(key.name), name) for key in call.keys)
    is_logged = any(str(key.name) == name for key in call.keys)
    change = DropArgument(span) if is_logged else AddAxis(call.span, span, (keys,))
    return Fix(Applicability.UNSAFE, message, (change,))


rule = Rule(
    code="WB302",
    name="implicit-then-explicit-step",
    severity=Severity.ERROR,
    summary="A log call without `step=`, then one with it in the same loop: the second is always dropped",
    check=check,
)
