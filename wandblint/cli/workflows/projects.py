"""Finds the projects of named paths; the paths select the files of a project to report on."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from wandblint.cli import console
from wandblint.cli.option_values import CheckOptions, PredictionOptions
from wandblint.cli.verbs import VERBS
from wandblint.infra.cache import DATABASE, cache_folder, is_foreign
from wandblint.infra.files import reason_of
from wandblint.infra.words import did_you_mean
from wandblint.sources.discovery import OUTSIDE, is_inside, project_root, unusable_name
from wandblint.sources.source import MARKDOWN, NOTEBOOK

if TYPE_CHECKING:
    from wandblint.app.project import Problem

_TYPO = 0.7
"""How similar a verb with one mistake is to the verb: `scna` has 0.75."""


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


def problem_text(root: Path, problem: Problem) -> str:
    """A problem of a project in one line, with its place if it has one."""
    position = f":{problem.position}" if problem.position else ""
    return (
        f"{filename(root / problem.path)}{position}: {problem.message}" if problem.path else problem.message
    )


def unusable(path: str) -> str | None:
    """Why a path cannot be linted, with a did-you-mean hint if it does not exist; None if it can be."""
    if reason := unusable_name(filename(Path(path))):
        return f"{path}: {reason}"
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        hint = did_you_mean(path, _siblings(path)) or meant_verb(path)
        return f"{path}: no such file or folder{'' if os.path.lexists(path) else hint}"
    except OSError as error:
        return f"{path}: cannot be read: {reason_of(error)}"
    if not is_inside(Path(path), project_root(Path(path))):
        return f"{path}: {OUTSIDE}"
    if stat.S_ISREG(mode):
        is_other_type = not path.endswith((".py", ".pyw", NOTEBOOK, MARKDOWN)) and Path(path).suffix
        return f"{path}: is neither Python nor a notebook" if is_other_type else None
    return None if stat.S_ISDIR(mode) else f"{path}: is neither a file nor a folder"


def meant_verb(word: str) -> str:
    """`; did you mean ...?` for a word that is neither a path nor near one, but near a verb; else empty."""
    if os.path.lexists(word) or did_you_mean(word, _siblings(word)):
        return ""
    return did_you_mean(word, VERBS, prefix="wandblint ", least=_TYPO)


def _siblings(path: str) -> Iterable[str]:
    """The entries of a path's folder, written like the path."""
    head, _ = os.path.split(path.rstrip("/"))
    try:
        entries = sorted(os.listdir(head or "."))
    except OSError:
        # The folder does not exist either.
        return []
    return [os.path.join(head, entry) for entry in entries]


def cache_of(root: Path, options: CheckOptions | PredictionOptions) -> Path | None:
    """The folder of a project's cache; None by option, or because another program has a file of its name."""
    if options.no_cache:
        return None
    folder = cache_folder(root, options.cache_dir)
    if not is_foreign(folder):
        return folder
    if not options.quiet:
        name = filename(folder / DATABASE)
        console.note(
            f"{name}: not a cache of wandblint; it stays as it is, and nothing is cached", options.color
        )
    return None
