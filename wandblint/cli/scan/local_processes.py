"""A scan on this machine: a process per project, so that none can harm the others."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import msgspec

from wandblint.cli.option_values import ScanOptions
from wandblint.cli.scan.result import (
    Deliver,
    ProjectResult,
    check_in,
    failed,
    missing,
    result_of,
    too_slow,
)
from wandblint.infra.processes import can_fork, follow_parent, processors


class _Running(msgspec.Struct):
    """The process of one project, and the files that it writes to."""

    project: str
    process: BaseProcess
    output: Path
    errors: Path
    began: float


def scan_here(projects: Sequence[str], options: ScanOptions, deliver: Deliver) -> None:
    """Lints projects, `--jobs` at a time, and delivers the result of each when it has ended."""
    waiting = list(reversed(projects))
    running: dict[int, _Running] = {}
    most = options.jobs or processors()
    with tempfile.TemporaryDirectory(prefix="wandblint-scan-") as folder, _interrupts() as interrupt:
        try:
            while waiting or running:
                while waiting and len(running) < most:
                    project = waiting.pop()
                    if problem := missing(project):
                        deliver(failed(project, problem))
                    else:
                        begun = _begun(project, options, Path(folder))
                        running[begun.process.sentinel] = begun
                ends = [begun.began + options.timeout for begun in running.values()]
                wait = max(min(ends, default=0) - time.monotonic(), 0)
                ready = connection.wait([*running, interrupt], wait)
                if interrupt in ready:
                    raise KeyboardInterrupt
                for sentinel, begun in list(running.items()):
                    if sentinel in ready or time.monotonic() - begun.began > options.timeout:
                        del running[sentinel]
                        deliver(_ended(begun, in_time=sentinel in ready, limit=options.timeout))
        finally:
            for begun in running.values():
                begun.process.kill()
                begun.process.join()


@contextmanager
def _interrupts() -> Iterator[socket.socket]:
    """A socket that can be read once Ctrl-C came.

    What Python raises for it is lost, with a remark, where it comes in a callback: at a fork, or at an
    object's end.
    """
    reader, writer = socket.socketpair()
    with reader, writer:
        writer.setblocking(False)
        before = signal.signal(signal.SIGINT, lambda *_: None)
        outer = signal.set_wakeup_fd(writer.fileno())
        try:
            yield reader
        finally:
            signal.set_wakeup_fd(outer)
            signal.signal(signal.SIGINT, before)


def _begun(project: str, options: ScanOptions, folder: Path) -> _Running:
    output, errors = (folder / f"{os.urandom(8).hex()}.{kind}" for kind in ("out", "err"))
    context = multiprocessing.get_context("fork") if can_fork() else multiprocessing.get_context("spawn")
    arguments = (project, options.passed_on, str(output), str(errors))
    process = context.Process(target=_lint, args=arguments, daemon=True)
    began = time.monotonic()
    process.start()
    return _Running(project, process, output, errors, began)


def _lint(project: str, arguments: list[str], output: str, errors: str) -> None:
    """The whole life of a project's process."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    follow_parent()
    for path, number in ((output, 1), (errors, 2)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    check_in(project, arguments)


def _ended(begun: _Running, *, in_time: bool, limit: int) -> ProjectResult:
    """The result of a process that ended, or has to."""
    seconds = time.monotonic() - begun.began
    if not in_time:
        begun.process.kill()
    begun.process.join()
    output, errors = (path.read_bytes() if path.exists() else b"" for path in (begun.output, begun.errors))
    for path in (begun.output, begun.errors):
        path.unlink(missing_ok=True)
    if not in_time:
        return too_slow(begun.project, limit, errors, seconds)
    return result_of(begun.project, begun.process.exitcode, output, errors, seconds)
