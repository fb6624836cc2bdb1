"""WB302: in one loop, a log call without `step=` before one whose `step=` counts the passes.

The first call ends its row, so the step of the second is always behind and its data are dropped
(core/pkg/stream/handler.go of wandb).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.findings import AddAxis, Applicability, DropArgument, Finding, Fix, Related, Severity
from wandblint.model import TrackingModel
from wandblint.model.step_conflicts import DroppedRow, step_conflicts
from wandblint.rule import OptionValue, Rule


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding a call with `step=`, with the first call that runs ahead of it."""
    late = [
        loss
        for loss in step_conflicts(model)
        if loss.is_after_the_row and model.custom_axis(loss.call) is None
    ]
    # A step that stays would fall behind the counter, which the calls without one move.
    all_late = {loss.step.span for loss in late}.issuperset(
        call.step.span for call in model.log_calls if call.step is not None
    )
    for loss in late:
        span, other = loss.spans
        has_step = loss.other is not None and loss.other.induction is not None
        earlier = "with `commit=True`" if has_step else "without `step=`"
        yield rule.finding(
            span,
            f"an earlier log call {earlier} has already moved wandb past step `{loss.label}`, "
            "so this row is dropped",
            f"pass `step={loss.label}` to both calls, or to neither and log `{loss.label}` in the row",
            () if other is None else (Related(other, "this call ends the row"),),
            fix=_in_row(loss) if all_late else None,
        )


def _in_row(loss: DroppedRow) -> Fix | None:
    """The step as a key of the row, under the name of what it counts with."""
    name = loss.label.rpartition(".")[2]
    call, span = loss.call, loss.step.span
    is_own = call.span.path == span.path and call.span.start <= span.start and span.end <= call.span.end
    if not name.isidentifier() or not is_own or call.is_open:
        return None
    message = f"log `{name}` in the row instead of `step=`"
    row = tuple((str(key.name), name) for key in call.keys)
    held = any(str(key.name) == name for key in call.keys)
    return Fix(
        Applicability.UNSAFE, message, (DropArgument(span) if held else AddAxis(call.span, span, (row,)),)
    )


rule = Rule(
    code="WB302",
    name="implicit-then-explicit-step",
    severity=Severity.ERROR,
    summary="A log call without `step=`, then one with it in the same loop: the second is always dropped",
    check=check,
)
