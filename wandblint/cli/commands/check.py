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
    beginning,
    cache_dir,
    choice,
    color,
    jobs,
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
"""The formats, each with the usual name of a file of it."""


def _flag(name: str, explained: str) -> click.Option:
    return click.Option([name], is_flag=True, help=explained)


GROUPS: Mapping[str, Sequence[click.Option]] = {
    "Selection": (
        rules("--select", "Rules to check: codes, prefixes like WB2, names, ALL. Comma separated."),
        rules("--ignore", "Rules to leave out."),
        rules("--extend-select", "Rules to check besides the selected ones."),
        choice("--min-confidence", CONFIDENCES, "Leave out findings that are less certain."),
        click.Option(
            ["--diff-base"],
            metavar="REF",
            help="Only findings on lines that changed since HEAD left the branch or commit REF.",
        ),
    ),
    "Output": (
        choice("--output-format", tuple(FORMATS), "How findings are printed."),
        click.Option(
            ["--output"],
            multiple=True,
            metavar="FORMAT=FILE",
            callback=reports(FORMATS),
            shell_complete=beginning([f"{name}={file}" for name, file in FORMATS.items()]),
            help="Also write a report to a file, as in sarif=wandblint.sarif. Can be repeated.",
        ),
        _flag(
            "--statistics",
            "How often each rule found something, and of how many log calls the keys are known.",
        ),
        color(),
        click.Option(["-q", "--quiet"], is_flag=True, help="Print findings only: no summary, no progress."),
        _flag("--exit-zero", "Exit with 0 even if there are findings."),
        _flag("--watch", "Report again whenever a file changes. Needs wandblint[watch]."),
    ),
    "Fixes": (
        _flag("--fix", "Carry out safe fixes and report what is left."),
        _flag("--unsafe-fixes", "With --fix, --diff: fixes too that change on purpose what is recorded."),
        _flag("--diff", "Print what --fix would change; write nothing."),
        _flag("--interactive", "Ask before each fix, showing what it changes."),
        _flag("--fix-only", "Carry out fixes and report nothing."),
        _flag("--show-fixes", "List what was fixed, by file."),
    ),
    "Known findings": (
        click.Option(
            ["--baseline"],
            type=PATH,
            metavar="FILE",
            help="Known findings, which are not reported. [default: wandblint-baseline.json if there is one]",
        ),
        _flag("--no-baseline", "Report known findings too."),
        _flag("--write-baseline", "Make all findings of this run known."),
        _flag("--update-baseline", "Drop known findings that are no more."),
        click.Option(
            ["--add-ignore"],
            is_flag=False,
            flag_value="",
            metavar="[=REASON]",
            help="Write a suppression for every finding of this run, with the reason.",
        ),
    ),
    "Files": (
        _flag("--include-markdown", "Also lint the fenced Python of Markdown files."),
        _flag("--force-exclude", "Leave out files that the settings exclude even if they are named."),
        click.Option(["--stdin-filename"], type=PATH, metavar="PATH", help="The path that `-` stands for."),
        _flag("--show-files", "Print the files that would be linted and exit."),
    ),
    "Settings": (
        click.Option(
            ["--config"], type=PATH, metavar="FILE", help="Settings file instead of the project's own."
        ),
        _flag("--isolated", "Read no settings file."),
        _flag("--show-settings", "Print the settings in force and exit."),
    ),
    "Speed": (
        jobs(),
        cache_dir(),
        _flag("--no-cache", "Read every file anew, and keep nothing."),
    ),
}
EXAMPLES = """\b
Examples:
  wandblint                                  the project around this folder
  wandblint train.py                         only one file's findings
  wandblint --diff-base main                 what this branch brings
  wandblint --diff                           what --fix would change
  wandblint --output sarif=wandblint.sarif   one report to read, one for CI
  wandblint --write-baseline                 now only new findings count

\b
Exit codes:
  0  nothing found
  1  findings
  2  wandblint could not do all of its work"""


class Check(Grouped):
    """The command: click reads the options, `linting` does the work."""

    groups = GROUPS

    def invoke(self, ctx: click.Context) -> int:
        """The exit code."""
        from wandblint.cli.option_values import Options  # noqa: PLC0415 - msgspec is imported when it is used
        from wandblint.cli.workflows.check import run  # noqa: PLC0415 - and so is the linter

        options = Options(**ctx.params)
        if options.reads_stdin and len(options.paths) > 1:
            raise click.UsageError("`-` reads one file and stands alone")
        if options.stdin_filename is not None and not options.reads_stdin:
            raise click.UsageError("--stdin-filename names the file of `-`, which is not among the paths")
        if options.diff_base is not None and options.reads_stdin:
            raise click.UsageError("--diff-base compares files, and `-` is none")
        if options.add_ignore is not None:
            if options.reads_stdin:
                raise click.UsageError("--add-ignore changes files, and `-` is none")
            if options.add_ignore.splitlines() not in ([], [options.add_ignore]):
                raise click.UsageError("--add-ignore: a reason has one line")
        if options.interactive and options.reads_stdin:
            raise click.UsageError("--interactive asks on standard input, from which `-` reads")
        if options.fixes and (options.add_ignore is not None or options.write_baseline):
            raise click.UsageError("fix first, then see what is left to ignore")
        if options.no_baseline and (options.baseline or options.write_baseline or options.update_baseline):
            raise click.UsageError("--no-baseline goes with no other option of the baseline")
        if options.watch:
            if options.reads_stdin or options.writes:
                raise click.UsageError("--watch goes with nothing that changes files, and not with `-`")
            from wandblint.cli.workflows.watch import watch  # noqa: PLC0415 (few runs watch)

            return watch(options, [word for word in ctx.meta[ARGUMENTS] if word != "--watch"])
        return run(options)


check = Check(
    "check",
    help="Lint files and folders; without PATHS the current folder. `-` reads one file from standard input.",
    epilog=EXAMPLES,
    context_settings={"help_option_names": HELP_OPTIONS},
    params=[click.Argument(["paths"], nargs=-1, type=PATH), *chain.from_iterable(GROUPS.values())],
)
click.version_option(__version__, message="wandblint %(version)s")(check)
