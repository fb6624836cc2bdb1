"""`wandblint check`: lints files and folders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

import click

from wandblint import __version__
from wandblint.cli.grouped_help import Grouped
from wandblint.cli.options import (
    ARGUMENTS,
    CONFIDENCES,
    HELP_OPTIONS,
    PATH,
    cache_dir,
    choice,
    color,
    complete_from,
    jobs,
    plugins,
    reports,
    rules,
)

FORMATS = {
    "text": "wandblint.txt",
    "concise": "wandblint.txt",
    "grouped": "wandblint.txt",
    "json": "wandblint.json",
    "json-lines": "wandblint.jsonl",
    "github": "wandblint.txt",
    "gitlab": "gl-code-quality-report.json",
    "junit": "wandblint.xml",
    "sarif": "wandblint.sarif",
}
"""The formats, each with a usual file name."""


def _flag(name: str, help_text: str) -> click.Option:
    return click.Option([name], is_flag=True, help=help_text)


GROUPS: Mapping[str, Sequence[click.Option]] = {
    "Selection": (
        rules("--select", "Rules to check: codes, prefixes like WB2, names, ALL. Comma separated."),
        rules("--ignore", "Rules to skip."),
        rules("--extend-select", "Rules to check in addition to the selected ones."),
        choice("--min-confidence", CONFIDENCES, "Report only findings of at least this confidence."),
        click.Option(
            ["--diff-base"],
            metavar="REF",
            help="Report only findings on lines that changed since the branch left REF.",
        ),
    ),
    "Output": (
        choice("--output-format", tuple(FORMATS), "Format of the report."),
        click.Option(
            ["--output"],
            multiple=True,
            metavar="FORMAT=FILE",
            callback=reports(FORMATS),
            shell_complete=complete_from([f"{name}={file}" for name, file in FORMATS.items()]),
            help="Also write a report to a file, such as sarif=wandblint.sarif. Can be repeated.",
        ),
        _flag("--statistics", "Count the findings of each rule, and the log calls whose keys are known."),
        color(),
        click.Option(["-q", "--quiet"], is_flag=True, help="Print only findings: no summary, no progress."),
        _flag("--exit-zero", "Exit with 0 even if there are findings."),
        _flag("--watch", "Report again after every file change. Needs wandblint[watch]."),
    ),
    "Fixes": (
        _flag("--fix", "Apply safe fixes and report the remaining findings."),
        _flag("--unsafe-fixes", "With --fix or --diff: also apply fixes that change what wandb records."),
        _flag("--diff", "Print what --fix would change, without writing it."),
        _flag("--interactive", "Show each fix and ask before applying it."),
        _flag("--fix-only", "Apply fixes and report nothing."),
        _flag("--show-fixes", "List the applied fixes by file."),
    ),
    "Known findings": (
        click.Option(
            ["--baseline"],
            type=PATH,
            metavar="FILE",
            help="File of known findings to leave out. [default: wandblint-baseline.json if it exists]",
        ),
        _flag("--no-baseline", "Also report known findings."),
        _flag("--write-baseline", "Record all findings of this run as known."),
        _flag("--update-baseline", "Remove stale entries from the baseline."),
        click.Option(
            ["--add-ignore"],
            is_flag=False,
            flag_value="",
            metavar="[=REASON]",
            help="Suppress every finding of this run with a comment that gives the reason.",
        ),
    ),
    "Files": (
        _flag("--include-markdown", "Also lint the fenced Python of Markdown files."),
        _flag("--force-exclude", "Skip files that the settings exclude, even if they are named."),
        click.Option(
            ["--stdin-filename"], type=PATH, metavar="PATH", help="The path of the code on standard input."
        ),
        _flag("--show-files", "Print the files to lint and exit."),
    ),
    "Settings": (
        click.Option(
            ["--config"], type=PATH, metavar="FILE", help="Settings file instead of the project's own."
        ),
        _flag("--isolated", "Read no settings file."),
        plugins(),
        _flag("--show-settings", "Print the effective settings and exit."),
    ),
    "Speed": (jobs(), cache_dir(), _flag("--no-cache", "Read every file again, and cache nothing.")),
}
EXAMPLES = """\b
Examples:
  wandblint                                  the project around this folder
  wandblint train.py                         only the findings of one file
  wandblint --diff-base main                 what this branch adds
  wandblint --diff                           what --fix would change
  wandblint --output sarif=wandblint.sarif   a report to read and one for CI
  wandblint --write-baseline                 accept all current findings

\b
Exit codes:
  0  nothing found
  1  findings
  2  wandblint could not do all of its work"""


class Check(Grouped):
    """The command; `workflows/check.py` does the work."""

    groups = GROUPS

    def invoke(self, ctx: click.Context) -> int:
        """Rejects contradicting options, lints, and returns the exit code."""
        from wandblint.cli.option_values import CheckOptions  # noqa: PLC0415 (msgspec)
        from wandblint.cli.workflows.check import run_check  # noqa: PLC0415 (the linter)

        options = CheckOptions(**ctx.params)
        if options.reads_stdin and len(options.paths) > 1:
            raise click.UsageError("`-` reads one file and cannot be combined with other paths")
        if options.stdin_filename is not None and not options.reads_stdin:
            raise click.UsageError("--stdin-filename needs the path `-`")
        if options.diff_base is not None and options.reads_stdin:
            raise click.UsageError("--diff-base compares files and cannot be used with `-`")
        if options.add_ignore is not None:
            if options.reads_stdin:
                raise click.UsageError("--add-ignore changes files and cannot be used with `-`")
            if options.add_ignore.splitlines() not in ([], [options.add_ignore]):
                raise click.UsageError("--add-ignore: the reason must be a single line")
        if options.interactive and options.reads_stdin:
            raise click.UsageError("--interactive asks on standard input and cannot be used with `-`")
        if options.fixes and (options.add_ignore is not None or options.write_baseline):
            raise click.UsageError("apply fixes first, then ignore the remaining findings")
        if options.no_baseline and (options.baseline or options.write_baseline or options.update_baseline):
            raise click.UsageError("--no-baseline cannot be combined with other baseline options")
        if options.watch:
            if options.reads_stdin or options.writes:
                raise click.UsageError(
                    "--watch cannot be combined with `-` or with options that change files"
                )
            from wandblint.cli.workflows.watch import watch  # noqa: PLC0415 (few runs watch)

            return watch(options, [argument for argument in ctx.meta[ARGUMENTS] if argument != "--watch"])
        return run_check(options)


check = Check(
    "check",
    help="Lint files and folders (default: the current folder). `-` reads one file from standard input.",
    epilog=EXAMPLES,
    context_settings={"help_option_names": HELP_OPTIONS},
    params=[click.Argument(["paths"], nargs=-1, type=PATH), *chain.from_iterable(GROUPS.values())],
)
click.version_option(__version__, message="wandblint %(version)s")(check)
