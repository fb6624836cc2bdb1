"""WB307: a function that logs takes a step and never logs it to wandb.

Its callers expect to choose the step, but wandb counts the rows itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from wandblint.findings import AddArgument, Applicability, Confidence, Finding, Fix, Related, Severity, Span
from wandblint.model import LogCall, StepUse, TrackingModel, UnusedStepParameter
from wandblint.rule import OptionValue, Rule
from wandblint.semantics.axes import is_step_name

_USES = {
    StepUse.NOTHING: "is unused",
    StepUse.INTERVAL: "only decides when to log",
    StepUse.OTHER_LOGGER: "only reaches another logger",
}


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per parameter, at the parameter."""
    uses: dict[Span, list[tuple[UnusedStepParameter, LogCall]]] = defaultdict(list)
    for call in model.log_calls:
        if call.context.unused_step is not None:
            uses[call.context.unused_step.span].append((call.context.unused_step, call))
    # TensorBoard hands its steps to wandb.
    is_synced = any(init.argument("sync_tensorboard") for init in model.inits)
    for span, parameter_uses in uses.items():
        parameter, calls = parameter_uses[0][0], [call for _, call in parameter_uses]
        is_interval = parameter.use is StepUse.INTERVAL
        goes_elsewhere = parameter.use is StepUse.OTHER_LOGGER
        if any(use.signature_is_fixed for use, _ in parameter_uses) or (goes_elsewhere and is_synced):
            continue
        # What one caller puts into its row excuses no other caller, but rows of which some keys are unknown:
        # also where the code that may call it was not run to its end.
        some_have_it = any(map(_has_step, calls))
        needs_all_keys = some_have_it or bool(model.over_budget)
        certain = [
            call
            for call in calls
            if call.is_must
            and call.is_direct
            and not _has_step(call)
            and not (needs_all_keys and call.is_open)
        ]
        if not certain:
            continue
        sites = dict.fromkeys(call.span for call in certain)
        additions = tuple(AddArgument(site, "step", parameter.parameter) for site in sites)
        is_sure = any(not call.is_open for call in certain) and not goes_elsewhere
        yield rule.finding(
            span,
            f"`{parameter.parameter}` {_USES[parameter.use]}, so the step that callers of "
            f"`{parameter.function}` pass never reaches wandb",
            f"pass it on as `step={parameter.parameter}`, log it in the row as the x-axis of the other keys, "
            "or remove it",
            tuple(Related(site, "this call logs without it") for site in sites),
            severity=Severity.NOTE if is_interval else Severity.WARNING,
            confidence=Confidence.HIGH if is_sure else Confidence.MEDIUM,
            fix=None
            if is_interval or some_have_it
            else Fix(Applicability.UNSAFE, f"pass `step={parameter.parameter}` on", additions),
        )


def _has_step(call: LogCall) -> bool:
    """Whether the call already passes a step, as an argument or under a key."""
    return call.step is not None or any(
        is_step_name(str(key.name).replace(".", "/").rpartition("/")[2]) for key in call.keys
    )


rule = Rule(
    code="WB307",
    name="ignored-step-parameter",
    severity=Severity.WARNING,
    summary="A function that logs takes a step and never uses it",
    check=check,
)
