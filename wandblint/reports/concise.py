"""The concise format: one line per finding, for editors and `grep`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from wandblint.reports.display import printable
from wandblint.reports.location import LocatedFinding


def concise(findings: Iterable[LocatedFinding]) -> Iterator[str]:
    """`path:row:column: CODE message` of each finding."""
    for located in findings:
        yield printable(f"{located.location}: {located.finding.code} {located.finding.message}")
