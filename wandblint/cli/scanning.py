"""What `scan` does: a process a project, so that none can harm the others, and their findings in one file."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from multiprocessing import connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import msgspec

from wandblint.cli import console
from wandblint.cli.executors import processors
from wandblint.cli.given import STDIN, ScanOptions
from wandblint.cli.progress import progress
from wandblint.cli.projects import filename
from wandblint.cli.scanned import NotAScanError, Outcome, Scanned

CLEAN, FINDINGS, INCOMPLETE = 0, 1, 2
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
        scanned = Scanned(Path(options.output))
        projects = list(_named(options.repos))
        done = {os.path.realpath(project) for project in scanned.statuses}
        if options.retry:
            again = [name for name, (status, _) in scanned.statuses.items() if status != "done"]
            scanned.forget(again)
            done -= set(map(os.path.realpath, again))
        left = [project for project in projects if os.path.realpath(project) not in done]
        with progress(wanted=not options.quiet, does="scanning", what="projects") as show:
            for number, outcome in enumerate(_outcomes(left, options), len(projects) - len(left) + 1):
                scanned.add(outcome)
                if outcome.status != "done":
                    told = ": ".join([filename(Path(outcome.project)), *outcome.problems[:1]])
                    console.fail(told, options.color)
                if show:
                    show(number, len(projects))
    except (NotAScanError, OSError) as error:
        reason = (
            f"{options.output}: {(error.strerror or '').lower()}" if isinstance(error, OSError) else error
        )
        console.fail(str(reason), options.color)
        return INCOMPLETE
    statuses = list(scanned.statuses.values())
    if not options.quiet:
        console.write([_summary(statuses)], color=False)
    if any(status != "done" for status, _ in statuses):
        return INCOMPLETE
    return FINDINGS if any(count for _, count in statuses) else CLEAN


def _named(repos: Sequence[str]) -> Iterator[str]:
    """The paths, each project once; `-` stands for the lines of standard input."""
    seen: set[str] = set()
    for word in repos:
        for line in sys.stdin if word == STDIN else (word,):
            path = os.path.normpath(line.rstrip("\r\n") or os.curdir)
            if line.strip() and (real := os.path.realpath(path)) not in seen:
                seen.add(real)
                yield path


def _reason(error: BaseException) -> str:
    return (getattr(error, "strerror", None) or type(error).__name__).lower()


def _summary(statuses: Iterable[tuple[str, int]]) -> str:
    by_status: Counter[str] = Counter()
    found = clean = total = 0
    for status, count in statuses:
        total += 1
        by_status[status] += 1
        found += count
        clean += status == "done" and not count
    left = "".join(f", {by_status[name]} {name}" for name in ("incomplete", "failed") if by_status[name])
    return f"{total} project{'s' * (total != 1)}: {found} finding{'s' * (found != 1)}, {clean} clean{left}"


def _outcomes(projects: Sequence[str], options: ScanOptions) -> Iterator[Outcome]:
    """What comes of each, as they end."""
    waiting = list(reversed(projects))
    running: dict[int, _Running] = {}
    most = options.jobs or processors()
    with tempfile.TemporaryDirectory(prefix="wandblint-scan-") as folder:
        try:
            while waiting or running:
                while waiting and len(running) < most:
                    project = waiting.pop()
                    if os.path.isdir(project):
                        begun = _begun(project, options, Path(folder))
                        running[begun.process.sentinel] = begun
                    else:
                        gone = "is not a folder" if os.path.lexists(project) else "does not exist"
                        yield Outcome(project, "failed", [], 0.0, [gone])
                ends = [begun.began + options.timeout for begun in running.values()]
                wait = max(min(ends, default=0) - time.monotonic(), 0)
                ready = connection.wait(list(running), wait)
                for sentinel, begun in list(running.items()):
                    if sentinel in ready or time.monotonic() - begun.began > options.timeout:
                        del running[sentinel]
                        yield _ended(begun, in_time=sentinel in ready, seconds=options.timeout)
        finally:
            for begun in running.values():
                begun.process.kill()
                begun.process.join()


def _begun(project: str, options: ScanOptions, folder: Path) -> _Running:
    output, errors = (folder / f"{os.urandom(8).hex()}.{kind}" for kind in ("out", "err"))
    can_fork = sys.platform == "linux" and threading.active_count() == 1
    if can_fork:
        # Every process then has the linter at once.
        import wandblint.cli.linting  # noqa: F401, PLC0415
    arguments = ["check", "--output-format=json-lines", "--jobs=1", "--quiet", *options.passed_on]
    context = multiprocessing.get_context("fork") if can_fork else multiprocessing.get_context("spawn")
    process = context.Process(target=_lint, args=(project, arguments, str(output), str(errors)), daemon=True)
    began = time.monotonic()
    process.start()
    return _Running(project, process, output, errors, began)


def _lint(project: str, arguments: list[str], output: str, errors: str) -> None:
    """The whole life of a project's process: `wandblint` in its folder."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    for path, number in ((output, 1), (errors, 2)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(project)
    from wandblint.cli import main  # noqa: PLC0415 (it imports the verbs)
    from wandblint.reading.ahead import end_with_parent  # noqa: PLC0415 (as above)

    threading.Thread(target=end_with_parent, daemon=True).start()
    sys.argv[1:] = arguments
    main()


def _ended(begun: _Running, *, in_time: bool, seconds: int) -> Outcome:
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
        return Outcome(begun.project, "failed", [], took, [f"took longer than {seconds} seconds", *problems])
    if findings is None:
        how = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
        return Outcome(begun.project, "failed", [], took, [f"its process ended by {how}", *problems])
    status = "incomplete" if code == INCOMPLETE else "done"
    return Outcome(begun.project, status, findings, took, problems if status != "done" else [])


def _findings(output: bytes) -> list[Mapping[str, object]] | None:
    """The findings that a process printed; None where it did not print all of them."""
    if output and not output.endswith(b"\n"):
        return None
    try:
        return [json.loads(line) for line in output.splitlines()]
    except ValueError:
        return None
