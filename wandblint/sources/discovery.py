"""Finds the files of a project: those under its root that neither git nor the settings exclude."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import msgspec

from wandblint.sources.gitignore import Patterns
from wandblint.sources.source import MARKDOWN, NOTEBOOK

ROOT_MARKS = ("wandblint.toml", "pyproject.toml", ".git")
ENVIRONMENT_MARKS = frozenset({"pyvenv.cfg", "conda-meta"})
"""Entries of every virtual environment. Its folder name says nothing: `env` may hold the code of a game."""

OnError = Callable[[OSError], None]

OUTSIDE = "is a link that leads out of its project"
"""Why a file is neither read nor written."""


def project_root(path: Path) -> Path:
    """The nearest folder at or above a path that contains one of `ROOT_MARKS`, else the path's own folder."""
    path = Path(os.path.abspath(path))
    own = path if path.is_dir() else path.parent
    for folder in (own, *own.parents):
        if any(os.path.exists(folder / mark) for mark in ROOT_MARKS):
            return folder
    return own


def is_inside(path: Path, root: Path) -> bool:
    """Whether a path that lies in a project still does when its links are followed."""
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


class DiscoverySettings(Protocol):
    """The settings that decide which files a project has; `app/settings.py` defines them."""

    @property
    def exclude(self) -> list[str]:
        """Patterns of excluded files and folders."""

    @property
    def extend_exclude(self) -> list[str]:
        """Further such patterns."""

    @property
    def respect_gitignore(self) -> bool:
        """Whether files that git ignores are excluded."""

    @property
    def include_markdown(self) -> bool:
        """Whether the project includes its Markdown files."""


def discover(root: Path, settings: DiscoverySettings, on_error: OnError | None = None) -> list[str]:
    """The project's `.py` files and notebooks, and Markdown files if the settings include them.

    Names are sorted, relative to the root and use `/`. Links are not followed: their targets have names of
    their own or are not the project's. A folder that cannot be listed is skipped and reported to `on_error`.
    """
    excluded = Patterns([*settings.exclude, *settings.extend_exclude])
    suffixes = (".py", NOTEBOOK, MARKDOWN) if settings.include_markdown else (".py", NOTEBOOK)
    walk = _Walk(excluded, on_error, suffixes)
    return sorted(walk.files(str(root), "", GitIgnore.above(root) if settings.respect_gitignore else None))


def is_excluded(name: str, settings: DiscoverySettings) -> bool:
    """Whether the settings exclude a file of the project, or a folder that contains it."""
    return Patterns([*settings.exclude, *settings.extend_exclude]).apply(name)


class GitIgnore(msgspec.Struct, frozen=True):
    """The ignore patterns of git that apply in a folder of the project.

    `base` is the project's root relative to the top of the repository. `layers` are patterns, each with the
    folder that they are relative to, deepest first: the first layer with a verdict wins.
    """

    base: str = ""
    layers: tuple[tuple[str, Patterns], ...] = ()

    @classmethod
    def above(cls, root: Path) -> GitIgnore:
        """The patterns of the repository around a project.

        The user's own patterns (`core.excludesFile`) do not count: a project has the same files everywhere.
        """
        root = Path(os.path.abspath(root))
        top = next((folder for folder in (root, *root.parents) if os.path.exists(folder / ".git")), root)
        patterns = cls("").with_file(top / ".git" / "info" / "exclude", "")
        folder = ""
        for part in root.relative_to(top).parts:
            patterns = patterns.with_file(top / folder / ".gitignore", folder)
            folder += f"{part}/"
            if patterns.ignores(folder):
                # Git ignores the whole project, but the user asked to lint it.
                return cls("")
        return cls(folder, patterns.layers)

    def with_file(self, file: Path, folder: str) -> GitIgnore:
        """Puts the patterns of a file, relative to `folder`, before the others."""
        try:
            lines = file.read_text(encoding="utf-8-sig", errors="surrogateescape").split("\n")
        except OSError:
            # As in git, a missing or unreadable file ignores nothing.
            return self
        return GitIgnore(self.base, ((folder, Patterns(lines)), *self.layers))

    def ignores(self, path: str) -> bool:
        """Whether git ignores a path of the project; the path of a folder ends in a slash."""
        path = self.base + path
        verdicts = (patterns.verdict(path.removeprefix(folder)) for folder, patterns in self.layers)
        return next((verdict for verdict in verdicts if verdict is not None), False)


class _Walk(msgspec.Struct, frozen=True):
    excluded: Patterns
    on_error: OnError | None
    suffixes: tuple[str, ...]

    def files(self, location: str, folder: str, ignored: GitIgnore | None) -> Iterator[str]:
        """The files in and below a folder, which is at `location` on the disk."""
        try:
            with os.scandir(location) as listing:
                entries = list(listing)
        except OSError as error:
            if self.on_error:
                self.on_error(error)
            return
        if folder and any(entry.name in ENVIRONMENT_MARKS for entry in entries):
            return
        if ignored is not None and any(entry.name == ".gitignore" for entry in entries):
            ignored = ignored.with_file(Path(location, ".gitignore"), ignored.base + folder)
        for entry in entries:
            path = folder + entry.name
            if entry.is_dir(follow_symlinks=False):
                if not self._is_excluded(path + "/", ignored):
                    yield from self.files(entry.path, path + "/", ignored)
            elif (
                path.endswith(self.suffixes)
                and not self._is_excluded(path, ignored)
                and entry.is_file(follow_symlinks=False)
            ):
                yield path

    def _is_excluded(self, path: str, ignored: GitIgnore | None) -> bool:
        return self.excluded.verdict(path) or (ignored is not None and ignored.ignores(path))
