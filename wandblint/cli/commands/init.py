"""`wandblint init`: a section of settings to begin with."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from wandblint.cli import console
from wandblint.cli.options import HELP_OPTIONS, PATH, color
from wandblint.cli.workflows.projects import filename
from wandblint.sources.discovery import project_root
from wandblint.sources.toml import TomlError, parse_toml, read_toml

DONE, FAILED = 0, 2
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
    """That no section can be written; the message says why."""


def written(folder: Path) -> Path:
    """Writes the starter section for the project around a folder, and gives its file.

    It is added to the end of a pyproject.toml, or becomes a wandblint.toml. Raises `InitError`.
    """
    root = project_root(folder)
    own, file = root / "wandblint.toml", root / "pyproject.toml"
    if own.exists():
        raise InitError(f"{filename(own)}: already contains wandblint settings")
    try:
        if not file.exists():
            with own.open("x", encoding="utf-8") as stream:
                stream.write(STARTER)
            return own
        _add(file)
    except OSError as error:
        raise InitError(f"{filename(file)}: cannot be written: {(error.strerror or '').lower()}") from error
    except TomlError as error:
        raise InitError(f"{filename(file)}: not valid TOML: {error}") from error
    return file


def _add(file: Path) -> None:
    """Adds the section at the end, so that nothing that is there can change."""
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
    with file.open("ab") as stream:
        stream.write(section)


def _init(path: str, color: str) -> int:
    try:
        file = written(Path(path))
    except InitError as error:
        console.fail(str(error), color)
        return FAILED
    said = f"{filename(file)}: added a settings section, all of it commented out"
    console.write([said], color=console.wants_color(color, sys.stdout))
    return DONE


init = click.Command(
    "init",
    callback=_init,
    help="Add a starter settings section to the end of the project's pyproject.toml, or write a new "
    "wandblint.toml if there is none. Nothing else in the file changes.",
    context_settings={"help_option_names": HELP_OPTIONS},
    params=[click.Argument(["path"], type=PATH, default=os.curdir), color()],
)
