"""`wandblint charts`: the dashboard before the run."""

from __future__ import annotations

import click

from wandblint.cli.options import HELP_OPTIONS, PATH, cache_dir, choice, color, jobs

FORMATS = ("text", "json")


class Charts(click.Command):
    """The command: click reads the options, `charting` does the work."""

    def invoke(self, ctx: click.Context) -> int:
        """The exit code."""
        from wandblint.cli.option_values import ChartsOptions  # noqa: PLC0415 - as above
        from wandblint.cli.workflows.charts import run  # noqa: PLC0415 - what it needs is imported when it is used

        return run(ChartsOptions(**ctx.params))


_HELP = """\
Show the dashboard before the run. From the code alone, every run that a project opens, who opens it, and
every key that is logged to it: in the sections of the web app, each with its x-axis, where it is logged and
where its axis is defined. Nothing is executed.

PATHS are files and folders (default: the current folder): the runs that they open, or log to. The whole
project around them is read.

\b
What is said of a chart:
  over AXIS                     a definition gives it this axis
  over AXIS, which is never logged
                                wandb puts every point at 0 (rule WB202)
  no axis, unlike its siblings  no definition matches it (rule WB201)
  over wandb's own step         no definition gives it an axis
  an x-axis                     it is the axis of others
  axis open, perhaps over AXIS  what could give it an axis is not all known
  media, text                   needs no axis

{holes} in a key are pieces that the code does not tell. `perhaps` is said of a key that is logged to one of
several runs, or in code that may not run.

\b
Examples:
  wandblint charts                        all runs of the project
  wandblint charts scripts/train.py       the runs of one script
  wandblint charts --output-format json | jq '.runs[].charts[].key'
"""

charts = Charts(
    "charts",
    help=_HELP,
    context_settings={"help_option_names": HELP_OPTIONS},
    epilog="Exit codes: 0, or 2 when a part of the work could not be done (the rest is shown).",
    params=[
        click.Argument(["paths"], nargs=-1, type=PATH),
        choice("--output-format", FORMATS, "How it is printed."),
        click.Option(
            ["--config"], type=PATH, metavar="FILE", help="Settings file instead of the project's own."
        ),
        click.Option(["--isolated"], is_flag=True, help="Read no settings file."),
        click.Option(["--no-cache"], is_flag=True, help="Read every file anew, and keep nothing."),
        cache_dir(),
        jobs(),
        color(),
        click.Option(["-q", "--quiet"], is_flag=True, help="Print no summary, no progress."),
    ],
)
