"""`wandblint check`: lints files and folders."""

from __future__ import annotations

from dataclasses import dataclass

import click

from wandblint import __version__
from wandblint.cli.options import Choice, selectors

FORMATS = ("text", "concise", "json")


@dataclass(frozen=True)
class Options:
    """What the command line says."""

    paths: tuple[str, ...]
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    extend_select: tuple[str, ...]
    output_format: str
    exit_zero: bool
    statistics: bool
    config: str | None
    isolated: bool
    show_settings: bool
    show_files: bool
    stdin_filename: str | None
    color: str
    quiet: bool


def _selection(name: str, explained: str) -> click.Option:
    return click.Option([name], multiple=True, metavar="RULES", callback=selectors, help=explained)


class Check(click.Command):
    """The command: click reads the options, `linting` does the work."""

    def invoke(self, ctx: click.Context) -> int:
        """The exit code."""
        from wandblint.cli.linting import run  # noqa: PLC0415 - the linter is imported when it is used

        return run(Options(**ctx.params))


check = Check(
    "check",
    help="Lint files and folders; without PATHS the current folder. `-` reads one file from standard input.",
    context_settings={"help_option_names": ["-h", "--help"]},
    params=[
        click.Argument(["paths"], nargs=-1),
        _selection("--select", "Rules to check: codes, prefixes like WB2, names, ALL. Comma separated."),
        _selection("--ignore", "Rules to leave out."),
        _selection("--extend-select", "Rules to check besides the selected ones."),
        click.Option(["--output-format"], type=Choice(FORMATS), default="text", show_default=True),
        click.Option(["--exit-zero"], is_flag=True, help="Exit with 0 even if there are findings."),
        click.Option(["--statistics"], is_flag=True, help="Print how often each rule found something."),
        click.Option(["--config"], metavar="FILE", help="Settings file instead of the project's own."),
        click.Option(["--isolated"], is_flag=True, help="Read no settings file."),
        click.Option(["--show-settings"], is_flag=True, help="Print the settings in force and exit."),
        click.Option(["--show-files"], is_flag=True, help="Print the files that would be linted and exit."),
        click.Option(["--stdin-filename"], metavar="PATH", help="The path that `-` stands for."),
        click.Option(
            ["--color"], type=Choice(("auto", "always", "never")), default="auto", show_default=True
        ),
        click.Option(["-q", "--quiet"], is_flag=True, help="Print findings only: no summary, no progress."),
    ],
)
click.version_option(__version__, message="wandblint %(version)s")(check)
