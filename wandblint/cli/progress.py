"""How far the work is: one line on standard error, on a terminal, for work that takes long."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

DELAY = 0.5
"""Seconds of work before a bar is worth the flicker."""
REDRAW = 0.1
"""Seconds between two drawings: a terminal may be slower than the work."""
WIDTH = 30
_CLEAR = "\r\033[K"


@contextmanager
def progress(
    *, wanted: bool, does: str = "reading", what: str = "files"
) -> Iterator[Callable[[int, int], None] | None]:
    """A callback that shows how many of how many files are done; None where nobody would see it."""
    if not (wanted and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"):
        yield None
        return
    bar = _Bar(does, what)
    try:
        yield bar.show
    finally:
        bar.clear()


class _Bar:
    """A bar of ASCII characters, which every terminal has."""

    def __init__(self, does: str, what: str) -> None:
        self._does, self._what = does, what
        self._next: float | None = None
        self._drawn = False

    def show(self, done: int, total: int) -> None:
        """Draws the bar anew if it is time."""
        now = time.monotonic()
        if self._next is None:
            self._next = now + DELAY
        if now >= self._next:
            self._next = now + REDRAW
            self._drawn = True
            filled = WIDTH * done // max(total, 1)
            self._write(f"{_CLEAR}{self._does} [{'#' * filled:<{WIDTH}}] {done}/{total} {self._what}")

    def clear(self) -> None:
        """Takes the bar away."""
        if self._drawn:
            self._write(_CLEAR)

    def _write(self, text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()
