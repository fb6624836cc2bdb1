"""`wandblint version`: shows the version."""

from __future__ import annotations

import click

from wandblint import __version__
from wandblint.cli.options import HELP_OPTIONS

version = click.Command(
    "version",
    callback=lambda: click.echo(f"wandblint {__version__}"),
    help="Show the version.",
    context_settings={"help_option_names": HELP_OPTIONS},
)
