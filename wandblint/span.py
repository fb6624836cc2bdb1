"""Places in files."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Span:
    """A place: a file (relative to the project's root, `/`) and character offsets, `end` exclusive."""

    path: str
    start: int
    end: int
