"""Places in files."""

from __future__ import annotations

import msgspec


class Span(msgspec.Struct, frozen=True, order=True):
    """A place: a file (relative to the project's root, `/`) and character offsets, `end` exclusive."""

    path: str
    start: int
    end: int
