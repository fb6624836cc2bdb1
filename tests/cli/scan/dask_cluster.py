"""Starts Dask's own scheduler and workers, and always ends them."""

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
    """A scheduler on this machine and its workers; `changes` apply to their environment."""

    def __init__(self, folder: Path, exit_stack: ExitStack, changes: Mapping[str, str]) -> None:
        folder.mkdir()
        self._folder = folder
        self._exit_stack = exit_stack
        self._changes = changes
        file = folder / "scheduler.json"
        options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show"]
        # Its workers end with it, so no process survives when the tests are killed.
        options += ["--idle-timeout", f"{5 * SECONDS} seconds"]
        program = self._start("dask_scheduler", *options, "--scheduler-file", str(file))
        self.address = str(wait_until(lambda: _address(file), program))
        self.scheduler = program.pid
        self.option = "--executor=" + self.address.replace("tcp:", "dask:")

    def add(self, count: int, *, path: Path | None = None) -> list[int]:
        """Starts workers of one thread, which search `path` for modules first; returns their ids."""
        options = ["--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--no-dashboard"]
        programs = [self._start("dask_worker", self.address, *options, path=path) for _ in range(count)]
        pids = {program.pid for program in programs}
        with self._client() as client:
            for program in programs:
                wait_until(lambda: pids <= set(client.run(os.getpid, on_error="ignore").values()), program)
        return [program.pid for program in programs]

    def tasks(self) -> int:
        """The number of tasks that the scheduler knows."""
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
        self._exit_stack.callback(kill_program, program)
        return program


@contextmanager
def cluster(folder: Path, **changes: str) -> Iterator[Cluster]:
    """A scheduler without workers."""
    with ExitStack() as exit_stack:
        yield Cluster(folder, exit_stack, changes)


def kill_program(program: subprocess.Popen[Any]) -> None:
    """Kills a program and the processes it started."""
    with suppress(ProcessLookupError):  # a test has killed it
        os.killpg(program.pid, signal.SIGKILL)
    program.wait()


def wait_until(condition: Callable[[], object], program: subprocess.Popen[Any] | None = None) -> object:
    """Waits until a condition holds and returns its value; `program` must not end meanwhile."""
    deadline = time.monotonic() + SECONDS
    while not (value := condition()):
        assert program is None or program.poll() is None, "the program has ended"
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return value


def _address(file: Path) -> str:
    """The address in the scheduler's file; empty while the file is missing or incomplete."""
    try:
        return str(json.loads(file.read_text("utf-8"))["address"])
    except (OSError, ValueError, KeyError):
        return ""
