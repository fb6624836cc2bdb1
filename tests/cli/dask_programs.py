"""Starts Dask's own scheduler and workers, and ends them whatever happens."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from distributed import Client

from tests.cli.programs import environment

SECONDS = 120
"""How long a program may take to be there on a busy machine."""
NOTING = """
import os, time
from pathlib import Path
from wandblint.reading import result
def noting(name, text, attempt=result.attempt, **how):
    Path({folder!r}, f"{{os.getpid()}} {{name.replace('/', ' ')}}").touch()
    time.sleep({pause})
    return attempt(name, text, **how)
if result.attempt.__name__ != "noting":  # Dask loads it twice
    result.attempt = noting
"""


class Cluster:
    """A scheduler of this machine and its workers; `folder` gets a file for each one that a worker reads."""

    def __init__(self, folder: Path, ending: ExitStack) -> None:
        self.folder = folder
        self._ending = ending
        self._alive = 0
        self.notes = folder / "notes"
        self.notes.mkdir(parents=True)
        file = folder / "scheduler.json"
        options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show"]
        # Its workers end with it: nothing stays where the tests are killed.
        options += ["--idle-timeout", f"{5 * SECONDS} seconds"]
        program = self._start("dask_scheduler", *options, "--scheduler-file", str(file))
        wait_until(file.exists, program)
        self.address: str = json.loads(file.read_text("utf-8"))["address"]
        self.scheduler = program.pid
        self.given = self.address.replace("tcp:", "dask:")
        self.option = f"--executor={self.given}"

    def add(self, count: int, *, pause: float = 0, path: Path | None = None, notes: bool = True) -> list[int]:
        """The process numbers of new workers, which pause before each file; `path` is looked at for modules
        first."""
        options = ["--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--no-dashboard"]
        if notes:
            preload = self.folder / "noting.py"
            preload.write_text(NOTING.format(folder=str(self.notes), pause=pause), "utf-8")
            options += ["--preload", str(preload)]
        found = [self._start("dask_worker", self.address, *options, path=path) for _ in range(count)]
        with Client(self.address, timeout=SECONDS, set_as_default=False) as client:
            for program in found:
                wait_until(lambda: len(client.nthreads()) >= self._alive + count, program)
        self._alive += count
        return [program.pid for program in found]

    def tasks(self) -> int:
        """How many are running or wait."""
        with Client(self.address, timeout=SECONDS, set_as_default=False) as client:
            return len(client.run_on_scheduler(lambda dask_scheduler: list(dask_scheduler.tasks)))

    def readers(self) -> list[int]:
        """The worker of each file that was begun."""
        return [int(note.name.partition(" ")[0]) for note in self.notes.iterdir()]

    def _start(self, module: str, *arguments: str, path: Path | None = None) -> subprocess.Popen[bytes]:
        paths = [str(path)] * (path is not None) + [os.environ.get("PYTHONPATH", "")]
        program = subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{module}", *arguments],
            cwd=self.folder,
            env=environment(PYTHONPATH=os.pathsep.join(filter(None, paths))),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._ending.callback(end, program)
        return program


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """A scheduler without workers."""
    with ExitStack() as ending:
        yield Cluster(folder, ending)


def end(program: subprocess.Popen[Any]) -> None:
    """Kills a program and what it started."""
    with suppress(ProcessLookupError):  # a test has killed it
        os.killpg(program.pid, signal.SIGKILL)
    program.wait()


def wait_until(condition: Callable[[], object], program: subprocess.Popen[Any] | None = None) -> None:
    """Waits for a condition, which a program that must still run brings about."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert program is None or program.poll() is None, "the program has ended"
        assert time.monotonic() < deadline
        time.sleep(0.05)
