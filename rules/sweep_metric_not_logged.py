"""WB403: the metric of a sweep in a YAML file, which the program of the sweep never logs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.findings import Finding, Severity, first_per_place
from wandblint.model import TrackingModel, UnloggedMetric, unlogged_metrics
from wandblint.rule import OptionValue, Rule


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per call of `wandb.init`."""
    yield from first_per_place(map(_finding, unlogged_metrics(model)))


def _finding(unlogged: UnloggedMetric) -> Finding:
    sweep, nearest = unlogged.sweep, unlogged.nearest
    outcome = "so the search has no values to go by" if sweep.needs_metric else "so no run has a value of it"
    other = f"the run has `{nearest}`: name that" if nearest else "name a key that the run logs"
    return rule.finding(
        unlogged.init.span,
        f"nothing logs `{sweep.metric}`, the metric of the sweep in `{sweep.name}`, to this run, {outcome}",
        f"{other}; or log `{sweep.metric}`",
        # A search that ignores the metric tries the same parameters without it.
        severity=None if sweep.needs_metric else Severity.WARNING,
    )


rule = Rule(
    code="WB403",
    name="sweep-metric-not-logged",
    severity=Severity.ERROR,
    summary="The metric of a sweep's YAML file, which its program never logs",
    check=check,
)
