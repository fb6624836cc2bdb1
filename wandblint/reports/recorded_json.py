"""What runs have recorded, for programs. Its fields are a promise: they are added to, never changed."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence

from wandblint.dashboard.record import Record, RecordedChart, RecordedLog, RecordedRun
from wandblint.findings.finding import Finding
from wandblint.reports.links import rule_url


def recorded_json(
    record: Record, found: Sequence[Finding], against: Mapping[str, object] | None = None
) -> str:
    """The runs with their charts, and the findings, as one object; ASCII only.

    `against` is what the comparison with the code says, where that was asked for.
    """
    shown = {"runs": [_run(run) for run in record.runs], "findings": [_finding(one) for one in found]}
    return json.dumps(shown if against is None else {**shown, "against": against}, indent=2)


def _run(run: RecordedRun) -> dict[str, object]:
    return {
        "id": run.id,
        "project": run.project or None,
        "rows": sum(log.rows for log in run.logs),
        "logs": [_log(log) for log in run.logs],
        "charts": [_chart(chart) for chart in run.charts],
    }


def _log(log: RecordedLog) -> dict[str, object]:
    return {
        "filename": log.path,
        "rows": log.rows,
        "exit_code": log.exit_code,
        "empty_steps": log.empty,
        "dropped_steps": log.dropped,
        "damage": log.damage,
    }


def _chart(chart: RecordedChart) -> dict[str, object]:
    return {
        "key": chart.key,
        "axis": chart.axis,
        "possible_axes": sorted(chart.axes, key=lambda axis: axis or ""),
        "is_axis": chart.is_axis,
        "rows": chart.rows,
        "distinct_x": len(chart.x),
        "first_x": _number(min(chart.x, default=None)),
        "last_x": _number(max(chart.x, default=None)),
    }


def _number(x: float | None) -> float | str | None:
    """JSON knows no infinity."""
    return str(x) if x is not None and math.isinf(x) else x


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "message": finding.message,
        "help": finding.help,
        "filename": finding.span.path,
        "url": rule_url(finding.name),
    }
