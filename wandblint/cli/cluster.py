"""`--executor dask://HOST:PORT`: the workers of a Dask cluster read files.

Text goes there and facts come back. Whatever the cluster cannot do is done here.
"""

from __future__ import annotations

import asyncio
import logging
import re
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent import futures
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

from wandblint.reading.elsewhere import SOURCES, read_alike, reader

if TYPE_CHECKING:
    from distributed import Client

    from wandblint.reading.ahead import MakeExecutor

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")

WAIT = 10
"""So many seconds a cluster may take to answer."""
PAUSE = 5
"""Seconds between two questions whether it is still there; two without an answer give it up."""

SILENT = (OSError, asyncio.TimeoutError, futures.TimeoutError)
"""What is raised where nobody answers; before Python 3.11 the three are three."""


@contextmanager
def reading_on(address: str) -> Iterator[MakeExecutor]:
    """What makes executors of the cluster at `dask://HOST:PORT`.

    Raises a usage error where it does not answer, has no workers, or one that would not read as this
    process does, and without distributed.
    """
    try:
        from distributed import Client  # noqa: PLC0415 (an extra)
    except ImportError as error:
        raise click.UsageError("--executor needs distributed: pip install 'wandblint[dask]'") from error
    # Of a cluster that is lost one line is said, of versions that differ what matters here.
    logging.disable()
    warnings.filterwarnings("ignore", module=r"distributed\b")
    try:
        # In a thread: a scheduler that takes the connection and then says nothing is waited for without end.
        connecting = ThreadPoolExecutor(1).submit(
            Client, address.removeprefix("dask://"), timeout=WAIT, set_as_default=False
        )
        client = connecting.result(WAIT)
    except (*SILENT, ValueError) as error:
        raise click.UsageError(f"--executor {address}: no Dask scheduler answers there") from error
    try:
        if fault := _fault_of_workers(client):
            raise click.UsageError(f"--executor {address}: {fault}")
        yield lambda: _Cluster(client)
    finally:
        client.close(timeout=1)


def _fault_of_workers(client: Client) -> str:
    """What keeps the workers from reading as this process does, or nothing."""
    try:
        found = client.sync(client.run, reader, on_error="return", callback_timeout=WAIT)
    except SILENT:
        return f"its workers do not answer within {WAIT} seconds"
    if not found:
        return "it has no workers"
    wrong = [f"{worker} {fault}" for worker, theirs in sorted(found.items()) if (fault := _fault(theirs))]
    if not wrong:
        return ""
    return f"worker {wrong[0]}" + f"; {len(wrong)} of {len(found)} workers read otherwise" * (len(found) > 1)


def _fault(theirs: Mapping[str, str] | Exception) -> str:
    """The same of one worker, by what it says of its reader."""
    if isinstance(theirs, Exception):
        # Dask brings the words of an exception, not always its type.
        missing = re.search(r"No module named '(wandblint|libcst|msgspec)'", str(theirs))
        return f"has no {missing[1]}" if missing else "has another wandblint, which does not tell its version"
    for part, ours in reader().items():
        if (other := theirs.get(part)) != ours:
            return f"has other {part}" if part == SOURCES else f"has {part} {other}, this machine {ours}"
    return ""


class _Cluster(Executor):
    """A Dask cluster for one project; what waits when it goes away is given up."""

    def __init__(self, client: Client) -> None:
        self._client = client
        # A name for each task: two runs with the same text share no result.
        self._executor = client.get_executor(pure=False)
        self._ended = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def submit(
        self,
        function: Callable[_Parameters, _Result],
        /,
        *arguments: _Parameters.args,
        **named: _Parameters.kwargs,
    ) -> Future[_Result]:
        """Has a worker call a function, unless it is one that joined since and reads otherwise."""
        future: Future[_Result] = self._executor.submit(read_alike, reader(), function, *arguments, **named)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Takes no more work. Dask's own executor cancels what is left unless it waits."""
        from distributed.client import ClosedClientError  # noqa: PLC0415 (few runs have a cluster)

        self._ended.set()
        # Where the scheduler has gone there is nobody to cancel anything.
        with suppress(ClosedClientError):
            self._executor.shutdown(wait=wait and not cancel_futures)

    def _watch(self) -> None:
        """Gives up when no worker is left, or the scheduler is gone: Dask would wait for ever."""
        is_empty = False
        while not self._ended.wait(PAUSE):
            was_empty, is_empty = is_empty, not self._has_workers()
            if was_empty and is_empty:
                self.shutdown(wait=False)

    def _has_workers(self) -> bool:
        try:
            return bool(self._client.sync(self._client.nthreads, callback_timeout=WAIT))
        except Exception:
            # Whatever it is, nobody answers.
            return False
