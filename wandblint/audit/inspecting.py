"""wandb's own log reader, `wandb leet inspect`, as a subprocess: wandblint never imports wandb."""

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

_PREFIX = "wandb leet inspect: "
_TOO_OLD = ("No such command", "No such option")
_MISSING = (
    '`audit` reads logs with wandb\'s own reader, and wandb is not installed: pip install "wandblint[audit]"'
)


class NoReaderError(Exception):
    """wandb is missing or cannot print logs; the message says what to install."""


@dataclass
class Inspection:
    """One log as wandb reads it. `errors` are wandb's messages about the file once `lines` has ended."""

    command: str
    log: Path
    errors: list[str] = field(default_factory=list)

    def lines(self, *, as_json: bool = True) -> Iterator[bytes]:
        """The records as lines of JSON, or as text, which keeps the parts of a nested key apart.

        Raises `NoReaderError` if wandb cannot print them.
        """
        with tempfile.TemporaryFile() as stderr:
            # A file, because an unread pipe would fill up.
            process = subprocess.Popen(
                [
                    self.command,
                    "leet",
                    "inspect",
                    *(["--json"] if as_json else []),
                    str(self.log.resolve()),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env={**os.environ, "WANDB_ERROR_REPORTING": "false"},
            )
            assert process.stdout is not None, "it is a pipe"
            try:
                yield from process.stdout
            finally:
                process.stdout.close()
                code = process.wait()
            stderr.seek(0)
            self._conclude(code, stderr.read().decode(errors="replace"))

    def _conclude(self, code: int, output: str) -> None:
        if code and any(message in output for message in _TOO_OLD):
            raise NoReaderError(
                f"the installed wandb ({self.command}) is too old to print logs: `audit` needs wandb {FIRST} "
                'or newer; install it with pip install "wandblint[audit]"'
            )
        lines = [line for line in output.splitlines() if line.strip()]
        self.errors += [line.removeprefix(_PREFIX) for line in lines if line.startswith(_PREFIX)]
        if code and not self.errors:
            self.errors.append(lines[-1] if lines else f"wandb leet inspect failed with exit code {code}")


def reader() -> str:
    """The command `wandb`: the one installed next to wandblint, else the one on the path.

    Raises `NoReaderError` if there is none.
    """
    command = shutil.which("wandb", path=sysconfig.get_path("scripts")) or shutil.which("wandb")
    if command is None:
        raise NoReaderError(_MISSING)
    return command
