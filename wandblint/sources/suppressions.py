"""Comments that suppress findings.

`# wandblint: ignore[WB101, reinit-bool] why`, `# wandblint: ignore-file[...]`, `# noqa: WB101`, `# noqa`.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec

from wandblint.sources.text import Lines

if TYPE_CHECKING:
    from wandblint.facts import Case, FileFacts, Handler, Stmt

OURS = "wandblint:"
"""What a text that holds a suppression of ours holds for certain."""

_OURS = re.compile(
    r"#\s*wandblint:\s*ignore(?P<file>-file)?(?![\w-])(?:\s*\[(?P<codes>[^\]#]*)(?P<closed>\]?))?"
)
_NOQA_CODE = r"[A-Z]+[0-9]+"
_NOQA = re.compile(
    rf"#\s*noqa(?![\w-])(?:\s*:\s*(?P<codes>{_NOQA_CODE}(?:[\s,]+{_NOQA_CODE})*(?![\w-])))?", re.IGNORECASE
)
_SELECTOR = re.compile(r"[^\s,][^,]*(?<!\s)")


class Kind(enum.Enum):
    """Whose comment it is, and how far it reaches."""

    STATEMENT = "ignore"
    FILE = "ignore-file"
    NOQA = "noqa"


class Selector(msgspec.Struct, frozen=True):
    """A code or name in a suppression, and its place."""

    text: str
    start: int
    end: int


class Suppression(msgspec.Struct, frozen=True):
    """A comment's part that suppresses findings: all of them where `selectors` is None."""

    kind: Kind
    row: int
    start: int
    end: int
    selectors: tuple[Selector, ...] | None
    mistake: str | None = None
    """Why it suppresses nothing whatever is found."""


def parse(text: str, lines: Lines) -> list[Suppression]:
    """The suppressions of a text, which need not be valid Python, in order."""
    if OURS not in text and "noqa" not in text.lower():
        return []
    from wandblint.sources.tokens import TooDeep, comments  # noqa: PLC0415 (its pattern takes long to compile)

    try:
        found = comments(text)
    except TooDeep:
        # What cannot be split into tokens cannot be parsed, and the finding that says so must be seen.
        return []
    return [suppression for start, end in found for suppression in _of_comment(text, start, end, lines)]


def _of_comment(text: str, start: int, end: int, lines: Lines) -> Iterator[Suppression]:
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
    for found in _SELECTOR.finditer(match["codes"]):
        yield Selector(found[0], offset + found.start(), offset + found.end())


def _noqa_selectors(match: re.Match[str]) -> Iterator[Selector]:
    offset = match.start("codes")
    for found in re.finditer(_NOQA_CODE, match["codes"], re.IGNORECASE):
        yield Selector(found[0].upper(), offset + found.start(), offset + found.end())


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
    """Which rows belong together: those of a simple statement, or of the header of a compound one."""

    def __init__(self, facts: FileFacts | None, lines: Lines) -> None:
        self._lines = lines
        self._extents = sorted(_extents(facts.body)) if facts else []
        self._by_row: dict[int, range] = {}

    def rows(self, offset: int) -> range:
        """The rows of the statement at an offset, or that its row belongs to; else the row alone."""
        row, _ = self._lines.position(offset)
        around = [(end - start, start, end) for start, end in self._extents if start <= offset < end]
        if around:
            _, start, end = min(around)
            return self._rows(start, end)
        beside = [rows for rows in self._all_rows() if row in rows]
        return min(beside, key=len) if beside else range(row, row + 1)

    def _all_rows(self) -> Iterator[range]:
        return (self._rows(start, end) for start, end in self._extents)

    def _rows(self, start: int, end: int) -> range:
        return range(self._lines.position(start)[0], self._lines.position(end)[0] + 1)


def _extents(body: Iterable[Stmt | Handler | Case]) -> Iterator[tuple[int, int]]:
    for node in body:
        yield node.start, node.end
        yield from _extents(inside(node))


def inside(node: Stmt | Handler | Case) -> Iterator[Stmt | Handler | Case]:
    """What stands directly inside a compound statement, in order."""
    for field in ("body", "handlers", "cases", "orelse", "final"):
        yield from getattr(node, field, ())
