"""WB403: the metric of a sweep, which no job of the sweep logs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.findings import Finding, Related, Severity, first_per_place
from wandblint.model import TrackingModel, UnloggedMetric, unlogged_metrics
from wandblint.rule import OptionValue, Rule


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per sweep of code, and per init of the programs of YAML files."""
    yield from first_per_place(map(_finding, unlogged_metrics(model)))


def _finding(unlogged: UnloggedMetric) -> Finding:
    sweep, nearest, init = unlogged.sweep, unlogged.nearest, unlogged.init.span
    outcome = "the search has no values to go by" if sweep.needs_metric else "no run has a value of it"
    other = f"the run has `{nearest}`: name that" if nearest else "name a key that the run logs"
    target = (
        f", the metric of the sweep in `{sweep.file}`, to this run"
        if sweep.file
        else " to a run of this sweep"
    )
    return rule.finding(
        sweep.name_at or init,
        f"nothing logs `{sweep.metric}`{target}, so {outcome}",
        f"{other}; or log `{sweep.metric}`",
        () if sweep.name_at is None else (Related(init, "the run of a job"),),
        # A search that ignores the metric tries the same parameters without it.
        severity=None if sweep.needs_metric else Severity.WARNING,
    )


rule = Rule(
    code="WB403",
    name="sweep-metric-not-logged",
    severity=Severity.ERROR,
    summary="The metric of a sweep, which no job of the sweep logs",
    check=check,
)
