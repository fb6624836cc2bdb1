"""Annotations of GitHub Actions: one workflow command a finding."""

from __future__ import annotations

from collections.abc import Iterator

from wandblint.findings.finding import Severity
from wandblint.reports.display import printable
from wandblint.reports.location import Located
from wandblint.reports.report import Report

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_IN_MESSAGES = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTIES = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})
"""The escapes that the runner takes back (actions/toolkit, `command.ts`)."""


def github(report: Report) -> Iterator[str]:
    """`::error title=...,file=...,line=...::message` of each finding."""
    for located in report.found:
        properties = ",".join(
            f"{key}={value.translate(_IN_PROPERTIES)}" for key, value in _properties(located, report).items()
        )
        finding = located.finding
        # The log shows the message without the place, so the place is in it as well.
        head = printable(f"{located.place}: {finding.code} {finding.message}")
        message = f"{head}\n{printable(finding.help)}" if finding.help else head
        yield f"::{_COMMANDS[finding.severity]} {properties}::{message.translate(_IN_MESSAGES)}"


def _properties(located: Located, report: Report) -> dict[str, str]:
    place = located.place
    properties = {
        "title": f"wandblint {located.finding.code} {located.finding.name}",
        "file": report.path(place),
        "line": str(place.line),
        "endLine": str(place.end_line),
    }
    if place.row == place.end_row and place.cell is None:
        # GitHub takes columns only where both are of one line.
        properties |= {"col": str(place.column), "endColumn": str(place.end_column)}
    return properties
