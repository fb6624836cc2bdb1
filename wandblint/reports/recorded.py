"""What runs have recorded, for people: every chart with its x-axis, its rows and how far it gets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from wandblint.dashboard.record import Record, RecordedChart, RecordedRun
from wandblint.findings.finding import Finding, Severity
from wandblint.infra.words import pluralize
from wandblint.reports.display import cells, printable, wrap
from wandblint.reports.style import GREEN, RED, YELLOW, Style, severity_color
from wandblint.reports.text import header, item

MAX_NAME = 40
"""Names beyond so many cells do not widen the column of the others."""


def recorded(record: Record, found: Sequence[Finding], style: Style) -> Iterator[str]:
    """The lines of the report: the runs, what is damaged, the findings."""
    for run in record.runs:
        yield from _run(run, style)
        yield ""
    for finding in found:
        yield from header(finding, style)
        yield f"      {style.dim(style.glyphs.corner)} {printable(finding.span.path)}"
        yield from item("help:", " " + finding.help, "      ", style, color=GREEN)
        yield ""


def recorded_concise(found: Sequence[Finding]) -> Iterator[str]:
    """One line a finding."""
    for finding in found:
        yield printable(f"{finding.span.path}: {finding.code} {finding.message}")


def recorded_summary(
    record: Record, found: Sequence[Finding], style: Style, *, complete: bool, differences: int = 0
) -> str:
    """One line: how much was found, and in how much; `differences` are those from the code."""
    logs = sum(len(run.logs) for run in record.runs)
    read = f"{pluralize(len(record.runs), 'run')} in {pluralize(logs, 'log')} read"
    of_severity = Counter(finding.severity for finding in found)
    counts = [
        style.paint(pluralize(of_severity[severity], severity.value), severity_color(severity), bold=True)
        for severity in Severity
        if of_severity[severity]
    ]
    if differences:
        counts.append(style.paint(f"{pluralize(differences, 'difference')} from the code", YELLOW, bold=True))
    if not counts:
        good = style.paint("All good", GREEN, bold=True) if complete else "Nothing found"
        return f"{good}: {read}."
    return f"Found {', '.join(counts)}; {read}."


def _run(run: RecordedRun, style: Style) -> Iterator[str]:
    rows = sum(log.rows for log in run.logs)
    facts = [f"project {run.project}"] if run.project else []
    facts += [pluralize(len(run.logs), "log"), pluralize(rows, "row"), _end(run)]
    first, *rest = wrap(printable(f"run {run.id} ({', '.join(facts)})"), style.width)
    yield style.paint(first, bold=True)
    yield from (f"  {line}" for line in rest)
    for log in run.logs:
        for damage in log.damage:
            yield from item("damaged:", f" {log.path}: {damage}", "  ", style, color=RED)
    if not run.charts:
        yield "  no charts: the run recorded no numbers"
    names = [cells(_name(chart)) for chart in run.charts if cells(_name(chart)) <= MAX_NAME]
    width = max(names, default=0)
    numbers = max((len(f"{chart.rows}") for chart in run.charts), default=0)
    for section, charts in groupby(run.charts, key=lambda chart: chart.section):
        if section:
            yield f"  {style.paint(printable(section), bold=True)}"
        for chart in charts:
            yield from _chart(chart, width, numbers, style)


def _end(run: RecordedRun) -> str:
    codes = [log.exit_code for log in run.logs]
    return " and ".join(
        "no exit record" if code is None else f"exit code {code}" for code in dict.fromkeys(codes)
    )


def _chart(chart: RecordedChart, width: int, numbers: int, style: Style) -> Iterator[str]:
    """One row of the table: name, rows, axis. What does not fit beside the name goes below it."""
    indent = "    " if chart.section else "  "
    name = _name(chart)
    rows = f"{chart.rows:>{numbers}} {'row ' if chart.rows == 1 else 'rows'}"
    column = 4 + width + 2
    head = indent + style.paint(name) + " " * (column - len(indent) - cells(name))
    if cells(name) > width:
        yield indent + name
        head = " " * column
    room = None if style.width is None else max(style.width - column, MAX_NAME)
    first, *rest = wrap(printable(f"{rows}  {_axis(chart)}"), room)
    yield head + first
    yield from (" " * (column + len(rows) + 2) + line for line in rest)


def _name(chart: RecordedChart) -> str:
    return printable(chart.key.removeprefix(chart.section))


def _axis(chart: RecordedChart) -> str:
    """What a chart lies over and how many places it has there."""
    if chart.is_axis:
        return "an x-axis"
    if len(chart.axes) > 1:
        return "over " + " or ".join(sorted(axis or "no axis of its own" for axis in chart.axes))
    if chart.axis is None:
        return "no axis of its own"
    reach = ""
    if chart.x:
        first, last = min(chart.x), max(chart.x)
        reach = f" at {first:g}" if first == last else f" from {first:g} to {last:g}"
    return f"over {chart.axis}, {pluralize(len(chart.x), 'x-value')}{reach}"
