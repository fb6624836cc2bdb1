"""Places in files."""

from __future__ import annotations

import msgspec


class Span(msgspec.Struct, frozen=True, order=True):
    """A place: a file (relative to the project's root, `/`) and character offsets, `end` exclusive."""

    path: str
    start: int
    end: int

    def is_in(self, other: Span) -> bool:
        """Whether all of it is in the other place."""
        return self.path == other.path and other.start <= self.start and self.end <= other.end
