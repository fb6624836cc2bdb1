"""`wandblint init`: writes a starter settings section."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from wandblint.cli import console
from wandblint.cli.exit_codes import CLEAN, INCOMPLETE
from wandblint.cli.options import HELP_OPTIONS, PATH, color
from wandblint.cli.workflows.projects import filename
from wandblint.infra.files import reason_of, replace_file
from wandblint.reports.display import quoted
from wandblint.sources.discovery import project_root
from wandblint.sources.toml import TomlError, parse_toml, read_toml

SECTION = "[tool.wandblint]"
STARTER = """\
# Commented lines show the defaults, or an example.
# select = ["ALL"]                # only these rules; default: errors and warnings
# extend-select = ["WB301"]       # additional rules
# ignore = []                     # disabled rules
# extend-exclude = ["third_party"]
# per-file-ignores = { "legacy/*" = ["WB101"] }
# rules.unused-definition.severity = "warning"   # "error", "warning" or "note"; notes are off by default
# include-markdown = false        # also lint fenced Python in Markdown files
# wandb-version = ">=0.19.9"      # default: the project's own requirement
"""


class InitError(Exception):
    """The section cannot be written; the message says why."""


def write_section(folder: Path) -> Path:
    """Writes the starter section for the project around a folder, and returns the file.

    Appends it to pyproject.toml, or creates wandblint.toml. Raises `InitError`.
    """
    root = project_root(folder)
    own, file = root / "wandblint.toml", root / "pyproject.toml"
    if os.path.lexists(own):
        raise InitError(f"{filename(own)}: already contains wandblint settings")
    try:
        if not file.exists():
            replace_file(own, STARTER.encode())
            return own
        _append_section(file)
    except OSError as error:
        raise InitError(f"{filename(file)}: cannot be written: {reason_of(error)}") from error
    except TomlError as error:
        raise InitError(f"{filename(file)}: not valid TOML: {error}") from error
    return file


def _append_section(file: Path) -> None:
    """Appends the section; the rest of the file does not change."""
    tool = read_toml(file).get("tool", {})
    if isinstance(tool, dict) and "wandblint" in tool:
        raise InitError(f"{filename(file)}: already contains wandblint settings")
    data = file.read_bytes()
    ending = "\r\n" if b"\r\n" in data else "\n"
    before = "" if not data.strip() else "\n" if data.endswith(b"\n") else "\n\n"
    section = f"{before}{SECTION}\n{STARTER}".replace("\n", ending).encode()
    try:
        parse_toml(data + section)
    except TomlError as error:
        raise InitError(f"{filename(file)}: cannot add {SECTION}: {error}") from error
    replace_file(file, data + section)


def _init(path: str, color: str) -> int:
    try:
        file = write_section(Path(path))
    except InitError as error:
        console.fail(str(error), color)
        return INCOMPLETE
    message = f"{quoted(filename(file))}: added a settings section, all of it commented out"
    console.write([message], color=console.wants_color(color, sys.stdout))
    return CLEAN


init = click.Command(
    "init",
    callback=_init,
    help="Add a starter settings section to the end of the project's pyproject.toml, or write a new "
    "wandblint.toml if there is none. Nothing else in the file changes.",
    context_settings={"help_option_names": HELP_OPTIONS},
    params=[click.Argument(["path"], type=PATH, default=os.curdir), color()],
)
