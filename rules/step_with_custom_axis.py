"""WB301: `step=` beside keys that have a custom x-axis.

Harmless while steps rise; when they fall wandb drops the row although the axis could have held it
(core/pkg/stream/handler.go of wandb).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.finding import Finding, Related, Severity
from wandblint.model import TrackingModel, ValueKind
from wandblint.rule import OptionValue, Rule
from wandblint.semantics.axes import is_built_in
from wandblint.template import Verdict, equal


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding a log call."""
    reported: set[object] = set()
    for session in model.sessions():
        for call in session.log_calls:
            if call.step is None or (call.step.is_known and call.step.literal is None):
                continue
            for key in call.keys:
                definition = session.bound(key) if key.kind is ValueKind.NUMBER else None
                if (
                    definition is None
                    or definition.step_metric is None
                    or is_built_in(definition.step_metric)
                ):
                    continue
                if equal(key.name, definition.step_metric) is Verdict.YES:
                    # The axis itself, under its own glob.
                    continue
                if call.step.span not in reported:
                    reported.add(call.step.span)
                    yield rule.finding(
                        call.step.span,
                        f"`step=` beside `{key.name}`, whose x-axis is `{definition.step_metric}`: "
                        "wandb drops the whole row if this step is ever smaller than the last one",
                        f"drop `step=`; the axis `{definition.step_metric}` in the row is enough",
                        (Related(definition.span, "the axis is defined here"),),
                    )


rule = Rule(
    code="WB301",
    name="step-with-custom-axis",
    severity=Severity.NOTE,
    summary="`step=` beside keys with a custom x-axis: a smaller step drops the row",
    check=check,
)
