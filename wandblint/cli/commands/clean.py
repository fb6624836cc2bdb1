"""`wandblint clean`: removes the cache of projects."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from wandblint.cli import console
from wandblint.cli.exit_codes import CLEAN, INCOMPLETE
from wandblint.cli.options import HELP_OPTIONS, PATH, cache_dir, color
from wandblint.infra.cache import cache_folder
from wandblint.infra.cache import clean as remove
from wandblint.infra.files import reason_of
from wandblint.reports.display import quoted
from wandblint.sources.discovery import project_root


def _clean(paths: tuple[str, ...], cache_dir: str | None, color: str) -> int:
    folders = {cache_folder(project_root(Path(path)), cache_dir): None for path in paths or (".",)}
    exit_code = CLEAN
    for folder in folders:
        try:
            result = "removed" if remove(folder) else "does not exist"
        except OSError as error:
            console.fail(f"{folder}: cannot be removed: {reason_of(error)}", color)
            exit_code = INCOMPLETE
            continue
        console.write([f"{quoted(str(folder))}: {result}"], color=console.wants_color(color, sys.stdout))
    return exit_code


clean = click.Command(
    "clean",
    callback=_clean,
    help="Remove the cache of the projects that PATHS belong to (default: the current folder). The next run "
    "reads every file again.",
    context_settings={"help_option_names": HELP_OPTIONS},
    params=[click.Argument(["paths"], nargs=-1, type=PATH), cache_dir(), color()],
)
