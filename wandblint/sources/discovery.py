"""Finds the files of a project: those under its root that neither git nor the settings exclude."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import msgspec

from wandblint.infra.files import read_regular, reason_of
from wandblint.sources.gitignore import Patterns
from wandblint.sources.source import MARKDOWN, NOTEBOOK

ROOT_MARKS = ("wandblint.toml", "pyproject.toml", ".git")
ENVIRONMENT_MARKS = frozenset({"pyvenv.cfg", "conda-meta"})
"""Entries of every virtual environment. Its folder name says nothing: `env` may hold the code of a game."""

OnError = Callable[[str, str], None]
"""Called with the path of what cannot be read, relative to the project's root, and the reason."""

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


def unusable_name(path: str) -> str | None:
    """Why wandblint cannot lint a path with this name; None if it can."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return "its name is not UTF-8"
    return None


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
    their own or are not the project's. What cannot be read is skipped and reported to `on_error`, and so is
    a name that is not UTF-8, which no report or cache could hold.
    """
    excluded = Patterns([*settings.exclude, *settings.extend_exclude])
    suffixes = (".py", NOTEBOOK, MARKDOWN) if settings.include_markdown else (".py", NOTEBOOK)
    walk = _Walk(excluded, on_error or (lambda _path, _reason: None), suffixes)
    ignored = GitIgnore.above(root, walk.on_error) if settings.respect_gitignore else None
    return sorted(walk.files(str(root), ignored))


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
    def above(cls, root: Path, on_error: OnError) -> GitIgnore:
        """The patterns of the repository around a project.

        The user's own patterns (`core.excludesFile`) do not count: a project has the same files everywhere.
        """
        root = Path(os.path.abspath(root))
        top = next((folder for folder in (root, *root.parents) if os.path.exists(folder / ".git")), root)
        up = Path(*[os.pardir] * len(root.relative_to(top).parts))

        def report(path: str, reason: str) -> None:
            on_error((up / path).as_posix(), reason)

        patterns = cls("").with_file(top, ".git/info/exclude", "", report)
        folder = ""
        for part in root.relative_to(top).parts:
            patterns = patterns.with_file(top, f"{folder}.gitignore", folder, report)
            folder += f"{part}/"
            if patterns.ignores(folder):
                # Git ignores the whole project, but the user asked to lint it.
                return cls("")
        return cls(folder, patterns.layers)

    def with_file(self, root: Path, name: str, folder: str, on_error: OnError) -> GitIgnore:
        """Puts the patterns of a file under the root, relative to `folder`, before the others."""
        try:
            data = read_regular(root / name)
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return self
        except OSError as error:
            # As in git, an unreadable file ignores nothing.
            on_error(name, f"cannot be read: {reason_of(error)}")
            return self
        lines = data.decode("utf-8-sig", "surrogateescape").split("\n")
        patterns = Patterns(line.removesuffix("\r") for line in lines)
        return GitIgnore(self.base, ((folder, patterns), *self.layers))

    def ignores(self, path: str) -> bool:
        """Whether git ignores a path of the project; the path of a folder ends in a slash."""
        path = self.base + path
        verdicts = (patterns.verdict(path.removeprefix(folder)) for folder, patterns in self.layers)
        return next((verdict for verdict in verdicts if verdict is not None), False)


class _Walk(msgspec.Struct, frozen=True):
    excluded: Patterns
    on_error: OnError
    suffixes: tuple[str, ...]

    def files(self, root: str, ignored: GitIgnore | None) -> Iterator[str]:
        """The files in and below the root; `ignored` are the patterns from above it."""
        # A list instead of recursion: folders may be nested deeper than Python's stack.
        waiting = [("", ignored)]
        while waiting:
            folder, ignored = waiting.pop()
            try:
                with os.scandir(f"{root}/{folder}") as listing:
                    entries = {entry.name: entry for entry in listing}
            except OSError as error:
                self.on_error(folder.rstrip("/") or ".", f"cannot be listed: {reason_of(error)}")
                continue
            if folder and not ENVIRONMENT_MARKS.isdisjoint(entries):
                continue
            if ignored is not None and ".gitignore" in entries:
                base = ignored.base + folder
                ignored = ignored.with_file(Path(root), f"{folder}.gitignore", base, self.on_error)
            for name, entry in sorted(entries.items()):
                path = folder + name
                if entry.is_dir(follow_symlinks=False):
                    if not self._is_excluded(path + "/", ignored) and self._is_utf8(path):
                        waiting.append((path + "/", ignored))
                elif (
                    path.endswith(self.suffixes)
                    and not self._is_excluded(path, ignored)
                    and entry.is_file(follow_symlinks=False)
                    and self._is_utf8(path)
                ):
                    yield path

    def _is_utf8(self, path: str) -> bool:
        if reason := unusable_name(path):
            self.on_error(path, reason)
        return not reason

    def _is_excluded(self, path: str, ignored: GitIgnore | None) -> bool:
        return self.excluded.verdict(path) or (ignored is not None and ignored.ignores(path))
