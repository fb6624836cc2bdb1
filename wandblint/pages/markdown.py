"""As much of Markdown as a rule's page needs: headings, fences and paragraphs, with their rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_HEADING = re.compile(r"(?P<marks>#{1,6}) +(?P<text>.*\S)\s*")
_FENCE = re.compile(r'(?P<marks>`{3,})(?P<language>[\w-]*)(?: +title="(?P<title>[^"]+)")?(?P<rest>.*)')


class PageError(ValueError):
    """A page that cannot be read; `row` is where."""

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
    """A fenced block; `row` is that of its opening line."""

    row: int
    language: str
    title: str | None
    lines: tuple[str, ...]

    @property
    def is_python(self) -> bool:
        """Whether the fence holds Python."""
        return self.language in ("python", "py")


@dataclass(frozen=True)
class Paragraph:
    """Lines of text, joined by blanks."""

    row: int
    text: str


def blocks(text: str) -> Iterator[Heading | Fence | Paragraph]:
    """The blocks of a Markdown text, in order.

    Raises `PageError` where a fence is not closed or its opening line is not understood.
    """
    lines = iter(enumerate(text.splitlines(), 1))
    paragraph: list[str] = []
    begun = 0
    for row, line in lines:
        heading, fence = _HEADING.fullmatch(line), _FENCE.fullmatch(line)
        if line.strip() and not heading and not fence:
            begun = begun if paragraph else row
            paragraph.append(line.strip())
            continue
        if paragraph:
            yield Paragraph(begun, " ".join(paragraph))
            paragraph = []
        if heading:
            yield Heading(row, len(heading["marks"]), heading["text"])
        elif fence:
            if fence["rest"].strip():
                raise PageError(row, f'a fence opens with ```language title="path", not {line}')
            yield Fence(row, fence["language"], fence["title"], tuple(_inside(row, fence["marks"], lines)))
    if paragraph:
        yield Paragraph(begun, " ".join(paragraph))


def _inside(opened: int, marks: str, lines: Iterator[tuple[int, str]]) -> Iterator[str]:
    for _, line in lines:
        if line.startswith(marks) and not line.strip("`").strip():
            return
        if line.startswith(marks):
            # The fence before it has lost its end: what follows would be no case any more.
            break
        yield line
    raise PageError(opened, "the fence is not closed")


def explanation(page: str) -> str:
    """What a page says to a reader: all of it but the cases, which are its tests."""
    rows = (block.row for block in blocks(page) if isinstance(block, Heading) and block.text == "Cases")
    lines = page.splitlines()
    return "\n".join(lines[: next(rows, len(lines) + 1) - 1]).rstrip()
