"""Scans projects on this machine, one process per project, so that no project affects another."""

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
from wandblint.cli.scan.result import Deliver, ProjectResult, check_in, failed, missing, result_of, too_slow
from wandblint.infra.processes import can_fork, follow_parent, processors


class _ProjectProcess(msgspec.Struct):
    """The process of one project, the files of its output, and its start time."""

    project: str
    process: BaseProcess
    output: Path
    errors: Path
    started: float


def scan_here(projects: Sequence[str], options: ScanOptions, deliver: Deliver) -> None:
    """Lints projects, `--jobs` at a time, and delivers each result as its process ends."""
    waiting = list(reversed(projects))
    running: dict[int, _ProjectProcess] = {}
    limit = options.jobs or processors()
    with _interrupts() as interrupt, tempfile.TemporaryDirectory(prefix="wandblint-scan-") as folder:
        try:
            while waiting or running:
                while waiting and len(running) < limit:
                    project = waiting.pop()
                    if problem := missing(project):
                        deliver(failed(project, problem))
                    else:
                        started = _start(project, options, Path(folder))
                        running[started.process.sentinel] = started
                deadlines = [child.started + options.timeout for child in running.values()]
                wait = max(min(deadlines, default=0) - time.monotonic(), 0)
                ready = connection.wait([*running, interrupt], wait)
                if interrupt in ready:
                    raise KeyboardInterrupt
                for sentinel, child in list(running.items()):
                    if sentinel in ready or time.monotonic() - child.started > options.timeout:
                        del running[sentinel]
                        deliver(_finish(child, in_time=sentinel in ready, timeout=options.timeout))
        finally:
            for child in running.values():
                child.process.kill()
                child.process.join()


@contextmanager
def _interrupts() -> Iterator[socket.socket]:
    """Gives a socket that becomes readable on Ctrl-C and SIGTERM; the latter ends the process afterwards.

    Python's own `KeyboardInterrupt` is lost, with a warning, if it is raised in a callback: at a fork, or in
    a finalizer.
    """
    reader, writer = socket.socketpair()
    arrived: set[int] = set()
    with reader, writer:
        writer.setblocking(False)
        handlers = {
            number: signal.signal(number, lambda number, _: arrived.add(number))
            for number in (signal.SIGINT, signal.SIGTERM)
        }
        wakeup_fd = signal.set_wakeup_fd(writer.fileno())
        try:
            yield reader
        finally:
            signal.set_wakeup_fd(wakeup_fd)
            for number, handler in handlers.items():
                signal.signal(number, handler)
            if signal.SIGTERM in arrived:
                signal.raise_signal(signal.SIGTERM)


def _start(project: str, options: ScanOptions, folder: Path) -> _ProjectProcess:
    output, errors = (folder / f"{os.urandom(8).hex()}.{kind}" for kind in ("out", "err"))
    context = multiprocessing.get_context("fork") if can_fork() else multiprocessing.get_context("spawn")
    arguments = (project, options.check_arguments, str(output), str(errors))
    process = context.Process(target=_lint, args=arguments, daemon=True)
    started = time.monotonic()
    process.start()
    return _ProjectProcess(project, process, output, errors, started)


def _lint(project: str, arguments: list[str], output: str, errors: str) -> None:
    """The body of a project's process: redirects its streams and runs `check`."""
    signal.set_wakeup_fd(-1)
    follow_parent()
    for path, number in ((output, 1), (errors, 2)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    check_in(project, arguments)


def _finish(child: _ProjectProcess, *, in_time: bool, timeout: int) -> ProjectResult:
    """The result of a process that has ended, or that is killed after its timeout."""
    seconds = time.monotonic() - child.started
    if not in_time:
        child.process.kill()
    child.process.join()
    output, errors = (path.read_bytes() if path.exists() else b"" for path in (child.output, child.errors))
    for path in (child.output, child.errors):
        path.unlink(missing_ok=True)
    if not in_time:
        return too_slow(child.project, timeout, errors, seconds)
    return result_of(child.project, child.process.exitcode, output, errors, seconds)
