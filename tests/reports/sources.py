"""Findings in made-up files, as the engine passes them to a report."""

from __future__ import annotations

from collections.abc import Mapping

from wandblint.findings.finding import Confidence, Finding, Related, Severity
from wandblint.reports.location import LocatedFinding, locate
from wandblint.reports.style import Style
from wandblint.reports.text import text_report
from wandblint.span import Span


class Rows:
    """The rows of a text, found by counting line endings."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.cell: int | None = None

    def position(self, offset: int) -> tuple[int, int]:
        before = self.text[:offset]
        return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1

    def line(self, row: int) -> str:
        return self.text.split("\n")[row - 1]


class Sources:
    """Texts that are not notebooks."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts

    def section(self, name: str, offset: int) -> Rows:
        return Rows(self.texts[name])

    def file_rows(self, name: str, start: int, end: int) -> tuple[int, int]:
        raise AssertionError("only notebooks have rows in JSON")


def span(texts: Mapping[str, str], path: str, part: str, nth: int = 0) -> Span:
    """The span of the nth occurrence of a text."""
    start = -1
    for _ in range(nth + 1):
        start = texts[path].index(part, start + 1)
    return Span(path, start, start + len(part))


def located(
    texts: Mapping[str, str], primary: Span, *related: tuple[Span, str], **changes: str
) -> LocatedFinding:
    """A finding with rows and columns; `changes` replace its message, help, severity and confidence."""
    finding = Finding(
        "WB201",
        "metric-not-covered",
        Severity(changes.get("severity", "warning")),
        changes.get("message", "`fit/loss` has no x-axis"),
        changes.get("help", "add a definition"),
        primary,
        tuple(Related(span, message) for span, message in related),
        Confidence(changes.get("confidence", "high")),
    )
    return locate(finding, Sources(texts), lambda path: path)


def printed(finding: LocatedFinding, style: Style | None = None) -> str:
    """The text report of one finding."""
    return "\n".join(text_report(finding, style or Style()))
