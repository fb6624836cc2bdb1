"""A parser for the Markdown of rule pages: headings, fences and paragraphs, with their rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_HEADING = re.compile(r"(?P<marks>#{1,6}) +(?P<text>.*\S)\s*")
_FENCE = re.compile(r'(?P<marks>`{3,})(?P<language>[\w-]*)(?: +title="(?P<title>[^"]+)")?(?P<rest>.*)')


class PageError(ValueError):
    """The page is malformed at `row`."""

    def __init__(self, row: int, message: str) -> None:
        super().__init__(f"line {row}: {message}")
        self.row = row


@dataclass(frozen=True)
class Heading:
    """`## text`."""

    row: int
    level: int
    text: str


@dataclass(frozen=True)
class Fence:
    """A fenced block; `row` is the row of its opening line."""

    row: int
    language: str
    title: str | None
    lines: tuple[str, ...]

    @property
    def is_python(self) -> bool:
        """Whether the language of the fence is Python."""
        return self.language in ("python", "py")


@dataclass(frozen=True)
class Paragraph:
    """Adjacent lines of text, joined by blanks."""

    row: int
    text: str


def blocks(text: str) -> Iterator[Heading | Fence | Paragraph]:
    """Yields the blocks of a Markdown text, in order.

    Raises `PageError` if a fence is not closed or its opening line is malformed.
    """
    lines = iter(enumerate(text.splitlines(), 1))
    paragraph: list[str] = []
    first_row = 0
    for row, line in lines:
        heading, fence = _HEADING.fullmatch(line), _FENCE.fullmatch(line)
        if line.strip() and not heading and not fence:
            first_row = first_row if paragraph else row
            paragraph.append(line.strip())
            continue
        if paragraph:
            yield Paragraph(first_row, " ".join(paragraph))
            paragraph = []
        if heading:
            yield Heading(row, len(heading["marks"]), heading["text"])
        elif fence:
            if fence["rest"].strip():
                raise PageError(row, f'a fence opens with ```language title="path", not {line}')
            content = tuple(_fence_lines(row, fence["marks"], lines))
            yield Fence(row, fence["language"], fence["title"], content)
    if paragraph:
        yield Paragraph(first_row, " ".join(paragraph))


def _fence_lines(first_row: int, marks: str, lines: Iterator[tuple[int, str]]) -> Iterator[str]:
    for _, line in lines:
        if line.startswith(marks) and not line.strip("`").strip():
            return
        if line.startswith(marks):
            # Another fence opens, so the closing line is missing; the cases after it would be lost.
            break
        yield line
    raise PageError(first_row, "the fence is not closed")


def explanation(page: str) -> str:
    """A page without its cases, which are tests and no documentation."""
    rows = (block.row for block in blocks(page) if isinstance(block, Heading) and block.text == "Cases")
    lines = page.splitlines()
    return "\n".join(lines[: next(rows, len(lines) + 1) - 1]).rstrip()
