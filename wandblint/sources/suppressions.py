"""Comments that suppress findings.

`# wandblint: ignore[WB101, reinit-bool] reason`, `# wandblint: ignore-file[...]`, `# noqa: WB101`, `# noqa`.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec

from wandblint.sources.text import Lines

if TYPE_CHECKING:
    from wandblint.facts import FileFacts, Handler, MatchCase, Stmt

OURS = "wandblint:"
"""Every text with a suppression of ours contains this."""

_OURS = re.compile(
    r"#\s*wandblint:\s*ignore(?P<file>-file)?(?![\w-])(?:\s*\[(?P<codes>[^\]#]*)(?P<closed>\]?))?"
)
_NOQA_CODE = r"[A-Z]+[0-9]+"
_NOQA = re.compile(
    rf"#\s*noqa(?![\w-])(?:\s*:\s*(?P<codes>{_NOQA_CODE}(?:[\s,]+{_NOQA_CODE})*(?![\w-])))?", re.IGNORECASE
)
_SELECTOR = re.compile(r"[^\s,][^,]*(?<!\s)")


class Kind(enum.Enum):
    """The tool that a suppression belongs to, and its scope."""

    STATEMENT = "ignore"
    FILE = "ignore-file"
    NOQA = "noqa"


class Selector(msgspec.Struct, frozen=True):
    """A code or name in a suppression, and its offsets."""

    text: str
    start: int
    end: int


class Suppression(msgspec.Struct, frozen=True):
    """A part of a comment that suppresses findings: all of them if `selectors` is None."""

    kind: Kind
    row: int
    start: int
    end: int
    selectors: tuple[Selector, ...] | None
    mistake: str | None = None
    """Why it never suppresses anything; None if it is well formed."""


def parse(text: str, lines: Lines) -> list[Suppression]:
    """The suppressions of a text in order. The text need not be valid Python."""
    if OURS not in text and "noqa" not in text.lower():
        return []
    from wandblint.sources.tokens import TooDeep, comments  # noqa: PLC0415 (its pattern takes long to compile)

    try:
        spans = comments(text)
    except TooDeep:
        # Such a text cannot be parsed either, and the finding that says so must stay visible.
        return []
    return [suppression for start, end in spans for suppression in _in_comment(text, start, end, lines)]


def _in_comment(text: str, start: int, end: int, lines: Lines) -> Iterator[Suppression]:
    row, column = lines.position(start)
    for match in _OURS.finditer(text, start, end):
        kind = Kind.FILE if match["file"] else Kind.STATEMENT
        selectors = None if match["codes"] is None else tuple(_selectors(match))
        mistake = _mistake(match, kind, selectors, stands_alone=not lines.line(row)[: column - 1].strip())
        yield Suppression(kind, row, match.start(), match.end(), selectors, mistake)
    for match in _NOQA.finditer(text, start, end):
        codes = match["codes"]
        selectors = None if codes is None else tuple(_noqa_selectors(match))
        yield Suppression(Kind.NOQA, row, match.start(), match.end(), selectors)


def _selectors(match: re.Match[str]) -> Iterator[Selector]:
    offset = match.start("codes")
    for code in _SELECTOR.finditer(match["codes"]):
        yield Selector(code[0], offset + code.start(), offset + code.end())


def _noqa_selectors(match: re.Match[str]) -> Iterator[Selector]:
    offset = match.start("codes")
    for code in re.finditer(_NOQA_CODE, match["codes"], re.IGNORECASE):
        yield Selector(code[0].upper(), offset + code.start(), offset + code.end())


def _mistake(
    match: re.Match[str], kind: Kind, selectors: tuple[Selector, ...] | None, *, stands_alone: bool
) -> str | None:
    if kind is Kind.FILE and not stands_alone:
        return "`ignore-file` needs its own line"
    if match["codes"] is not None and not match["closed"]:
        return "its bracket is not closed"
    if selectors == () or (kind is Kind.STATEMENT and selectors is None):
        return f"`{kind.value}` needs the codes or names of rules"
    return None


class Statements:
    """The rows of a file's statements: those of a simple statement, or of the header of a compound one."""

    def __init__(self, facts: FileFacts | None, lines: Lines) -> None:
        self._lines = lines
        self._extents = sorted(_extents(facts.body)) if facts else []

    def rows(self, offset: int) -> range:
        """The rows of the statement at an offset, else of a statement on the same row, else that row."""
        row, _ = self._lines.position(offset)
        enclosing = [(end - start, start, end) for start, end in self._extents if start <= offset < end]
        if enclosing:
            _, start, end = min(enclosing)
            return self._rows(start, end)
        on_row = [rows for extent in self._extents if row in (rows := self._rows(*extent))]
        return min(on_row, key=len) if on_row else range(row, row + 1)

    def _rows(self, start: int, end: int) -> range:
        return range(self._lines.position(start)[0], self._lines.position(end)[0] + 1)


def _extents(body: Iterable[Stmt | Handler | MatchCase]) -> Iterator[tuple[int, int]]:
    for node in body:
        yield node.start, node.end
        yield from _extents(children(node))


def children(node: Stmt | Handler | MatchCase) -> Iterator[Stmt | Handler | MatchCase]:
    """The direct children of a compound statement, in order."""
    for field in ("body", "handlers", "cases", "orelse", "final"):
        yield from getattr(node, field, ())
