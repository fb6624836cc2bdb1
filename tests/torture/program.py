"""Runs the real program, quickly, and states what is true of every run."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from signal import Signals
from types import TracebackType

from tests.cli.programs import environment

ROOT = Path(__file__).parents[2]
CODES = (0, 1, 2)
COLOR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Run:
    """A run that has ended."""

    arguments: tuple[str, ...]
    code: int
    out: bytes
    err: bytes

    def complaints(self) -> list[str]:
        """What is wrong with any run that shows this."""
        command = " ".join(self.arguments)
        found = []
        if self.code not in CODES:
            found.append(f"`{command}` ended with {self.code}")
        lines = COLOR.sub("", self.err.decode("utf-8", "replace")).removesuffix("\n").split("\n")
        strange = [line for line in lines if line and not line.startswith(("error: ", "note: "))]
        if strange:
            found.append(f"`{command}` wrote to standard error: {strange[-1]!r}")
        unreadable = [line for line in lines if ": cannot be read: " in line]
        if len({line.split(": cannot be read: ")[0] for line in unreadable}) < len(unreadable):
            found.append(f"`{command}` has several lines for a file: {unreadable}")
        return found


class Program:
    """wandblint, in forks of a process that has imported it (`server.py`)."""

    def __init__(self) -> None:
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.torture.server"],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._folder = tempfile.TemporaryDirectory(prefix="torture-")

    def __enter__(self) -> Program:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.communicate()
        self._folder.cleanup()

    def run(self, *arguments: str, cwd: Path, kill: tuple[Signals, float] | None = None) -> Run:
        """Runs it in a folder; `kill` is a signal and the seconds after which it is sent."""
        out, err = Path(self._folder.name, "out"), Path(self._folder.name, "err")
        request = {
            "arguments": arguments,
            "cwd": str(cwd),
            "kill": kill,
            "out": str(out),
            "err": str(err),
        }
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(request) + "\n")
        self._server.stdin.flush()
        code = int(self._server.stdout.readline())
        return Run(arguments, code, *(file.read_bytes() if file.exists() else b"" for file in (out, err)))
