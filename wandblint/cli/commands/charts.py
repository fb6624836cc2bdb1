"""`wandblint charts`: shows the dashboard before the run."""

from __future__ import annotations

import click

from wandblint.cli.options import (
    HELP_OPTIONS,
    PATH,
    cache_dir,
    choice,
    color,
    jobs,
    no_cache,
    settings_options,
)

FORMATS = ("text", "json")


class Charts(click.Command):
    """The command; `workflows/charts.py` does the work."""

    def invoke(self, ctx: click.Context) -> int:
        """Shows the charts and returns the exit code."""
        from wandblint.cli.option_values import ChartsOptions  # noqa: PLC0415 (msgspec)
        from wandblint.cli.workflows.charts import run_charts  # noqa: PLC0415 (for this verb only)

        return run_charts(ChartsOptions(**ctx.params))


_HELP = """\
Show the dashboard before the run: every run that the project opens, who opens it, and every key that is
logged to it. Keys are grouped into the sections of the web app; each is shown with its x-axis, where it is
logged and where its axis is defined. wandblint reads the code and never runs it.

PATHS are files and folders (default: the current folder). The report covers the runs that they open or log
to; wandblint reads the whole project around them.

\b
What the report says of a chart:
  over AXIS                     a definition gives it this axis
  over AXIS, which is never logged
                                wandb puts every point at 0 (rule WB202)
  no axis, unlike its siblings  no definition covers it (rule WB201)
  over wandb's own step         no definition gives it an axis
  an x-axis                     other keys use it as x-axis
  axis open, perhaps over AXIS  wandblint cannot tell which axis it has
  media, text                   needs no axis

{holes} in a key are parts that wandblint does not know. `perhaps` marks a key that is logged to one of
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
    epilog="Exit codes: 0, or 2 if wandblint could not do all of its work (the rest is shown).",
    params=[
        click.Argument(["paths"], nargs=-1, type=PATH),
        choice("--output-format", FORMATS, "Format of the report."),
        *settings_options(),
        no_cache(),
        cache_dir(),
        jobs(),
        color(),
        click.Option(["-q", "--quiet"], is_flag=True, help="Print no summary and no progress."),
    ],
)
