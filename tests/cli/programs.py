"""Runs the real program, with pipes or in a terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

COMMAND = (sys.executable, "-m", "wandblint")
SECONDS = 300
"""A guard against programs that hang; nothing is measured by it."""
_SPEAKS_OF_TERMINALS = (
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
class Done:
    """What a run of the program left."""

    code: int
    out: str
    err: str = ""


def environment(**changes: str) -> dict[str, str]:
    """The environment without what says anything of a terminal, with UTF-8."""
    kept = {key: value for key, value in os.environ.items() if key not in _SPEAKS_OF_TERMINALS}
    return {**kept, "PYTHONIOENCODING": "utf-8", **changes}


def wandblint(
    *arguments: str, cwd: Path, stdin: str = "", through: Sequence[str] = (), **changes: str
) -> Done:
    """The program with pipes for its standard streams, started by another one if need be; `changes` are of
    its environment."""
    done = subprocess.run(
        [*through, *COMMAND, *arguments],
        cwd=cwd,
        env=environment(**changes),
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def in_terminal(
    *arguments: str, cwd: Path, columns: int = 80, variables: Mapping[str, str] | None = None
) -> Done:
    """The program with a terminal of so many columns for its standard output."""
    import fcntl  # noqa: PLC0415 - there are no such terminals on Windows
    import pty  # noqa: PLC0415
    import struct  # noqa: PLC0415
    import termios  # noqa: PLC0415

    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=cwd,
        env=environment(**{"TERM": "xterm-256color", **(variables or {})}),
        stdin=its,
        stdout=its,
        stderr=subprocess.DEVNULL,
    )
    os.close(its)
    out = b""
    while data := _read(ours):
        out += data
    os.close(ours)
    return Done(process.wait(), out.decode().replace("\r\n", "\n"))


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """The folder, with files."""
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="")
    return folder


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:
        # Linux says so when the other side is closed.
        return b""
