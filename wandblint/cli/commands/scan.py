"""`wandblint scan`: lints many projects independently, into one file."""

from __future__ import annotations

import re

import click

from wandblint.cli.options import CONFIDENCES, HELP_OPTIONS, PATH, choice, color, no_cache, plugins, rules

TIMEOUT = 600
"""The default number of seconds that a project may take."""

_HELP = """\
Lint many projects independently and collect the findings in one file of JSON lines. Every path in REPOS is
a project, linted like `cd PATH && wandblint` with its own settings; `-` reads paths from standard input, one
per line.

\b
Each line of the file is an object of one `kind`:
  finding  the finding as in `--output-format json-lines`, and its `project`
  project  after its findings: its `status`, its number of `findings`, the
           `seconds` it took, and its `problems`

A project's status is `done`; `incomplete` if files of it could not be read; or `failed` if it is not a
folder, took too long, or its process died. The scan continues in each case.

wandblint appends whole projects to the file. An interrupted scan, even a killed one, resumes when you start
it again with the same file: projects in the file are not linted again.

\b
Examples:
  wandblint scan repos/* --output scan.jsonl
  find . -name .git -printf '%h\\n' | wandblint scan - --output scan.jsonl
  wandblint scan repos/* --output scan.jsonl --retry
  wandblint scan /shared/repos/* --output scan.jsonl --executor dask://scheduler:8786
  jq 'select(.kind == "project" and .status != "done")' scan.jsonl
"""


def _cluster(context: click.Context, parameter: click.Parameter, address: str | None) -> str | None:
    """Checks an address such as `dask://scheduler:8786` or `dask://[::1]:8786`."""
    if address is not None:
        match = re.fullmatch(r"dask://(?:[^/\s:\[\]]+|\[[^/\s\[\]]+\]):(\d+)", address)
        if match is None or not 0 < int(match[1]) < 1 << 16:
            raise click.BadParameter(f"`{address}` is not dask://HOST:PORT", ctx=context, param=parameter)
    return address


class Scan(click.Command):
    """The command; `workflows/scan.py` does the work."""

    def invoke(self, ctx: click.Context) -> int:
        """Scans the projects and returns the exit code."""
        from wandblint.cli.option_values import ScanOptions  # noqa: PLC0415 (msgspec)
        from wandblint.cli.workflows.scan import run_scan  # noqa: PLC0415 (for this verb only)

        options = ScanOptions(**ctx.params)
        if options.executor is not None and options.jobs is not None:
            raise click.UsageError("--jobs is of this machine; on a cluster the threads of its workers count")
        return run_scan(options)


scan = Scan(
    "scan",
    help=_HELP,
    context_settings={"help_option_names": HELP_OPTIONS},
    epilog="Exit codes: 0 nothing found, 1 findings, 2 if a project is not `done`.",
    params=[
        click.Argument(["repos"], nargs=-1, required=True, type=PATH),
        click.Option(
            ["--output"], required=True, type=PATH, metavar="FILE", help="File to append the results to."
        ),
        click.Option(["--retry"], is_flag=True, help="Lint again the projects that are not `done` in FILE."),
        click.Option(
            ["-j", "--jobs"],
            type=click.IntRange(min=1),
            metavar="N",
            help="Lint N projects at a time. [default: one per processor]",
        ),
        click.Option(
            ["--executor"],
            metavar="dask://HOST:PORT",
            callback=_cluster,
            help="Lint on a Dask cluster that sees the same folders. Needs wandblint[scan] here and there.",
        ),
        click.Option(
            ["--timeout"],
            type=click.IntRange(min=1),
            default=TIMEOUT,
            metavar="SECONDS",
            help=f"A project that takes longer has failed. [default: {TIMEOUT}]",
        ),
        rules("--select", "Rules to check: codes, prefixes like WB2, names, ALL. Comma separated."),
        rules("--ignore", "Rules to skip."),
        rules("--extend-select", "Rules to check in addition to the selected ones."),
        choice("--min-confidence", CONFIDENCES, "Report only findings of at least this confidence."),
        click.Option(["--isolated"], is_flag=True, help="Read no settings files."),
        plugins(),
        no_cache(),
        color(),
        click.Option(["-q", "--quiet"], is_flag=True, help="Print no summary and no progress."),
    ],
)
