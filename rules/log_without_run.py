"""WB509: `wandb.log` and the like on paths, or in processes, that have opened no run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.findings import Confidence, Finding, Related, Severity, first_per_place
from wandblint.model import TrackingModel, UnguardedCall, unguarded_calls
from wandblint.rule import OptionValue, Rule
from wandblint.semantics.api import NONE_METHOD


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per call."""
    yield from first_per_place(map(_finding, unguarded_calls(model)))


def _finding(unguarded: UnguardedCall) -> Finding:
    call, init, guard = unguarded.call, unguarded.init, unguarded.guard
    who = "every process that opens none" if guard.tests_rank else "a path that opens none"
    return rule.finding(
        call.span,
        f"`wandb.init` runs only under a condition that does not guard this call, so `{call.text}` raises "
        f"`{'AttributeError' if call.name.startswith(NONE_METHOD) else 'wandb.Error'}` on {who}",
        "put the call under the condition of `wandb.init`, or open a run everywhere, with "
        '`mode="disabled"` where nothing shall be recorded',
        (Related(guard.span, "the condition"), Related(init.span, "the only init")),
        confidence=Confidence.HIGH if unguarded.is_certain else Confidence.MEDIUM,
    )


rule = Rule(
    code="WB509",
    name="log-without-run",
    severity=Severity.ERROR,
    summary="`wandb.log` on paths, or in processes, that have opened no run: it raises",
    check=check,
    in_notebooks=False,
)
