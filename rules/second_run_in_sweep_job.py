"""WB405: a job of a sweep opens a second run, which gets the id of the first one.

The agent sets `WANDB_RUN_ID` for each job, and in a sweep `wandb.init` ignores its own `id`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wandblint.findings import Finding, Related, Severity
from wandblint.model import TrackingModel, second_runs
from wandblint.rule import OptionValue, Rule


def check(model: TrackingModel, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per call of `wandb.init`."""
    for second in second_runs(model):
        if second.loop is None:
            related = Related(second.first, "the first run of the job")
        else:
            related = Related(second.loop.span, "the loop in which one job opens several runs")
        sweep = f"the sweep in `{second.sweep}`" if second.sweep else "a sweep"
        yield rule.finding(
            second.init,
            f"a job of {sweep} opens a second run here, but all of its runs get the id of the job: "
            "the second one fails or replaces the first one, whatever `reinit` says",
            "open one run per job and log each part under keys of its own, or make each part a job",
            (related,),
        )


rule = Rule(
    code="WB405",
    name="second-run-in-sweep-job",
    severity=Severity.ERROR,
    summary="A second run in one job of a sweep: both get the id of the job",
    check=check,
)
