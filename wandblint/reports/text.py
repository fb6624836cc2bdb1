"""The text format, for people: the message of a finding, its source, related locations and help."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wandblint.findings.finding import Confidence, Finding
from wandblint.findings.fix import Applicability
from wandblint.reports.display import cells, printable, wrap
from wandblint.reports.frame import Mark, frame
from wandblint.reports.links import rule_url
from wandblint.reports.location import LocatedFinding, LocatedNote, Location
from wandblint.reports.style import GREEN, Style, severity_color

MAX_FRAMED = 4
"""Related locations in one frame; a frame that does not fit on the screen shows no connection."""
MIN_WIDTH = 24
"""The least width of text in cells, however narrow the terminal is."""


def text_report(located: LocatedFinding, style: Style) -> Iterator[str]:
    """The lines of one finding."""
    finding, location = located.finding, located.location
    color = severity_color(finding.severity)
    framed = _framed(located)
    gutter = max(len(str(row)) for row in (location.row, *(note.location.row for note in framed)))
    indent = " " * (gutter + 1)
    yield from header(finding, style, fix_label(located))
    yield f"{indent}{style.dim(style.glyphs.corner)} {printable(str(location))}"
    marks = [Mark(location, "", color), *(Mark(note.location, note.message) for note in framed)]
    yield from frame(marks, gutter, style)
    yield from _notes([note for note in located.related if note not in framed], indent, style)
    if finding.help:
        yield from item("help:", " " + finding.help, indent, style, color=GREEN)


def _framed(located: LocatedFinding) -> list[LocatedNote]:
    """The related locations in the frame: those in the same file, the first one for each message."""
    first: dict[str, LocatedNote] = {}
    for note in located.related:
        if note.location.section == located.location.section:
            first.setdefault(note.message, note)
    return list(first.values())[:MAX_FRAMED]


def fix_label(located: LocatedFinding) -> str:
    """`[fix]` or `[unsafe fix]`; empty if there is no fix."""
    if located.fix is None:
        return ""
    return "[fix]" if located.fix.applicability is Applicability.SAFE else "[unsafe fix]"


def header(finding: Finding, style: Style, label: str = "") -> Iterator[str]:
    """Yields the code, severity and message of a finding, wrapped."""
    color = severity_color(finding.severity)
    code = style.link(style.paint(finding.code, color, bold=True), rule_url(finding.name))
    doubt = "" if finding.confidence is Confidence.HIGH else f" ({finding.confidence.value} confidence)"
    severity = f"{finding.severity.value}{doubt}:"
    indent = cells(finding.code) + 1
    message = f"{printable(finding.message)} {label}".rstrip()
    first, *rest = wrap(f"{severity} {message}", style.room(indent, MIN_WIDTH))
    first = first.removeprefix(severity)
    yield f"{code} {style.paint(severity, color, bold=True)}{style.paint(first, bold=True)}"
    yield from (" " * indent + style.paint(line, bold=True) for line in rest)


def _notes(notes: Sequence[LocatedNote], indent: str, style: Style) -> Iterator[str]:
    """Yields the other related locations, their messages aligned; equal messages in one file are merged."""
    locations: dict[tuple[str, str], list[Location]] = {}
    for note in notes:
        locations.setdefault((note.location.section, note.message), []).append(note.location)
    items: list[tuple[str, str]] = []
    for (_, message), (first, *others) in locations.items():
        lines = "line" if len(others) == 1 else "lines"
        also = f" (also {lines} {', '.join(str(other.row) for other in others)})" if others else ""
        items.append((printable(str(first)), message + also))
    column = max((cells(location) for location, _ in items), default=0) + 2
    for location, message in items:
        yield from item(location, " " * (column - cells(location)) + message, indent, style)


def item(head: str, text: str, indent: str, style: Style, color: int | None = None) -> Iterator[str]:
    """Yields a line below a frame, `= head text`, wrapped; `text` begins with the blanks between the two."""
    stripped = text.lstrip()
    gap = len(text) - len(stripped)
    column = len(indent) + 2 + cells(head) + gap
    head = f"{indent}{style.dim('=')} {style.paint(head, color, bold=color is not None)}"
    if style.width is not None and style.width - column < min(MIN_WIDTH, cells(stripped)):
        yield head
        head, gap, column = "", len(indent) + 4, len(indent) + 4
    first, *rest = wrap(printable(stripped), style.room(column, MIN_WIDTH))
    yield f"{head}{' ' * gap}{first}".rstrip()
    yield from (" " * column + line for line in rest)
