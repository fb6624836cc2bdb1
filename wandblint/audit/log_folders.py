"""Find the logs of runs: a `.wandb` file, the folder of a run, or a folder of runs."""

from __future__ import annotations

import os
import re
from pathlib import Path

LOG = "*.wandb"
RUN_FOLDERS = ("run-*", "offline-run-*")
HOME = "wandb"
"""The folder in which wandb creates the folders of runs."""

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
        raise NoLogsError(f"{path}: cannot be read: {(error.strerror or '').lower()}") from error
    if not paths:
        raise NoLogsError(f"{path}: contains no recorded run (no run-*/run-*.wandb)")
    return sorted(paths, key=_order)


def _logs(path: Path) -> list[Path]:
    if not path.exists():
        raise NoLogsError(f"{path}: no such file or folder")
    if not path.is_dir():
        if path.suffix != ".wandb":
            raise NoLogsError(f"{path}: not a .wandb file")
        return [path]
    os.listdir(path)  # raises for an unreadable folder, which glob skips
    return (
        list(path.glob(LOG))
        or [log for folder in RUN_FOLDERS for log in path.glob(f"{folder}/{LOG}")]
        or [log for folder in RUN_FOLDERS for log in path.glob(f"{HOME}/{folder}/{LOG}")]
    )


def _order(log: Path) -> tuple[str, str]:
    """The sort key of a log: the time in the name of the run's folder, then the path."""
    stamp = _STAMP.search(log.parent.name)
    return (stamp[1] if stamp else "", str(log))
