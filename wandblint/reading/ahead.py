"""Reading many files at once, in other processes."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

from wandblint.infra.processes import can_fork, follow_parent
from wandblint.reading.result import ParseResult, attempt_all, decode

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future
    from multiprocessing.process import BaseProcess

MakeExecutor: TypeAlias = "Callable[[], Executor]"
_File: TypeAlias = tuple[str, str]

# Few runs read so much that they need other processes: what those need is imported by them.

WORTH = 800_000
"""Characters of text from which on other processes are started (docs/performance.md)."""
BATCH = 40_000
"""Characters of text that one process gets at a time: a file, or several small ones."""


class Ahead:
    """Files that other processes read before they are asked for.

    `make` makes what runs them, any `Executor`. What an executor cannot do, because a process died over it,
    is tried again in a process of its own, file by file: so it is known which file it was.
    """

    def __init__(self, make: MakeExecutor) -> None:
        self._make = make
        self._executor: Executor | None = None
        self._alone: Executor | None = None
        self._waiting: dict[str, tuple[Future[list[bytes]], int, str]] = {}
        self._is_starting = False
        self._offered: list[_File] = []
        self._size = 0
        self._others: frozenset[BaseProcess] = frozenset()
        """The processes that are none of these."""

    def offer(self, name: str, text: str) -> None:
        """A file that will be asked for; it begins to be read when there are enough of them."""
        self._offered.append((name, text))
        self._size += len(text)
        if self._size >= (WORTH if self._executor is None else BATCH):
            self.start(self._offered)

    def start(self, files: Sequence[_File]) -> None:
        """Begins to read files, if they are enough to pay."""
        self._offered, self._size = [], 0
        if self._executor is None:
            if sum(len(text) for _, text in files) < WORTH:
                return
            self._others = _processes()
            self._executor = self._make()
        # Ctrl-C may come after a batch has begun and before it is among those that are waited for.
        self._is_starting = True
        for batch in _batches([file for file in files if file[0] not in self._waiting]):
            try:
                future = self._executor.submit(attempt_all, batch)
            except RuntimeError:
                # It broke meanwhile: whoever asks for these files reads them.
                return
            for number, (name, text) in enumerate(batch):
                self._waiting[name] = (future, number, text)
        self._is_starting = False

    def take(self, name: str) -> ParseResult | None:
        """What came of a file, waited for; None if it is not among those that were started."""
        if name not in self._waiting:
            return None
        future, number, text = self._waiting.pop(name)
        try:
            return decode(future.result()[number])
        except Exception:
            # Whatever an executor raises, from a process that died to a cluster that went away.
            return self._take_alone(name, text)

    def close(self) -> None:
        """Ends the processes at once; what is not taken is lost."""
        is_idle = not self._is_starting and all(future.done() for future, _, _ in self._waiting.values())
        for executor in (self._executor, self._alone):
            if executor is not None:
                executor.shutdown(wait=is_idle, cancel_futures=True)
        if not is_idle:
            for process in _processes() - self._others:
                process.terminate()
        self._executor = self._alone = None
        self._waiting.clear()

    def _take_alone(self, name: str, text: str) -> ParseResult:
        self._alone = self._alone or processes(1)
        try:
            return decode(self._alone.submit(attempt_all, [(name, text)]).result()[0])
        except Exception as error:
            self._alone.shutdown(wait=False)
            self._alone = None
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


def _processes() -> frozenset[BaseProcess]:
    """Those that this one has made and that still run."""
    from multiprocessing import active_children  # noqa: PLC0415 (see above)

    return frozenset(active_children())


def processes(jobs: int) -> Executor:
    """Processes of this machine."""
    import multiprocessing  # noqa: PLC0415 (see above)
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415

    can_fork = can_fork()
    if can_fork:
        # Every process then has the reader at once.
        import wandblint.reading.parsing  # noqa: F401, PLC0415
    method = "fork" if can_fork else "spawn"
    return ProcessPoolExecutor(jobs, multiprocessing.get_context(method), _prepare)


def _prepare() -> None:
    gc.disable()
    follow_parent()
