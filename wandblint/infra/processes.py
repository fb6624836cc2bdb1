"""Other processes of this machine: how they begin and end, and work that one does meanwhile."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

# Every run imports this module, and few make processes: what those need is imported by them.


def can_fork() -> bool:
    """Whether new processes are forked, which costs least: it is safe without threads."""
    import threading  # noqa: PLC0415 (see above)

    return sys.platform == "linux" and threading.active_count() == 1


def processors() -> int:
    """The processors that this process may use: in a container that may be fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def follow_parent() -> None:
    """What a new process does first: it ends with the one that made it, and at Ctrl-C without a word."""
    import signal  # noqa: PLC0415 (see above)
    import threading  # noqa: PLC0415

    # Ctrl-C reaches every process of the terminal.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    import multiprocessing  # noqa: PLC0415 (see above)

    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


class WorkerAbort(BaseException):
    """Something went wrong in a copy of the process, of which only the original can tell: the work ends."""


class ForkedTask:
    """Work that another process does meanwhile, from the state of this one: it is forked, and nothing is sent
    there. Only where `forks` says so."""

    def __init__(self, work: Callable[[], bytes]) -> None:
        import multiprocessing  # noqa: PLC0415 (see above)

        context = multiprocessing.get_context("fork")
        self._receiver, sender = context.Pipe(duplex=False)
        self._process = context.Process(target=_do, args=(work, sender), daemon=True)
        self._process.start()
        sender.close()

    def result(self) -> bytes:
        """What came of it, waited for; nothing where the process died."""
        try:
            return self._receiver.recv_bytes()
        except (EOFError, OSError):
            return b""

    def close(self) -> None:
        """Ends the process, if it has not ended."""
        self._receiver.close()
        self._process.kill()
        self._process.join()


def _do(work: Callable[[], bytes], sender: Connection) -> None:
    follow_parent()
    sender.send_bytes(work())
    # To take everything apart takes long, and nobody waits for it.
    os._exit(0)
