"""The report for people: what is wrong, where it comes from, what wandb will do and what to do instead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wandblint.findings.finding import Confidence, Finding
from wandblint.findings.fix import Applicability
from wandblint.reports.display import cells, printable, wrap
from wandblint.reports.frame import Mark, frame
from wandblint.reports.links import rule_url
from wandblint.reports.location import Located, Note
from wandblint.reports.style import GREEN, Style, severity_color

MAX_FRAMED = 4
"""Related places in one frame; a frame that needs scrolling shows no connection."""
MIN_WIDTH = 24
"""Words get so many cells however narrow the terminal is."""


def text_report(located: Located, style: Style) -> Iterator[str]:
    """The lines of one finding."""
    finding, place = located.finding, located.place
    color = severity_color(finding.severity)
    framed = _framed(located)
    gutter = max(len(str(row)) for row in (place.row, *(note.place.row for note in framed)))
    indent = " " * (gutter + 1)
    yield from header(finding, style, fix_label(located))
    yield f"{indent}{style.dim(style.glyphs.corner)} {printable(str(place))}"
    marks = [Mark(place, "", color), *(Mark(note.place, note.message) for note in framed)]
    yield from frame(marks, gutter, style)
    yield from _notes([note for note in located.related if note not in framed], indent, style)
    if finding.help:
        yield from item("help:", " " + finding.help, indent, style, color=GREEN)


def _framed(located: Located) -> list[Note]:
    """The related places of the same file that share the frame: of those with the same words, the first."""
    first: dict[str, Note] = {}
    for note in located.related:
        if note.place.section == located.place.section:
            first.setdefault(note.message, note)
    return list(first.values())[:MAX_FRAMED]


def fix_label(located: Located) -> str:
    """`[fix]` or `[unsafe fix]`; empty where there is none."""
    if located.fix is None:
        return ""
    return "[fix]" if located.fix.applicability is Applicability.SAFE else "[unsafe fix]"


def header(finding: Finding, style: Style, label: str = "") -> Iterator[str]:
    """The code of a finding, how bad it is and what it says."""
    color = severity_color(finding.severity)
    code = style.link(style.paint(finding.code, color, bold=True), rule_url(finding.name))
    doubt = "" if finding.confidence is Confidence.HIGH else f" ({finding.confidence.value} confidence)"
    severity = f"{finding.severity.value}{doubt}:"
    indent = cells(finding.code) + 1
    words = f"{printable(finding.message)} {label}".rstrip()
    first, *rest = wrap(f"{severity} {words}", _width(style, indent))
    said = first.removeprefix(severity)
    yield f"{code} {style.paint(severity, color, bold=True)}{style.paint(said, bold=True)}"
    yield from (" " * indent + style.paint(line, bold=True) for line in rest)


def _notes(notes: Sequence[Note], indent: str, style: Style) -> Iterator[str]:
    """The other related places, their words aligned; places of one file with the same words share them."""
    rows: dict[tuple[str, str], list[int]] = {}
    for note in notes:
        rows.setdefault((note.place.section, note.message), []).append(note.place.row)
    items: list[tuple[str, str]] = []
    for (name, words), (row, *others) in rows.items():
        lines = "line" if len(others) == 1 else "lines"
        also = f" (also {lines} {', '.join(map(str, others))})" if others else ""
        items.append((printable(f"{name}:{row}"), words + also))
    column = max((cells(place) for place, _ in items), default=0) + 2
    for place, words in items:
        yield from item(place, " " * (column - cells(place)) + words, indent, style)


def item(head: str, words: str, indent: str, style: Style, color: int | None = None) -> Iterator[str]:
    """One line below a frame, `= head words`, wrapped under its words."""
    text = words.lstrip()
    gap = len(words) - len(text)
    before = len(indent) + 2 + cells(head) + gap
    head = f"{indent}{style.dim('=')} {style.paint(head, color, bold=color is not None)}"
    if style.width is not None and style.width - before < min(MIN_WIDTH, cells(text)):
        yield head
        head, gap, before = "", len(indent) + 4, len(indent) + 4
    first, *rest = wrap(printable(text), _width(style, before))
    yield f"{head}{' ' * gap}{first}".rstrip()
    yield from (" " * before + line for line in rest)


def _width(style: Style, used: int) -> int | None:
    """What is left of the terminal's width."""
    return None if style.width is None else max(style.width - used, MIN_WIDTH)
