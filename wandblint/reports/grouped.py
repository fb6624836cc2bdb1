"""The grouped format: the findings of each file below its name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from wandblint.reports.display import cells, printable, wrap
from wandblint.reports.location import LocatedFinding
from wandblint.reports.style import Style, severity_color

MIN_WIDTH = 24
"""The least width of a message in cells, however narrow the terminal is."""


def grouped(findings: Sequence[LocatedFinding], style: Style) -> Iterator[str]:
    """Yields each file's name, then `row:column CODE message` of each finding."""
    for filename, group in groupby(findings, key=lambda located: located.location.filename):
        of_file = list(group)
        positions = [located.location.position for located in of_file]
        width = max(map(len, positions))
        yield f"{style.paint(printable(filename), bold=True)}:"
        for located, position in zip(of_file, positions, strict=True):
            finding = located.finding
            code = style.paint(finding.code, severity_color(finding.severity), bold=True)
            blanks = " " * (width - len(position) + 2)
            indent = len(position) + len(blanks) + cells(finding.code) + 3
            first, *rest = wrap(printable(finding.message), style.room(indent, MIN_WIDTH))
            yield f"  {style.dim(position)}{blanks}{code} {first}"
            yield from (" " * indent + line for line in rest)
        yield ""
