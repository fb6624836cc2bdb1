"""The code quality report of GitLab: a JSON array in a part of Code Climate's format."""

from __future__ import annotations

import json
from collections.abc import Iterator

from wandblint.findings.finding import Severity
from wandblint.reports.location import Located, Location
from wandblint.reports.report import Report

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.NOTE: "info"}


def gitlab(report: Report) -> Iterator[str]:
    """All findings as one array; GitLab compares the fingerprints of two branches."""
    identities = report.identities()
    objects = [_object(*pair, report) for pair in zip(report.found, identities, strict=True)]
    yield json.dumps(objects, indent=2)


def _object(located: Located, identity: str, report: Report) -> dict[str, object]:
    finding, place = located.finding, located.place
    return {
        "type": "issue",
        "check_name": finding.code,
        "description": f"{finding.code} {finding.message}",
        "content": {"body": finding.help},
        "categories": ["Bug Risk"],
        "severity": _SEVERITIES[finding.severity],
        "fingerprint": identity,
        "location": {
            "path": report.path(place),
            "lines": {"begin": place.line, "end": place.end_line},
            **({} if place.cell is not None else {"positions": _positions(place)}),
        },
    }


def _positions(place: Location) -> dict[str, dict[str, int]]:
    return {
        "begin": {"line": place.row, "column": place.column},
        "end": {"line": place.end_row, "column": place.end_column},
    }
