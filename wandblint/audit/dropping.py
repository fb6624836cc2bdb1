"""Dropped log calls: wandb's warning in the console output is their only trace."""

from __future__ import annotations

import re
from pathlib import Path

# "Steps must be monotonically increasing, so this data will be ignored." (core stream/handler.go)
_DROPPED = re.compile(r"Tried to log to step (-?\d+) that is less than the current step -?\d+")

OUTPUT = Path("files", "output.log")
"""Where the folder of a run contains its console output."""


def dropped_steps(output_records: str, folder: Path) -> list[int]:
    """The steps of dropped calls, in order.

    The records of the log (`output_records`) and a file of the run's folder contain the console output.
    Either may lack its end, so the one with more warnings counts.
    """
    try:
        output_file = (folder / OUTPUT).read_text(encoding="utf-8", errors="replace")
    except OSError:
        # Settings can disable the file, and users can move a log without it.
        output_file = ""
    return max((_steps(output_records), _steps(output_file)), key=len)


def _steps(output: str) -> list[int]:
    return [int(step) for step in _DROPPED.findall(output)]
