"""Worker processes on this machine: start, end and results."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from threading import Thread

# Every run imports this module, but few start processes: the functions import what those need.


def can_fork() -> bool:
    """Whether new processes may be forked, the cheapest way: it is safe without threads."""
    import threading  # noqa: PLC0415 (see above)

    return sys.platform == "linux" and threading.active_count() == 1


def wait_for_end(threads: Sequence[Thread]) -> None:
    """Wait until the system, too, has ended threads that were joined.

    A thread can be joined a moment before that, and `os.fork` looks at the threads of the system: since
    Python 3.12 it warns if there is more than one.
    """
    if sys.platform != "linux":
        return
    import time  # noqa: PLC0415 (see above)

    deadline = time.monotonic() + 1
    for thread in threads:
        while not thread.is_alive() and os.path.exists(f"/proc/self/task/{thread.native_id}"):
            if time.monotonic() > deadline:
                return
            time.sleep(0.0005)


def processors() -> int:
    """The number of processors that this process may use, which containers can restrict."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def follow_parent() -> None:
    """Let a new process end with its parent, and silently at Ctrl-C."""
    import signal  # noqa: PLC0415 (see above)
    import threading  # noqa: PLC0415

    # Ctrl-C reaches every process of the terminal. What SIGTERM must clean up is the parent's.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    import multiprocessing  # noqa: PLC0415 (see above)

    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class WorkerAbort(BaseException):
    """A problem in a forked child, which only the parent can report: the child aborts its work."""


class ForkedTask:
    """A task in a forked child, which starts from the state of this process. Requires `can_fork`."""

    def __init__(self, task: Callable[[], bytes]) -> None:
        import multiprocessing  # noqa: PLC0415 (see above)

        context = multiprocessing.get_context("fork")
        self._receiver, sender = context.Pipe(duplex=False)
        self._process = context.Process(target=_run, args=(task, sender), daemon=True)
        self._process.start()
        sender.close()

    def result(self) -> bytes:
        """Wait for the result; empty if the process died."""
        try:
            return self._receiver.recv_bytes()
        except (EOFError, OSError):
            return b""

    def close(self) -> None:
        """End the process if it still runs."""
        self._receiver.close()
        self._process.kill()
        self._process.join()


def _run(task: Callable[[], bytes], sender: Connection) -> None:
    follow_parent()
    sender.send_bytes(task())
    # Regular interpreter shutdown takes long and has no use here.
    os._exit(0)
