"""A progress bar for long work: one line on standard error, if that is a terminal."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

DELAY = 0.5
"""Seconds of work before the bar appears; short work would only make it flicker."""
REDRAW = 0.1
"""Seconds between two updates: a terminal may be slower than the work."""
WIDTH = 30
_CLEAR = "\r\033[K"


@contextmanager
def progress(
    *, wanted: bool, verb: str = "reading", unit: str = "files"
) -> Iterator[Callable[[int, int], None] | None]:
    """Gives a callback that shows the number of finished items and of all; None if nobody would see it."""
    if not (wanted and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"):
        yield None
        return
    bar = _Bar(verb, unit)
    try:
        yield bar.show
    finally:
        bar.clear()


class _Bar:
    """A bar of ASCII characters, which every terminal supports."""

    def __init__(self, verb: str, unit: str) -> None:
        self._verb, self._unit = verb, unit
        self._next: float | None = None
        self._drawn = False

    def show(self, done: int, total: int) -> None:
        """Updates the bar if it is due."""
        now = time.monotonic()
        if self._next is None:
            self._next = now + DELAY
        if now >= self._next:
            self._next = now + REDRAW
            self._drawn = True
            filled = WIDTH * done // max(total, 1)
            self._write(f"{_CLEAR}{self._verb} [{'#' * filled:<{WIDTH}}] {done}/{total} {self._unit}")

    def clear(self) -> None:
        """Removes the bar."""
        if self._drawn:
            self._write(_CLEAR)

    def _write(self, text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()
