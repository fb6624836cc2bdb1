"""WB301: `step=` beside keys that have a custom x-axis.

Harmless while steps rise; when they fall wandb drops the row although the axis could have held it
(core/pkg/stream/handler.go of wandb).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.finding import Finding, Related, Severity, Span
from wandblint.model import Argument, Definition, LogCall, LoggedKey, TrackingModel, ValueKind
from wandblint.rule import OptionValue, Rule
from wandblint.semantics.axes import is_built_in
from wandblint.template import Template, Verdict, equal


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding a log call, for the first of its keys that has an axis."""
    reported: set[Span] = set()
    for session in model.sessions():
        for call in session.log_calls:
            if call.step is None or (call.step.is_known and call.step.literal is None):
                continue
            for key in call.keys:
                definition = session.bound(key) if key.kind is ValueKind.NUMBER else None
                axis = definition.step_metric if definition is not None else None
                if definition is None or axis is None or is_built_in(axis) or call.step.span in reported:
                    continue
                # The axis itself may lie under its own glob.
                if equal(key.name, axis) is not Verdict.YES:
                    reported.add(call.step.span)
                    yield _finding(call, call.step, key, axis, definition)


def _finding(
    call: LogCall, step: Argument, key: LoggedKey, axis: Template, definition: Definition
) -> Finding:
    holds_axis = call.is_open or any(equal(other.name, axis) is not Verdict.NO for other in call.keys)
    advice = f"`{axis}` in the row is enough" if holds_axis else f"log `{axis}` in the row instead"
    return rule.finding(
        step.span,
        f"`step=` beside `{key.name}`, whose x-axis is `{axis}`: "
        "wandb drops the whole row if this step is ever smaller than the last one",
        f"drop `step=`; {advice}",
        (Related(definition.span, "the axis is defined here"),),
    )


rule = Rule(
    code="WB301",
    name="step-with-custom-axis",
    severity=Severity.NOTE,
    summary="`step=` beside keys with a custom x-axis: a smaller step drops the row",
    check=check,
)
