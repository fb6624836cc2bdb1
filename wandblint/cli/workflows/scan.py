"""What `scan` does: a process a project, so that none can harm the others, and their findings in one file."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing import connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import msgspec

from wandblint.cli import console
from wandblint.cli.executors import processors
from wandblint.cli.option_values import STDIN, ScanOptions
from wandblint.cli.progress import progress
from wandblint.cli.workflows.check import CLEAN, FINDINGS, INCOMPLETE
from wandblint.cli.workflows.projects import filename
from wandblint.cli.workflows.scan_output import NotAScanError, ScanOutput, ScanResult
from wandblint.infra.processes import can_fork, follow_parent

MOST_PROBLEMS = 20
"""Of one project so many problems are kept: one cause may be told for every file."""


class _Running(msgspec.Struct):
    """The process of one project, and the files that it writes to."""

    project: str
    process: BaseProcess
    output: Path
    errors: Path
    began: float


def run(options: ScanOptions) -> int:
    """Lints each project and gives the exit code."""
    try:
        scanned = ScanOutput(Path(options.output))
        if options.retry:
            scanned.forget([name for name, (status, _) in scanned.statuses.items() if status != "done"])
        named = _named(options.repos)
        done = set(map(os.path.realpath, scanned.statuses))
        left = [project for real, project in named.items() if real not in done]
        with progress(wanted=not options.quiet, does="scanning", what="projects") as show:
            for number, outcome in enumerate(_outcomes(left, options), len(named) - len(left) + 1):
                scanned.add(outcome)
                if outcome.status != "done":
                    told = ": ".join([filename(Path(outcome.project)), *outcome.problems[:1]])
                    console.fail(told, options.color)
                if show:
                    show(number, len(named))
    except NotAScanError as error:
        console.fail(str(error), options.color)
        return INCOMPLETE
    except OSError as error:
        console.fail(f"{options.output}: {(error.strerror or '').lower()}", options.color)
        return INCOMPLETE
    statuses = list(scanned.statuses.values())
    if not options.quiet:
        console.write([_summary(statuses)], color=False)
    if any(status != "done" for status, _ in statuses):
        return INCOMPLETE
    return FINDINGS if any(count for _, count in statuses) else CLEAN


def _named(repos: Sequence[str]) -> dict[str, str]:
    """The paths by what they lead to, each project once; `-` stands for the lines of standard input."""
    found: dict[str, str] = {}
    for word in repos:
        for line in sys.stdin if word == STDIN else (word,):
            if line.strip():
                path = os.path.normpath(line.rstrip("\r\n"))
                found.setdefault(os.path.realpath(path), path)
    return found


def _summary(statuses: Sequence[tuple[str, int]]) -> str:
    total, found = len(statuses), sum(count for _, count in statuses)
    by_status = Counter(status for status, _ in statuses)
    left = "".join(f", {by_status[name]} {name}" for name in ("incomplete", "failed") if by_status[name])
    return (
        f"{total} project{'s' * (total != 1)}: {found} finding{'s' * (found != 1)}, "
        f"{statuses.count(('done', 0))} clean{left}"
    )


def _outcomes(projects: Sequence[str], options: ScanOptions) -> Iterator[ScanResult]:
    """What comes of each, as they end."""
    waiting = list(reversed(projects))
    running: dict[int, _Running] = {}
    most = options.jobs or processors()
    with tempfile.TemporaryDirectory(prefix="wandblint-scan-") as folder, _interrupts() as interrupt:
        try:
            while waiting or running:
                while waiting and len(running) < most:
                    project = waiting.pop()
                    if os.path.isdir(project):
                        begun = _begun(project, options, Path(folder))
                        running[begun.process.sentinel] = begun
                    else:
                        gone = "is not a folder" if os.path.lexists(project) else "does not exist"
                        yield ScanResult(project, "failed", [], 0.0, [gone])
                ends = [begun.began + options.timeout for begun in running.values()]
                wait = max(min(ends, default=0) - time.monotonic(), 0)
                ready = connection.wait([*running, interrupt], wait)
                if interrupt in ready:
                    raise KeyboardInterrupt
                for sentinel, begun in list(running.items()):
                    if sentinel in ready or time.monotonic() - begun.began > options.timeout:
                        del running[sentinel]
                        yield _ended(begun, in_time=sentinel in ready, seconds=options.timeout)
        finally:
            for begun in running.values():
                begun.process.kill()
                begun.process.join()


@contextmanager
def _interrupts() -> Iterator[socket.socket]:
    """Something to wait for that can be read once Ctrl-C came.

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
    arguments = ["check", "--output-format=json-lines", "--jobs=1", "--quiet", *options.passed_on]
    context = multiprocessing.get_context("fork") if can_fork() else multiprocessing.get_context("spawn")
    process = context.Process(target=_lint, args=(project, arguments, str(output), str(errors)), daemon=True)
    began = time.monotonic()
    process.start()
    return _Running(project, process, output, errors, began)


def _lint(project: str, arguments: list[str], output: str, errors: str) -> None:
    """The whole life of a project's process: `wandblint` in its folder."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    follow_parent()
    for path, number in ((output, 1), (errors, 2)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(project)
    from wandblint.cli import run_and_end  # noqa: PLC0415 (it imports the verbs)

    run_and_end(arguments)


def _ended(begun: _Running, *, in_time: bool, seconds: int) -> ScanResult:
    """What a process that ended, or has to, leaves behind."""
    took = time.monotonic() - begun.began
    if not in_time:
        begun.process.kill()
    begun.process.join()
    code = begun.process.exitcode
    told = begun.errors.read_text("utf-8", "replace") if begun.errors.exists() else ""
    problems = [line.removeprefix("error: ") for line in told.splitlines() if line.strip()][:MOST_PROBLEMS]
    findings = None
    if code in (CLEAN, FINDINGS, INCOMPLETE):
        findings = _findings(begun.output.read_bytes())
    for file in (begun.output, begun.errors):
        file.unlink(missing_ok=True)
    if not in_time:
        return ScanResult(
            begun.project, "failed", [], took, [f"took longer than {seconds} seconds", *problems]
        )
    if findings is None:
        how = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
        return ScanResult(begun.project, "failed", [], took, [f"its process ended with {how}", *problems])
    status = "incomplete" if code == INCOMPLETE else "done"
    return ScanResult(begun.project, status, findings, took, problems if status != "done" else [])


def _findings(output: bytes) -> list[Mapping[str, object]] | None:
    """The findings that a process printed; None where it did not print all of them."""
    if output and not output.endswith(b"\n"):
        return None
    try:
        return [json.loads(line) for line in output.splitlines()]
    except ValueError:
        return None
