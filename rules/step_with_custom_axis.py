"""WB301: `step=` beside keys that have a custom x-axis.

Harmless while steps rise; when they fall wandb drops the row although the axis could have held it
(core/pkg/stream/handler.go of wandb).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.findings import Applicability, DropArgument, Finding, Fix, Related, Severity
from wandblint.model import Argument, CustomAxis, LogCall, TrackingModel
from wandblint.model.step_conflicts import DroppedRow, step_conflicts
from wandblint.model.step_simulation import has_no_step
from wandblint.rule import OptionValue, Rule
from wandblint.span import Span
from wandblint.template import Verdict, equal


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding a log call, for the first of its keys that has an axis."""
    lost = {loss.step.span: loss for loss in step_conflicts(model)}
    reported: set[Span] = set()
    for call in model.log_calls:
        if call.step is None or has_no_step(call) or call.step.span in reported:
            continue
        found = model.custom_axis(call)
        if found is not None:
            reported.add(call.step.span)
            yield _finding(call, call.step, found, lost.get(call.step.span))


def _finding(call: LogCall, step: Argument, found: CustomAxis, loss: DroppedRow | None) -> Finding:
    holds_axis = call.is_open or any(equal(key.name, found.axis) is not Verdict.NO for key in call.keys)
    axis = found.axis
    in_row = any(equal(key.name, axis) is Verdict.YES for key in call.keys)
    drop = Fix(Applicability.UNSAFE, "drop `step=`", (DropArgument(step.span),))
    advice = f"`{axis}` in the row is enough" if holds_axis else f"log `{axis}` in the row instead"
    related = [Related(found.definition.span, "the axis is defined here")]
    if loss is None:
        when = "if this step is ever lower than the last one"
    else:
        when = f"whenever `{loss.label}` is lower than the last step, which happens here"
        if (other := loss.spans[1]) is not None:
            related.append(Related(other, "this call logs a higher step first"))
    return rule.finding(
        step.span,
        f"`step=` alongside `{found.key.name}`, whose x-axis is `{axis}`: wandb drops the whole row {when}",
        f"drop `step=`; {advice}",
        tuple(related),
        severity=None if loss is None else Severity.WARNING,
        # Without the axis in the row its place would be lost: that is the fix of WB202.
        fix=drop if in_row else None,
    )


rule = Rule(
    code="WB301",
    name="step-with-custom-axis",
    severity=Severity.NOTE,
    summary="`step=` alongside keys with a custom x-axis: a lower step drops the row",
    check=check,
    can_warn=True,
)
