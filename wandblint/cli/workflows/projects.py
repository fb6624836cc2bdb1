"""Finds the projects of named paths; the paths select the files of a project to report on."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from wandblint.cli.verbs import VERBS
from wandblint.infra.files import reason_of
from wandblint.infra.words import did_you_mean
from wandblint.sources.discovery import project_root, unusable_name
from wandblint.sources.source import MARKDOWN, NOTEBOOK


class SelectedProject(msgspec.Struct):
    """A project and the named paths in it; its root, if named, selects the whole project."""

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
        """The named files, and those of `names` in the named folders."""
        named = {self.name(path): path.is_dir() for path in self.paths}
        folders = tuple(f"{name}/" for name, is_folder in named.items() if is_folder)
        files = {name for name, is_folder in named.items() if not is_folder}
        return files | {name for name in names if name.startswith(folders)}


def projects(paths: Sequence[Path]) -> list[SelectedProject]:
    """The projects of paths, in the order of their first paths."""
    by_root: dict[Path, SelectedProject] = {}
    for path in paths:
        root = project_root(path)
        by_root.setdefault(root, SelectedProject(root)).paths.append(path)
    return list(by_root.values())


def filename(path: Path) -> str:
    """A path as reports write it: relative to the working folder, with `/`."""
    try:
        return Path(os.path.relpath(path)).as_posix()
    except ValueError:
        # On Windows, there is no relative path between two drives.
        return path.as_posix()


def unusable(path: str) -> str | None:
    """Why a path cannot be linted, with a did-you-mean hint if it does not exist; None if it can be."""
    if reason := unusable_name(filename(Path(path))):
        return f"{path}: {reason}"
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        hint = did_you_mean(path, _siblings(path)) or did_you_mean(path, VERBS, prefix="wandblint ")
        return f"{path}: no such file or folder{'' if os.path.lexists(path) else hint}"
    except OSError as error:
        return f"{path}: cannot be read: {reason_of(error)}"
    if stat.S_ISREG(mode):
        is_other_type = not path.endswith((".py", ".pyw", NOTEBOOK, MARKDOWN)) and Path(path).suffix
        return f"{path}: is neither Python nor a notebook" if is_other_type else None
    return None if stat.S_ISDIR(mode) else f"{path}: is neither a file nor a folder"


def _siblings(path: str) -> Iterable[str]:
    """The entries of a path's folder, written like the path."""
    head, _ = os.path.split(path.rstrip("/"))
    try:
        entries = sorted(os.listdir(head or "."))
    except OSError:
        # The folder does not exist either.
        return []
    return [os.path.join(head, entry) for entry in entries]
