"""WB301: `step=` alongside keys that have a custom x-axis.

This is harmless while steps rise; when one falls, wandb drops a row that could be plotted over its axis
(core/pkg/stream/handler.go of wandb).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.findings import Applicability, DropArgument, Finding, Fix, Related, Severity, Span
from wandblint.model import Argument, CustomAxis, LogCall, TrackingModel
from wandblint.model.questions.step_conflicts import DroppedRow, step_conflicts
from wandblint.model.questions.step_simulation import has_no_step
from wandblint.rule import OptionValue, Rule
from wandblint.template import Verdict, equal


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per log call, about its first key with an axis."""
    dropped = {row.step.span: row for row in step_conflicts(model)}
    reported: set[Span] = set()
    for call in model.log_calls:
        if call.step is None or has_no_step(call) or call.step.span in reported:
            continue
        custom = model.custom_axis(call)
        if custom is not None:
            reported.add(call.step.span)
            yield _finding(call, call.step, custom, dropped.get(call.step.span))


def _finding(call: LogCall, step: Argument, custom: CustomAxis, dropped: DroppedRow | None) -> Finding:
    may_log_axis = call.is_open or any(equal(key.name, custom.axis) is not Verdict.NO for key in call.keys)
    axis = custom.axis
    logs_axis = any(equal(key.name, axis) is Verdict.YES for key in call.keys)
    drop = Fix(Applicability.UNSAFE, "drop `step=`", (DropArgument(step.span),))
    advice = f"`{axis}` in the row is enough" if may_log_axis else f"log `{axis}` in the row instead"
    related = [Related(custom.definition.span, "the axis is defined here")]
    if dropped is None:
        when = "if this step is ever lower than the last one"
    else:
        when = f"whenever `{dropped.label}` is lower than the last step, which happens here"
        if (other := dropped.spans[1]) is not None:
            related.append(Related(other, "this call logs a higher step first"))
    return rule.finding(
        step.span,
        f"`step=` alongside `{custom.key.name}`, whose x-axis is `{axis}`: wandb drops the whole row {when}",
        f"drop `step=`; {advice}",
        tuple(related),
        severity=None if dropped is None else Severity.WARNING,
        # Without the axis in the row its x-value would be lost: WB202 has the fix for that.
        fix=drop if logs_axis else None,
    )


rule = Rule(
    code="WB301",
    name="step-with-custom-axis",
    severity=Severity.NOTE,
    summary="`step=` alongside keys with a custom x-axis: a lower step drops the row",
    check=check,
    can_warn=True,
)
