"""Recorded runs, for programs. Its fields are stable: new ones may appear, existing ones never change."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence

from wandblint.dashboard.record import Record, RecordedChart, RecordedLog, RecordedRun
from wandblint.findings.finding import Finding
from wandblint.reports.json_report import finding_fields
from wandblint.reports.links import rule_url


def record_json(
    record: Record, findings: Sequence[Finding], comparison: Mapping[str, object] | None = None
) -> str:
    """The runs with their charts, the findings and the comparison, if any, as one object; ASCII only."""
    report: dict[str, object] = {
        "runs": [_run(run) for run in record.runs],
        "findings": [
            {**finding_fields(finding), "filename": finding.span.path, "url": rule_url(finding.name)}
            for finding in findings
        ],
    }
    if comparison is not None:
        report["against"] = comparison
    return json.dumps(report, indent=2)


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
        "dropped_steps": [call.step for call in log.dropped],
        "dropped": [{"step": call.step, "current_step": call.current} for call in log.dropped],
        "dropped_is_complete": log.dropped_is_complete,
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
    """A number, or the name of an infinity, which JSON cannot represent."""
    return str(x) if x is not None and math.isinf(x) else x
