"""Which files a project has: the Python files under its root that neither git nor the settings leave out."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import msgspec

from wandblint.sources.gitignore import Patterns
from wandblint.sources.source import MARKDOWN, NOTEBOOK

ROOT_MARKS = ("wandblint.toml", "pyproject.toml", ".git")
_ENVIRONMENT_MARKS = frozenset({"pyvenv.cfg", "conda-meta"})
"""What a virtual environment holds, whatever its folder is called: `env` is also where games live."""

OnError = Callable[[OSError], None]


def project_root(path: Path) -> Path:
    """The nearest folder at or above a path that holds one of `ROOT_MARKS`, else the path's own."""
    path = Path(os.path.abspath(path))
    own = path if path.is_dir() else path.parent
    for folder in (own, *own.parents):
        if any(os.path.exists(folder / mark) for mark in ROOT_MARKS):
            return folder
    return own


class DiscoverySettings(Protocol):
    """The settings that decide which files a project has; `app/settings.py` says what they mean."""

    @property
    def exclude(self) -> list[str]:
        """Patterns of what is left out."""

    @property
    def extend_exclude(self) -> list[str]:
        """Further patterns."""

    @property
    def respect_gitignore(self) -> bool:
        """Whether what git ignores is left out."""

    @property
    def include_markdown(self) -> bool:
        """Whether Markdown files are among the project's files."""


def discover(root: Path, settings: DiscoverySettings, on_error: OnError | None = None) -> list[str]:
    """The project's `.py` files and notebooks relative to its root, `/`, sorted.

    Markdown files are among them where the settings include them.
    Links to folders, and to files of the project itself, are not followed: what they lead to has its own name
    or is not the project's. A folder that cannot be listed is left out and told to `on_error`.
    """
    excluded = Patterns([*settings.exclude, *settings.extend_exclude])
    suffixes = (".py", NOTEBOOK, MARKDOWN) if settings.include_markdown else (".py", NOTEBOOK)
    walk = _Walk(os.path.realpath(root), excluded, on_error, suffixes)
    return sorted(walk.files(str(root), "", Ignored.above(root) if settings.respect_gitignore else None))


def is_excluded(name: str, settings: DiscoverySettings) -> bool:
    """Whether the settings leave out a file of the project, or a folder that it is in."""
    excluded = Patterns([*settings.exclude, *settings.extend_exclude])
    folders = (name[: match.end()] for match in re.finditer("/", name))
    return any(excluded.verdict(path) for path in (*folders, name))


class Ignored(msgspec.Struct, frozen=True):
    """What git ignores in a folder of the project.

    `base` is the project's root relative to the top of the repository, `layers` are patterns with the folder
    that they are relative to, deepest first: the first that decide win.
    """

    base: str = ""
    layers: tuple[tuple[str, Patterns], ...] = ()

    @classmethod
    def above(cls, root: Path) -> Ignored:
        """What the repository around a project ignores.

        Patterns of the user (`core.excludesFile`) are left alone: a project has the same files everywhere.
        """
        root = Path(os.path.abspath(root))
        top = next((folder for folder in (root, *root.parents) if os.path.exists(folder / ".git")), root)
        ignored = cls("").reading(top / ".git" / "info" / "exclude", "")
        folder = ""
        for part in root.relative_to(top).parts:
            ignored = ignored.reading(top / folder / ".gitignore", folder)
            folder += f"{part}/"
            if ignored.holds(folder):
                # Git does not know the project at all. Who lints it knows better.
                return cls("")
        return cls(folder, ignored.layers)

    def below(self, root_folder: str, folder: str) -> Ignored:
        """What is ignored in a folder of the project, which is at `root_folder` on the disk."""
        return self.reading(Path(root_folder, ".gitignore"), self.base + folder)

    def reading(self, file: Path, folder: str) -> Ignored:
        """These patterns, and before them the ones of a file."""
        try:
            lines = file.read_text(encoding="utf-8-sig", errors="surrogateescape").split("\n")
        except OSError:
            # Patterns that are not there or cannot be read ignore nothing, as with git.
            return self
        return Ignored(self.base, ((folder, Patterns(lines)), *self.layers))

    def holds(self, path: str) -> bool:
        """Whether a path of the project is ignored; a folder ends in a slash."""
        path = self.base + path
        verdicts = (patterns.verdict(path.removeprefix(folder)) for folder, patterns in self.layers)
        return next((verdict for verdict in verdicts if verdict is not None), False)


class _Walk(msgspec.Struct, frozen=True):
    real_root: str
    excluded: Patterns
    on_error: OnError | None
    suffixes: tuple[str, ...]

    def files(self, at: str, folder: str, ignored: Ignored | None) -> Iterator[str]:
        """The files of a folder (`at` on the disk) and below."""
        try:
            with os.scandir(at) as listing:
                entries = list(listing)
        except OSError as error:
            if self.on_error:
                self.on_error(error)
            return
        if folder and any(entry.name in _ENVIRONMENT_MARKS for entry in entries):
            return
        if ignored is not None and any(entry.name == ".gitignore" for entry in entries):
            ignored = ignored.below(at, folder)
        for entry in entries:
            path = folder + entry.name
            if entry.is_dir(follow_symlinks=False):
                if not self._is_left_out(path + "/", ignored):
                    yield from self.files(entry.path, path + "/", ignored)
            elif (
                path.endswith(self.suffixes) and not self._is_left_out(path, ignored) and self._is_file(entry)
            ):
                yield path

    def _is_left_out(self, path: str, ignored: Ignored | None) -> bool:
        return self.excluded.verdict(path) or (ignored is not None and ignored.holds(path))

    def _is_file(self, entry: os.DirEntry[str]) -> bool:
        if not entry.is_symlink():
            return entry.is_file()
        real = os.path.realpath(entry.path)
        return os.path.isfile(real) and not real.startswith(os.path.join(self.real_root, ""))
