"""The frame of a finding: the lines of its file that matter, each mark under its characters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from wandblint.reports.display import cells, expand, printable, wrap
from wandblint.reports.location import Location
from wandblint.reports.style import BLUE, Style

MAX_CELLS = 140
"""The most that is shown of a line where no terminal says how wide it is."""
MIN_CELLS = 20
"""The least, however narrow the terminal."""
LEAD = 16
"""Cells before a mark that are kept in a cropped line: what precedes a key says what it belongs to."""
MIN_WORDS = 24
"""Cells that words need beside their mark; with less they go below it."""


class Mark(msgspec.Struct, frozen=True):
    """A place of the framed file with a few words; `color` is None for a related place."""

    place: Location
    words: str
    color: int | None = None


class Line(msgspec.Struct, frozen=True):
    """A line of source as printed, and the cells that a mark covers in it: first, and how many."""

    text: str
    start: int
    length: int


def frame(marks: Iterable[Mark], gutter: int, style: Style) -> Iterator[str]:
    """The marked lines from top to bottom, with a gap sign between lines that do not touch.

    `gutter` is the width of the row numbers.
    """
    bar = style.dim(style.glyphs.bar)
    last: Location | None = None
    for mark in sorted(marks, key=lambda mark: (mark.place.row, mark.place.column)):
        place = mark.place
        if last is not None and place.row > last.row + 1:
            yield from _between(last, place, gutter, style)
        line = marked(place, _room(gutter, style), style.glyphs.ellipsis)
        if last is None or place.row != last.row:
            number = style.dim(f"{place.row:>{gutter}}")
            yield f"{number} {bar} {line.text}".rstrip()
        for below in _underline(mark, line, gutter, style):
            yield f"{' ' * gutter} {bar} {below}"
        last = place


def _between(last: Location, place: Location, gutter: int, style: Style) -> Iterator[str]:
    """A line that stands alone between two marked ones is shown; more become a gap sign."""
    if place.row == last.row + 2:
        text = marked(_start_of(place, last.row + 1), _room(gutter, style), style.glyphs.ellipsis).text
        yield f"{style.dim(f'{last.row + 1:>{gutter}} {style.glyphs.bar}')} {text}".rstrip()
    else:
        yield style.dim(f"{' ' * gutter} {style.glyphs.gap}")


def _start_of(place: Location, row: int) -> Location:
    return Location(place.filename, row, 1, row, 1, place.source)


def _room(gutter: int, style: Style) -> int:
    """Cells for source beside the row numbers and the bar."""
    return MAX_CELLS if style.width is None else max(style.width - gutter - 3, MIN_CELLS)


def marked(place: Location, room: int, ellipsis: str) -> Line:
    """The first line of a place in `room` cells, cropped around its mark if need be.

    A place of several lines is marked to the end of its first one. A place with no character (an end
    of file) is marked by one cell.
    """
    source = place.source.line(place.row)
    begin = min(place.column - 1, len(source))
    end = place.end_column - 1 if place.end_row == place.row else len(source.rstrip())
    end = min(max(end, begin), len(source))
    printed = expand(source)
    start, length = _cells(printed[:begin]), max(_cells(printed[begin:end]), 1)
    if max(_cells(printed), start + length) <= room:
        return Line("".join(printed), start, length)
    return _cropped(printed, begin, end, room, ellipsis)


def _cropped(printed: list[str], begin: int, end: int, room: int, ellipsis: str) -> Line:
    """The part of a line around its mark that fits, with an ellipsis at each end that lacks something."""
    sign = cells(ellipsis)
    start, length = _cells(printed[:begin]), max(_cells(printed[begin:end]), 1)
    first = 0
    if start + length > room - sign:
        # Some of what precedes the mark, and more of it where little follows.
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
    shown = _cells(printed[begin:last])
    at = cells(head) + _cells(printed[first:begin])
    return Line(head + "".join(printed[first:last]) + tail, at, max(min(length, shown), 1))


def _cells(printed: list[str]) -> int:
    return sum(map(cells, printed))


def _underline(mark: Mark, line: Line, gutter: int, style: Style) -> Iterator[str]:
    """The mark under its characters, and its words beside it, or below it where there is no room."""
    sign, color = ("^", mark.color) if mark.color is not None else ("-", BLUE)
    under = sign * line.length
    if mark.place.end_row > mark.place.row:
        under += style.glyphs.ellipsis
    indent = line.start
    words = printable(mark.words)
    if not words:
        yield " " * indent + style.paint(under, color, bold=True)
        return
    column = indent + cells(under) + 1
    room = None if style.width is None else style.width - gutter - 3
    if room is None or room - column >= min(MIN_WORDS, cells(words)):
        first, *rest = wrap(words, None if room is None else room - column)
        yield f"{' ' * indent}{style.paint(under, color, bold=True)} {style.paint(first, color)}"
    else:
        yield " " * indent + style.paint(under, color, bold=True)
        column = max(min(indent, room - MIN_WORDS), 0)
        rest = list(wrap(words, room - column))
    yield from (" " * column + style.paint(text, color) for text in rest)
