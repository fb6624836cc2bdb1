"""The source frame of a finding: the lines of its file, each with marks under the characters concerned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from wandblint.infra.secrets import masked
from wandblint.reports.display import cells, expand, printable, wrap
from wandblint.reports.location import Location
from wandblint.reports.style import BLUE, Style

MAX_CELLS = 140
"""The width of a line of source if the width of the terminal is unknown."""
MIN_CELLS = 20
"""The least width of a line of source, however narrow the terminal is."""
LEAD = 16
"""Cells of a cropped line to keep before a mark: the text before a key shows what the key belongs to."""
MIN_WORDS = 24
"""Cells that a label needs next to its mark; with less room it goes below the mark."""


class Mark(msgspec.Struct, frozen=True):
    """A location in the framed file with a label; `color` is None for a related location."""

    location: Location
    label: str
    color: int | None = None


class Line(msgspec.Struct, frozen=True):
    """A printed line of source, and the cells that a mark covers: the first one, and their number."""

    text: str
    start: int
    length: int


def frame(marks: Iterable[Mark], gutter: int, style: Style) -> Iterator[str]:
    """Yields the marked lines from top to bottom, with a gap sign between lines that are not adjacent.

    `gutter` is the width of the row numbers in cells.
    """
    bar = style.dim(style.glyphs.bar)
    last: Location | None = None
    for mark in sorted(marks, key=lambda mark: (mark.location.row, mark.location.column)):
        location = mark.location
        if last is not None and location.row > last.row + 1:
            yield from _between(last, location, gutter, style)
        line = marked(location, _room(gutter, style), style.glyphs.ellipsis)
        if last is None or location.row != last.row:
            number = style.dim(f"{location.row:>{gutter}}")
            yield f"{number} {bar} {line.text}".rstrip()
        for below in _underline(mark, line, gutter, style):
            yield f"{' ' * gutter} {bar} {below}"
        last = location


def _between(last: Location, location: Location, gutter: int, style: Style) -> Iterator[str]:
    """Shows a single line between two marked ones; more lines become a gap sign."""
    if location.row == last.row + 2:
        row = last.row + 1
        line = Location(location.filename, row, 1, row, 1, location.source)
        text = marked(line, _room(gutter, style), style.glyphs.ellipsis).text
        yield f"{style.dim(f'{row:>{gutter}} {style.glyphs.bar}')} {text}".rstrip()
    else:
        yield style.dim(f"{' ' * gutter} {style.glyphs.gap}")


def _room(gutter: int, style: Style) -> int:
    """The cells for source next to the row numbers and the bar."""
    return MAX_CELLS if style.width is None else max(style.width - gutter - 3, MIN_CELLS)


def marked(location: Location, room: int, ellipsis: str) -> Line:
    """The first line of a location in `room` cells, cropped around its mark if necessary.

    A location of several lines is marked to the end of the first one. An empty location (the end of a file)
    is marked by one cell.
    """
    # Before it is cropped: a part of a key does not look like one.
    source = masked(location.source.line(location.row))
    begin = min(location.column - 1, len(source))
    end = location.end_column - 1 if location.end_row == location.row else len(source.rstrip())
    end = min(max(end, begin), len(source))
    printed = expand(source)
    start, length = _cells(printed[:begin]), max(_cells(printed[begin:end]), 1)
    if max(_cells(printed), start + length) <= room:
        return Line("".join(printed), start, length)
    return _cropped(printed, begin, end, room, ellipsis)


def _cropped(printed: list[str], begin: int, end: int, room: int, ellipsis: str) -> Line:
    """The part of a line around its mark that fits, with an ellipsis at each cropped end."""
    sign = cells(ellipsis)
    start, length = _cells(printed[:begin]), max(_cells(printed[begin:end]), 1)
    first = 0
    if start + length > room - sign:
        # Keeps some text before the mark, and more of it if little follows.
        rest = max(_cells(printed[begin:]), 1)
        lead = max(min(LEAD, (room - 2 * sign - length) // 2), room - sign - rest, 0)
        first = begin
        while first and _cells(printed[first - 1 : begin]) <= lead:
            first -= 1
    head = ellipsis if first else ""
    limit = room - cells(head)
    last = len(printed)
    if _cells(printed[first:]) > limit:
        limit -= sign
        last, used = first, 0
        while used + cells(printed[last]) <= limit:
            used += cells(printed[last])
            last += 1
    tail = ellipsis if last < len(printed) else ""
    visible = _cells(printed[begin:last])
    start = cells(head) + _cells(printed[first:begin])
    return Line(head + "".join(printed[first:last]) + tail, start, max(min(length, visible), 1))


def _cells(printed: list[str]) -> int:
    return sum(map(cells, printed))


def _underline(mark: Mark, line: Line, gutter: int, style: Style) -> Iterator[str]:
    """Yields the mark under its characters, and its label next to it, or below it if there is no room."""
    sign, color = ("^", mark.color) if mark.color is not None else ("-", BLUE)
    under = sign * line.length
    if mark.location.end_row > mark.location.row:
        under += style.glyphs.ellipsis
    indent = line.start
    label = printable(mark.label)
    if not label:
        yield " " * indent + style.paint(under, color, bold=True)
        return
    column = indent + cells(under) + 1
    room = None if style.width is None else style.width - gutter - 3
    if room is None or room - column >= min(MIN_WORDS, cells(label)):
        first, *rest = wrap(label, None if room is None else room - column)
        yield f"{' ' * indent}{style.paint(under, color, bold=True)} {style.paint(first, color)}"
    else:
        yield " " * indent + style.paint(under, color, bold=True)
        column = max(min(indent, room - MIN_WORDS), 0)
        rest = list(wrap(label, room - column))
    yield from (" " * column + style.paint(text, color) for text in rest)
