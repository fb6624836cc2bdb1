"""Recorded runs, for people: every chart with its number of rows, its x-axis and the range of x-values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from wandblint.dashboard.record import Record, RecordedChart, RecordedRun
from wandblint.findings.finding import Finding
from wandblint.infra.words import pluralize
from wandblint.reports.display import cells, printable, wrap
from wandblint.reports.style import GREEN, RED, YELLOW, Style
from wandblint.reports.summary import severity_counts
from wandblint.reports.text import header, item

MAX_NAME = 40
"""Longer names, in cells, do not widen the column of names."""


def record_report(record: Record, findings: Sequence[Finding], style: Style) -> Iterator[str]:
    """Yields the runs, with the damages of their logs, then the findings."""
    for run in record.runs:
        yield from _run(run, style)
        yield ""
    for finding in findings:
        yield from header(finding, style)
        yield f"      {style.dim(style.glyphs.corner)} {printable(finding.span.path)}"
        yield from item("help:", " " + finding.help, "      ", style, color=GREEN)
        yield ""


def record_concise(findings: Sequence[Finding]) -> Iterator[str]:
    """Yields one line per finding."""
    for finding in findings:
        yield printable(f"{finding.span.path}: {finding.code} {finding.message}")


def record_summary(
    record: Record, findings: Sequence[Finding], style: Style, *, complete: bool, differences: int = 0
) -> str:
    """Counts findings, `differences` from the code, runs and logs; `complete` if nothing went wrong.

    Names the logs whose dropped rows are perhaps not all known: they may not be all good.
    """
    logs = sum(len(run.logs) for run in record.runs)
    read = f"{pluralize(len(record.runs), 'run')} in {pluralize(logs, 'log')} read"
    unsure = sum(not log.dropped_is_complete for _, log in record.logs())
    if unsure:
        read += f", {unsure} without a readable logs/debug-internal.log: wandb may have dropped more rows"
    counts = severity_counts(findings, style)
    if differences:
        counts.append(style.paint(f"{pluralize(differences, 'difference')} from the code", YELLOW, bold=True))
    if not counts:
        good = style.paint("All good", GREEN, bold=True) if complete and not unsure else "Nothing found"
        return f"{good}: {read}."
    return f"Found {', '.join(counts)}; {read}."


def _run(run: RecordedRun, style: Style) -> Iterator[str]:
    rows = sum(log.rows for log in run.logs)
    details = [f"project {run.project}"] if run.project else []
    details += [pluralize(len(run.logs), "log"), pluralize(rows, "row"), _exits(run)]
    first, *rest = wrap(printable(f"run {run.id} ({', '.join(details)})"), style.width)
    yield style.paint(first, bold=True)
    yield from (f"  {line}" for line in rest)
    for log in run.logs:
        for damage in log.damage:
            yield from item("damaged:", f" {log.path}: {damage}", "  ", style, color=RED)
    if not run.charts:
        yield "  no charts: the run recorded no numbers"
    widths = [cells(_name(chart)) for chart in run.charts]
    width = max((width for width in widths if width <= MAX_NAME), default=0)
    digits = max((len(f"{chart.rows}") for chart in run.charts), default=0)
    for section, charts in groupby(run.charts, key=lambda chart: chart.section):
        if section:
            yield f"  {style.paint(printable(section), bold=True)}"
        for chart in charts:
            yield from _chart(chart, width, digits, style)


def _exits(run: RecordedRun) -> str:
    codes = [log.exit_code for log in run.logs]
    return " and ".join(
        "no exit record" if code is None else f"exit code {code}" for code in dict.fromkeys(codes)
    )


def _chart(chart: RecordedChart, width: int, digits: int, style: Style) -> Iterator[str]:
    """Yields a row of the table: name, rows, axis. The last two go below a long name."""
    indent = "    " if chart.section else "  "
    name = _name(chart)
    rows = f"{chart.rows:>{digits}} {'row ' if chart.rows == 1 else 'rows'}"
    column = 4 + width + 2
    head = indent + style.paint(name) + " " * (column - len(indent) - cells(name))
    if cells(name) > width:
        yield indent + name
        head = " " * column
    first, *rest = wrap(printable(f"{rows}  {_axis(chart)}"), style.room(column, MAX_NAME))
    yield head + first
    yield from (" " * (column + len(rows) + 2) + line for line in rest)


def _name(chart: RecordedChart) -> str:
    return printable(chart.key.removeprefix(chart.section))


def _axis(chart: RecordedChart) -> str:
    """The x-axis of a chart, with the number and range of its x-values."""
    if chart.is_axis:
        return "an x-axis"
    if len(chart.axes) > 1:
        return "over " + " or ".join(sorted(axis or "no axis of its own" for axis in chart.axes))
    if chart.axis is None:
        return "no axis of its own"
    extent = ""
    if chart.x:
        first, last = min(chart.x), max(chart.x)
        extent = f" at {first:g}" if first == last else f" from {first:g} to {last:g}"
    return f"over {chart.axis}, {pluralize(len(chart.x), 'x-value')}{extent}"
