"""`--watch`: a report now, and another whenever a file that counts has changed."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from wandblint.cli import console
from wandblint.cli.option_values import Options
from wandblint.cli.workflows.projects import projects, unusable
from wandblint.sources.source import MARKDOWN, NOTEBOOK

COUNTING = (".py", ".pyw", NOTEBOOK, MARKDOWN, ".toml", ".cfg", ".txt", ".lock", ".yml", ".yaml", "Pipfile")
"""How files end that can change a report: sources, settings and requirements."""
START = 100
"""So many milliseconds pass at most between the beginning of the watching and the first report."""


def watch(options: Options, arguments: Sequence[str]) -> int:
    """Runs wandblint with the arguments until Ctrl-C; only once, for its exit code, where a path is wrong.

    Raises a usage error without watchfiles.
    """
    try:
        from watchfiles import DefaultFilter  # noqa: PLC0415 (an extra)
        from watchfiles import watch as changes  # noqa: PLC0415
    except ImportError as error:
        raise click.UsageError("--watch needs watchfiles: pip install 'wandblint[watch]'") from error
    paths = options.paths or (os.curdir,)
    if any(map(unusable, paths)):
        return _report(arguments)
    roots = [project.root for project in projects([Path(path) for path in paths])]
    sensible = DefaultFilter()
    reported = False
    for changed in changes(
        *roots,
        watch_filter=lambda change, path: path.endswith(COUNTING) and sensible(change, path),
        # The first turn, without a change, comes when the watching has begun: nothing is missed from then on.
        yield_on_timeout=True,
        rust_timeout=START,
    ):
        if changed or not reported:
            reported = True
            if sys.stdout.isatty():
                click.clear()
            _report(arguments)
            if not options.quiet:
                console.note("watching for changes; press Ctrl-C to stop", options.color)
    return 0


def _report(arguments: Sequence[str]) -> int:
    """The exit code of a run in a process of its own, which leaves nothing behind in memory."""
    process = multiprocessing.get_context("spawn").Process(target=_run, args=(list(arguments),))
    process.start()
    process.join()
    return process.exitcode or 0


def _run(arguments: list[str]) -> None:
    from wandblint.cli import run_and_end  # noqa: PLC0415 (it imports this module for its option)

    run_and_end(arguments)
