"""Find the logs of runs: a `.wandb` file, the folder of a run, or a folder with folders of runs below it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from wandblint.app.settings import FOREIGN_FOLDERS
from wandblint.infra.files import reason_of
from wandblint.sources.discovery import ENVIRONMENT_MARKS

LOG = "*.wandb"
RUN_FOLDERS = ("run-", "offline-run-")
"""The prefixes of the names that wandb gives the folders of runs."""

_STAMP = re.compile(r"run-(\d{8}_\d{6})-")


class NoLogsError(Exception):
    """A path without logs; the message says what is there instead."""


def logs(path: Path) -> list[Path]:
    """The logs at a path, in the order in which their runs started.

    Raises `NoLogsError` if there are none or the path cannot be read.
    """
    try:
        paths = _logs(path)
    except OSError as error:
        raise NoLogsError(f"{path}: cannot be read: {reason_of(error)}") from error
    if not paths:
        raise NoLogsError(f"{path}: no recorded run in or below it (no run-*/run-*.wandb)")
    return sorted(paths, key=_order)


def _logs(path: Path) -> list[Path]:
    if not path.exists():
        raise NoLogsError(f"{path}: no such file or folder")
    if not path.is_dir():
        if path.suffix != ".wandb":
            raise NoLogsError(f"{path}: not a .wandb file")
        return [path]
    os.listdir(path)  # raises for an unreadable folder, which glob skips
    return list(path.glob(LOG)) or list(_logs_below(path))


def _logs_below(top: Path) -> Iterator[Path]:
    """The logs in the folders of runs below a folder.

    Links are not followed: their targets have names of their own or are elsewhere. Folders that cannot be
    listed, `FOREIGN_FOLDERS` and virtual environments are skipped, as the linter does.
    """
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as listing:
                entries = list(listing)
        except OSError:
            continue
        if folder != top and any(entry.name in ENVIRONMENT_MARKS for entry in entries):
            continue
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False) or entry.name in FOREIGN_FOLDERS:
                continue
            below = folder / entry.name
            logs_of_run = list(below.glob(LOG)) if entry.name.startswith(RUN_FOLDERS) else []
            yield from (log for log in logs_of_run if not log.is_symlink())
            if not logs_of_run:
                waiting.append(below)


def _order(log: Path) -> tuple[str, str]:
    """The sort key of a log: the time in the name of the run's folder, then the path."""
    stamp = _STAMP.search(log.parent.name)
    return (stamp[1] if stamp else "", str(log))
