"""WB306: one log call per key, so every key gets its own row and step.

A call without `step=` and `commit=` writes a row and raises the step (`Run.log` of wandb).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.findings import Applicability, Finding, Fix, MergeLoop, Related, Severity
from wandblint.model import TrackingModel, name_loops, split_rows
from wandblint.rule import OptionValue, Rule


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per loop and per series of consecutive calls."""
    for found in name_loops(model):
        yield rule.finding(
            found.call,
            "this logs one row per key, so wandb's step advances on every iteration",
            "collect the keys in one dict and log it once, after the loop",
            (Related(found.loop, "one iteration per name"),),
            fix=Fix(Applicability.UNSAFE, "log all keys with one call", (MergeLoop(found.loop, found.call),)),
        )
    for first, *others in split_rows(model):
        number = 1 + len(others)
        yield rule.finding(
            first,
            f"{number} consecutive calls log one key each, so wandb writes {number} rows "
            f"and advances its step {number} times",
            "log one dict with all keys",
            tuple(Related(span, "another row") for span in others),
        )


rule = Rule(
    code="WB306",
    name="row-per-key",
    severity=Severity.WARNING,
    summary="One log call per key: every key gets its own row and step",
    check=check,
)
