"""WB902: a recorded key has no custom x-axis, though others of its section have one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from wandblint.dashboard.record import Record, RecordedChart, RecordedLog, RecordedRun
from wandblint.findings import Finding, Severity, Span
from wandblint.infra.words import join_names
from wandblint.rule import OptionValue, Rule
from wandblint.semantics.axes import is_step_name
from wandblint.semantics.metrics import BUILT_IN_AXES

MIN_ROWS = 2
"""wandb shows a single value as a number, which needs no axis."""


def check(record: Record, options: Mapping[str, OptionValue]) -> Iterator[Finding]:
    """One finding per log and section; none for damaged logs, which may lack a definition."""
    for run in record.runs:
        if not run.is_complete:
            continue
        axes = _axes(run)
        for log in run.logs:
            without_axis: dict[str, list[RecordedChart]] = defaultdict(list)
            for chart in run.charts:
                if chart.section in axes and _lacks_an_axis(log, chart):
                    without_axis[chart.section].append(chart)
            for section, charts in without_axis.items():
                yield _finding(log, charts, axes[section])


def _axes(run: RecordedRun) -> dict[str, str]:
    """The first custom x-axis in each section."""
    axes: dict[str, str] = {}
    for chart in run.charts:
        custom = sorted(axis for axis in chart.axes if axis is not None and axis not in BUILT_IN_AXES)
        if chart.section and custom:
            axes.setdefault(chart.section, custom[0])
    return axes


def _lacks_an_axis(log: RecordedLog, chart: RecordedChart) -> bool:
    column = log.columns.get(chart.key)
    return (
        column is not None
        and len(column.rows) >= MIN_ROWS
        and not chart.is_axis
        and not is_step_name(chart.key.rpartition("/")[2])
        and chart.key not in log.definitions
        and log.axes(chart.key) == {None}
    )


def _finding(log: RecordedLog, charts: list[RecordedChart], axis: str) -> Finding:
    keys = join_names([f"`{chart.key}`" for chart in charts])
    is_single = len(charts) == 1
    has, its, them = ("has", "its", "it") if is_single else ("have", "their", "them")
    comparison = f"while other `{charts[0].section}` metrics use `{axis}` as x-axis"
    message = f"{keys} {has} no x-axis of {its} own, {comparison}"
    processes = "in every process that opens or resumes the run, before its first row"
    return rule.finding(Span(log.path, 0, 0), message, f"call `define_metric` for {them} {processes}")


rule = Rule(
    code="WB902",
    name="key-without-axis",
    severity=Severity.WARNING,
    summary="A recorded key without an x-axis of its own, in a section whose other keys have one",
    audit=check,
)
