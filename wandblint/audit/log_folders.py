"""Where the logs of runs are: a `.wandb` file, the folder of a run, or the one that holds runs."""

from __future__ import annotations

import os
import re
from pathlib import Path

LOG = "*.wandb"
RUN_FOLDERS = ("run-*", "offline-run-*")
HOME = "wandb"
"""What wandb calls the folder in which it keeps the folders of runs."""

_STAMP = re.compile(r"run-(\d{8}_\d{6})-")


class NoLogsError(Exception):
    """A place without logs; the message says what is there instead."""


def logs(place: Path) -> list[Path]:
    """The logs of a place, in the order in which their runs were opened.

    Raises `NoLogsError` where there are none or the place cannot be read.
    """
    try:
        found = _logs(place)
    except OSError as error:
        raise NoLogsError(f"{place}: cannot be read: {(error.strerror or '').lower()}") from error
    if not found:
        raise NoLogsError(f"{place}: contains no recorded run (no run-*/run-*.wandb)")
    return sorted(found, key=_order)


def _logs(place: Path) -> list[Path]:
    if not place.exists():
        raise NoLogsError(f"{place}: no such file or folder")
    if not place.is_dir():
        if place.suffix != ".wandb":
            raise NoLogsError(f"{place}: not a .wandb file")
        return [place]
    os.listdir(place)  # glob passes over a folder that it may not read
    return (
        list(place.glob(LOG))
        or [log for folder in RUN_FOLDERS for log in place.glob(f"{folder}/{LOG}")]
        or [log for folder in RUN_FOLDERS for log in place.glob(f"{HOME}/{folder}/{LOG}")]
    )


def _order(log: Path) -> tuple[str, str]:
    """The time in the name of the run's folder, then the path."""
    stamp = _STAMP.search(log.parent.name)
    return (stamp[1] if stamp else "", str(log))
