"""The findings of each file below its name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from wandblint.reports.display import cells, printable, wrap
from wandblint.reports.location import Located
from wandblint.reports.style import Style, severity_color

MIN_WIDTH = 24
"""Words get so many cells however narrow the terminal is."""


def grouped(found: Sequence[Located], style: Style) -> Iterator[str]:
    """Each file's name, then a line a finding: `row:column CODE message`."""
    for filename, group in groupby(found, key=lambda located: located.place.filename):
        located_here = list(group)
        positions = [located.place.position for located in located_here]
        width = max(map(len, positions))
        yield f"{style.paint(printable(filename), bold=True)}:"
        for located, position in zip(located_here, positions, strict=True):
            finding = located.finding
            code = style.paint(finding.code, severity_color(finding.severity), bold=True)
            blanks = " " * (width - len(position) + 2)
            before = len(position) + len(blanks) + cells(finding.code) + 3
            room = None if style.width is None else max(style.width - before, MIN_WIDTH)
            first, *rest = wrap(printable(finding.message), room)
            yield f"  {style.dim(position)}{blanks}{code} {first}"
            yield from (" " * before + line for line in rest)
        yield ""
