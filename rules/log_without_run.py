"""WB509: `wandb.log` and the like on paths, or in processes, that have opened no run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.findings import Confidence, Finding, Related, Severity, Span, first_per_place
from wandblint.model import TrackingModel, UnguardedCall, unguarded_calls
from wandblint.rule import OptionValue, Rule


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per file, condition and init, at the first call that raises."""
    by_cause: dict[tuple[str, Span, Span], list[UnguardedCall]] = {}
    for unguarded in unguarded_calls(model):
        cause = unguarded.call.span.path, unguarded.guard.span, unguarded.init.span
        by_cause.setdefault(cause, []).append(unguarded)
    yield from first_per_place(map(_finding, by_cause.values()))


def _finding(together: list[UnguardedCall]) -> Finding:
    first = min(together, key=lambda each: (not each.is_certain, each.call.span))
    call, init, guard = first.call, first.init, first.guard
    others = sorted({each.call.span for each in together} - {call.span})
    who = "every process that opens none" if guard.tests_rank else "a path that opens none"
    return rule.finding(
        call.span,
        f"`wandb.init` runs only under a condition that does not guard this call, so `{call.text}` raises "
        f"`{first.error}` on {who}",
        "put the call under the condition of `wandb.init`, or open a run everywhere, with "
        '`mode="disabled"` where nothing shall be recorded',
        (
            Related(guard.span, "the condition"),
            Related(init.span, "the only init"),
            *(Related(span, "it raises here, too") for span in others),
        ),
        confidence=Confidence.HIGH if first.is_certain else Confidence.MEDIUM,
    )


rule = Rule(
    code="WB509",
    name="log-without-run",
    severity=Severity.ERROR,
    summary="`wandb.log` on paths, or in processes, that have opened no run: it raises",
    check=check,
    in_notebooks=False,
)
