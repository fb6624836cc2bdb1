"""The Python of a file: all of it, the code cells of a notebook, or the fences of a Markdown file.

Everything behind this module sees one text. What is no Python in it is masked character by character, so that
an offset means the same in the masked text and in the one that stands there.
"""

from __future__ import annotations

from bisect import bisect_right

import msgspec

NOTEBOOK, MARKDOWN = ".ipynb", ".md"


class Piece(msgspec.Struct, frozen=True):
    """A part of the text that is one JSON string of the file: its offsets, and those between its quotes.

    `row` is the one of the file that it stands in, as git counts rows.
    """

    start: int
    end: int
    file_start: int
    file_end: int
    row: int


class Cell(msgspec.Struct, frozen=True):
    """A code cell: its number among all cells of the notebook, from 1, and its offsets in the text."""

    number: int
    start: int
    end: int
    pieces: tuple[Piece, ...]

    def piece(self, offset: int) -> Piece:
        """The piece that an offset is in, or the nearest."""
        return self.pieces[max(bisect_right(self.pieces, offset, key=lambda piece: piece.start) - 1, 0)]


class Source(msgspec.Struct, frozen=True):
    """What is parsed (`text`), what stands there (`written`, equally long), and the cells of a notebook."""

    text: str
    written: str
    cells: tuple[Cell, ...] = ()

    def cell(self, offset: int) -> Cell | None:
        """The cell that an offset is in; None in a file that has none."""
        at = bisect_right(self.cells, offset, key=lambda cell: cell.start) - 1
        return self.cells[max(at, 0)] if self.cells else None

    def file_row(self, offset: int) -> int:
        """The row of the file itself that an offset is in, as git counts rows: only a line feed ends one."""
        cell = self.cell(offset)
        return self.written.count("\n", 0, offset) + 1 if cell is None else cell.piece(offset).row


def is_notebook(name: str) -> bool:
    """Whether a file is a notebook: IPython runs what it holds."""
    return name.endswith(NOTEBOOK)
