"""WB407: code reads a key of the summary that nothing logs to the run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.findings import Finding, Severity, first_per_place
from wandblint.model import MissingKey, TrackingModel, missing_keys
from wandblint.rule import OptionValue, Rule


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per place."""
    yield from first_per_place(map(_finding, missing_keys(model)))


def _finding(missing: MissingKey) -> Finding:
    read = missing.read
    if read.has_default:
        outcome = f"`{read.text}.get` always returns its default"
    else:
        outcome = f"reading it from `{read.text}` raises `KeyError`"
    other = f"the run has `{missing.nearest}`" if missing.nearest else "read a key that the run logs"
    return rule.finding(
        read.span,
        f"nothing logs `{read.key}` to this run, so {outcome}",
        f"{other}; or log `{read.key}` before this place",
    )


rule = Rule(
    code="WB407",
    name="key-read-never-logged",
    severity=Severity.WARNING,
    summary="A key of the summary is read, but nothing logs it to the run",
    check=check,
    in_notebooks=False,
)
