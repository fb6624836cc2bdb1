"""Calls that wandb dropped: its warning in the console output is the only trace that they leave."""

from __future__ import annotations

import re
from pathlib import Path

# "Steps must be monotonically increasing, so this data will be ignored." (core stream/handler.go)
_DROPPED = re.compile(r"Tried to log to step (-?\d+) that is less than the current step -?\d+")

OUTPUT = Path("files", "output.log")
"""Where wandb keeps the console output of a run, in its folder."""


def dropped_steps(recorded: str, folder: Path) -> list[int]:
    """The steps of the calls that were dropped, in order.

    The console output is in the records of the log (`recorded`) and in a file of the run's folder. Either may
    lack its end, so the one that tells of more calls is believed.
    """
    try:
        kept = (folder / OUTPUT).read_text(encoding="utf-8", errors="replace")
    except OSError:
        # Settings can switch the file off, and a log can be moved without it.
        kept = ""
    return max((_steps(recorded), _steps(kept)), key=len)


def _steps(output: str) -> list[int]:
    return [int(step) for step in _DROPPED.findall(output)]
