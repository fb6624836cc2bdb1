"""Findings with rows and columns: their spans resolved against the texts of their files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec

from wandblint.findings.finding import Finding
from wandblint.findings.fix import Applicability, ResolvedFix
from wandblint.infra.secrets import has_key
from wandblint.span import Span, position_text


class SourceLines(Protocol):
    """The lines of a file or of a notebook's cell; rows and columns are 1-based and count characters."""

    @property
    def cell(self) -> int | None:
        """The number of the cell in the notebook, from 1; None outside notebooks."""

    def position(self, offset: int) -> tuple[int, int]:
        """Row and column of a character offset."""

    def line(self, row: int) -> str:
        """The text of a row, without its line ending."""


class Place(msgspec.Struct, frozen=True):
    """Where something begins: `filename` is relative to the working folder, the row is one of the cell."""

    filename: str
    cell: int | None
    row: int
    column: int

    def __str__(self) -> str:
        """`filename:row:column`, in a notebook `filename:cell 3:row:column`."""
        return f"{self.filename}:{self.position}"

    @property
    def position(self) -> str:
        """Row and column, in a notebook with the cell, for people."""
        return position_text(self.cell, self.row, self.column)


def place(span: Span, texts: SourceTexts, filename: Callable[[str], str]) -> Place:
    """Where a span begins; `filename` maps paths relative to the project's root to shown ones."""
    source = texts.section(span.path, span.start)
    return Place(filename(span.path), source.cell, *source.position(span.start))


class Location(msgspec.Struct, frozen=True):
    """A span in rows and columns, its end exclusive; `filename` is relative to the working folder, with `/`.

    In a notebook, rows are relative to the cell, for people; `file_rows`, the first and the last row in the
    file, are for programs.
    """

    filename: str
    row: int
    column: int
    end_row: int
    end_column: int
    source: SourceLines
    file_rows: tuple[int, int] = (1, 1)

    def __str__(self) -> str:
        """As a `Place`."""
        return str(self.place)

    @property
    def place(self) -> Place:
        """Where it begins."""
        return Place(self.filename, self.cell, self.row, self.column)

    @property
    def cell(self) -> int | None:
        """The number of its cell; None outside notebooks."""
        return self.source.cell

    @property
    def section(self) -> str:
        """The file, or the cell of a notebook, for people."""
        return self.filename if self.cell is None else f"{self.filename}:cell {self.cell}"

    @property
    def position(self) -> str:
        """Row and column, in a notebook with the cell, for people."""
        return self.place.position

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
        """The lines around an offset: those of the file, or of one cell."""

    def file_rows(self, name: str, start: int, end: int) -> tuple[int, int]:
        """The first and the last row of a span in the file itself."""


class LocatedNote(msgspec.Struct, frozen=True):
    """A related location with a message; `is_step` if it is a step of the key's provenance."""

    location: Location
    message: str
    is_step: bool = False


class LocatedEdit(msgspec.Struct, frozen=True):
    """A location whose text a fix replaces."""

    location: Location
    text: str


class LocatedFix(msgspec.Struct, frozen=True):
    """A fix with the locations of its edits."""

    applicability: Applicability
    message: str
    edits: tuple[LocatedEdit, ...]

    @property
    def shows_key(self) -> bool:
        """Whether an edit contains an API key. Reports mask it, so a program must not apply these edits."""
        return any(has_key(edit.text) for edit in self.edits)


class LocatedFinding(msgspec.Struct, frozen=True):
    """A finding and its location; the `fingerprint` stays the same when lines shift and files move."""

    finding: Finding
    location: Location
    related: tuple[LocatedNote, ...]
    fingerprint: str = ""
    fix: LocatedFix | None = None


def locate(
    finding: Finding,
    texts: SourceTexts,
    filename: Callable[[str], str],
    fingerprint: str = "",
    fix: ResolvedFix | None = None,
) -> LocatedFinding:
    """Resolves the spans of a finding; `filename` maps paths relative to the project's root to shown ones."""

    def resolve(span: Span) -> Location:
        source = texts.section(span.path, span.start)
        rows = texts.file_rows(span.path, span.start, span.end) if source.cell else (1, 1)
        start, end = source.position(span.start), source.position(span.end)
        return Location(filename(span.path), *start, *end, source, rows)

    related = tuple(LocatedNote(resolve(note.span), note.message, note.is_step) for note in finding.related)
    located_fix = None
    if fix is not None:
        edits = tuple(LocatedEdit(resolve(edit.span), edit.text) for edit in fix.edits)
        located_fix = LocatedFix(fix.applicability, fix.message, edits)
    return LocatedFinding(finding, resolve(finding.span), related, fingerprint, located_fix)
