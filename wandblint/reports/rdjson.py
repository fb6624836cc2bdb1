"""Reviewdog's diagnostic format: one JSON document (reviewdog, `proto/rdf/reviewdog.proto`)."""

from __future__ import annotations

import json
from collections.abc import Iterator

from wandblint.findings.finding import Severity
from wandblint.reports.links import rule_url
from wandblint.reports.location import LocatedEdit, LocatedFinding, Location
from wandblint.reports.report import Report

_SEVERITIES = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.NOTE: "INFO"}


def rdjson(report: Report) -> Iterator[str]:
    """All findings with their fixes; ASCII only, so any output encoding can represent it."""
    source = {"name": "wandblint", "url": rule_url("")}
    diagnostics = [_diagnostic(located, report) for located in report.findings]
    yield json.dumps({"source": source, "diagnostics": diagnostics}, indent=2)


def _diagnostic(located: LocatedFinding, report: Report) -> dict[str, object]:
    finding, location = located.finding, located.location
    diagnostic: dict[str, object] = {
        "message": f"{finding.message}\n{finding.help}" if finding.help else finding.message,
        "location": {"path": report.path(location), "range": _range(location)},
        "severity": _SEVERITIES[finding.severity],
        "code": {"value": finding.code, "url": rule_url(finding.name)},
    }
    if edit := _suggestion(located):
        diagnostic["suggestions"] = [{"range": _range(edit.location), "text": edit.text}]
    return diagnostic


def _suggestion(located: LocatedFinding) -> LocatedEdit | None:
    """The fix, if it is one edit: several would be alternatives, and a notebook's JSON is not its code."""
    edits = located.fix.edits if located.fix else ()
    if len(edits) != 1 or edits[0].location.cell is not None:
        return None
    return edits[0] if edits[0].location.filename == located.location.filename else None


def _range(location: Location) -> dict[str, dict[str, int]]:
    if location.cell is not None:
        return {"start": {"line": location.line}, "end": {"line": location.end_line}}
    return {
        "start": _position(location, location.row, location.column),
        "end": _position(location, location.end_row, location.end_column),
    }


def _position(location: Location, row: int, column: int) -> dict[str, int]:
    """A position as reviewdog counts: its columns are bytes of UTF-8."""
    before = location.source.line(row)[: column - 1]
    return {"line": row, "column": len(before.encode("utf-8", "surrogatepass")) + 1}
