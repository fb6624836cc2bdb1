"""WB307: a function that logs takes a step and uses it nowhere.

Its callers believe that they place the row; wandb places it at a step of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from wandblint.findings import AddArgument, Applicability, Confidence, Finding, Fix, Related, Severity
from wandblint.model import LogCall, TrackingModel, UnusedStepParameter
from wandblint.rule import OptionValue, Rule
from wandblint.semantics.axes import is_step_name
from wandblint.span import Span


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding a parameter, at the parameter."""
    functions: dict[Span, list[tuple[UnusedStepParameter, LogCall]]] = defaultdict(list)
    for call in model.log_calls:
        if call.context.unused_step is not None:
            functions[call.context.unused_step.span].append((call.context.unused_step, call))
    for span, met in functions.items():
        ignored, calls = met[0][0], [call for _, call in met]
        if any(one.signature_is_fixed for one, _ in met) or any(map(_places_itself, calls)):
            continue
        certain = [call for call in calls if call.is_must and call.is_direct]
        if not certain:
            continue
        sites = dict.fromkeys(call.span for call in certain)
        pass_on = tuple(AddArgument(site, "step", ignored.parameter) for site in sites)
        is_sure = any(not call.is_open for call in certain)
        use = "only decides when to log" if ignored.is_interval else "is unused"
        yield rule.finding(
            span,
            f"`{ignored.parameter}` {use}, so the step that callers of `{ignored.function}` pass "
            "never reaches wandb",
            f"pass it on as `step={ignored.parameter}`, log it in the row as the x-axis of the other keys, "
            "or remove it",
            tuple(Related(site, "this call logs without it") for site in sites),
            severity=Severity.NOTE if ignored.is_interval else Severity.WARNING,
            confidence=Confidence.HIGH if is_sure else Confidence.MEDIUM,
            fix=None
            if ignored.is_interval
            else Fix(Applicability.UNSAFE, f"pass `step={ignored.parameter}` on", pass_on),
        )


def _places_itself(call: LogCall) -> bool:
    """Whether the row brings a step already, as an argument or under a key."""
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
