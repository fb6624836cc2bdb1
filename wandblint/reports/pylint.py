"""The format of Pylint's `--output-format=parseable`, which editors and CI services read."""

from __future__ import annotations

from collections.abc import Iterator

from wandblint.reports.display import printable
from wandblint.reports.report import Report


def pylint(report: Report) -> Iterator[str]:
    """`path:line: [CODE] message` of each finding."""
    for located in report.findings:
        finding = located.finding
        place = f"{report.path(located.location)}:{located.location.line}"
        yield printable(f"{place}: [{finding.code}] {finding.message}")
