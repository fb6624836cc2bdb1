"""`--watch`: reports now, and again after every change of a relevant file."""

from __future__ import annotations

import multiprocessing
import os
import sys
from pathlib import Path

import click

from wandblint.cli import console
from wandblint.cli.option_values import CheckOptions
from wandblint.cli.workflows.projects import projects, unusable
from wandblint.sources.source import MARKDOWN, NOTEBOOK

SUFFIXES = (".py", ".pyw", NOTEBOOK, MARKDOWN, ".toml", ".cfg", ".txt", ".lock", ".yml", ".yaml", "Pipfile")
"""The suffixes of files that can change a report: sources, settings and requirements."""
START = 100
"""The most milliseconds between the start of watching and the first report."""


def watch(options: CheckOptions) -> int:
    """Runs `check` until Ctrl-C; only once, for its exit code, if a path is invalid.

    Raises a usage error if watchfiles is not installed.
    """
    try:
        from watchfiles import DefaultFilter  # noqa: PLC0415 (an extra)
        from watchfiles import watch as changes  # noqa: PLC0415
    except ImportError as error:
        raise click.UsageError("--watch needs watchfiles: pip install 'wandblint[watch]'") from error
    paths = options.paths or (os.curdir,)
    if any(map(unusable, paths)):
        return _report(options)
    roots = [project.root for project in projects([Path(path) for path in paths])]
    default_filter = DefaultFilter()
    reported = False
    for changed in changes(
        *roots,
        watch_filter=lambda change, path: path.endswith(SUFFIXES) and default_filter(change, path),
        # The first iteration, without a change, starts after the watcher, so it misses no later change.
        yield_on_timeout=True,
        rust_timeout=START,
    ):
        if changed or not reported:
            reported = True
            if sys.stdout.isatty():
                click.clear()
            _report(options)
            if not options.quiet:
                console.note("watching for changes; press Ctrl-C to stop", options.color)
    return 0


def _report(options: CheckOptions) -> int:
    """Runs `check` in its own process, which frees all memory, and returns the exit code."""
    process = multiprocessing.get_context("spawn").Process(target=_run, args=(options,))
    process.start()
    process.join()
    return process.exitcode or 0


def _run(options: CheckOptions) -> None:
    from wandblint.cli import end_with  # noqa: PLC0415 (it imports this module for its option)
    from wandblint.cli.workflows.check import run_check  # noqa: PLC0415 (in the child only)

    end_with(lambda: run_check(options))
