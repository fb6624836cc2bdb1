"""Findings with rows and columns: symbolic places resolved against the text of their files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from wandblint.finding import Finding, Span


class SourceLines(Protocol):
    """The lines of a file; rows and columns are 1-based and count characters."""

    def position(self, offset: int) -> tuple[int, int]:
        """Row and column of a character offset."""

    def line(self, row: int) -> str:
        """The text of a row, without its line ending."""


@dataclass(frozen=True)
class Place:
    """A span in rows and columns, its end exclusive; `filename` is relative to the working folder, `/`."""

    filename: str
    row: int
    column: int
    end_row: int
    end_column: int
    source: SourceLines

    def __str__(self) -> str:
        """`filename:row:column`."""
        return f"{self.filename}:{self.row}:{self.column}"


@dataclass(frozen=True)
class Note:
    """A place with a few words."""

    place: Place
    message: str
    is_step: bool = False


@dataclass(frozen=True)
class Located:
    """A finding and where it is; `fingerprint` is what it keeps when lines shift and files move."""

    finding: Finding
    place: Place
    related: tuple[Note, ...]
    fingerprint: str = ""


def locate(
    finding: Finding,
    lines: Callable[[str], SourceLines],
    filename: Callable[[str], str],
    fingerprint: str = "",
) -> Located:
    """The finding with its places resolved; both callables take paths relative to the project's root."""

    def place(span: Span) -> Place:
        source = lines(span.path)
        return Place(filename(span.path), *source.position(span.start), *source.position(span.end), source)

    related = tuple(Note(place(note.span), note.message, note.is_step) for note in finding.related)
    return Located(finding, place(finding.span), related, fingerprint)
