"""Reading many files at once, in other processes."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

from wandblint.infra.processes import can_fork, follow_parent, wait_for_end
from wandblint.syntax.result import ParseResult, attempt_all, decode

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future
    from multiprocessing.process import BaseProcess
    from threading import Thread

_File: TypeAlias = tuple[str, str]

# Few runs read so much that they need other processes: what those need is imported by them.

WORTH = 800_000
"""Characters of text from which on other processes are started (docs/performance.md)."""
BATCH = 40_000
"""Characters of text that one process gets at a time: a file, or several small ones."""


class ReadPool:
    """Up to `size` processes, which read files before they are asked for.

    The files of a process that died are read again in a process of their own, one by one: so the file that
    killed it is known.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._executor: Executor | None = None
        self._single: Executor | None = None
        self._pending: dict[str, tuple[Future[list[bytes]], int, str]] = {}
        self._is_starting = False
        self._offered: list[_File] = []
        self._characters = 0
        self._others: frozenset[BaseProcess] = frozenset()
        """The child processes that this pool did not start."""

    def offer(self, name: str, text: str) -> None:
        """Adds a file that will be asked for; the pool starts on it when there are enough of them."""
        self._offered.append((name, text))
        self._characters += len(text)
        if self._characters >= (WORTH if self._executor is None else BATCH):
            self.start(self._offered)

    def start(self, files: Sequence[_File]) -> None:
        """Begins to read files, if they are enough to pay."""
        self._offered, self._characters = [], 0
        if self._executor is None:
            if sum(len(text) for _, text in files) < WORTH:
                return
            self._others = _children()
            self._executor = processes(self._size)
        # Ctrl-C may come after a batch has begun and before its future is stored.
        self._is_starting = True
        for batch in _batches([file for file in files if file[0] not in self._pending]):
            try:
                future = self._executor.submit(attempt_all, batch)
            except RuntimeError:
                # The executor broke meanwhile: whoever asks for these files reads them.
                return
            for number, (name, text) in enumerate(batch):
                self._pending[name] = (future, number, text)
        self._is_starting = False

    def take(self, name: str) -> ParseResult | None:
        """Waits for the result of a file; None if the pool did not start on it."""
        if name not in self._pending:
            return None
        future, number, text = self._pending.pop(name)
        try:
            return decode(future.result()[number])
        except Exception:
            # Whatever the executor raises for a process that died.
            return self._read_alone(name, text)

    def close(self) -> None:
        """Ends the processes at once and drops the results that nobody took."""
        is_idle = not self._is_starting and all(future.done() for future, _, _ in self._pending.values())
        executors = [executor for executor in (self._executor, self._single) if executor is not None]
        threads = _threads() if executors else []
        for executor in executors:
            executor.shutdown(wait=is_idle, cancel_futures=True)
        wait_for_end(threads)
        if not is_idle:
            for process in _children() - self._others:
                process.terminate()
        self._executor = self._single = None
        self._pending.clear()

    def _read_alone(self, name: str, text: str) -> ParseResult:
        self._single = self._single or processes(1)
        try:
            return decode(self._single.submit(attempt_all, [(name, text)]).result()[0])
        except Exception as error:
            self._single.shutdown(wait=False)
            self._single = None
            return ParseResult(internal_error=f"the process that read it died ({type(error).__name__})")


def _batches(files: Iterable[_File]) -> Iterator[list[_File]]:
    """Files in batches, the largest first, so that no process is left with one at the end."""
    batch: list[_File] = []
    size = 0
    for file in sorted(files, key=lambda file: (-len(file[1]), file[0])):
        batch.append(file)
        size += len(file[1])
        if size >= BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _threads() -> list[Thread]:
    """The threads of this process, those of executors among them."""
    import threading  # noqa: PLC0415 (see above)

    return threading.enumerate()


def _children() -> frozenset[BaseProcess]:
    """The child processes of this one that still run."""
    from multiprocessing import active_children  # noqa: PLC0415 (see above)

    return frozenset(active_children())


def processes(count: int) -> Executor:
    """An executor of `count` processes of this machine."""
    import multiprocessing  # noqa: PLC0415 (see above)
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415

    if can_fork():
        # Every process then has the reader at once.
        import wandblint.syntax.parsing  # noqa: F401, PLC0415
    method = "fork" if can_fork() else "spawn"
    return ProcessPoolExecutor(count, multiprocessing.get_context(method), _prepare)


def _prepare() -> None:
    gc.disable()
    follow_parent()
