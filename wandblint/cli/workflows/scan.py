"""The workflow of `scan`: lints projects and collects their results in one file."""

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
from wandblint.infra.words import pluralize


def run_scan(options: ScanOptions) -> int:
    """Lints each project, prints a summary and returns the exit code."""
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
    """Adds the projects that are not in the file. Raises `ScanError`."""
    if options.retry:
        scan_file.forget([name for name, (status, _) in scan_file.statuses.items() if status != "done"])
    projects = _projects(options.repos)
    done = set(map(os.path.realpath, scan_file.statuses))
    remaining = [project for real_path, project in projects.items() if real_path not in done]
    if not remaining:
        return
    numbers = count(len(projects) - len(remaining) + 1)
    # No timer: its signals would end `scan_here`, which waits for any.
    with progress(wanted=not options.quiet, timer=False) as show:

        def deliver(result: ProjectResult) -> None:
            scan_file.add(result)
            if result.status != "done":
                message = ": ".join([filename(Path(result.project)), *result.problems[:1]])
                console.fail(message, options.color)
            if show:
                show("scanning projects", next(numbers), len(projects))

        if options.executor is None:
            scan_here(remaining, options, deliver)
        else:
            from wandblint.cli.scan.cluster import scan_on  # noqa: PLC0415 (few scans have a cluster)

            scan_on(options.executor, remaining, options, deliver)


def _projects(repos: Sequence[str]) -> dict[str, str]:
    """The named paths by their real paths, each project once; `-` stands for the lines of standard input."""
    paths: dict[str, str] = {}
    for repo in repos:
        for line in sys.stdin if repo == STDIN else (repo,):
            if line.strip():
                path = os.path.normpath(line.rstrip("\r\n"))
                paths.setdefault(os.path.realpath(path), path)
    return paths


def _summary(statuses: Sequence[tuple[str, int]]) -> str:
    projects = pluralize(len(statuses), "project")
    findings = pluralize(sum(count for _, count in statuses), "finding")
    by_status = Counter(status for status, _ in statuses)
    others = "".join(f", {by_status[name]} {name}" for name in ("incomplete", "failed") if by_status[name])
    return f"{projects}: {findings}, {statuses.count(('done', 0))} clean{others}"
