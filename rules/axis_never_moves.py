"""WB901: the x-axis of recorded charts has one value in all rows, so all of their points share one x.

wandb writes 0 for an axis that is defined but never logged (docs/wandb-semantics.md, Axes 2).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from wandblint.dashboard.record import Record, RecordedChart, RecordedRun
from wandblint.findings import Finding, Severity, Span
from wandblint.infra.words import join_names
from wandblint.rule import OptionValue, Rule

MIN_ROWS = 2
"""wandb shows a single value as a number, whatever its axis."""


def check(record: Record, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per run, axis and constant x."""
    for run in record.runs:
        stuck: dict[tuple[str, float | None], list[RecordedChart]] = defaultdict(list)
        for chart in run.charts:
            if chart.custom_axis is not None and chart.rows >= MIN_ROWS and len(chart.x) <= 1:
                stuck[chart.custom_axis, next(iter(chart.x), None)].append(chart)
        for (axis, x), charts in stuck.items():
            yield _finding(run, axis, x, charts)


def _finding(run: RecordedRun, axis: str, x: float | None, charts: list[RecordedChart]) -> Finding:
    keys = join_names([f"`{chart.key}`" for chart in charts])
    if x is None:
        message = f"no row of {keys} contains the x-axis `{axis}`, so there is nothing to plot"
    else:
        message = f"the x-axis `{axis}` is {x:g} in every row of {keys}, so all points lie at x = {x:g}"
    log = next(log for log in run.logs if charts[0].key in log.columns)
    advice = f"log an increasing value for `{axis}` in the same call as its metrics"
    return rule.finding(Span(log.path, 0, 0), message, advice)


rule = Rule(
    code="WB901",
    name="axis-never-moves",
    severity=Severity.WARNING,
    summary="An x-axis with the same value in all recorded rows: all points of its charts share one x",
    audit=check,
)
