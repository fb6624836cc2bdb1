"""How far the work is: one line on standard error, on a terminal, for work that takes long."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

DELAY = 0.4
"""Seconds before a bar is worth the flicker."""
WIDTH = 30
_CLEAR = "\r\033[K"


class Bar(Protocol):
    """What shows the progress."""

    def show(self, done: int, total: int) -> None:
        """So much is done."""

    def clear(self) -> None:
        """Leaves nothing on the screen."""


@contextmanager
def progress(*, wanted: bool) -> Iterator[Callable[[int, int], None] | None]:
    """A callback that shows how many of how many files are done; None where nobody would see it."""
    if not (wanted and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"):
        yield None
        return
    begun = time.monotonic()
    bar: Bar | None = None

    def show(done: int, total: int) -> None:
        nonlocal bar
        if bar is None and time.monotonic() - begun >= DELAY:
            bar = _bar()
        if bar is not None:
            bar.show(done, total)

    try:
        yield show
    finally:
        if bar is not None:
            bar.clear()


def _bar() -> Bar:
    try:
        return RichBar()
    except ImportError:
        return PlainBar()


class RichBar:
    """The bar of rich, which is imported only here."""

    def __init__(self) -> None:
        from rich.console import Console  # noqa: PLC0415 - only long work on a terminal needs it
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("files"))
        self._progress = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task = self._progress.add_task("Reading")
        self._progress.start()

    def show(self, done: int, total: int) -> None:
        """Moves the bar."""
        self._progress.update(self._task, completed=done, total=total)

    def clear(self) -> None:
        """Takes the bar away."""
        self._progress.stop()


class PlainBar:
    """A bar of ASCII characters."""

    def show(self, done: int, total: int) -> None:
        """Draws the bar anew."""
        filled = WIDTH * done // max(total, 1)
        sys.stderr.write(f"{_CLEAR}Reading [{'#' * filled:<{WIDTH}}] {done}/{total} files")
        sys.stderr.flush()

    def clear(self) -> None:
        """Takes the bar away."""
        sys.stderr.write(_CLEAR)
        sys.stderr.flush()
