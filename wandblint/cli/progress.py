"""A progress bar for long work: one line on standard error, if that is a terminal."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress

DELAY = 0.5
"""Seconds of work before the bar appears; short work would only make it flicker."""
REDRAW = 0.1
"""Seconds between two updates: a terminal may be slower than the work."""
WIDTH = 30


@contextmanager
def progress(*, wanted: bool, timer: bool = True) -> Iterator[Callable[[str, int, int], None] | None]:
    """Gives a callback that shows how much of some work is done; None if nobody would see it.

    The bar also says for how many seconds the work has gone on, whether or not anything is done; without
    `timer`, for work that has its own use of signals, only when one is.
    """
    if not (wanted and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"):
        yield None
        return
    bar = _Bar()
    try:
        with _called_regularly(bar.draw) if timer else nullcontext():
            yield bar.show
    finally:
        bar.clear()


@contextmanager
def _called_regularly(function: Callable[[], None]) -> Iterator[None]:
    """Calls a function while other code runs, where signals exist.

    Not by a thread: the work forks, which a process with threads should not.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, lambda _number, _frame: function())
    signal.setitimer(signal.ITIMER_REAL, DELAY, REDRAW)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class _Bar:
    """A bar of ASCII characters without control sequences, which every terminal supports."""

    def __init__(self) -> None:
        self._work = "starting"
        self._start = time.monotonic()
        self._next = self._start + DELAY
        self._done = self._total = 0
        self._drawn = ""

    def show(self, work: str, done: int, total: int) -> None:
        """Updates the bar if it is due; `total` is 0 where it is unknown."""
        self._work, self._done, self._total = work, done, total
        now = time.monotonic()
        if now >= self._next:
            self._next = now + REDRAW
            self.draw()

    def draw(self) -> None:
        """Draws the bar if it has changed."""
        filled = WIDTH * self._done // max(self._total, 1)
        bar = f" [{'#' * filled:<{WIDTH}}]" if self._total else ""
        count = f" {self._done}/{self._total}" if self._total else f" {self._done}" if self._done else ""
        text = f"{self._work}{bar}{count}, {int(time.monotonic() - self._start)} s"
        if text != self._drawn:
            self._write(f"\r{text:<{len(self._drawn)}}")
            self._drawn = text

    def clear(self) -> None:
        """Removes the bar."""
        if self._drawn:
            self._write(f"\r{'':{len(self._drawn)}}\r")

    def _write(self, text: str) -> None:
        # The timer may interrupt another write to the same stream, which refuses this one.
        with suppress(RuntimeError):
            sys.stderr.write(text)
            sys.stderr.flush()
