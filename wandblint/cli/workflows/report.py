"""Writes the reports of `check`: one to standard output, those of `--output` to files."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from wandblint.app import registry
from wandblint.cli import console
from wandblint.infra.files import reason_of, replace_file
from wandblint.infra.secrets import masked
from wandblint.reports.formats import FORMATS
from wandblint.reports.report import Checked, Report
from wandblint.reports.style import Style

if TYPE_CHECKING:
    from wandblint.cli.workflows.check_run import CheckRun

_ROOTS = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR", "WORKSPACE")
"""Variables with the folder to which paths are relative in GitHub Actions, GitLab and Jenkins."""
_WITH_RULES = "sarif"


def report(run: CheckRun, style: Style) -> None:
    """Writes all reports; a report that cannot be written is a problem of the run."""
    options = run.options
    to_write = Report(
        findings=run.findings,
        stats=run.stats,
        problems=run.problems,
        checked=_checked(run) if _WITH_RULES in _formats(run) else (),
        folder=_working_folder(),
        statistics=options.statistics,
    )
    for name, file in options.output:
        _write(run, Path(file), FORMATS[name](replace(to_write, summary=True)))
    has_checked = run.projects > 0 and (run.complete or run.stats.checked > 0)
    style = Style() if options.output_file else style
    to_print = replace(to_write, style=style, summary=has_checked and not options.quiet)
    lines = FORMATS[options.output_format](to_print)
    if options.output_file:
        _write(run, Path(options.output_file), lines)
    else:
        console.write(lines, color=style.color)


def _formats(run: CheckRun) -> set[str]:
    return {run.options.output_format, *(name for name, _ in run.options.output)}


def _checked(run: CheckRun) -> list[Checked]:
    from wandblint.pages.markdown import explanation  # noqa: PLC0415 (one format needs it)

    return [
        Checked(rule, explanation(registry.page(rule, settings.plugins)))
        for _, (rule, settings) in sorted(run.checked.items())
    ]


def _working_folder() -> str:
    """The working folder relative to the CI service's root; `.` without a service or outside its root."""
    folder = Path(os.path.realpath(os.curdir))
    for variable in _ROOTS:
        if (root := os.environ.get(variable)) and folder.is_relative_to(resolved := os.path.realpath(root)):
            return folder.relative_to(resolved).as_posix()
    return "."


def _write(run: CheckRun, file: Path, lines: Iterable[str]) -> None:
    text = masked("".join(f"{line}\n" for line in lines))
    try:
        # A file name may contain half a character (a surrogate), which UTF-8 cannot encode.
        replace_file(file, text.encode("utf-8", "replace"))
    except OSError as error:
        run.fail(f"{file}: cannot write the report: {reason_of(error)}")
