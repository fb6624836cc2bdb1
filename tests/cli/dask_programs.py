"""Starts Dask's own scheduler and workers, and ends them whatever happens."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from distributed import Client

from tests.cli.programs import SECONDS, environment


class Cluster:
    """A scheduler of this machine and its workers; `changes` are of their environment."""

    def __init__(self, folder: Path, ending: ExitStack, changes: Mapping[str, str]) -> None:
        folder.mkdir()
        self._folder = folder
        self._ending = ending
        self._changes = changes
        file = folder / "scheduler.json"
        options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show"]
        # Its workers end with it: nothing stays where the tests are killed.
        options += ["--idle-timeout", f"{5 * SECONDS} seconds"]
        program = self._start("dask_scheduler", *options, "--scheduler-file", str(file))
        self.address = str(wait_until(lambda: _address(file), program))
        self.scheduler = program.pid
        self.option = "--executor=" + self.address.replace("tcp:", "dask:")

    def add(self, count: int, *, path: Path | None = None) -> list[int]:
        """The process ids of new workers with one thread each; they look at `path` for modules first."""
        options = ["--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--no-dashboard"]
        programs = [self._start("dask_worker", self.address, *options, path=path) for _ in range(count)]
        pids = {program.pid for program in programs}
        with self._client() as client:
            for program in programs:
                wait_until(lambda: pids <= set(client.run(os.getpid, on_error="ignore").values()), program)
        return [program.pid for program in programs]

    def tasks(self) -> int:
        """How many tasks the scheduler knows."""
        with self._client() as client:
            return len(client.run_on_scheduler(lambda dask_scheduler: list(dask_scheduler.tasks)))

    def _client(self) -> Client:
        return Client(self.address, timeout=SECONDS, set_as_default=False)

    def _start(self, module: str, *arguments: str, path: Path | None = None) -> subprocess.Popen[bytes]:
        paths = [str(path)] * (path is not None) + [os.environ.get("PYTHONPATH", "")]
        program = subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{module}", *arguments],
            cwd=self._folder,
            env=environment(PYTHONPATH=os.pathsep.join(filter(None, paths)), **self._changes),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._ending.callback(end, program)
        return program


@contextmanager
def cluster(folder: Path, **changes: str) -> Iterator[Cluster]:
    """A scheduler without workers."""
    with ExitStack() as ending:
        yield Cluster(folder, ending, changes)


def end(program: subprocess.Popen[Any]) -> None:
    """Kills a program and what it started."""
    with suppress(ProcessLookupError):  # a test has killed it
        os.killpg(program.pid, signal.SIGKILL)
    program.wait()


def wait_until(condition: Callable[[], object], program: subprocess.Popen[Any] | None = None) -> object:
    """Waits until a condition holds, for which a program must still run; returns its value."""
    deadline = time.monotonic() + SECONDS
    while not (value := condition()):
        assert program is None or program.poll() is None, "the program has ended"
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return value


def _address(file: Path) -> str:
    """The address in the scheduler's file; empty as long as the file is not there or not whole."""
    try:
        return str(json.loads(file.read_text("utf-8"))["address"])
    except (OSError, ValueError, KeyError):
        return ""
