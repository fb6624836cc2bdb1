"""What `scan` does: projects in, their results in one file."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from wandblint.cli import console
from wandblint.cli.exit_codes import CLEAN, FINDINGS, INCOMPLETE
from wandblint.cli.option_values import STDIN, ScanOptions
from wandblint.cli.progress import progress
from wandblint.cli.scan.local_processes import scan_here
from wandblint.cli.scan.output_file import ScanFile
from wandblint.cli.scan.result import ProjectResult, ScanError
from wandblint.cli.workflows.projects import filename


def run(options: ScanOptions) -> int:
    """Lints each project and gives the exit code."""
    try:
        scan_file = ScanFile(Path(options.output))
        _scan(scan_file, options)
    except ScanError as error:
        console.fail(str(error), options.color)
        return INCOMPLETE
    statuses = list(scan_file.statuses.values())
    if not options.quiet:
        console.write([_summary(statuses)], color=False)
    if any(status != "done" for status, _ in statuses):
        return INCOMPLETE
    return FINDINGS if any(count for _, count in statuses) else CLEAN


def _scan(scan_file: ScanFile, options: ScanOptions) -> None:
    """Adds to the file what is not in it. Raises `ScanError`."""
    if options.retry:
        scan_file.forget([name for name, (status, _) in scan_file.statuses.items() if status != "done"])
    named = _named(options.repos)
    done = set(map(os.path.realpath, scan_file.statuses))
    left = [project for real, project in named.items() if real not in done]
    if not left:
        return
    numbers = count(len(named) - len(left) + 1)
    with progress(wanted=not options.quiet, does="scanning", what="projects") as show:

        def deliver(result: ProjectResult) -> None:
            scan_file.add(result)
            if result.status != "done":
                message = ": ".join([filename(Path(result.project)), *result.problems[:1]])
                console.fail(message, options.color)
            if show:
                show(next(numbers), len(named))

        if options.executor is None:
            scan_here(left, options, deliver)
        else:
            from wandblint.cli.scan.cluster import scan_on  # noqa: PLC0415 (few scans have a cluster)

            scan_on(options.executor, left, options, deliver)


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
