"""`wandblint check`: lints files and folders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain

import click

from wandblint.cli.grouped_help import Grouped
from wandblint.cli.options import (
    CONFIDENCES,
    HELP_OPTIONS,
    PATH,
    cache_dir,
    choice,
    color,
    complete_from,
    exit_zero,
    ignores,
    jobs,
    no_cache,
    patterns,
    plugins,
    reports,
    rules,
    settings_options,
    version_option,
)

FORMATS = {
    "text": "wandblint.txt",
    "concise": "wandblint.txt",
    "grouped": "wandblint.txt",
    "json": "wandblint.json",
    "json-lines": "wandblint.jsonl",
    "github": "wandblint.txt",
    "azure": "wandblint.txt",
    "gitlab": "gl-code-quality-report.json",
    "junit": "wandblint.xml",
    "pylint": "wandblint.txt",
    "rdjson": "wandblint.rdjson",
    "sarif": "wandblint.sarif",
}
"""The formats, each with a usual file name."""


def _flag(*names_and_help: str) -> click.Option:
    *names, help_text = names_and_help
    return click.Option(names, is_flag=True, help=help_text)


GROUPS: Mapping[str, Sequence[click.Option]] = {
    "Selection": (
        rules("--select", "Rules to check: codes, prefixes like WB2, names, ALL. Comma separated."),
        rules("--ignore", "Rules to skip."),
        rules("--extend-select", "Rules to check in addition to the selected ones."),
        click.Option(
            ["--per-file-ignores"],
            multiple=True,
            metavar="PATTERN:RULE",
            callback=ignores,
            help="Rules to skip in files, such as tests/*:WB101, instead of those of the settings. Comma "
            "separated.",
        ),
        choice("--min-confidence", CONFIDENCES, "Report only findings of at least this confidence."),
        click.Option(
            ["--diff-base"],
            metavar="REF",
            help="Report only findings on lines that changed since the branch left REF.",
        ),
    ),
    "Output": (
        choice("--output-format", tuple(FORMATS), "Format of the report.", "WANDBLINT_OUTPUT_FORMAT"),
        click.Option(
            ["-o", "--output-file"],
            type=PATH,
            metavar="FILE",
            help="Write the report to a file instead of standard output.",
        ),
        click.Option(
            ["--output"],
            multiple=True,
            metavar="FORMAT=FILE",
            callback=reports(FORMATS),
            shell_complete=complete_from([f"{name}={file}" for name, file in FORMATS.items()]),
            help="Also write a report to a file, such as sarif=wandblint.sarif. Can be repeated.",
        ),
        click.Option(
            ["--explain-silence"],
            is_flag=False,
            flag_value="",
            metavar="[=RULES]",
            help="Instead of findings, list what rules would report if they knew more, each with what "
            "silences it.",
        ),
        _flag("--statistics", "Count the findings of each rule, and the log calls whose keys are known."),
        color(),
        _flag("-q", "--quiet", "Print only findings: no summary, no progress."),
        _flag("-v", "--verbose", "Print the settings file, the required wandb and the files read."),
        exit_zero(),
        _flag("-w", "--watch", "Report again after every file change. Needs wandblint[watch]."),
    ),
    "Fixes": (
        _flag("--fix", "Apply safe fixes and report the remaining findings."),
        _flag("--unsafe-fixes", "With --fix or --diff: also apply fixes that change what wandb records."),
        _flag("--diff", "Print what --fix would change, without writing it."),
        _flag("--interactive", "Show each fix and ask before applying it."),
        _flag("--fix-only", "Apply fixes and report nothing."),
        _flag("--show-fixes", "List the applied fixes by file."),
        _flag("--exit-non-zero-on-fix", "Exit with 1 if a fix was applied, even if no finding remains."),
        rules("--fixable", "Rules whose findings may be fixed, instead of those of the settings."),
        rules("--unfixable", "Rules whose findings are never fixed."),
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
        _flag("--ignore-noqa", "Also report what comments suppress."),
    ),
    "Files": (
        patterns("--exclude", "Files and folders to skip, instead of those of the settings."),
        patterns("--extend-exclude", "Files and folders to skip in addition."),
        _flag("--include-markdown", "Also lint the fenced Python of Markdown files."),
        _flag("--force-exclude", "Skip files that the settings exclude, even if they are named."),
        click.Option(
            ["--stdin-filename"], type=PATH, metavar="PATH", help="The path of the code on standard input."
        ),
        _flag("--show-files", "Print the files to lint and exit."),
    ),
    "Settings": (
        *settings_options(),
        plugins(),
        _flag("--show-settings", "Print the effective settings and exit."),
    ),
    "Speed": (jobs(), cache_dir(), no_cache()),
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
        from wandblint.cli.contradictions import contradiction_of  # noqa: PLC0415 (msgspec)
        from wandblint.cli.option_values import CheckOptions  # noqa: PLC0415 (msgspec)
        from wandblint.cli.workflows.check import run_check  # noqa: PLC0415 (the linter)

        options = CheckOptions(**ctx.params)
        if contradiction := contradiction_of(options):
            raise click.UsageError(contradiction)
        if options.watch:
            from wandblint.cli.workflows.watch import watch  # noqa: PLC0415 (few runs watch)

            return watch(options)
        return run_check(options)


check = Check(
    "check",
    help="Lint files and folders (default: the current folder). `-` reads one file from standard input.",
    epilog=EXAMPLES,
    context_settings={"help_option_names": HELP_OPTIONS},
    params=[click.Argument(["paths"], nargs=-1, type=PATH), *chain.from_iterable(GROUPS.values())],
)
version_option()(check)
