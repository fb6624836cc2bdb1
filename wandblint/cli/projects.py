"""The projects that paths belong to: each path selects what is reported of the project around it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from wandblint.cli.options import did_you_mean


@dataclass
class Project:
    """A project and the paths in it that were named; its root among them means all of it."""

    root: Path
    paths: list[Path] = field(default_factory=list)


def projects(paths: Sequence[Path]) -> list[Project]:
    """The projects of existing paths, in the order in which they are first named."""
    from wandblint.sources.discovery import project_root  # noqa: PLC0415 - not before it is needed

    found: dict[Path, Project] = {}
    for path in paths:
        root = project_root(path)
        found.setdefault(root, Project(root)).paths.append(path)
    return list(found.values())


def missing(path: str) -> str | None:
    """What is wrong with a path at which nothing is, with a did-you-mean; None if something is there."""
    if Path(path).exists():
        return None
    return f"{path}: no such file or folder{did_you_mean(path, _neighbours(path))}"


def _neighbours(path: str) -> Iterable[str]:
    """The entries beside a path, written as the path is."""
    head, _ = os.path.split(path.rstrip("/"))
    try:
        entries = os.listdir(head or ".")
    except OSError:
        # The folder is not there either, so nothing in it is near.
        return
    for entry in sorted(entries):
        yield os.path.join(head, entry)
