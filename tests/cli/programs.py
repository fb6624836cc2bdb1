"""Runs the real program, with pipes or in a terminal."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_QUESTION = re.compile(rb"\? (?:\x1b\[0m)?\Z")
"""The end of the output of a program that waits for an answer."""
_END_OF_INPUT = b"\x04"
COMMAND = (sys.executable, "-m", "wandblint")
SECONDS = 300
"""A limit for programs that hang; no test measures time by it."""
_TERMINAL_VARIABLES = (
    "CI",
    "COLUMNS",
    "FORCE_COLOR",
    "LINES",
    "NO_COLOR",
    "TERM",
    "TERM_PROGRAM",
    "VTE_VERSION",
    "WT_SESSION",
    "KONSOLE_VERSION",
    "DOMTERM",
)


@dataclass(frozen=True)
class Completed:
    """The exit code and output of a program."""

    code: int
    out: str
    err: str = ""


def environment(**changes: str) -> dict[str, str]:
    """The environment with UTF-8 and without variables of wandblint or that describe a terminal."""
    variables = {
        key: value
        for key, value in os.environ.items()
        if key not in _TERMINAL_VARIABLES and not key.startswith("WANDBLINT_")
    }
    return {**variables, "PYTHONIOENCODING": "utf-8", **changes}


def wandblint(
    *arguments: str, cwd: Path, stdin: str = "", launcher: Sequence[str] = (), **changes: str
) -> Completed:
    """Runs wandblint with pipes as standard streams.

    `launcher` is a command that starts it; `changes` apply to its environment.
    """
    result = subprocess.run(
        [*launcher, *COMMAND, *arguments],
        cwd=cwd,
        env=environment(**changes),
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return Completed(result.returncode, result.stdout, result.stderr)


def in_terminal(
    *arguments: str,
    cwd: Path,
    columns: int = 80,
    variables: Mapping[str, str] | None = None,
    answers: Sequence[str] | None = None,
) -> Completed:
    """Runs wandblint with a terminal of this width as standard input and output.

    With `answers` the terminal is standard error, too, and each question gets the next answer; an answer is
    what somebody types, such as `y` and Enter. After the last one the input ends.
    """
    import fcntl  # noqa: PLC0415 - Windows has no such terminals
    import pty  # noqa: PLC0415
    import struct  # noqa: PLC0415
    import termios  # noqa: PLC0415

    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=cwd,
        env=environment(**{"TERM": "xterm-256color", **(variables or {})}),
        stdin=terminal,
        stdout=terminal,
        stderr=subprocess.DEVNULL if answers is None else terminal,
    )
    os.close(terminal)
    out = b""
    left = list(answers or ())
    while data := _read(controller):
        out += data
        if answers is not None and _QUESTION.search(out):
            os.write(controller, left.pop(0).encode() if left else _END_OF_INPUT)
    os.close(controller)
    return Completed(process.wait(), out.decode().replace("\r\n", "\n"))


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Writes files into a folder and returns the folder."""
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="")
    return folder


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:
        # Linux raises this after the other side is closed.
        return b""
