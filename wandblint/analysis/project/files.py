"""The project's files, as the analysis sees them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import PurePosixPath
from typing import Protocol

from wandblint.facts import FileFacts
from wandblint.index import FileIndex
from wandblint.sources.imports import ImportLine


class ProjectFiles(Protocol):
    """The project's Python files, read on demand and once."""

    @property
    def names(self) -> Sequence[str]:
        """Every `.py` file of the project, relative to its root, `/`, sorted."""

    def mentions_wandb(self, name: str) -> bool:
        """Whether the bytes of the file hold `wandb`."""

    def code(self, name: str) -> str:
        """The file's text without the comments after its last statement; empty where it cannot be read."""

    def imports(self, name: str) -> Iterable[ImportLine]:
        """The file's imports, by a scan of its text."""

    def public_fingerprint(self, name: str) -> bytes:
        """A hash of what an unselected file tells the selection: its imports, and any mention of wandb."""

    def prefetch(self, names: Iterable[str]) -> None:
        """Announces the files whose index the analysis will need."""

    def facts(self, name: str) -> FileFacts | None:
        """The file's facts; None where it cannot be read or parsed."""

    def index(self, name: str) -> FileIndex | None:
        """The file's index; None where it cannot be read or parsed."""

    def digest(self, name: str) -> bytes:
        """A hash of the file's code; empty where it cannot be read."""

    def mark_reused(self, name: str) -> None:
        """Records that the analysis restores what an earlier run read in this file."""

    def before_fork(self) -> None:
        """Prepares for a fork of this process."""

    def in_child(self) -> Callable[[], bytes]:
        """Prepares a forked child, where a problem raises `WorkerAbort`; returns what encodes its results."""

    def merge_child(self, data: bytes) -> None:
        """Adds the results of a forked child."""

    def note_progress(self, work: str, done: int, total: int) -> None:
        """Reports how much of some work is done; `total` is 0 where it is unknown."""

    def report_crash(self, name: str, error: Exception) -> None:
        """Reports an internal error about this file; the analysis continues without it."""


def is_test(path: str) -> bool:
    """Whether a file holds tests, whose runs are usually mocks."""
    *folders, name = PurePosixPath(path).parts
    return (
        name.startswith("test_") or name.endswith("_test.py") or name == "conftest.py" or "tests" in folders
    )
