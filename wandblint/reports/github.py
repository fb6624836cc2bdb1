"""Annotations for GitHub Actions: one workflow command per finding."""

from __future__ import annotations

from collections.abc import Iterator

from wandblint.findings.finding import Severity
from wandblint.reports.display import printable, quoted
from wandblint.reports.location import LocatedFinding
from wandblint.reports.report import Report

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_IN_MESSAGES = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTIES = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})
"""The escapes that the runner undoes (actions/toolkit, `command.ts`)."""


def github(report: Report) -> Iterator[str]:
    """`::error title=...,file=...,line=...::message` of each finding."""
    for located in report.findings:
        properties = ",".join(
            f"{key}={value.translate(_IN_PROPERTIES)}" for key, value in _properties(located, report).items()
        )
        finding = located.finding
        # The log shows the message only, so the message repeats the location.
        head = printable(f"{located.location}: {finding.code} {finding.message}")
        message = f"{head}\n{printable(finding.help)}" if finding.help else head
        yield f"::{_COMMANDS[finding.severity]} {properties}::{message.translate(_IN_MESSAGES)}"


def _properties(located: LocatedFinding, report: Report) -> dict[str, str]:
    location = located.location
    properties = {
        "title": f"wandblint {located.finding.code} {located.finding.name}",
        "file": quoted(report.path(location)),
        "line": str(location.line),
        "endLine": str(location.end_line),
    }
    if location.row == location.end_row and location.cell is None:
        # GitHub accepts columns only if both are in one line.
        properties |= {"col": str(location.column), "endColumn": str(location.end_column)}
    return properties
