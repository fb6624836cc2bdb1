"""WB104: a call on a run that is finished: wandb raises, although its message says "will be ignored"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.findings import Applicability, Finding, Fix, Related, RemoveStatement, Severity, Span
from wandblint.model import Cause, Refusal, TrackingModel, refusals
from wandblint.rule import OptionValue, Rule


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per place that finishes the run, at the first call that it breaks."""
    by_end: dict[tuple[Span, ...], list[Refusal]] = {}
    for refusal in refusals(model):
        if refusal.cause is Cause.FINISHED:
            by_end.setdefault(tuple(sorted(refusal.by)), []).append(refusal)
    finish_calls = {call.span for call in model.calls if call.name == "wandb.Run.finish"}
    reported: set[Span] = set()
    for ends, refused in by_end.items():
        first = min(refused, key=lambda refusal: refusal.event.point.sequence).event
        if first.span in reported:
            continue
        reported.add(first.span)
        others = sorted({refusal.event.span for refusal in refused} - {first.span})
        yield rule.finding(
            first.span,
            f"the run is finished when `{first.text}` gets here, so wandb raises "
            + ("`wandb.Error`" if first.run.is_global else "`UsageError`"),
            "finish the run after its last use; a `with` block finishes it at its end",
            tuple(Related(end, "here the run is finished") for end in ends)
            + tuple(Related(span, "the same run is used here, too") for span in others),
            fix=_fix(ends) if finish_calls.issuperset(ends) else None,
        )


def _fix(ends: tuple[Span, ...]) -> Fix:
    message = "remove the early `finish`: wandb finishes the run when the process ends"
    return Fix(Applicability.UNSAFE, message, tuple(RemoveStatement(end) for end in ends))


rule = Rule(
    code="WB104",
    name="use-after-finish",
    severity=Severity.ERROR,
    summary="A call on a run that is finished: wandb raises",
    check=check,
)
