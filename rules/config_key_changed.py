"""WB402: a key of the config gets another value without `allow_val_change=True`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.findings import Finding, Related, Severity, first_per_place
from wandblint.model import ChangedKey, TrackingModel, changed_keys
from wandblint.rule import OptionValue, Rule


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per write."""
    yield from first_per_place(map(_finding, changed_keys(model)))


def _finding(changed: ChangedKey) -> Finding:
    before, write = changed.before, changed.write
    key = write.key.literal
    return rule.finding(
        write.span,
        f"the config's `{key}` is {before.value.literal!r} already, so wandb raises `ConfigError` when it "
        f"becomes {write.value.literal!r}",
        "log a value that changes, or write `run.config.update({...}, allow_val_change=True)`",
        (Related(before.span, f"here `{key}` gets its value"),),
    )


rule = Rule(
    code="WB402",
    name="config-key-changed",
    severity=Severity.ERROR,
    summary="A key of the config gets another value without `allow_val_change=True`: wandb raises",
    check=check,
    in_notebooks=False,
)
