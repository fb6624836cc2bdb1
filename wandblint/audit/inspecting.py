"""wandb's own reader of its logs, `wandb leet inspect`, as a process: wandblint never imports wandb."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

FIRST = "0.31"
"""The first release whose `leet inspect` prints records (docs/wandb-semantics.md, Logs)."""

_SPEAKER = "wandb leet inspect: "
_TOO_OLD = ("No such command", "No such option")


_MISSING = (
    '`audit` reads logs with wandb\'s own reader, and wandb is not installed: pip install "wandblint[audit]"'
)


class NoReaderError(Exception):
    """There is no wandb, or one that cannot print logs; the message says what to install."""


@dataclass
class Inspection:
    """One log as wandb reads it. `complaints` are what it says of the file, when `lines` has ended."""

    command: str
    log: Path
    complaints: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[bytes]:
        """The records, one line of JSON each. Raises `NoReaderError` where wandb cannot print them."""
        with tempfile.TemporaryFile() as said:
            # Its words go to a file: a pipe that nobody reads would fill up.
            process = subprocess.Popen(
                [self.command, "leet", "inspect", "--json", str(self.log.resolve())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=said,
                env={**os.environ, "WANDB_ERROR_REPORTING": "false"},
            )
            assert process.stdout is not None, "it was asked for"
            try:
                yield from process.stdout
            finally:
                process.stdout.close()
                code = process.wait()
            said.seek(0)
            self._conclude(code, said.read().decode(errors="replace"))

    def _conclude(self, code: int, said: str) -> None:
        if code and any(sign in said for sign in _TOO_OLD):
            raise NoReaderError(
                f"the installed wandb ({self.command}) is too old to print logs: `audit` needs wandb {FIRST} "
                'or newer; install it with pip install "wandblint[audit]"'
            )
        spoken = [line for line in said.splitlines() if line.strip()]
        self.complaints += [line.removeprefix(_SPEAKER) for line in spoken if line.startswith(_SPEAKER)]
        if code and not self.complaints:
            self.complaints.append(
                spoken[-1] if spoken else f"wandb leet inspect failed with exit code {code}"
            )


def reader() -> str:
    """The command `wandb`: the one installed beside wandblint, else the one on the path.

    Raises `NoReaderError` where there is none.
    """
    found = shutil.which("wandb", path=sysconfig.get_path("scripts")) or shutil.which("wandb")
    if found is None:
        raise NoReaderError(_MISSING)
    return found
