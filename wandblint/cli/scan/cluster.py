"""A scan on a Dask cluster: each project is a task of it."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import signal
import time
import warnings
from collections.abc import Mapping, Sequence
from concurrent import futures
from contextlib import suppress
from typing import TYPE_CHECKING

from wandblint.app.project import one_line
from wandblint.cli.option_values import ScanOptions
from wandblint.cli.scan.result import Deliver, ProjectResult, ScanError, failed
from wandblint.cli.scan.worker import SOURCES, identity, lint

if TYPE_CHECKING:
    from distributed import Client

WAIT = 10
"""Seconds that a cluster may take to answer."""
PATIENCE = 60
"""Seconds without workers, or without an answer, after which a scan ends."""
PAUSE = 5
"""Seconds between two questions to the scheduler."""
SILENT = (OSError, asyncio.TimeoutError, futures.TimeoutError)
"""What is raised where nobody answers; before Python 3.11 these are three classes."""
GO_ON = "the same command goes on with the projects that are left"


class _ClusterError(Exception):
    """The cluster cannot be used, or no longer."""


def scan_on(address: str, projects: Sequence[str], options: ScanOptions, deliver: Deliver) -> None:
    """Lints projects on the cluster at `dask://HOST:PORT` and delivers the result of each when it is there.

    Raises `ScanError` if the cluster does not answer, has no workers or one with another wandblint; also if
    it goes away meanwhile.
    """
    try:
        import distributed  # noqa: F401, PLC0415 (an extra)
    except ImportError as error:
        raise ScanError("--executor needs distributed: pip install 'wandblint[scan]'") from error
    # Dask logs at length what is one line here.
    logging.disable()
    warnings.filterwarnings("ignore", module=r"distributed\b")
    try:
        asyncio.run(_scan(address.removeprefix("dask://"), projects, options, deliver))
    except _ClusterError as error:
        raise ScanError(f"--executor {address}: {error}") from error
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


async def _scan(address: str, projects: Sequence[str], options: ScanOptions, deliver: Deliver) -> None:
    this_task = asyncio.current_task()
    assert this_task is not None, "a coroutine runs in a task"
    with suppress(NotImplementedError):  # Windows; from Python 3.11 on asyncio does it there too
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, this_task.cancel)
    from distributed import Client  # noqa: PLC0415 (an extra)

    client = Client(address, asynchronous=True, timeout=WAIT, set_as_default=False)
    try:
        await asyncio.wait_for(client, WAIT)
    except (*SILENT, ValueError) as error:
        raise _ClusterError("no Dask scheduler answers there") from error
    try:
        await _Scan(client, options).run(projects, deliver)
    finally:
        # The scheduler cancels the tasks of a client that has gone.
        with suppress(*SILENT):
            await client.close(timeout=1)


class _Scan:
    """The projects that one client has a cluster lint."""

    def __init__(self, client: Client, options: ScanOptions) -> None:
        self._client = client
        self._options = options

    async def run(self, projects: Sequence[str], deliver: Deliver) -> None:
        """Delivers the result of each project."""
        if fault := await self._fault():
            raise _ClusterError(fault)
        ended: asyncio.Queue[asyncio.Task[ProjectResult]] = asyncio.Queue()
        tasks = [asyncio.create_task(self._lint(project)) for project in projects]
        tasks.append(asyncio.create_task(self._watch()))
        for task in tasks:
            task.add_done_callback(ended.put_nowait)
        try:
            for _ in projects:
                deliver((await ended.get()).result())
        finally:
            for task in tasks:
                task.cancel()

    async def _lint(self, project: str) -> ProjectResult:
        """The result of a project. Dask gives what a killed worker had to another one."""
        from distributed import KilledWorker  # noqa: PLC0415 (an extra)

        folder, options = os.path.abspath(project), self._options
        arguments = dict(identity()), project, folder, options.passed_on, options.timeout
        try:
            # Not pure: two scans share no result.
            result: ProjectResult = await self._client.submit(lint, *arguments, pure=False)
        except KilledWorker as error:
            return failed(project, f"{error.allowed_failures + 1} workers died while they linted it")
        except futures.CancelledError as error:
            # Dask cancels all that it waits for when it loses the scheduler.
            raise _ClusterError(f"the scheduler has gone; {GO_ON}") from error
        except Exception as error:
            # Mostly a worker that joined during the scan.
            if fault := await self._fault():
                raise _ClusterError(f"{fault}; {GO_ON}") from error
            return failed(project, one_line(error))
        return result

    async def _fault(self) -> str:
        """Why the cluster cannot lint as this machine does; empty if it can."""
        try:
            identities = await asyncio.wait_for(self._client.run(identity, on_error="return"), WAIT)
        except SILENT:
            return f"its workers do not answer within {WAIT} seconds"
        if not identities:
            return "it has no workers"
        faults = [
            f"worker {worker} {fault}" for worker, theirs in identities.items() if (fault := _fault(theirs))
        ]
        if not faults:
            return ""
        others = f"; {len(faults)} of {len(identities)} workers differ" if len(identities) > 1 else ""
        return min(faults) + others

    async def _watch(self) -> ProjectResult:
        """Raises `_ClusterError` once there is nobody left to wait for: Dask would wait for ever."""
        last_seen = time.monotonic()
        while time.monotonic() - last_seen < PATIENCE:
            await asyncio.sleep(PAUSE)
            with suppress(Exception):  # whatever it is, nobody answers
                if await asyncio.wait_for(self._client.nthreads(), WAIT):
                    last_seen = time.monotonic()
        raise _ClusterError(f"no worker and no answer for {PATIENCE} seconds; {GO_ON}")


def _fault(theirs: Mapping[str, str] | Exception) -> str:
    """Why a worker would not lint as this machine does, by its `identity`; empty if it would."""
    if isinstance(theirs, Exception):
        # Dask brings the words of an exception, not always its type.
        absent = re.search(r"No module named '(wandblint|libcst|msgspec|click)'", str(theirs))
        return f"has no {absent[1]}" if absent else "has another wandblint"
    for part, ours in identity().items():
        if (other := theirs.get(part)) != ours:
            return f"has other {part}" if part == SOURCES else f"has {part} {other}, this machine {ours}"
    return ""
