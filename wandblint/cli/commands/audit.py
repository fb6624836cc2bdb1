"""`wandblint audit`: shows what recorded runs contain."""

from __future__ import annotations

import click

from wandblint.cli.options import (
    HELP_OPTIONS,
    PATH,
    cache_dir,
    choice,
    color,
    exit_zero,
    jobs,
    no_cache,
    plugins,
    selectors,
    settings_options,
)

FORMATS = ("text", "concise", "json")


class Audit(click.Command):
    """The command; `workflows/audit.py` does the work."""

    def invoke(self, ctx: click.Context) -> int:
        """Runs the audit and returns the exit code."""
        from wandblint.cli.option_values import AuditOptions  # noqa: PLC0415 (msgspec)
        from wandblint.cli.workflows.audit import run_audit  # noqa: PLC0415 (for this verb only)

        return run_audit(AuditOptions(**ctx.params))


_HELP = """\
Show what recorded runs contain: for every run, each chart with its x-axis, its number of rows and its
distinct x-values, and what is wrong with them (rules WB9xx, see `wandblint rule WB9`).

PATH is a .wandb file, the folder of a run, or any folder with runs below it (default: the current folder).
Links and folders such as .git, .venv and node_modules are skipped there. Logs of processes that resumed the
same id count as one run.

wandb's own reader reads the logs, and nothing is uploaded: pip install "wandblint[audit]". Audit a log after
its process has ended; until then the log is incomplete.

--against compares the record with what `wandblint charts` predicts from the code. It lists keys that are
recorded but not predicted, keys that are predicted but never recorded, and keys with a different axis. Name
the scripts that you ran; every difference counts as a finding.

\b
Examples:
  wandblint audit                            every run recorded below the current folder
  wandblint audit wandb/                     every run recorded here
  wandblint audit wandb/latest-run           the last one
  wandblint audit wandb/ --expect-runs 1     a pipeline that should be one run
  wandblint audit wandb/ --against train.py  does the record match the code?
"""

audit = Audit(
    "audit",
    help=_HELP,
    context_settings={"help_option_names": HELP_OPTIONS},
    epilog="Exit codes: 0 clean, 1 findings, 2 a log is damaged or cannot be read (the rest is reported).",
    params=[
        click.Argument(["path"], type=PATH, default=".", metavar="[PATH]"),
        click.Option(
            ["--against"],
            multiple=True,
            metavar="PATH",
            help="Compare the record with what the code of a file or folder predicts. Can be repeated.",
        ),
        click.Option(
            ["--expect-runs"],
            type=click.IntRange(min=1),
            metavar="N",
            help="Report a finding unless there are exactly N runs (WB906).",
        ),
        click.Option(
            ["--select"],
            multiple=True,
            metavar="RULES",
            callback=selectors,
            help="WB9xx rules to check: codes, prefixes, names, ALL. Comma separated. [default: all]",
        ),
        click.Option(["--ignore"], multiple=True, metavar="RULES", callback=selectors, help="Rules to skip."),
        choice("--output-format", FORMATS, "Format of the report."),
        exit_zero(),
        *settings_options(),
        plugins(),
        no_cache("With --against: read every file again, and cache nothing."),
        cache_dir(),
        jobs(),
        color(),
        click.Option(["-q", "--quiet"], is_flag=True, help="Print no summary."),
    ],
)
