"""A range of characters in a file."""

from __future__ import annotations

import msgspec


class Span(msgspec.Struct, frozen=True, order=True):
    """A file (relative to the project's root, with `/`) and character offsets, `end` exclusive."""

    path: str
    start: int
    end: int

    def is_in(self, other: Span) -> bool:
        """Whether the other span contains this one."""
        return self.path == other.path and other.start <= self.start and self.end <= other.end


def position_text(cell: int | None, row: int, column: int) -> str:
    """`row:column`, in a notebook `cell 3:row:column`."""
    return f"{'' if cell is None else f'cell {cell}:'}{row}:{column}"
