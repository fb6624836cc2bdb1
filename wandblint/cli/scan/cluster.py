"""Scans projects on a Dask cluster, one task per project."""

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
"""Seconds between two requests to the scheduler."""
NO_ANSWER = (OSError, asyncio.TimeoutError, futures.TimeoutError)
"""The errors of an unanswered request; before Python 3.11 these are three classes."""
RESUME = "the same command goes on with the projects that are left"


class _ClusterError(Exception):
    """The cluster cannot be used, or not any more; the message says why."""


def scan_on(address: str, projects: Sequence[str], options: ScanOptions, deliver: Deliver) -> None:
    """Lints projects on the cluster at `dask://HOST:PORT` and delivers each result as it arrives.

    Raises `ScanError` if the cluster does not answer, disappears during the scan, has no workers, or has a
    worker with another wandblint.
    """
    try:
        import distributed  # noqa: F401, PLC0415 (an extra)
    except ImportError as error:
        raise ScanError("--executor needs distributed: pip install 'wandblint[scan]'") from error
    # Dask logs at length what becomes one line of ours.
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
    with suppress(NotImplementedError):  # Windows, where asyncio itself does this since Python 3.11
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, this_task.cancel)
    from distributed import Client  # noqa: PLC0415 (an extra)

    client = Client(address, asynchronous=True, timeout=WAIT, set_as_default=False)
    try:
        await asyncio.wait_for(client, WAIT)
    except (*NO_ANSWER, ValueError) as error:
        raise _ClusterError("no Dask scheduler answers there") from error
    try:
        await _Scan(client, options).run(projects, deliver)
    finally:
        # The scheduler cancels the tasks of a closed client.
        with suppress(*NO_ANSWER):
            await client.close(timeout=1)


class _Scan:
    """A scan by one client."""

    def __init__(self, client: Client, options: ScanOptions) -> None:
        self._client = client
        self._options = options
        self._identity = identity()

    async def run(self, projects: Sequence[str], deliver: Deliver) -> None:
        """Delivers the result of each project."""
        if mismatch := await self._mismatch():
            raise _ClusterError(mismatch)
        done: asyncio.Queue[asyncio.Task[ProjectResult]] = asyncio.Queue()
        tasks = [asyncio.create_task(self._lint(project)) for project in projects]
        tasks.append(asyncio.create_task(self._watch()))
        for task in tasks:
            task.add_done_callback(done.put_nowait)
        try:
            for _ in projects:
                deliver((await done.get()).result())
        finally:
            for task in tasks:
                task.cancel()

    async def _lint(self, project: str) -> ProjectResult:
        """The result of a project. Dask moves the tasks of a killed worker to another one."""
        from distributed import KilledWorker  # noqa: PLC0415 (an extra)

        folder, options = os.path.abspath(project), self._options
        arguments = self._identity, project, folder, options.check_arguments, options.timeout
        try:
            # Not pure: two scans share no result.
            result: ProjectResult = await self._client.submit(lint, *arguments, pure=False)
        except KilledWorker as error:
            return failed(project, f"{error.allowed_failures + 1} workers died while they linted it")
        except futures.CancelledError as error:
            # Dask cancels all tasks when it loses the scheduler.
            raise _ClusterError(f"the scheduler has gone; {RESUME}") from error
        except Exception as error:
            # Usually a worker with another wandblint that joined during the scan.
            if mismatch := await self._mismatch():
                raise _ClusterError(f"{mismatch}; {RESUME}") from error
            return failed(project, one_line(error))
        return result

    async def _mismatch(self) -> str:
        """Why the cluster would not lint as this machine does; empty if it would."""
        try:
            identities = await asyncio.wait_for(self._client.run(identity, on_error="return"), WAIT)
        except NO_ANSWER:
            return f"its workers do not answer within {WAIT} seconds"
        if not identities:
            return "it has no workers"
        mismatches = [
            f"worker {worker} {mismatch}"
            for worker, answer in identities.items()
            if (mismatch := _worker_mismatch(answer, self._identity))
        ]
        if not mismatches:
            return ""
        counts = f"; {len(mismatches)} of {len(identities)} workers differ" if len(identities) > 1 else ""
        return min(mismatches) + counts

    async def _watch(self) -> ProjectResult:
        """Raises `_ClusterError` when the cluster stays silent; Dask itself would wait forever."""
        last_answer = time.monotonic()
        while time.monotonic() - last_answer < PATIENCE:
            await asyncio.sleep(PAUSE)
            with suppress(Exception):  # any error is a missing answer
                if await asyncio.wait_for(self._client.nthreads(), WAIT):
                    last_answer = time.monotonic()
        raise _ClusterError(f"no worker and no answer for {PATIENCE} seconds; {RESUME}")


def _worker_mismatch(answer: Mapping[str, str] | Exception, expected: Mapping[str, str]) -> str:
    """Why a worker that answers with this `identity` would lint differently; empty if it would not."""
    if isinstance(answer, Exception):
        # Dask transfers the message of an exception, but not always its type.
        missing = re.search(r"No module named '(wandblint|libcst|msgspec|click)'", str(answer))
        return f"has no {missing[1]}" if missing else "has another wandblint"
    for part, ours in expected.items():
        if (theirs := answer.get(part)) != ours:
            return f"has other {part}" if part == SOURCES else f"has {part} {theirs}, this machine {ours}"
    return ""
