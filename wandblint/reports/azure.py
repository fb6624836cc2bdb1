"""Annotations for Azure Pipelines: one logging command per finding."""

from __future__ import annotations

from collections.abc import Iterator

from wandblint.findings.finding import Severity
from wandblint.reports.display import printable
from wandblint.reports.location import LocatedFinding
from wandblint.reports.report import Report

_TYPES = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "warning"}
"""The agent knows no third type."""
_IN_MESSAGES = str.maketrans({"%": "%AZP25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTIES = str.maketrans({"%": "%AZP25", "\r": "%0D", "\n": "%0A", "]": "%5D", ";": "%3B"})
"""The escapes that the agent undoes (azure-pipelines-agent, `Command.cs`)."""


def azure(report: Report) -> Iterator[str]:
    """`##vso[task.logissue type=...;sourcepath=...;linenumber=...]message` of each finding."""
    for located in report.findings:
        properties = "".join(
            f"{key}={value.translate(_IN_PROPERTIES)};" for key, value in _properties(located, report).items()
        )
        finding = located.finding
        message = printable(f"{finding.code} {finding.message}").translate(_IN_MESSAGES)
        yield f"##vso[task.logissue {properties}]{message}"


def _properties(located: LocatedFinding, report: Report) -> dict[str, str]:
    location = located.location
    properties = {
        "type": _TYPES[located.finding.severity],
        "sourcepath": printable(report.path(location)),
        "linenumber": str(location.line),
    }
    if location.cell is None:
        properties["columnnumber"] = str(location.column)
    return {**properties, "code": located.finding.code}
