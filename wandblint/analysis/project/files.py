"""TODO."""

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
        """The file's text without the comments behind its last statement; empty where it cannot be read."""

    def imports(self, name: str) -> Iterable[ImportLine]:
        """The file's imports, by a scan of its text."""

    def public_fingerprint(self, name: str) -> bytes:
        """What the file says to whoever does not read it: whether it mentions wandb, and what it imports."""

    def prefetch(self, names: Iterable[str]) -> None:
        """Told which files' outlines will be asked for."""

    def facts(self, name: str) -> FileFacts | None:
        """The file's facts; None where it cannot be read or parsed."""

    def index(self, name: str) -> FileIndex | None:
        """What the file says without being run; None where it cannot be read or parsed."""

    def digest(self, name: str) -> bytes:
        """A hash of the file's code; empty where it cannot be read."""

    def mark_reused(self, name: str) -> None:
        """Told that what a file says is known from an earlier run."""

    def before_fork(self) -> None:
        """Told that this process is about to be copied."""

    def in_child(self) -> Callable[[], bytes]:
        """Told in a copy of the process, in which problems are a `Trouble`; gives what is learned there."""

    def merge_child(self, told: bytes) -> None:
        """Told what was learned in a copy."""

    def report_crash(self, name: str, error: Exception) -> None:
        """Told of a mistake of the linker over this file; the linking goes on without what it would say."""


def is_test(path: str) -> bool:
    """Whether a file holds tests: what they open and log is checked against mocks."""
    *folders, name = PurePosixPath(path).parts
    return (
        name.startswith("test_") or name.endswith("_test.py") or name == "conftest.py" or "tests" in folders
    )
