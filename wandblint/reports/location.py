"""Findings with rows and columns: symbolic places resolved against the text of their files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec

from wandblint.findings.finding import Finding
from wandblint.findings.fix import Applicability, ResolvedFix
from wandblint.span import Span


class SourceLines(Protocol):
    """The lines of a file or of a notebook's cell; rows and columns are 1-based and count characters."""

    @property
    def cell(self) -> int | None:
        """The number of the cell among all of the notebook, from 1."""

    def position(self, offset: int) -> tuple[int, int]:
        """Row and column of a character offset."""

    def line(self, row: int) -> str:
        """The text of a row, without its line ending."""


class Location(msgspec.Struct, frozen=True):
    """A span in rows and columns, its end exclusive; `filename` is relative to the working folder, `/`.

    In a notebook rows are those of the cell, as people see it; `file_rows` are those of the file, as programs
    do: the first and the last.
    """

    filename: str
    row: int
    column: int
    end_row: int
    end_column: int
    source: SourceLines
    file_rows: tuple[int, int] = (1, 1)

    def __str__(self) -> str:
        """`filename:row:column`, in a notebook `filename:cell 3:row:column`."""
        return f"{self.filename}:{self.position}"

    @property
    def cell(self) -> int | None:
        """The number of the cell that it is in; None outside notebooks."""
        return self.source.cell

    @property
    def section(self) -> str:
        """What holds the line: the file, or a cell of it."""
        return self.filename if self.cell is None else f"{self.filename}:cell {self.cell}"

    @property
    def position(self) -> str:
        """Where it is in the file, for people."""
        return f"{'' if self.cell is None else f'cell {self.cell}:'}{self.row}:{self.column}"

    @property
    def line(self) -> int:
        """The first row in the file, for programs."""
        return self.row if self.cell is None else self.file_rows[0]

    @property
    def end_line(self) -> int:
        """The last row in the file, for programs."""
        return self.end_row if self.cell is None else self.file_rows[1]


class SourceTexts(Protocol):
    """The texts of a project's files."""

    def section(self, name: str, offset: int) -> SourceLines:
        """The lines around a place."""

    def file_rows(self, name: str, start: int, end: int) -> tuple[int, int]:
        """The first and last row of the file itself that a place is in."""


class Note(msgspec.Struct, frozen=True):
    """A place with a few words."""

    place: Location
    message: str
    is_step: bool = False


class LocatedEdit(msgspec.Struct, frozen=True):
    """A place that a fix gives another text."""

    place: Location
    text: str


class LocatedFix(msgspec.Struct, frozen=True):
    """A fix with the places of its edits."""

    applicability: Applicability
    message: str
    edits: tuple[LocatedEdit, ...]


class Located(msgspec.Struct, frozen=True):
    """A finding and where it is; `fingerprint` is what it keeps when lines shift and files move."""

    finding: Finding
    place: Location
    related: tuple[Note, ...]
    fingerprint: str = ""
    fix: LocatedFix | None = None


def locate(
    finding: Finding,
    texts: SourceTexts,
    filename: Callable[[str], str],
    fingerprint: str = "",
    fix: ResolvedFix | None = None,
) -> Located:
    """The finding with its places resolved; `filename` takes paths relative to the project's root."""

    def place(span: Span) -> Location:
        source = texts.section(span.path, span.start)
        rows = texts.file_rows(span.path, span.start, span.end) if source.cell else (1, 1)
        start, end = source.position(span.start), source.position(span.end)
        return Location(filename(span.path), *start, *end, source, rows)

    related = tuple(Note(place(note.span), note.message, note.is_step) for note in finding.related)
    located = None
    if fix is not None:
        edits = tuple(LocatedEdit(place(edit.span), edit.text) for edit in fix.edits)
        located = LocatedFix(fix.applicability, fix.message, edits)
    return Located(finding, place(finding.span), related, fingerprint, located)
