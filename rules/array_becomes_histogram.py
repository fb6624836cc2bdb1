"""WB606: a logged array of more than 32 elements, of which wandb stores a histogram only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.findings import Finding, Severity, first_per_place
from wandblint.model import LoggedKey, TrackingModel, ValueKind
from wandblint.rule import OptionValue, Rule
from wandblint.semantics.arrays import LARGEST_LIST


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per place at which code puts an array into a row."""
    keys = (key for call in model.log_calls for key in call.keys)
    yield from first_per_place(
        _finding(key, key.size)
        for key in keys
        if key.kind is ValueKind.ARRAY and key.size is not None and key.size > LARGEST_LIST
    )


def _finding(key: LoggedKey, size: int) -> Finding:
    return rule.finding(
        key.span,
        f"`{key.name}` is an array of {size:,} elements: wandb stores no values of it, but a histogram with "
        f"{LARGEST_LIST} bins",
        "log what you want to see: `x.mean()`, `x.tolist()`, or `wandb.Histogram(x)` if it is the histogram",
    )


rule = Rule(
    code="WB606",
    name="array-becomes-histogram",
    severity=Severity.NOTE,
    summary=f"A logged array of more than {LARGEST_LIST} elements: wandb stores a histogram only",
    check=check,
)
