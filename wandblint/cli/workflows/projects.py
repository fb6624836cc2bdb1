"""The projects that paths belong to: each path selects what is reported of the project around it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from wandblint.cli.options import did_you_mean
from wandblint.cli.verbs import VERBS
from wandblint.sources.discovery import project_root
from wandblint.sources.source import MARKDOWN, NOTEBOOK


class SelectedProject(msgspec.Struct):
    """A project and the paths in it that were named; its root among them means all of it."""

    root: Path
    paths: list[Path] = msgspec.field(default_factory=list)

    def name(self, path: Path) -> str:
        """A path relative to the root, with `/`; `.` for the root itself."""
        return Path(os.path.abspath(path)).relative_to(self.root).as_posix()

    @property
    def is_whole(self) -> bool:
        """Whether the root itself was named."""
        return any(self.name(path) == "." for path in self.paths)

    def selected(self, names: Iterable[str]) -> set[str]:
        """The named files, and those of `names` below the named folders."""
        chosen = {self.name(path): path.is_dir() for path in self.paths}
        folders = tuple(f"{name}/" for name, is_folder in chosen.items() if is_folder)
        files = {name for name, is_folder in chosen.items() if not is_folder}
        return files | {name for name in names if name.startswith(folders)}


def projects(paths: Sequence[Path]) -> list[SelectedProject]:
    """The projects of paths, in the order in which they are first named."""
    found: dict[Path, SelectedProject] = {}
    for path in paths:
        root = project_root(path)
        found.setdefault(root, SelectedProject(root)).paths.append(path)
    return list(found.values())


def filename(path: Path) -> str:
    """A path as reports write it: relative to the working folder, with `/`."""
    try:
        return Path(os.path.relpath(path)).as_posix()
    except ValueError:
        # Windows: no way leads from one drive to another.
        return path.as_posix()


def unusable(path: str) -> str | None:
    """Why a path cannot be linted, with a did-you-mean where nothing is there; None if it can be."""
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        hint = did_you_mean(path, _neighbours(path)) or did_you_mean(path, VERBS, before="wandblint ")
        return f"{path}: no such file or folder{'' if os.path.lexists(path) else hint}"
    except OSError as error:
        return f"{path}: cannot be read: {(error.strerror or '').lower()}"
    if stat.S_ISREG(mode):
        named_otherwise = not path.endswith((".py", ".pyw", NOTEBOOK, MARKDOWN)) and Path(path).suffix
        return f"{path}: is neither Python nor a notebook" if named_otherwise else None
    return None if stat.S_ISDIR(mode) else f"{path}: is neither a file nor a folder"


def _neighbours(path: str) -> Iterable[str]:
    """The entries beside a path, written as the path is."""
    head, _ = os.path.split(path.rstrip("/"))
    try:
        entries = sorted(os.listdir(head or "."))
    except OSError:
        # The folder is not there either, so nothing in it is near.
        return []
    return [os.path.join(head, entry) for entry in entries]
