"""The Python of a file: all of it, the code cells of a notebook, or the fences of a Markdown file.

All other modules see one text. Everything that is not Python is masked character by character, so offsets in
the masked and in the original text are the same.
"""

from __future__ import annotations

from bisect import bisect_right

import msgspec

NOTEBOOK, MARKDOWN = ".ipynb", ".md"


class Piece(msgspec.Struct, frozen=True):
    """A part of the text that comes from one JSON string of a notebook.

    `start` and `end` are offsets in the text, `file_start` and `file_end` the offsets in the file between the
    string's quotes. `row` is its row in the file, as git counts rows.
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
        """The piece that contains an offset, or the nearest one."""
        return self.pieces[max(bisect_right(self.pieces, offset, key=lambda piece: piece.start) - 1, 0)]


class Source(msgspec.Struct, frozen=True):
    """The masked text that is parsed, the original text (`written`, equally long), a notebook's cells."""

    text: str
    written: str
    cells: tuple[Cell, ...] = ()

    def cell(self, offset: int) -> Cell | None:
        """The cell that contains an offset, or the nearest one; None if there are no cells."""
        index = bisect_right(self.cells, offset, key=lambda cell: cell.start) - 1
        return self.cells[max(index, 0)] if self.cells else None

    def file_row(self, offset: int) -> int:
        """The row of an offset in the file itself. As in git, only a line feed ends a row."""
        cell = self.cell(offset)
        return self.written.count("\n", 0, offset) + 1 if cell is None else cell.piece(offset).row


def is_notebook(name: str) -> bool:
    """Whether a file is a notebook, whose code IPython runs."""
    return name.endswith(NOTEBOOK)
