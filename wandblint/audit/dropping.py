"""Dropped log calls: wandb writes each to its internal log, and a warning to the console."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from wandblint.dashboard.record import DroppedCall

INTERNAL_LOG = Path("logs", "debug-internal.log")
"""Where the folder of a run contains the log of wandb's own process: one JSON object per line."""

OUTPUT = Path("files", "output.log")
"""Where the folder of a run contains its console output."""

MAX_LINE = 1 << 20
"""The maximum length of a line of the internal log, in bytes; a longer line is unreadable."""

# Both from core stream/handler.go, which logs a dropped call before it prints the warning.
_LOGGED = "handler: ignoring partial history record"
_PRINTED = re.compile(r"Tried to log to step (-?\d+) that is less than the current step (-?\d+)")


class _Entry(msgspec.Struct):
    """The relevant field of every line of the internal log."""

    msg: str


_ENTRY = msgspec.json.Decoder(_Entry)
_CALL = msgspec.json.Decoder(DroppedCall)


def dropped_calls(output_records: str, folder: Path) -> tuple[list[DroppedCall], bool]:
    """The dropped calls of a run, in order, and whether these are all.

    The internal log names all of them, and no call of another run. If it is missing or not JSON, as in old
    releases, the console output counts. The records of the log (`output_records`) and a file of the run's
    folder contain that; either may lack its end, so the one with more warnings counts.
    """
    logged = _logged_calls(folder / INTERNAL_LOG)
    if logged is not None:
        return logged
    try:
        output_file = (folder / OUTPUT).read_text(encoding="utf-8", errors="replace")
    except OSError:
        # Settings can disable the file, and users can move a log without it.
        output_file = ""
    return max((_printed_calls(output_records), _printed_calls(output_file)), key=len), False


def _logged_calls(path: Path) -> tuple[list[DroppedCall], bool] | None:
    """The calls that an internal log names, and whether all its lines are readable; None if no line is."""
    calls: list[DroppedCall] = []
    is_readable = False
    is_complete = True
    try:
        with path.open("rb") as file:
            while line := file.readline(MAX_LINE):
                named = _named_calls(line)
                if named is None:
                    is_complete = False
                else:
                    is_readable = True
                    calls += named
    except OSError:
        is_complete = False
    return (calls, is_complete) if is_readable else None


def _named_calls(line: bytes) -> list[DroppedCall] | None:
    """The dropped call that a line of an internal log names, if any; None if the line is unreadable."""
    try:
        return [_CALL.decode(line)] if _ENTRY.decode(line).msg == _LOGGED else []
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _printed_calls(output: str) -> list[DroppedCall]:
    return [DroppedCall(int(step), int(current)) for step, current in _PRINTED.findall(output)]
