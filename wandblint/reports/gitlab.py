"""GitLab's code quality report: a JSON array in a subset of Code Climate's format."""

from __future__ import annotations

import json
from collections.abc import Iterator

from wandblint.findings.finding import Severity
from wandblint.reports.location import LocatedFinding, Location
from wandblint.reports.report import Report

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.NOTE: "info"}


def gitlab(report: Report) -> Iterator[str]:
    """All findings as one array; GitLab compares the fingerprints of two branches."""
    identities = report.identities()
    objects = [_object(*pair, report) for pair in zip(report.findings, identities, strict=True)]
    yield json.dumps(objects, indent=2)


def _object(located: LocatedFinding, identity: str, report: Report) -> dict[str, object]:
    finding, location = located.finding, located.location
    return {
        "type": "issue",
        "check_name": finding.code,
        "description": f"{finding.code} {finding.message}",
        "content": {"body": finding.help},
        "categories": ["Bug Risk"],
        "severity": _SEVERITIES[finding.severity],
        "fingerprint": identity,
        "location": {
            "path": report.path(location),
            "lines": {"begin": location.line, "end": location.end_line},
            **({} if location.cell is not None else {"positions": _positions(location)}),
        },
    }


def _positions(location: Location) -> dict[str, dict[str, int]]:
    return {
        "begin": {"line": location.row, "column": location.column},
        "end": {"line": location.end_row, "column": location.end_column},
    }
